// The vector drawings of a plane: its frame and axes, decision boundaries, arrows of a field.

import { niceTicks, tickText } from "../../../figures/canvas/numbers.js";
import { nameFont, paintOriginCross, paintPlaneFrame, strokeCased } from "../../../figures/canvas/strokes.js";

export function paintAxes(view, element_, panel, i) {
  const { layout, theme } = view;
  const { planeWidth, planeHeight, scale, numbersLeft, numbersBelow } = layout;
  const [x0, x1, y0, y1] = view.frame.header.extent;
  const context = element_.overContext;
  const wanted = planeWidth < 160 ? 3 : 5;
  const ticksX = niceTicks(x0, x1, wanted);
  const ticksY = niceTicks(y0, y1, wanted);
  const across = ticksX.map((tick) => toPixels(view, tick, y0)[0]);
  const up = ticksY.map((tick) => toPixels(view, x0, tick)[1]);
  paintPlaneFrame(context, { theme, scale, alpha: 0.55 }, [planeWidth, planeHeight], across, up);
  if (numbersBelow[i]) {
    context.textAlign = "right";
    context.textBaseline = "top";
    const row = planeHeight + 7;
    const nameLeft = planeWidth - 14 * scale;
    axisName(context, "z₁", planeWidth + 2, row, theme, scale);
    context.textAlign = "center";
    ticksX.map(tickText).forEach((text, k) => {
      const half = context.measureText(text).width / 2;
      if (across[k] + half < nameLeft) context.fillText(text, Math.max(across[k], half - layout.lefts[i] + 2), row);
    });
  }
  if (numbersLeft[i]) {
    context.textAlign = "right";
    context.textBaseline = "middle";
    const nameTop = 8 * scale;
    axisName(context, "z₂", -6, nameTop - 2, theme, scale);
    context.textAlign = "right";
    ticksY.map(tickText).forEach((text, k) => {
      if (up[k] > nameTop + 11 * scale) context.fillText(text, -7, Math.min(up[k], planeHeight - 3));
    });
  }
  context.globalAlpha = 1;
  paintOriginCross(context, ...toPixels(view, 0, 0), scale, theme);
}

function axisName(context, text, x, y, theme, scale) {
  context.save();
  context.font = nameFont(theme, scale);
  context.fillText(text, x, y);
  context.restore();
}

// From plane coordinates to CSS pixels from the plane's upper left corner.
export function toPixels(view, x, y) {
  const [x0, x1, y0, y1] = view.frame.header.extent;
  const { planeWidth, planeHeight } = view.layout;
  return [((x - x0) / (x1 - x0)) * planeWidth, ((y1 - y) / (y1 - y0)) * planeHeight];
}

export function tracePolyline(context, view, flat, closed = false) {
  let pen = false;
  for (let i = 0; i + 1 < flat.length; i += 2) {
    if (!Number.isFinite(flat[i]) || !Number.isFinite(flat[i + 1]) || flat[i] === null) {
      pen = false;
      continue;
    }
    const [x, y] = toPixels(view, flat[i], flat[i + 1]);
    if (pen) context.lineTo(x, y);
    else context.moveTo(x, y);
    pen = true;
  }
  if (closed) context.closePath();
}

export function paintBoundaries(view, element_, panel) {
  if (!panel.boundaries || !panel.boundaries.length) return;
  const context = element_.baseContext;
  const { dpr, scale } = view.layout;
  context.setTransform(dpr, 0, 0, dpr, 0, 0);
  context.lineCap = "butt";
  context.lineJoin = "round";
  context.beginPath();
  for (const line of panel.boundaries) tracePolyline(context, view, line);
  context.setLineDash([]);
  context.strokeStyle = view.theme.boundaryCasing;
  context.lineWidth = 3.4 * scale;
  context.stroke();
  context.setLineDash([6 * scale, 4 * scale]);
  context.strokeStyle = view.theme.boundary;
  context.lineWidth = 1.7 * scale;
  context.stroke();
  context.setLineDash([]);
}

// Small direction arrows of a field: one path for all, stroked twice.
export function paintField(view, element_, panel) {
  const { arrows } = panel;
  if (!arrows || !arrows.length) return;
  const context = element_.baseContext;
  const { dpr, scale } = view.layout;
  context.setTransform(dpr, 0, 0, dpr, 0, 0);
  context.beginPath();
  for (let i = 0; i + 3 < arrows.length; i += 4) {
    const [ax, ay] = toPixels(view, arrows[i], arrows[i + 1]);
    const [bx, by] = toPixels(view, arrows[i] + arrows[i + 2], arrows[i + 1] + arrows[i + 3]);
    const length = Math.hypot(bx - ax, by - ay);
    if (!(length > 0.8)) continue;
    const head = Math.min(4.5 * scale, length * 0.5);
    const angle = Math.atan2(by - ay, bx - ax);
    context.moveTo(ax, ay);
    context.lineTo(bx, by);
    context.moveTo(bx - head * Math.cos(angle - 0.5), by - head * Math.sin(angle - 0.5));
    context.lineTo(bx, by);
    context.lineTo(bx - head * Math.cos(angle + 0.5), by - head * Math.sin(angle + 0.5));
  }
  context.lineCap = "round";
  context.lineJoin = "round";
  strokeCased(context, 1.1 * scale, view.theme.other, view.theme.casing, 1.3);
}
