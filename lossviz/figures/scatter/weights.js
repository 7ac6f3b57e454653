// Class weights as arrows with faint rays, centres as crosses, thresholds, the sphere.

import { tickText } from "../canvas/numbers.js";
import { paintArrow, strokeCased, strokeLine, traceCross } from "../canvas/strokes.js";
import { row, toPixels } from "./planes.js";

export function norm(vector) {
  return Math.hypot(...vector);
}

// Weights are often of length one among features of length fifty: all are drawn longer
// by one round factor, which the legend tells.
export function weightFactor(panel) {
  const { weights, dims, classes, reach } = panel;
  let longest = 0;
  for (let k = 0; k < classes.length; k++) longest = Math.max(longest, norm(row(weights, k, dims)));
  if (!(longest > 0) || !Number.isFinite(longest)) return 1;
  if (longest > 0.28 * reach && longest < 0.92 * reach) return 1;
  const most = (0.72 * reach) / longest;
  const power = 10 ** Math.floor(Math.log10(most));
  return [5, 2, 1].find((m) => m * power <= most) * power;
}

export function paintWeights(view, element_, panel) {
  const { options } = view.frame.header;
  if (!options.weights || !panel.weights) return;
  const { scale, side } = view.layout;
  const { theme } = view;
  const context = element_.baseContext;
  const { dims, classes, weights } = panel;
  const factor = weightFactor(panel);
  const origin = toPixels(view, panel, new Array(dims).fill(0));
  const crowd = classes.length > 20;
  const order = classes.map((_, k) => k).sort((a, b) => (a === options.of_class) - (b === options.of_class));
  for (const k of order) {
    const weight = row(weights, k, dims);
    if (!weight.every(Number.isFinite)) continue;
    const own = k === options.of_class;
    const tip = toPixels(view, panel, weight.map((value) => value * factor));
    const length = Math.hypot(tip[0] - origin[0], tip[1] - origin[1]);
    if (length < 1e-3) continue;
    const way = [(tip[0] - origin[0]) / length, (tip[1] - origin[1]) / length];
    if (dims === 2 && !crowd) {
      const far = Math.min(1e5, 3 * side + Math.hypot(origin[0], origin[1]));
      context.globalAlpha = own ? 0.6 : 0.3;
      context.strokeStyle = own ? theme.own : theme.other;
      context.lineWidth = scale;
      strokeLine(context, origin[0], origin[1], origin[0] + way[0] * far, origin[1] + way[1] * far);
      context.globalAlpha = 1;
    }
    const width = (own ? 2.6 : crowd ? 1 : 1.5) * scale;
    const head = (crowd ? 6 : 8) * scale + width;
    const colour = own ? theme.own : theme.other;
    paintArrow(context, origin, way, length, { head, width, colour, casing: theme.casing, extra: 1.8 });
  }
}

export function paintCentres(view, element_, panel) {
  if (!view.frame.header.options.centers || !panel.centers) return;
  const context = element_.baseContext;
  context.lineCap = "round";
  panel.classes.forEach((_, k) => {
    const at = row(panel.centers, k, panel.dims);
    if (!at.every(Number.isFinite)) return;
    const [x, y] = toPixels(view, panel, at);
    traceCross(context, x, y, 5 * view.layout.scale);
    strokeCased(context, 2.4 * view.layout.scale, view.theme.other, view.theme.casing, 2.8);
  });
}

export function paintThresholds(view, element_, panel) {
  if (!panel.thresholds.length) return;
  const context = element_.baseContext;
  const { scale } = view.layout;
  context.beginPath();
  for (const line of panel.thresholds) {
    for (let i = 0; i + 1 < line.length; i += 2) {
      const [x, y] = toPixels(view, panel, [line[i], line[i + 1]]);
      if (i) context.lineTo(x, y);
      else context.moveTo(x, y);
    }
  }
  context.setLineDash([6 * scale, 4 * scale]);
  strokeCased(context, 1.5 * scale, view.theme.boundary, view.theme.boundaryCasing, 1.8);
  context.setLineDash([]);
}

// The largest sphere of round radius that the panel holds; normalised features lie on the unit one.
export function sphereRadius(panel) {
  const power = 10 ** Math.floor(Math.log10(panel.reach));
  return ([8, 6, 5, 4, 3, 2, 1].find((m) => m * power <= panel.reach * 1.001) || 1) * power;
}

export function paintSphere(view, element_, panel) {
  if (panel.dims !== 3 || panel.axes) return;
  const { side, scale } = view.layout;
  const context = element_.baseContext;
  const radius = sphereRadius(panel);
  context.globalAlpha = 0.9;
  context.fillStyle = view.theme.text;
  context.font = `${11 * scale}px ${view.theme.font}`;
  context.textAlign = "left";
  context.textBaseline = "bottom";
  context.fillText(`radius ${tickText(radius)}`, 2, side - 2);
  context.beginPath();
  const circle = (at) => {
    for (let n = 0; n <= 72; n++) {
      const [x, y] = toPixels(view, panel, at((n * Math.PI) / 36));
      if (n) context.lineTo(x, y);
      else context.moveTo(x, y);
    }
  };
  for (const turn of [0, 1, 2, 3, 4, 5].map((n) => (n * Math.PI) / 6)) {
    circle((t) => [Math.cos(t) * Math.cos(turn), Math.cos(t) * Math.sin(turn), Math.sin(t)].map((v) => v * radius));
  }
  for (const lift of [-2, -1, 0, 1, 2].map((n) => (n * Math.PI) / 6)) {
    circle((t) => [Math.cos(t) * Math.cos(lift), Math.sin(t) * Math.cos(lift), Math.sin(lift)].map((v) => v * radius));
  }
  context.globalAlpha = 0.16;
  context.strokeStyle = view.theme.other;
  context.lineWidth = 1;
  context.stroke();
  context.globalAlpha = 1;
}
