// The filled bands of a panel.

import { hexColour } from "./theme.js";

export const pack = (r, g, b) => (255 << 24) | (b << 16) | (g << 8) | r;

// Which grid node lies left of each pixel, and how far on the pixel is.
function samplePositions(pixels, nodes) {
  const index = new Int32Array(pixels);
  const fraction = new Float32Array(pixels);
  for (let p = 0; p < pixels; p++) {
    const position = ((p + 0.5) / pixels) * (nodes - 1);
    index[p] = Math.min(Math.floor(position), Math.max(0, nodes - 2));
    fraction[p] = position - index[p];
  }
  return { index, fraction };
}

export function samplesFor(view, width, height) {
  const { nx, ny } = view.frame.header;
  const id = `${width},${height},${nx},${ny}`;
  if (!view.samples || view.samples.id !== id) {
    view.samples = {
      id,
      across: samplePositions(width, nx),
      down: samplePositions(height, ny),
      image: new ImageData(width, height),
      // Two extra entries let a single-column grid read its neighbour safely.
      row: new Float32Array(nx + 2),
    };
    view.samples.pixels = new Uint32Array(view.samples.image.data.buffer);
  }
  return view.samples;
}

// Inner edges bracketed by infinities: the outermost bands take what lies beyond.
export function innerEdges(levels) {
  const edges = Float64Array.from(levels);
  if (!(edges[edges.length - 1] > edges[0])) edges.fill(Infinity); // flat: all lowest band
  edges[0] = -Infinity;
  edges[edges.length - 1] = Infinity;
  return edges;
}

// Bilinear value of every pixel, then its band. Neighbouring pixels mostly share
// a band, so walking from the last one is faster than any search and exact for
// unevenly spaced levels.
export function fillPixels(view, panel, samples, hatch) {
  const { nx, ny } = view.frame.header;
  const { across, down, row, pixels } = samples;
  const { grid, hasGaps } = panel;
  const edges = innerEdges(panel.levels);
  const bands = edges.length - 1;
  const colours = new Int32Array(bands);
  for (let b = 0; b < bands; b++) {
    const at = Math.min(panel.colours.length - 1, Math.floor(((b + 0.5) / bands) * panel.colours.length));
    colours[b] = pack(...hexColour(panel.colours[at]));
  }
  const [dr, dg, db, lr, lg, lb] = view.theme.gap;
  const stripe = pack(dr, dg, db);
  const ground = pack(lr, lg, lb);
  const { index, fraction } = across;
  const width = index.length;
  const height = down.index.length;
  let band = 0;
  for (let y = 0; y < height; y++) {
    const source = height - 1 - y; // row 0 of the grid is the lowest z2
    const below = down.index[source] * nx;
    const above = ny > 1 ? below + nx : below;
    const f = down.fraction[source];
    for (let i = 0; i < nx; i++) row[i] = grid[below + i] + (grid[above + i] - grid[below + i]) * f;
    row[nx] = row[nx - 1];
    let out = y * width;
    if (hasGaps) {
      for (let x = 0; x < width; x++) {
        const i = index[x];
        const value = row[i] + (row[i + 1] - row[i]) * fraction[x];
        if (value !== value) {
          pixels[out++] = (x + y) % hatch < hatch / 4 ? stripe : ground;
          continue;
        }
        while (value >= edges[band + 1]) band++;
        while (value < edges[band]) band--;
        pixels[out++] = colours[band];
      }
    } else {
      for (let x = 0; x < width; x++) {
        const i = index[x];
        const value = row[i] + (row[i + 1] - row[i]) * fraction[x];
        while (value >= edges[band + 1]) band++;
        while (value < edges[band]) band--;
        pixels[out++] = colours[band];
      }
    }
  }
}

// Infinities become NaN, so that one comparison finds both while filling.
export function markGaps(grid) {
  let found = false;
  for (let i = 0; i < grid.length; i++) {
    if (!Number.isFinite(grid[i])) {
      grid[i] = NaN;
      found = true;
    }
  }
  return found;
}

// [lowest, highest], without NaN.
export function finiteEnds(grid) {
  let low = Infinity, high = -Infinity;
  for (let i = 0; i < grid.length; i++) {
    const value = grid[i];
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
