// Keys: the cross-hair's, from panel to panel, and the steps of arrow keys that handles share.

import { say } from "../../../figures/canvas/elements.js";
import { placeText } from "../../../figures/canvas/numbers.js";
import { descend, exactValue, formatValue, gridValue, hideCursor, setCursor, tidy } from "./cursor.js";

export const PLANE_KEYS = "Arrow keys move the cross-hair, with Shift in larger steps; Enter starts gradient descent there; Page Up and Page Down go to another panel.";
export const HANDLE_KEYS = "Left and right arrows change z1, up and down z2, with Shift in larger steps; Escape puts it back.";
export const CIRCLE_KEYS = "Right and up arrows make the circle larger, left and down smaller, with Shift in larger steps; Escape puts it back.";

export function moveByKeys(view, event) {
  if (!view.frame?.header.interactive) return;
  const [x, y] = view.cursor ? [view.cursor.x, view.cursor.y] : keyboardStart(view);
  const step = arrowStep(view, event);
  if (step) setCursor(view, clampToExtent(view, x + step[0], y + step[1]), true);
  else if (turnsPanel(view, event)) return;
  else if (event.key === "Enter") {
    setCursor(view, [x, y], true);
    descend(view, x, y);
  } else if (event.key === "Escape") hideCursor(view);
  else return;
  event.preventDefault();
  event.stopPropagation();
  // In the app the readout says the exact values.
  if (step && view.served?.header.alone) say(view, valuesInWords(view));
}

// Page Up and Page Down; where there is no further panel, they scroll the page as ever.
function turnsPanel(view, event) {
  const next = view.panels[view.tabPanel + ({ PageUp: -1, PageDown: 1 }[event.key] ?? NaN)];
  if (!next || event.ctrlKey || event.metaKey || event.altKey) return false;
  event.preventDefault();
  event.stopPropagation();
  next.plane.focus({ preventScroll: true });
  next.figure.scrollIntoView({ block: "nearest", inline: "start" });
  return true;
}

function valuesInWords(view) {
  const { x, y } = view.cursor;
  const each = view.frame.panels.map((panel, i) => {
    return `${panel.title} ${formatValue(exactValue(view, panel.key, i) ?? gridValue(view, panel, x, y))}`;
  });
  return `At ${placeText([x, y])}: ${each.join("; ")}`;
}

export function keyboardStart(view) {
  const [x0, x1, y0, y1] = view.frame.header.extent;
  return [tidy((x0 + x1) / 2, x1 - x0), tidy((y0 + y1) / 2, y1 - y0)];
}

export function arrowStep(view, event) {
  const directions = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
  const direction = directions[event.key];
  if (!direction || event.ctrlKey || event.metaKey || event.altKey) return null;
  const [x0, x1, y0, y1] = view.frame.header.extent;
  const share = event.shiftKey ? 0.1 : 0.02;
  return [direction[0] * share * (x1 - x0), direction[1] * share * (y1 - y0)];
}

export function clampToExtent(view, x, y) {
  const [x0, x1, y0, y1] = view.frame.header.extent;
  return [
    tidy(Math.min(Math.max(x, x0), x1), x1 - x0),
    tidy(Math.min(Math.max(y, y0), y1), y1 - y0),
  ];
}
