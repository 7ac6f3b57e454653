// The rows: how positive and negative metrics are spread, and which of them the threshold gets wrong.

import { thresholdOf } from "./counting.js";
import { rowTop, sidesOf } from "./layout.js";

// Square roots of shares: what is rare is what a threshold gets wrong, and it must be seen.
function heightsPath(context, view, row, i, heights) {
  const { layout, scale: to } = view;
  const { edges } = view.frame;
  const base = rowTop(layout, i) + layout.row;
  const room = layout.row - layout.px(3);
  const highest = Math.sqrt(highestShare(row));
  context.beginPath();
  context.moveTo(to.x(edges[0]), base);
  for (let b = 0; b < heights.length; b++) {
    const y = base - (Math.sqrt(heights[b]) / highest) * room;
    context.lineTo(to.x(edges[b]), y);
    context.lineTo(to.x(edges[b + 1]), y);
  }
  context.lineTo(to.x(edges[edges.length - 1]), base);
}

function highestShare(row) {
  row.highest ??= Math.max(1e-9, ...row.positive_heights, ...row.negative_heights);
  return row.highest;
}

export function paintHeights(view, context, row, i) {
  const [positive, negative] = sidesOf(view);
  for (const [heights, colour] of [[row.negative_heights, negative], [row.positive_heights, positive]]) {
    heightsPath(context, view, row, i, heights);
    context.fillStyle = colour;
    context.globalAlpha = 0.2;
    context.fill();
    context.strokeStyle = colour;
    context.globalAlpha = 0.75;
    context.lineWidth = 1;
    context.stroke();
  }
  context.globalAlpha = 1;
}

// What lies on the wrong side of the threshold, in full colour.
export function paintWrong(view, context, row, i) {
  const { layout, scale: to } = view;
  const [positive, negative] = sidesOf(view);
  const t = thresholdOf(view, row);
  if (Number.isNaN(t)) return;
  const at = Math.min(Math.max(to.x(t), layout.left), layout.left + to.across);
  const top = rowTop(layout, i);
  const wrong = [
    [row.negative_heights, negative, at, layout.left + to.across],
    [row.positive_heights, positive, layout.left, at],
  ];
  for (const [heights, colour, from, end] of wrong) {
    context.save();
    context.beginPath();
    context.rect(from, top, end - from, layout.row);
    context.clip();
    heightsPath(context, view, row, i, heights);
    context.fillStyle = colour;
    context.globalAlpha = 0.85;
    context.fill();
    context.restore();
  }
}

// Which side is which, told once, in the first row.
export function paintSideNames(view, context) {
  const { layout, scale: to, frame, theme } = view;
  // Where there is a key beside the picture, it says so.
  if (!frame.rows.length || !layout.narrow) return;
  const [positive, negative] = sidesOf(view);
  const y = rowTop(layout, 0) + layout.px(12);
  context.font = `600 ${11 * layout.scale}px ${theme.font}`;
  const names = [["negative metrics", negative, "left", layout.left + 4], ["positive metrics", positive, "right", layout.left + to.across - 4]];
  for (const [text, colour, align, x] of names) {
    context.textAlign = align;
    context.textBaseline = "bottom";
    context.strokeStyle = theme.background;
    context.lineWidth = 3.5;
    context.strokeText(text, x, y);
    context.fillStyle = colour;
    context.fillText(text, x, y);
  }
}
