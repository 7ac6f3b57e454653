// Keys: the cross-hair's, and the steps of arrow keys that handles share.

function moveByKeys(view, event) {
  if (!view.frame?.header.interactive) return;
  const [x, y] = view.cursor ? [view.cursor.x, view.cursor.y] : keyboardStart(view);
  const step = arrowStep(view, event);
  if (step) setCursor(view, clampToExtent(view, x + step[0], y + step[1]), true);
  else if (event.key === "Enter") {
    setCursor(view, [x, y], true);
    descend(view, x, y);
  } else if (event.key === "Escape") hideCursor(view);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function keyboardStart(view) {
  const [x0, x1, y0, y1] = view.frame.header.extent;
  return [tidy((x0 + x1) / 2, x1 - x0), tidy((y0 + y1) / 2, y1 - y0)];
}

function arrowStep(view, event) {
  const directions = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
  const direction = directions[event.key];
  if (!direction || event.ctrlKey || event.metaKey || event.altKey) return null;
  const [x0, x1, y0, y1] = view.frame.header.extent;
  const share = event.shiftKey ? 0.1 : 0.02;
  return [direction[0] * share * (x1 - x0), direction[1] * share * (y1 - y0)];
}

function clampToExtent(view, x, y) {
  const [x0, x1, y0, y1] = view.frame.header.extent;
  return [
    tidy(Math.min(Math.max(x, x0), x1), x1 - x0),
    tidy(Math.min(Math.max(y, y0), y1), y1 - y0),
  ];
}
