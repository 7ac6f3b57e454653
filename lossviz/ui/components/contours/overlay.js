// What lies over the picture: class weights, centres, points and the path of a descent.

import { beginCanvas, paintArrow, paintDot, strokeCased, traceCross } from "../../../figures/canvas/strokes.js";
import { paintAxes, toPixels, tracePolyline } from "./drawing.js";
import { positionOf } from "./handles.js";
import { paintLabels } from "./labels.js";
import { paintCircle } from "./valley.js";

// Where a vector's tip is shown: beyond the extent, where its ray leaves it.
export function shownPosition(view, [x, y]) {
  const [x0, x1, y0, y1] = view.frame.header.extent;
  let t = 1;
  if (x > x1) t = Math.min(t, x1 / x);
  if (x < x0) t = Math.min(t, x0 / x);
  if (y > y1) t = Math.min(t, y1 / y);
  if (y < y0) t = Math.min(t, y0 / y);
  const within = Number.isFinite(t) && t > 0 ? [x * t, y * t] : [x, y];
  return [Math.min(Math.max(within[0], x0), x1), Math.min(Math.max(within[1], y0), y1)];
}

// Weights that would hardly be seen are drawn longer, by one factor.
export const factorOf = (view, kind) => (kind === "weight" ? view.frame.header.weight_factor ?? 1 : 1);

export function shownTip(view, kind, index) {
  const factor = factorOf(view, kind);
  return shownPosition(view, positionOf(view, kind, index).map((value) => value * factor));
}

function paintWeight(view, context, index, own) {
  const { theme, layout } = view;
  const { scale } = layout;
  const [ox, oy] = toPixels(view, 0, 0);
  const [tx, ty] = toPixels(view, ...shownTip(view, "weight", index));
  const length = Math.hypot(tx - ox, ty - oy);
  const colour = own ? theme.own : theme.other;
  const width = (own ? 3 : 2) * scale;
  const [dx, dy] = length > 1e-6 ? [(tx - ox) / length, (ty - oy) / length] : [1, 0];
  if (length < 4) {
    context.beginPath();
    context.arc(tx, ty, width * 1.4, 0, 2 * Math.PI);
    context.lineWidth = 2.4;
    context.strokeStyle = theme.casing;
    context.stroke();
    context.fillStyle = colour;
    context.fill();
    return;
  }
  const head = (own ? 13 : 11) * scale;
  paintArrow(context, [ox, oy], [dx, dy], length, { head, width, colour, casing: theme.casing, extra: 2.6 });
}

function paintCentres(view, context) {
  const { header } = view.frame;
  const { scale } = view.layout;
  (header.centers || []).forEach((_, index) => {
    const [x, y] = toPixels(view, ...shownTip(view, "center", index));
    traceCross(context, x, y, 5 * scale);
    context.lineCap = "round";
    strokeCased(context, 2.4 * scale, classColour(view, index), view.theme.casing, 2.8);
  });
}

function classColour(view, index) {
  return view.frame.header.class_colors?.[index] || view.theme.other;
}

function paintPoints(view, context, points) {
  const { scale } = view.layout;
  for (const point of points || []) {
    const [x, y] = toPixels(view, point.x, point.y);
    const r = 4.5 * scale;
    context.beginPath();
    context.rect(x - r, y - r, 2 * r, 2 * r);
    context.fillStyle = classColour(view, point.class);
    context.fill();
    strokeCased(context, 1.2 * scale, view.theme.other, view.theme.casing, 1.6);
  }
}

// White with a dark casing on every theme: the only line drawn that way.
function paintPath(view, context, path) {
  if (!path || path.length < 2) return;
  const { layout: { scale }, theme } = view;
  context.beginPath();
  tracePolyline(context, view, path);
  context.lineCap = "round";
  context.lineJoin = "round";
  strokeCased(context, 2 * scale, theme.white, `${theme.black}cc`, 2.4);
  const [sx, sy] = toPixels(view, path[0], path[1]);
  const [ex, ey] = toPixels(view, path[path.length - 2], path[path.length - 1]);
  context.beginPath(); // start: a ring
  context.arc(sx, sy, 4.5 * scale, 0, 2 * Math.PI);
  context.fillStyle = `${theme.black}bf`;
  context.fill();
  strokeCased(context, 1.8 * scale, theme.white, `${theme.black}cc`, 2.2);
  paintDot(context, ex, ey, 5 * scale, { fill: theme.white, stroke: `${theme.black}e6`, width: 1.6 * scale }); // end: a dot
}

export function paintOverlay(view, element_, panel, i) {
  const { layout } = view;
  const { header } = view.frame;
  const { dpr, planeWidth, planeHeight } = layout;
  const context = element_.overContext;
  beginCanvas(context, dpr, element_.left, layout.top);
  context.setLineDash([]);
  context.save();
  context.beginPath();
  context.rect(0, 0, planeWidth, planeHeight);
  context.clip();
  paintCircle(view, context, panel);
  paintPath(view, context, panel.path);
  const own = header.label;
  const weights = (header.weights || []).map((_, k) => k).filter((k) => k !== own);
  for (const k of weights) paintWeight(view, context, k, false);
  if (header.weights?.[own]) paintWeight(view, context, own, true);
  paintCentres(view, context);
  paintPoints(view, context, panel.points);
  paintLabels(view, context, panel, own);
  context.restore();
  paintAxes(view, element_, panel, i);
}
