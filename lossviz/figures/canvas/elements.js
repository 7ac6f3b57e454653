// What every picture does with elements, canvases and screen frames.

export function element(tag, className, parent, attributes = {}) {
  const created = document.createElement(tag);
  if (className) created.className = className;
  for (const [name, value] of Object.entries(attributes)) created.setAttribute(name, value);
  if (parent) parent.append(created);
  return created;
}

export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

export function setAttribute(target, name, value) {
  if (target.getAttribute(name) !== String(value)) target.setAttribute(name, value);
}

// One frame callback for each purpose, however often it is asked for.
export function scheduleOnce(view, name, action) {
  view.scheduled ??= {};
  if (view.scheduled[name]) return;
  view.scheduled[name] = requestAnimationFrame(() => {
    view.scheduled[name] = 0;
    if (!view.stop.signal.aborted) action();
  });
}

export function cancelScheduled(view, name) {
  cancelAnimationFrame(view.scheduled?.[name] || 0);
  if (view.scheduled) view.scheduled[name] = 0;
}

export function measuringContext() {
  return (measuringContext.shared ??= document.createElement("canvas").getContext("2d"));
}

// Assigning a canvas size clears it, even when the size is the same.
export function resizeCanvas(canvas, width, height) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}
