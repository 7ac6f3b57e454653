// The cross-hair: the same point in every panel, its values, clicks.

import { scheduleOnce, setText } from "../../../figures/canvas/elements.js";
import { toPixels } from "./drawing.js";
import { ownValue } from "./engine.js";
import { keyboardStart, moveByKeys } from "./keyboard.js";
import { announce, holdProbes, releaseProbes, tell } from "./messages.js";

export function formatValue(value) {
  if (!Number.isFinite(value)) return "no finite value";
  const size = Math.abs(value);
  let text;
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) text = value.toExponential(1);
  else if (size >= 1000) text = String(Math.round(value));
  else text = value.toPrecision(3);
  return text.replaceAll("-", "−");
}

export function gridValue(view, panel, x, y) {
  const { nx, ny, extent } = view.frame.header;
  const gx = ((x - extent[0]) / (extent[1] - extent[0])) * (nx - 1);
  const gy = ((y - extent[2]) / (extent[3] - extent[2])) * (ny - 1);
  const i = Math.min(Math.max(0, Math.floor(gx)), Math.max(0, nx - 2));
  const j = Math.min(Math.max(0, Math.floor(gy)), Math.max(0, ny - 2));
  const at = (jj, ii) => panel.grid[Math.min(jj, ny - 1) * nx + Math.min(ii, nx - 1)];
  const fx = gx - i;
  const low = at(j, i) + (at(j, i + 1) - at(j, i)) * fx;
  const high = at(j + 1, i) + (at(j + 1, i + 1) - at(j + 1, i)) * fx;
  return low + (high - low) * (gy - j);
}

// Plane coordinates of a pointer, without digits nobody can see.
export function pointerPosition(view, panel, event) {
  const rectangle = panel.plane.getBoundingClientRect();
  const [x0, x1, y0, y1] = view.frame.header.extent;
  const u = (event.clientX - rectangle.left) / rectangle.width;
  const v = (event.clientY - rectangle.top) / rectangle.height;
  return { x: tidy(x0 + u * (x1 - x0), x1 - x0), y: tidy(y1 - v * (y1 - y0), y1 - y0), inside: u >= 0 && u <= 1 && v >= 0 && v <= 1 };
}

export function tidy(value, span) {
  const digits = Math.min(12, Math.max(0, 4 - Math.floor(Math.log10(span || 1))));
  return Number(value.toFixed(digits));
}

export function setCursor(view, [x, y], byKeys) {
  view.cursor = { x, y, byKeys };
  scheduleOnce(view, "cursor", () => updateCursor(view));
  announce(view);
}

export function hideCursor(view) {
  view.cursor = null;
  scheduleOnce(view, "cursor", () => updateCursor(view));
}

export function receiveValues(view, detail) {
  if (!detail || !detail.values) return;
  view.exact = detail;
  view.exactIsCurrent = true;
  if (view.frame) scheduleOnce(view, "cursor", () => updateCursor(view));
}

// The panel's own code tells the value at once. The server's values count only for
// this very point and, where told, this very frame.
export function exactValue(view, key, i) {
  const { exact, cursor } = view;
  const own = cursor ? ownValue(view, i, cursor.x, cursor.y) : null;
  if (own !== null) return own;
  if (!exact || !cursor || Math.abs(exact.x - cursor.x) > 1e-9 || Math.abs(exact.y - cursor.y) > 1e-9) return null;
  const current = exact.frame == null ? view.exactIsCurrent : exact.frame === view.frame.header.frame;
  const value = exact.values[key];
  return current && value != null ? Number(value) : null;
}

export function updateCursor(view) {
  if (!view.layout || !view.frame) return;
  const { cursor } = view;
  const shown = !!cursor && !!view.frame.header.interactive;
  view.root.classList.toggle("probing", shown);
  if (!shown) return;
  const [x, y] = toPixels(view, cursor.x, cursor.y);
  const { planeWidth, planeHeight, scale } = view.layout;
  const flipX = x > planeWidth - 74 * scale;
  const flipY = y < 30 * scale;
  view.panels.forEach((panel, i) => {
    const data = view.frame.panels[i];
    panel.across.style.transform = `translateY(${y.toFixed(1)}px)`;
    panel.down.style.transform = `translateX(${x.toFixed(1)}px)`;
    const exact = exactValue(view, data.key, panel.index);
    setText(panel.value, exact === null ? `≈ ${formatValue(gridValue(view, data, cursor.x, cursor.y))}` : formatValue(exact));
    const place = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px) translate(${flipX ? "calc(-100% - 8px)" : "8px"}, ${flipY ? "8px" : "calc(-100% - 8px)"})`;
    panel.value.style.transform = place;
  });
}

export function descend(view, x, y) {
  if (view.served?.header.alone) return; // nobody would answer
  tell(view, "descend", { x, y, id: ++view.lastId });
}

export function listenToPlane(view, panel) {
  const { box, plane } = panel;
  const interactive = () => !!view.frame?.header.interactive;
  box.addEventListener("pointermove", (event) => {
    if (!interactive() || view.drag) return;
    if (view.press && event.buttons === 0) endPress(view, view.press.id); // let go outside the window
    const at = pointerPosition(view, panel, event);
    const { press } = view;
    if (press && Math.hypot(event.clientX - press.x, event.clientY - press.y) > press.slack) press.moved = true;
    if (at.inside) setCursor(view, [at.x, at.y], false);
    else hideCursor(view);
  });
  box.addEventListener("pointerleave", (event) => {
    // A finger leaves when it is lifted; what it pointed at stays readable.
    if (event.pointerType === "mouse" && !view.drag) hideCursor(view);
  });
  plane.addEventListener("pointerdown", (event) => {
    if (!interactive() || event.button !== 0) return;
    const slack = event.pointerType === "mouse" ? 4 : 10;
    holdProbes(view);
    view.press = { panel, x: event.clientX, y: event.clientY, id: event.pointerId, slack, moved: false };
    const at = pointerPosition(view, panel, event);
    if (at.inside) setCursor(view, [at.x, at.y], false);
  });
  plane.addEventListener("pointerup", (event) => {
    const { press } = view;
    if (!press || press.panel !== panel || press.id !== event.pointerId || press.moved || !interactive()) return;
    const at = pointerPosition(view, panel, event);
    if (at.inside) descend(view, at.x, at.y);
  });
  plane.addEventListener("focus", () => {
    if (!interactive()) return;
    view.tabPanel = panel.index;
    view.panels.forEach((other) => (other.plane.tabIndex = other === panel ? 0 : -1));
    if (!view.cursor && plane.matches(":focus-visible")) setCursor(view, keyboardStart(view), true);
  });
  plane.addEventListener("blur", () => {
    if (view.cursor?.byKeys) hideCursor(view); // what a pointer points at stays
  });
  plane.addEventListener("keydown", (event) => moveByKeys(view, event));
}

// Wherever the pointer is let go.
export function endPress(view, pointerId) {
  if (view.press?.id !== pointerId) return;
  view.press = null;
  releaseProbes(view);
}
