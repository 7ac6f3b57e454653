// Handles of the weights and centres: dragged, or moved by keys.

import { cancelScheduled, element, scheduleOnce, setAttribute } from "../../../figures/canvas/elements.js";
import { placeText } from "../../../figures/canvas/numbers.js";
import { hideCursor, pointerPosition } from "./cursor.js";
import { toPixels } from "./drawing.js";
import { drawsAlone, scheduleAlone } from "./engine.js";
import { CIRCLE_KEYS, HANDLE_KEYS, arrowStep, clampToExtent } from "./keyboard.js";
import { holdProbes, releaseProbes, tell } from "./messages.js";
import { factorOf, shownTip } from "./overlay.js";
import { REFINE_MS, paint, paintOverlays, refine } from "./painting.js";
import { CIRCLE_HANDLE, onCircle } from "./valley.js";

const RESEND_MS = 600; // a drag event without an answer is given up after this
const FORGET_MS = 5000; // a dragged position without an answer yields to the server

export const handleId = (kind, index) => `${kind}:${index}`;

// What the visitor has moved counts until the server has answered it.
export function positionOf(view, kind, index) {
  const local = view.local.get(handleId(kind, index));
  return local ? [local.x, local.y] : pointsOf(view.frame.header, kind)[index];
}

// The points of one kind that have handles: all weights, all centres, one point of the circle.
function pointsOf({ weights, centers, circle }, kind) {
  if (kind === "circle") return circle ? [onCircle(circle.radius, CIRCLE_HANDLE)] : [];
  return (kind === "weight" ? weights : centers) || [];
}

function setLocal(view, kind, index, x, y) {
  const id = handleId(kind, index);
  const known = view.local.get(id);
  view.local.set(id, { x, y, answer: known ? known.answer : Infinity, at: performance.now() });
  scheduleOnce(view, "overlay", () => view.frame && view.layout && paintOverlays(view));
}

export function settleLocalPositions(view) {
  const { echo = 0 } = view.frame.header;
  view.lastId = Math.max(view.lastId, echo); // a remounted component goes on counting
  if (view.outstanding && echo >= view.outstanding.id) view.outstanding = null;
  for (const [id, local] of view.local) {
    const [kind, index] = id.split(":");
    const exists = pointsOf(view.frame.header, kind)[index];
    const dragged = view.drag && handleId(view.drag.kind, view.drag.index) === id;
    const queued = view.queued && handleId(view.queued.kind, view.queued.index) === id;
    const answered = echo >= local.answer || performance.now() - local.at > FORGET_MS;
    if (!exists || (!dragged && !queued && answered)) view.local.delete(id);
  }
}

// At most one event waits for its answer; meanwhile only the newest is kept.
function queueDrag(view, event) {
  const { queued } = view;
  if (queued && handleId(queued.kind, queued.index) !== handleId(event.kind, event.index)) sendDrag(view, queued);
  view.queued = event;
  pumpDrag(view);
}

export function pumpDrag(view) {
  if (!view.queued) return;
  const wait = view.outstanding ? view.outstanding.at + RESEND_MS - performance.now() : 0;
  clearTimeout(view.dragTimer);
  if (wait > 0) view.dragTimer = setTimeout(() => pumpDrag(view), wait + 1);
  else sendDrag(view, view.queued);
}

function sendDrag(view, event) {
  clearTimeout(view.dragTimer);
  view.queued = null;
  if (view.served.header.alone) return scheduleAlone(view, true);
  const id = ++view.lastId;
  view.outstanding = { id, at: performance.now() };
  const local = view.local.get(handleId(event.kind, event.index));
  if (local) local.answer = id;
  if (view.drag) view.drag.sent = true;
  tell(view, "drag", { id, ...event });
  // Should no answer come at all (the server has gone), the server's positions are shown again.
  setTimeout(() => {
    if (!view.frame || !view.layout || !view.root.isConnected) return;
    settleLocalPositions(view);
    paintOverlays(view);
  }, FORGET_MS + 50);
}

// Back to the server's picture.
function showServed(view) {
  cancelScheduled(view, "alone");
  view.frame = view.served;
  scheduleOnce(view, "repaint", () => paint(view));
}

export function updateHandles(view) {
  const { header } = view.frame;
  const wanted = header.interactive
    ? ["weight", "center", "circle"].flatMap((kind) => pointsOf(header, kind).map((_, k) => [kind, k]))
    : [];
  const names = new Set(wanted.map(([kind, index]) => handleId(kind, index)));
  view.panels.forEach((panel, i) => {
    for (const [id, button] of panel.handles) {
      if (names.has(id)) continue;
      button.remove();
      panel.handles.delete(id);
    }
    for (const [kind, index] of wanted) {
      const id = handleId(kind, index);
      let button = panel.handles.get(id);
      if (!button) panel.handles.set(id, (button = createHandle(view, panel, kind, index)));
      const at = positionOf(view, kind, index);
      const [x, y] = toPixels(view, ...shownTip(view, kind, index));
      button.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
      for (const [attribute, value] of Object.entries(handleWords(view, kind, index, at))) setAttribute(button, attribute, value);
      button.classList.toggle("own", kind === "weight" && index === header.label);
      // The same vectors appear in every panel: one set of tab stops is enough.
      button.tabIndex = i === 0 ? 0 : -1;
    }
  });
}

function handleWords(view, kind, index, at) {
  const { class_names: names, extent } = view.frame.header;
  const [low, high] = extent;
  if (kind === "circle") {
    const radius = Math.hypot(...at);
    return { "aria-label": "Circle ‖z‖ = r", "aria-valuetext": `r = ${radius.toFixed(2)}`, "aria-valuenow": radius, "aria-valuemin": 0, "aria-valuemax": high };
  }
  const what = `${kind === "weight" ? "Weight" : "Centre"} of class ${names?.[index] ?? index + 1}`;
  return { "aria-label": what, "aria-valuetext": placeText(at), "aria-valuenow": at[0], "aria-valuemin": low, "aria-valuemax": high };
}

// Where a handle that would go to a place of the plane leaves what it holds: weights may be drawn longer,
// the circle's handle stays on its ray.
function placeFor(view, kind, x, y) {
  if (kind === "circle") {
    const [, high] = view.frame.header.extent;
    return onCircle(Math.max(Number(Math.hypot(x, y).toPrecision(3)), 0.01 * high), CIRCLE_HANDLE);
  }
  const factor = factorOf(view, kind);
  return clampToExtent(view, x, y).map((value) => value / factor);
}

// The step of an arrow key, along what is moved: right and up make the circle larger.
function keyStep(view, kind, event) {
  const step = arrowStep(view, event);
  return step && kind === "circle" ? onCircle(step[0] + step[1], CIRCLE_HANDLE) : step;
}

function createHandle(view, panel, kind, index) {
  const button = element("button", `lv-handle ${kind}`, panel.marks, {
    // Of all roles a slider's has its arrow keys passed on by screen readers, and its value told.
    type: "button", role: "slider", "aria-description": kind === "circle" ? CIRCLE_KEYS : HANDLE_KEYS,
  });
  let before = null; // where it was when the keyboard came to it
  button.addEventListener("focus", () => (before = positionOf(view, kind, index)));
  button.dataset.handle = handleId(kind, index);
  button.addEventListener("pointerdown", (event) => beginDrag(view, panel, button, kind, index, event));
  button.addEventListener("keydown", (event) => {
    const step = keyStep(view, kind, event);
    const back = event.key === "Escape" && before && !view.drag;
    if (!step && !back) return;
    const [x, y] = positionOf(view, kind, index);
    const factor = factorOf(view, kind);
    const to = back ? before : placeFor(view, kind, x * factor + step[0], y * factor + step[1]);
    if (to[0] === x && to[1] === y) return;
    event.preventDefault();
    event.stopPropagation();
    setLocal(view, kind, index, ...to);
    if (drawsAlone(view, kind)) scheduleAlone(view);
    queueDrag(view, { kind, index, x: to[0], y: to[1], done: true });
  });
  return button;
}

function beginDrag(view, panel, button, kind, index, event) {
  if (event.button !== 0 || view.drag || !view.frame.header.interactive) return;
  event.preventDefault();
  button.focus({ preventScroll: true });
  button.setPointerCapture(event.pointerId);
  const original = positionOf(view, kind, index);
  const start = shownTip(view, kind, index);
  const at = pointerPosition(view, panel, event);
  const drag = { kind, index, sent: false, moved: false, alone: drawsAlone(view, kind) };
  holdProbes(view);
  view.drag = drag;
  hideCursor(view);
  view.root.classList.add("dragging");
  const over = new AbortController();
  const { signal } = over;
  const here = (e) => {
    const now = pointerPosition(view, panel, e);
    return placeFor(view, kind, now.x + start[0] - at.x, now.y + start[1] - at.y);
  };
  const end = () => {
    over.abort();
    view.drag = null;
    releaseProbes(view);
    view.root.classList.remove("dragging");
    if (view.root.dataset.quality === "draft") view.refineTimer = setTimeout(() => refine(view, 0), REFINE_MS);
  };
  const release = (e) => {
    if (e.pointerId !== event.pointerId) return;
    const to = e.type === "pointerup" ? here(e) : positionOf(view, kind, index);
    const { moved } = drag;
    end();
    if (!moved) return;
    setLocal(view, kind, index, ...to);
    if (drag.alone) scheduleAlone(view, true);
    sendDrag(view, { kind, index, x: to[0], y: to[1], done: true });
  };
  const giveUp = (e) => {
    if (e.key !== "Escape") return;
    e.preventDefault();
    e.stopPropagation();
    const { sent } = drag;
    view.queued = null;
    end();
    setLocal(view, kind, index, ...original);
    if (drag.alone) showServed(view);
    if (sent) sendDrag(view, { kind, index, x: original[0], y: original[1], done: true });
    else view.local.delete(handleId(kind, index));
  };
  button.addEventListener("pointermove", (e) => {
    if (e.pointerId !== event.pointerId) return;
    if (!drag.moved && Math.hypot(e.clientX - event.clientX, e.clientY - event.clientY) < 2) return;
    drag.moved = true;
    const [x, y] = here(e);
    setLocal(view, kind, index, x, y);
    // Drawn here, the server need not know before the end.
    if (drag.alone) scheduleAlone(view);
    else queueDrag(view, { kind, index, x, y, done: false });
  }, { signal });
  button.addEventListener("pointerup", release, { signal });
  button.addEventListener("pointercancel", release, { signal });
  window.addEventListener("keydown", giveUp, { signal, capture: true });
}
