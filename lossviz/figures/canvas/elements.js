// What every picture does with elements, canvases and screen frames.

function element(tag, className, parent, attributes = {}) {
  const created = document.createElement(tag);
  if (className) created.className = className;
  for (const [name, value] of Object.entries(attributes)) created.setAttribute(name, value);
  if (parent) parent.append(created);
  return created;
}

const SVG = "http://www.w3.org/2000/svg";

// A picture of 26 by 14 before a line of a legend, from [tag, attributes] of its shapes.
function legendIcon(parent, shapes) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ width: 26, height: 14, viewBox: "0 0 26 14", "aria-hidden": "true" })) {
    svg.setAttribute(name, value);
  }
  for (const [tag, attributes] of shapes) {
    const shape = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
    svg.append(shape);
  }
  parent.append(svg);
}

function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

// One frame callback for each purpose, however often it is asked for.
function scheduleOnce(view, name, action) {
  view.scheduled ??= {};
  if (view.scheduled[name]) return;
  view.scheduled[name] = requestAnimationFrame(() => {
    view.scheduled[name] = 0;
    if (!view.stop.signal.aborted) action();
  });
}

function cancelScheduled(view, name) {
  cancelAnimationFrame(view.scheduled?.[name] || 0);
  if (view.scheduled) view.scheduled[name] = 0;
}

function measuringContext() {
  return (measuringContext.shared ??= document.createElement("canvas").getContext("2d"));
}

// Assigning a canvas size clears it, even when the size is the same.
function resizeCanvas(canvas, width, height) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}
