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

export function setSize(targets, width, height) {
  for (const { style } of targets) Object.assign(style, { width: `${width}px`, height: `${height}px` });
}

// In CSS pixels, with `dpr` of the canvas for each.
export function setCanvasSize(canvases, width, height, dpr) {
  for (const canvas of canvases) resizeCanvas(canvas, Math.round(width * dpr), Math.round(height * dpr));
}

// A plane that listens is an application with keys of its own; one that only shows is an image.
export function setPlane(plane, interactive, label, keys, tabIndex) {
  setAttribute(plane, "role", interactive ? "application" : "img");
  setAttribute(plane, "aria-label", label);
  if (interactive) {
    plane.tabIndex = tabIndex;
    setAttribute(plane, "aria-description", keys);
  } else for (const name of ["tabindex", "aria-description"]) plane.removeAttribute(name);
}

// Assigning a canvas size clears it, even when the size is the same.
export function resizeCanvas(canvas, width, height) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

// Told to screen readers: only after a visitor's own key, never because something trains.

const SAY_MS = 350; // of keys that follow each other only the last is told
const HEARD_ONLY = "position:absolute;width:1px;height:1px;margin:-1px;padding:0;overflow:hidden;clip-path:inset(50%);white-space:nowrap";

export function say(view, words) {
  view.speech ??= element("p", "lv-speech", view.root, { role: "status", style: HEARD_ONLY });
  clearTimeout(view.sayTimer);
  view.sayTimer = setTimeout(() => setText(view.speech, words), SAY_MS);
}
