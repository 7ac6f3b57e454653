// Class names at the rim, where a class's ray leaves the plane: beside the data, never on each other.

import { haloText } from "../canvas/strokes.js";
import { nameWidth, nameless } from "./axes.js";
import { paintMarker } from "./markers.js";
import { row, toPixels } from "./planes.js";
import { norm } from "./weights.js";

const INWARD = [0, 0.13, 0.26]; // a name that finds no room at the rim moves along its ray
const FEW = 20; // of more classes, names inside would cover the points

export function paintNames(view, element_, panel) {
  const { scale, side } = view.layout;
  const { theme } = view;
  const context = element_.baseContext;
  const taken = axisNameBoxes(view, element_.baseContext, panel);
  const many = panel.classes.length > 10;
  const size = (many ? 11 : 12.5) * scale;
  const chosen = view.frame.header.options.of_class;
  const order = panel.classes.map((_, k) => k).sort((a, b) => (b === chosen) - (a === chosen));
  context.textAlign = "left";
  context.textBaseline = "middle";
  for (const k of order) {
    context.font = `${k === chosen ? 700 : 600} ${size}px ${theme.font}`;
    const text = shortened(context, panel.classes[k], 0.3 * side);
    // Among its points a mark of the class would be taken for one of them.
    const mark = panel.anchors ? 0 : 5 * scale;
    const box = { w: (context.measureText(text).width + 2.8 * mark) / 2 + 2, h: 0.62 * size };
    const place = namePlace(view, panel, k, box, taken);
    if (!place) continue;
    taken.push(place);
    const x = place.x - box.w + 2;
    if (mark) paintMarker(view, context, k, false, x + mark, place.y, mark * 0.8);
    haloText(context, text, x + 2.6 * mark, place.y, k === chosen ? theme.own : theme.other, theme.casing, 3.4 * scale);
  }
}

// A text that fits into so many pixels.
export function shortened(context, text, room) {
  if (context.measureText(text).width <= room) return text;
  const letters = [...text]; // whole characters: half an emoji is none
  while (letters.length > 1 && context.measureText(`${letters.join("")}…`).width > room) letters.pop();
  return `${letters.join("")}…`;
}

// Where the class lies, as seen from the origin: along its weight, or its mean.
function namePlace(view, panel, k, box, taken) {
  const { side } = view.layout;
  const { dims } = panel;
  if (panel.anchors) return anchorPlace(view, panel, k, box, taken);
  const from = panel.weights && view.frame.header.options.weights ? panel.weights : panel.means;
  const vector = row(from, k, dims);
  if (!vector.every(Number.isFinite)) return null;
  const origin = toPixels(view, panel, new Array(dims).fill(0));
  const longer = panel.reach / (norm(vector) || 1);
  const tip = toPixels(view, panel, vector.map((value) => value * longer));
  const way = [tip[0] - origin[0], tip[1] - origin[1]];
  const length = Math.hypot(...way);
  if (length < 1e-6) return null;
  // In three dimensions the tip itself; in two the last of the ray that is still seen.
  const end = dims === 3 ? 0.9 : rayEnd(origin, way, box, side);
  if (end === null) return null;
  for (const inward of panel.classes.length > FEW ? [0] : INWARD) {
    const t = end - (inward * side) / length;
    if (t <= 0) break;
    const place = { x: origin[0] + way[0] * t, y: origin[1] + way[1] * t, ...box };
    if (fits(place, taken, side)) return place;
  }
  return null;
}

// True of a box {x, y, w, h} that lies within the plane and on no other.
function fits({ x, y, w, h }, taken, side) {
  const within = x >= w && x <= side - w && y >= h && y <= side - h;
  return within && taken.every((other) => Math.abs(other.x - x) > other.w + w || Math.abs(other.y - y) > other.h + h);
}

// At the middle of the class, or on the nearest of its points that has room (as names.py does); above
// them where axes mean nothing, for a name would cover all of a small cluster.
function anchorPlace(view, panel, k, box, taken) {
  const { side } = view.layout;
  if (!row(panel.anchors, k, panel.dims).every(Number.isFinite)) return null;
  const lift = nameless(panel) && panel.dims === 2 ? 1.6 * box.h : 0;
  for (const point of nearPoints(panel, k)) {
    const [x, middle] = toPixels(view, panel, point);
    const place = { x, y: middle - lift, ...box };
    if (fits(place, taken, side)) return place;
  }
  return null;
}

const TRIED = 60; // points of the nearer half of a class, thinned evenly

// The anchor of a class, then its points from near to far; farther than half of them a name would be
// taken for that of what it stands on.
function nearPoints(panel, k) {
  panel.near ??= [];
  if (panel.near[k]) return panel.near[k];
  const { dims, labels, features } = panel;
  const anchor = row(panel.anchors, k, dims);
  const own = [];
  for (let p = 0; p < panel.points; p++) {
    const point = labels[p] === k ? row(features, p, dims) : [NaN];
    const apart = Math.hypot(...point.map((value, j) => value - anchor[j]));
    if (Number.isFinite(apart)) own.push([apart, point]);
  }
  own.sort((a, b) => a[0] - b[0]);
  const half = Math.ceil(own.length / 2);
  const step = Math.max(1, Math.ceil(half / TRIED));
  panel.near[k] = [anchor, ...own.slice(0, half).filter((_, i) => i % step === 0).map(([, point]) => point)];
  return panel.near[k];
}

// What the name of the upright axis covers where it stands in the plane.
function axisNameBoxes(view, context, panel) {
  if (!panel.axes || nameless(panel) || panel.dims !== 2) return [];
  const { scale } = view.layout;
  const w = nameWidth(context, panel.axes[1], view.theme, scale) / 2 + 3;
  return [{ x: 5 * scale + w, y: 10 * scale, w, h: 9 * scale }];
}

// How far along `way` a box can go without leaving the plane; null where the ray does not cross it.
function rayEnd([ox, oy], [dx, dy], box, side) {
  let first = 0;
  let last = Infinity;
  for (const [o, d, margin] of [[ox, dx, box.w + 2], [oy, dy, box.h + 3]]) {
    if (Math.abs(d) < 1e-9) {
      if (o < margin || o > side - margin) return null;
      continue;
    }
    const a = (margin - o) / d;
    const b = (side - margin - o) / d;
    first = Math.max(first, Math.min(a, b));
    last = Math.min(last, Math.max(a, b));
  }
  return last > first ? last - 1e-9 : null;
}
