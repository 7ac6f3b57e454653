// The lines between the bands, by marching squares.

import { innerEdges } from "./fill.js";

// Edges of a cell: 0 bottom, 1 right, 2 top, 3 left; corners are bits 1 (lower
// left), 2 (lower right), 4 (upper right), 8 (upper left), set when not below
// the level. The two ambiguous cases are settled by the cell's mean.
export const CELL_LINES = [
  [], [3, 0], [0, 1], [3, 1], [1, 2], [3, 0, 1, 2], [0, 2], [3, 2],
  [2, 3], [2, 0], [0, 1, 2, 3], [2, 1], [1, 3], [1, 0], [0, 3], [],
];
const SADDLE_JOINED = { 5: [0, 1, 2, 3], 10: [3, 0, 1, 2] };

function nodeBands(view, panel) {
  const { grid, levels } = panel;
  const edges = innerEdges(levels);
  if (!view.bandScratch || view.bandScratch.length !== grid.length) {
    view.bandScratch = new Int16Array(grid.length);
  }
  const bands = view.bandScratch;
  let band = 0;
  for (let i = 0; i < grid.length; i++) {
    const value = grid[i];
    if (value !== value) {
      bands[i] = -1;
      continue;
    }
    while (value >= edges[band + 1]) band++;
    while (value < edges[band]) band--;
    bands[i] = band;
  }
  return bands;
}

// One pass over the cells; all levels go into one path of the context.
export function traceIsolines(context, view, panel, stride) {
  const { nx, ny } = view.frame.header;
  const { pixelWidth, pixelHeight } = view.layout;
  const { grid, levels } = panel;
  const bands = nodeBands(view, panel);
  const sx = pixelWidth / Math.max(1, nx - 1);
  const sy = pixelHeight / Math.max(1, ny - 1);
  const px = [0, 0, 0, 0];
  const py = [0, 0, 0, 0];
  for (let j = 0; j < ny - 1; j += stride) {
    const jn = Math.min(j + stride, ny - 1);
    const lower = j * nx;
    const upper = jn * nx;
    let bb = bands[lower];
    let bc = bands[upper];
    for (let i = 0; i < nx - 1; i += stride) {
      const inext = Math.min(i + stride, nx - 1);
      const ba = bb;
      const bd = bc;
      bb = bands[lower + inext];
      bc = bands[upper + inext];
      if (ba === bb && bb === bc && bc === bd) continue;
      const low = Math.min(ba, bb, bc, bd);
      if (low < 0) continue;
      const high = Math.max(ba, bb, bc, bd);
      const a = grid[lower + i];
      const b = grid[lower + inext];
      const c = grid[upper + inext];
      const d = grid[upper + i];
      for (let k = low + 1; k <= high; k++) {
        const level = levels[k];
        if (level === levels[k - 1] && k > low + 1) continue;
        const which = (ba >= k ? 1 : 0) | (bb >= k ? 2 : 0) | (bc >= k ? 4 : 0) | (bd >= k ? 8 : 0);
        const x0 = i * sx, x1 = inext * sx;
        const y0 = pixelHeight - j * sy, y1 = pixelHeight - jn * sy;
        px[0] = x0 + ((x1 - x0) * (level - a)) / (b - a); py[0] = y0;
        px[1] = x1; py[1] = y0 + ((y1 - y0) * (level - b)) / (c - b);
        px[2] = x0 + ((x1 - x0) * (level - d)) / (c - d); py[2] = y1;
        px[3] = x0; py[3] = y0 + ((y1 - y0) * (level - a)) / (d - a);
        const joined = SADDLE_JOINED[which] && (a + b + c + d) / 4 >= level;
        const lines = joined ? SADDLE_JOINED[which] : CELL_LINES[which];
        for (let s = 0; s < lines.length; s += 2) {
          context.moveTo(px[lines[s]], py[lines[s]]);
          context.lineTo(px[lines[s + 1]], py[lines[s + 1]]);
        }
      }
    }
  }
}
