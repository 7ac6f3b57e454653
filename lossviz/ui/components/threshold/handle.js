// The threshold: where it is, and how it is moved. Nothing waits for the server.

import { scheduleOnce, setText } from "../../../figures/canvas/elements.js";
import { shortText } from "../../../figures/canvas/numbers.js";
import { beginCanvas, paintDot, strokeLine } from "../../../figures/canvas/strokes.js";
import { accuracyAt, countAt, rounded, thresholdOf } from "./counting.js";
import { colourOf } from "./layout.js";
import { paint } from "./main.js";
import { paintSideNames, paintWrong } from "./rows.js";
import { describe, updateBeside, updateTable } from "./tables.js";

const KEY_REST_MS = 500; // after the last key, the threshold is told

export function moveTo(view, t) {
  const { whole, x0, x1 } = view.scale;
  const next = Math.min(Math.max(t, whole[0]), whole[1]);
  if (next === view.t) return;
  view.t = next;
  if (next < x0 || next > x1) {
    view.middle = next;
    scheduleOnce(view, "repaint", () => paint(view));
  } else scheduleOnce(view, "threshold", () => paintThreshold(view));
}

// Tell where the threshold was left; a later frame that has not heard of it does not move it back.
export function release(view) {
  clearTimeout(view.releaseTimer);
  view.releaseTimer = 0;
  if (view.t === view.told) return;
  view.told = view.t;
  view.lastId = Math.max(view.lastId, view.frame.header.echo) + 1;
  view.trigger("release", { t: view.t, id: view.lastId });
}

export function listen(view) {
  const { plane, handle } = view;
  const xOf = (event) => view.scale.back(event.clientX - view.box.getBoundingClientRect().left);
  // Dragging stays within what is shown: the axis must not run away under the pointer.
  const drag = (event) => {
    const { x0, x1, unit } = view.scale;
    moveTo(view, Math.min(Math.max(rounded(xOf(event), unit), x0), x1));
  };
  for (const target of [plane, handle]) {
    target.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || !view.frame) return;
      view.drag = event.pointerId;
      target.setPointerCapture(event.pointerId);
      // Held a little beside its middle, the handle does not jump.
      if (target === plane) drag(event);
      handle.focus({ preventScroll: true });
      event.preventDefault();
    });
    target.addEventListener("pointermove", (event) => view.drag === event.pointerId && drag(event));
    for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
      target.addEventListener(name, (event) => {
        if (view.drag !== event.pointerId) return;
        view.drag = null;
        release(view);
      });
    }
  }
  handle.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !view.frame) return;
    const { whole, unit } = view.scale;
    const way = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 }[event.key];
    if (way) moveTo(view, rounded(view.t + way * unit * (event.shiftKey ? 10 : 1), unit));
    else if (event.key === "Home") moveTo(view, whole[0]);
    else if (event.key === "End") moveTo(view, whole[1]);
    else if (event.key === "Enter") return release(view);
    else return;
    clearTimeout(view.releaseTimer);
    view.releaseTimer = setTimeout(() => release(view), KEY_REST_MS);
    event.preventDefault();
    event.stopPropagation();
  });
  handle.addEventListener("blur", () => view.releaseTimer && release(view));
}

// Everything that moves with the threshold.
export function paintThreshold(view) {
  if (!view.frame || !view.layout) return;
  const { layout, frame, overContext: context, scale: to, theme } = view;
  const { dpr, height } = layout;
  const counts = frame.rows.map((row) => countAt(row, frame.header.classes.length, thresholdOf(view, row)));
  beginCanvas(context, dpr);
  frame.rows.forEach((row, i) => paintWrong(view, context, row, i));
  paintSideNames(view, context);
  const { common } = frame.header;
  const x = to.x(view.t);
  context.strokeStyle = theme.other;
  context.lineWidth = 2 * layout.scale;
  if (common) strokeLine(context, x, layout.top - layout.px(4), x, height - layout.bottom);
  frame.rows.forEach((row, i) => {
    const at = to.x(thresholdOf(view, row));
    if (!(at >= layout.left && at <= layout.left + to.across)) return;
    const y = to.y(accuracyAt(counts[i], row));
    paintDot(context, at, y, 4 * layout.scale, { fill: colourOf(view, row), stroke: theme.background, width: 1.5 });
  });
  const wide = layout.px(24);
  Object.assign(view.handle.style, { left: `${x - wide / 2}px`, width: `${wide}px` });
  // At t* of a run, with the digits that are known of it.
  const best = frame.rows.find((row) => row.best && row.best[0] === view.t);
  setText(view.knob, `t = ${best ? best.best_text : shortText(view.t, 4)}`);
  const { handle } = view;
  handle.hidden = view.plane.hidden = !common;
  for (const [name, value] of [["min", to.whole[0]], ["max", to.whole[1]], ["now", view.t]]) handle.setAttribute(`aria-value${name}`, value);
  handle.setAttribute("aria-valuetext", describe(view, counts));
  if (common) keepKnobInside(view, x);
  updateBeside(view, counts);
  updateTable(view, counts);
  view.root.dataset.t = view.t;
}

function keepKnobInside(view, x) {
  const half = view.knob.offsetWidth / 2;
  const shift = Math.max(half - x, 0) - Math.max(x + half - view.layout.width, 0);
  view.knob.style.transform = `translateX(calc(-50% + ${shift}px))`;
}
