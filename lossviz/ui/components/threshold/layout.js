// Where things are: the curves on top, below them a row for each run, numbers at the right or, on a phone, above.

import { element, setCanvasSize, setSize } from "../../../figures/canvas/elements.js";
import { stableWidth, textScale } from "../../../figures/canvas/size.js";
import { unitOf } from "./counting.js";
import { paint } from "./main.js";

const NARROW_PX = 560;

export function applyLayout(view) {
  const { header, rows } = view.frame;
  const width = stableWidth(view);
  if (width < 60) return false;
  const narrow = width < NARROW_PX;
  const scale = textScale(header.presentation);
  const px = (pixels) => Math.round(pixels * scale);
  const count = Math.max(1, rows.length);
  const caption = narrow ? px(36) : 0;
  const row = px(count === 1 ? 120 : count === 2 ? 92 : Math.max(50, 82 - 7 * count));
  const left = px(46);
  const right = narrow ? px(10) : Math.min(px(222), Math.round(0.3 * width));
  const top = px(26);
  const curves = px(header.height);
  const rowsTop = top + curves + px(14);
  const bottom = px(38);
  const height = rowsTop + count * (row + caption) + bottom;
  const dpr = Math.min(3, window.devicePixelRatio || 1);
  view.layout = { width, narrow, scale, px, left, right, top, curves, rowsTop, row, caption, bottom, height, dpr };
  view.scale = scaleOf(view);
  view.root.style.setProperty("--lv-scale", scale);
  setSize([view.box, view.base, view.over], width, height);
  setCanvasSize([view.base, view.over], width, height, dpr);
  const inner = { left: `${left}px`, top: `${top}px`, width: `${width - left - right}px`, height: `${height - top - bottom}px` };
  Object.assign(view.plane.style, inner);
  Object.assign(view.handle.style, { top: "0px", height: `${height - bottom}px` });
  view.root.dataset.narrow = narrow;
  return true;
}

// Places along x, shared by the curves and all rows, and along the height of the curves.
function scaleOf(view) {
  const { left, right, width, top, curves } = view.layout;
  const { edges } = view.frame;
  const whole = [edges[0], edges[edges.length - 1]];
  const [x0, x1] = zoomed(view, whole);
  const across = width - left - right;
  return {
    x0, x1, across, whole, unit: unitOf(x0, x1),
    x: (value) => left + ((value - x0) / (x1 - x0)) * across,
    back: (pixel) => x0 + ((pixel - left) / across) * (x1 - x0),
    y: (share) => top + (1 - share) * curves,
  };
}

// The part of the axis that is shown, moved so that the threshold is in it; the zoom is a factor.
function zoomed(view, [low, high]) {
  if (!view.zoom) return [low, high];
  const half = (high - low) / 2 / view.zoom;
  const middle = Math.min(Math.max(view.middle, low + half), high - half);
  return [middle - half, middle + half];
}

export function makeZoomButtons(view) {
  const change = (factor) => () => {
    const zoom = Math.min(Math.max((view.zoom || 1) * factor, 1), 4096);
    view.zoom = zoom > 1 ? zoom : null;
    view.middle = view.t;
    paint(view);
  };
  for (const [text, name, factor] of [["+", "closer", 2], ["−", "farther", 0.5], ["all", "all metrics", 0]]) {
    const button = element("button", "lv-zoom-button", view.zoomButtons, { type: "button", title: name, "aria-label": name });
    button.textContent = text;
    button.addEventListener("click", change(factor));
  }
}

export const rowTop = ({ rowsTop, row, caption }, i) => rowsTop + i * (row + caption) + caption;

export function colourOf(view, row) {
  return view.theme.dark ? row.color_dark : row.color;
}

// [positive, negative]
export function sidesOf(view) {
  return view.frame.header.sides[view.theme.dark ? "dark" : "light"];
}
