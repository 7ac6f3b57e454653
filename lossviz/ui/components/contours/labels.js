// Names at the arrows, centres and points: each beside its mark, none on another.

import { withIndex } from "../../../figures/canvas/numbers.js";
import { haloText } from "../../../figures/canvas/strokes.js";
import { toPixels } from "./drawing.js";
import { handleId } from "./handles.js";
import { shownTip } from "./overlay.js";
import { openingText } from "./valley.js";

// "W₁" for numbered classes; a name is shown as it is.
export function classLabel(letter, name) {
  const text = String(name ?? "");
  return /^\d+$/.test(text) ? withIndex(letter, text) : text || letter;
}

// What a label must not cover: half-sizes around a middle, by whom they belong to.
function markBoxes(view, panel) {
  const { scale } = view.layout;
  const { weights, centers } = view.frame.header;
  const boxes = [];
  const add = (owner, [x, y], size) => boxes.push({ owner, x, y, w: size * scale, h: size * scale });
  const [ox, oy] = toPixels(view, 0, 0);
  (weights || []).forEach((_, k) => {
    const [x, y] = toPixels(view, ...shownTip(view, "weight", k));
    for (const t of [1, 0.75, 0.5]) add(handleId("weight", k), [ox + (x - ox) * t, oy + (y - oy) * t], 4);
  });
  (centers || []).forEach((_, k) => {
    add(handleId("center", k), toPixels(view, ...shownTip(view, "center", k)), 6);
  });
  (panel.points || []).forEach((point, k) => add(handleId("point", k), toPixels(view, point.x, point.y), 6));
  if (view.frame.header.circle) add(handleId("circle", 0), toPixels(view, ...shownTip(view, "circle", 0)), 5);
  const text = openingText(panel.opening); // in the corner
  if (text) boxes.push({ owner: "", x: (5 + 3.8 * text.length) * scale, y: 13 * scale, w: (3.8 * text.length + 4) * scale, h: 10 * scale });
  return boxes;
}

function overlap(a, b) {
  const x = a.w + b.w - Math.abs(a.x - b.x);
  const y = a.h + b.h - Math.abs(a.y - b.y);
  return x > 0 && y > 0 ? x * y : 0;
}

// The first free place around a mark, from the wanted direction on and then
// farther away; without one, that which covers least.
function labelPlace(view, boxes, owner, [x, y], [dx, dy], halfWidth) {
  const { planeWidth, planeHeight, scale } = view.layout;
  const h = 7 * scale;
  let best = null;
  for (const far of [1, 1.8]) {
    for (const turn of [0, 1, -1, 2, -2, 3, -3, 4]) {
      const c = Math.cos((turn * Math.PI) / 4);
      const s = Math.sin((turn * Math.PI) / 4);
      const px = x + (dx * c - dy * s) * (9 * scale * far + halfWidth);
      const py = y + (dx * s + dy * c) * (9 * scale * far + 6);
      const place = {
        owner, w: halfWidth + 1, h,
        x: Math.min(Math.max(px, halfWidth + 2), planeWidth - halfWidth - 2),
        y: Math.min(Math.max(py, 8 * scale), planeHeight - 8 * scale),
      };
      place.covers = Math.hypot(place.x - px, place.y - py) * h; // pushed back into the plane
      for (const box of boxes) if (box.owner !== owner) place.covers += overlap(place, box);
      if (!best || place.covers < best.covers) best = place;
      if (best.covers === 0) return best;
    }
  }
  return best;
}

// A point's name is left out where it would cover something: its colour and the
// legend say the same.
export function paintLabels(view, context, panel, own) {
  const { header } = view.frame;
  const { theme } = view;
  const boxes = markBoxes(view, panel);
  context.textAlign = "center";
  context.textBaseline = "middle";
  const label = (owner, text, font, direction, colour, optional) => {
    context.font = font;
    const mark = boxes.find((box) => box.owner === owner);
    const place = labelPlace(view, boxes, owner, [mark.x, mark.y], direction, context.measureText(text).width / 2);
    if (optional && place.covers > 0.15 * place.w * place.h) return;
    boxes.push({ ...place, owner: "" });
    haloText(context, text, place.x, place.y, colour, theme.casing, 3 * view.layout.scale);
  };
  const size = (px) => `${px * view.layout.scale}px ${theme.font}`;
  const name = (letter, k) => classLabel(letter, header.class_names?.[k] ?? k + 1);
  const [ox, oy] = toPixels(view, 0, 0);
  const weights = (header.weights || []).map((_, k) => k);
  for (const k of weights.sort((a, b) => (b === own) - (a === own))) {
    const owner = handleId("weight", k);
    const { x, y } = boxes.find((box) => box.owner === owner);
    const length = Math.hypot(x - ox, y - oy);
    const direction = length > 1e-6 ? [(x - ox) / length, (y - oy) / length] : [1, 0];
    const mine = k === own;
    label(owner, name("W", k), `${mine ? 700 : 600} ${size(13)}`, direction, mine ? theme.own : theme.other);
  }
  (header.centers || []).forEach((_, k) => {
    label(handleId("center", k), name("C", k), `600 ${size(12)}`, [0.75, -0.75], theme.other);
  });
  const [x0, x1, y0, y1] = header.extent;
  const within = ({ x, y }) => x >= x0 && x <= x1 && y >= y0 && y <= y1;
  (panel.points || []).forEach((point, k) => {
    if (point.name && within(point)) label(handleId("point", k), point.name, size(11.5), [0.8, -0.6], theme.other, true);
  });
}
