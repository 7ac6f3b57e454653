// The frame of a plane: its edge, ticks, numbers, names and the origin.

import { niceTicks, tickText } from "../canvas/numbers.js";
import { nameFont, paintOriginCross, paintPlaneFrame, strokeLine } from "../canvas/strokes.js";
import { toPixels, windowOf } from "./planes.js";

const NAMES = ["z₁", "z₂", "z₃"];

export function paintAxes(view, element_, panel) {
  const context = element_.baseContext;
  const { side, scale } = view.layout;
  const { theme } = view;
  if (panel.dims === 3) return;
  const seen = windowOf(view, panel);
  const wanted = side < 110 ? 3 : 5;
  const bare = !panel.points || nameless(panel); // numbers would promise an extent that is not known yet, or that means nothing
  const [across, up] = panel.axes || NAMES;
  const ticks = [seen.x, seen.y].map((middle) => (bare ? [] : niceTicks(middle - seen.half, middle + seen.half, wanted)));
  const xs = ticks[0].map((tick) => toPixels(view, panel, [tick, 0])[0]);
  const ys = ticks[1].map((tick) => toPixels(view, panel, [0, tick])[1]);
  paintPlaneFrame(context, { theme, scale, alpha: 0.5 }, [side, side], xs, ys);
  if (bare) {
    context.globalAlpha = 1;
    return;
  }
  context.textBaseline = "top";
  context.textAlign = "center";
  let taken = -Infinity;
  const room = side - Math.max(16 * scale, panel.axes ? nameWidth(context, across, theme, scale) + 8 : 0);
  ticks[0].map(tickText).forEach((text, k) => {
    const half = context.measureText(text).width / 2;
    if (xs[k] - half < taken + 4 || xs[k] + half > room) return;
    context.fillText(text, xs[k], side + 7);
    taken = xs[k] + half;
  });
  context.textBaseline = "middle";
  context.textAlign = "right";
  ticks[1].map(tickText).forEach((text, k) => {
    if (ys[k] > 19 * scale) context.fillText(text, -7, Math.min(ys[k], side - 3));
  });
  // A long name has no room beside the plane.
  if (panel.axes) context.textAlign = "left";
  axisName(context, up, panel.axes ? 5 * scale : -7, (panel.axes ? 10 : 7) * scale, theme, scale);
  context.textAlign = "right";
  context.textBaseline = "top";
  axisName(context, across, side, side + 6, theme, scale);
  context.globalAlpha = 1;
}

// Projected features whose places mean nothing have neither axes nor an origin.
export function nameless(panel) {
  return !!panel.axes && !panel.axes.length;
}

export function nameWidth(context, text, theme, scale) {
  const { font } = context;
  context.font = nameFont(theme, scale);
  const { width } = context.measureText(text);
  context.font = font;
  return width;
}

function axisName(context, text, x, y, theme, scale) {
  context.font = nameFont(theme, scale);
  context.fillStyle = theme.text;
  context.fillText(text, x, y);
}

export function paintOrigin(view, element_, panel) {
  const context = element_.baseContext;
  const { scale, side } = view.layout;
  const { theme } = view;
  if (nameless(panel)) return;
  if (panel.dims === 3) {
    const names = panel.axes || NAMES;
    const ends = [[1, 0, 0], [0, 1, 0], [0, 0, 1]].map((axis) => axis.map((v) => v * 0.97 * panel.reach));
    const [ox, oy] = toPixels(view, panel, [0, 0, 0]);
    context.globalAlpha = 0.6;
    context.textAlign = "center";
    context.textBaseline = "middle";
    ends.forEach((end, axis) => {
      const [x, y] = toPixels(view, panel, end);
      context.strokeStyle = theme.text;
      context.lineWidth = scale;
      strokeLine(context, ox, oy, x, y);
      const away = 9 / Math.max(1, Math.hypot(x - ox, y - oy));
      const within = (v, room) => Math.min(Math.max(v, room), side - room);
      const half = Math.max(9 * scale, nameWidth(context, names[axis], theme, scale) / 2 + 2);
      axisName(context, names[axis], within(x + (x - ox) * away, half), within(y + (y - oy) * away, 9 * scale), theme, scale);
    });
    context.globalAlpha = 1;
    return;
  }
  const [x, y] = toPixels(view, panel, [0, 0]);
  if (x < 0 || y < 0 || x > side || y > side) return;
  paintOriginCross(context, x, y, scale, theme);
}
