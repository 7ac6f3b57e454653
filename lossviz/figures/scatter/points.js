// The points of a panel, the wrong ones last; in three dimensions the far ones first.

import { columnOf } from "./colours.js";
import { prepareAtlas } from "./markers.js";
import { projectPoints } from "./planes.js";

export function markerRadius(view) {
  const points = Math.max(1, ...view.frame.panels.map((panel) => panel.points));
  const r = 0.0092 * view.layout.side * (500 / points) ** 0.25;
  return Math.round(2 * Math.min(5, Math.max(1.9, r)) * view.layout.scale) / 2;
}

export function paintPoints(view, element_, panel) {
  if (!panel.points) return;
  const { side, dpr, left, top } = view.layout;
  projectPoints(view, element_, panel);
  const cell = prepareAtlas(view, markerRadius(view));
  const context = element_.baseContext;
  const { px, py } = element_;
  const { labels, predictions, points } = panel;
  const column = columnOf(view, panel);
  const order = panel.dims === 3 ? farFirst(element_, points) : null;
  context.save();
  // Device pixels, and whole ones: no marker is smeared over two.
  context.setTransform(1, 0, 0, 1, 0, 0);
  const half = cell / 2;
  const draw = (p, wrong) => {
    const x = px[p], y = py[p];
    if (!(x > -9 && x < side + 9 && y > -9 && y < side + 9)) return;
    const at = Math.round(dpr * (left + x)) - half;
    const to = Math.round(dpr * (top + y)) - half;
    context.drawImage(view.atlas, column(p) * cell, wrong * cell, cell, cell, at, to, cell, cell);
  };
  if (order) {
    // What is behind is paler: the depth is not seen otherwise.
    for (let n = 0; n < points; n++) {
      const p = order[n];
      context.globalAlpha = 0.35 + 0.65 * Math.min(1, Math.max(0, 0.5 + element_.depth[p] / (2 * panel.reach) + 0.15));
      draw(p, predictions && predictions[p] !== labels[p] ? 1 : 0);
    }
  } else {
    for (const wrong of [0, 1]) {
      if (wrong && !predictions) break;
      for (let p = 0; p < points; p++) {
        if ((predictions && predictions[p] !== labels[p] ? 1 : 0) === wrong) draw(p, wrong);
      }
    }
  }
  context.restore();
}

function farFirst(element_, points) {
  if (!element_.order || element_.order.length !== points) element_.order = Uint32Array.from({ length: points }, (_, p) => p);
  const { depth } = element_;
  return element_.order.sort((a, b) => depth[a] - depth[b]);
}

// The point nearest to a pixel, within a finger's or a pointer's reach; -1 for none.
export function nearestPoint(element_, panel, x, y, within) {
  const { px, py } = element_;
  if (!px || px.length !== panel.points) return -1;
  let best = -1;
  let least = within * within;
  for (let p = 0; p < panel.points; p++) {
    const away = (px[p] - x) ** 2 + (py[p] - y) ** 2;
    if (away <= least) {
      least = away;
      best = p;
    }
  }
  return best;
}
