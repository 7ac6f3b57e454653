// What does not move with the threshold: axes, curves, their best thresholds, the learned biases.

import { niceTicks, tickText } from "../../../figures/canvas/numbers.js";
import { beginCanvas, haloText, paintDot, strokeLine } from "../../../figures/canvas/strokes.js";
import { colourOf, rowTop, sidesOf } from "./layout.js";
import { paintHeights } from "./rows.js";

export function paintBase(view) {
  const { layout, frame, baseContext: context } = view;
  const { dpr, height } = layout;
  beginCanvas(context, dpr);
  paintAxes(view, context);
  clipped(view, context, layout.rowsTop, height - layout.bottom, () => {
    frame.rows.forEach((row, i) => {
      paintNear(view, context, row, i);
      paintHeights(view, context, row, i);
    });
  });
  paintBiases(view, context);
  clipped(view, context, layout.top - 3, layout.top + layout.curves + 3, () => {
    for (const row of frame.rows) paintCurve(view, context, row);
  });
  paintBests(view, context);
  if (!layout.narrow) paintKey(view, context);
}

function paintAxes(view, context) {
  const { layout, theme, scale: to, frame } = view;
  const { left, top, curves, px, scale } = layout;
  const end = left + to.across;
  const below = layout.height - layout.bottom;
  context.strokeStyle = theme.text;
  context.fillStyle = theme.text;
  context.font = `${11 * scale}px ${theme.font}`;
  context.lineWidth = 1;
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    const y = Math.round(to.y(share)) + 0.5;
    context.globalAlpha = share === 0 ? 0.5 : 0.13;
    strokeLine(context, left, y, end, y);
    context.globalAlpha = 0.9;
    if (share * 2 === Math.round(share * 2)) context.fillText(`${100 * share} %`, left - px(6), y);
  }
  context.globalAlpha = 0.5;
  frame.rows.forEach((_, i) => {
    const y = rowTop(layout, i) + layout.row + 0.5;
    strokeLine(context, left, y, end, y);
  });
  context.textBaseline = "top";
  context.textAlign = "center";
  for (const tick of niceTicks(to.x0, to.x1, Math.max(2, Math.floor(to.across / 54)))) {
    const x = Math.round(to.x(tick)) + 0.5;
    context.globalAlpha = 0.09;
    strokeLine(context, x, top, x, below);
    context.globalAlpha = 0.5;
    strokeLine(context, x, below, x, below + px(4));
    context.globalAlpha = 0.9;
    context.fillText(tickText(tick), x, below + px(6));
  }
  context.textAlign = "center";
  context.fillText(frame.header.x_title, left + to.across / 2, below + px(21));
  context.textAlign = "left";
  context.textBaseline = "top";
  context.fillText("samples right", left + px(5), to.y(1) + px(4));
  context.globalAlpha = 1;
}

// Draw within the axes' width only.
function clipped(view, context, top, below, draw) {
  context.save();
  context.beginPath();
  context.rect(view.layout.left, top, view.scale.across, below - top);
  context.clip();
  draw();
  context.restore();
}

// A step function: each value holds up to the next threshold.
function paintCurve(view, context, row) {
  const { layout, scale: to } = view;
  const { curve_x: x, curve_y: y } = row;
  context.strokeStyle = colourOf(view, row);
  context.lineWidth = 1.9 * layout.scale;
  context.lineJoin = "round";
  context.beginPath();
  for (let i = 0; i < x.length; i++) {
    const [px, py] = [to.x(x[i]), to.y(y[i])];
    if (i) context.lineTo(px, to.y(y[i - 1]));
    else context.moveTo(layout.left, py);
    context.lineTo(px, py);
  }
  if (x.length) context.lineTo(layout.left + to.across, to.y(y[y.length - 1]));
  context.stroke();
}

// The thresholds nearly as good as t*, at least a pixel wide.
function paintNear(view, context, row, i) {
  const { layout, scale: to } = view;
  context.fillStyle = colourOf(view, row);
  context.globalAlpha = 0.16;
  for (let k = 0; k + 1 < row.near.length; k += 2) {
    const [from, end] = [to.x(row.near[k]), to.x(row.near[k + 1])];
    context.fillRect(from, rowTop(layout, i), Math.max(1, end - from), layout.row);
  }
  context.globalAlpha = 1;
}

function paintBests(view, context) {
  const { layout, scale: to, frame, theme } = view;
  frame.rows.forEach((row, i) => {
    if (!row.best || row.best[0] < to.x0 || row.best[0] > to.x1) return;
    const [x, y] = [to.x(row.best[0]), to.y(row.best[1])];
    paintDot(context, x, y, 4 * layout.scale, { fill: theme.background, stroke: colourOf(view, row), width: 2 * layout.scale });
    // In its row: a solid line with its name at the foot.
    const top = rowTop(layout, i);
    strokeLine(context, Math.round(x) + 0.5, top, Math.round(x) + 0.5, top + layout.row);
    markName(view, context, "t*", x, top + layout.row - layout.px(3), colourOf(view, row));
  });
}

function paintBiases(view, context) {
  const { layout, scale: to, frame, theme } = view;
  let named = false;
  frame.rows.forEach((row, i) => {
    if (row.bias === null || row.bias < to.x0 || row.bias > to.x1) return;
    const x = Math.round(to.x(row.bias)) + 0.5;
    const top = rowTop(layout, i);
    context.strokeStyle = theme.text;
    context.lineWidth = 1.3 * layout.scale;
    context.setLineDash([4, 3]);
    strokeLine(context, x, top, x, top + layout.row);
    context.setLineDash([]);
    const close = row.best && Math.abs(to.x(row.best[0]) - x) < layout.px(90);
    const left = close ? row.best[0] > row.bias : x < layout.left + to.across / 2;
    if (named) return;
    named = true;
    markName(view, context, "learned threshold", x, top + layout.px(layout.narrow ? 27 : 13), theme.text, left ? "right" : "left");
  });
}

// Beside a mark, on whichever side there is room unless one is asked for.
function markName(view, context, text, x, y, colour, side = "") {
  const { layout, scale: to, theme } = view;
  context.font = `600 ${10.5 * layout.scale}px ${theme.font}`;
  const wide = context.measureText(text).width + 6;
  let align = side || "left";
  if (align === "left" && x + wide > layout.left + to.across) align = "right";
  if (align === "right" && x - wide < layout.left) align = "left";
  context.textAlign = align;
  context.textBaseline = "bottom";
  haloText(context, text, x + (align === "left" ? 4 : -4), y, colour, theme.background, 3.5);
}

// What the marks mean, in the free place beside the curves.
function paintKey(view, context) {
  const { layout, theme, frame } = view;
  const { px, scale } = layout;
  const [x, step] = [layout.width - layout.right + px(10), px(17)];
  const [positive, negative] = sidesOf(view);
  let y = layout.top + px(36);
  const next = (text, draw) => {
    draw(y);
    context.font = `${11.5 * scale}px ${theme.font}`;
    context.fillStyle = theme.text;
    context.textAlign = "left";
    context.textBaseline = "middle";
    context.fillText(text, x + px(28), y);
    y += step;
  };
  const swatch = (left, width, colour, alpha) => {
    context.globalAlpha = alpha;
    context.fillStyle = colour;
    context.fillRect(x + left, y - px(5), width, px(10));
    context.globalAlpha = 1;
  };
  next("t*: best threshold of a run", () => {
    context.beginPath();
    context.arc(x + px(11), y, 4 * scale, 0, 2 * Math.PI);
    context.lineWidth = 2 * scale;
    context.strokeStyle = theme.text;
    context.stroke();
  });
  if (frame.rows.some(({ near }) => near.length)) {
    next("as good within 0.1 points", () => swatch(0, px(22), theme.text, 0.2));
  }
  if (frame.rows.some(({ bias }) => bias !== null)) {
    next("learned threshold", () => {
      context.setLineDash([4, 3]);
      context.lineWidth = 1.3 * scale;
      context.strokeStyle = theme.text;
      strokeLine(context, x + px(11), y - px(7), x + px(11), y + px(7));
      context.setLineDash([]);
    });
  }
  next("positive, negative metrics", () => {
    swatch(0, px(11), positive, 0.3);
    swatch(px(11), px(11), negative, 0.3);
  });
  next(frame.header.common ? "on the wrong side of t" : "on the wrong side of t*", () => {
    swatch(0, px(11), positive, 0.85);
    swatch(px(11), px(11), negative, 0.85);
  });
  context.globalAlpha = 0.85;
  next("heights: square root of shares", () => {});
  context.globalAlpha = 1;
}
