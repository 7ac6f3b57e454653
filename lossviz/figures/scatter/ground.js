// What lies behind the points: a loss in bands with isolines, or the classes' regions.

import { measuringContext, resizeCanvas } from "../canvas/elements.js";
import { fillPixels, pack, samplesFor } from "../canvas/fill.js";
import { traceIsolines } from "../canvas/isolines.js";
import { hexColour } from "../canvas/theme.js";
import { classColour } from "./markers.js";
import { toPixels } from "./planes.js";

const GROUND_PX = 480; // more would not be seen of a grid of about a hundred nodes

// The shared fill and isolines look for their grid in a view of their own.
function groundView(view, panel, width, height) {
  const [nx, ny] = panel.grid;
  const own = (view.groundView ??= {});
  own.frame = { header: { nx, ny } };
  own.layout = { pixelWidth: width, pixelHeight: height };
  own.theme = view.theme;
  return own;
}

export function paintGround(view, element_, panel) {
  if (!panel.field && !panel.regions) return;
  const { side, dpr } = view.layout;
  const context = element_.baseContext;
  const [x0, x1, y0, y1] = panel.extent;
  const [left, top] = toPixels(view, panel, [x0, y1]);
  const [right, bottom] = toPixels(view, panel, [x1, y0]);
  renderGround(view, element_, panel);
  context.imageSmoothingEnabled = true;
  context.drawImage(element_.ground, left, top, right - left, bottom - top);
  context.save();
  context.translate(left, top);
  context.beginPath();
  if (panel.field) {
    const grid = { grid: panel.field, levels: Float64Array.from(panel.levels) };
    traceIsolines(context, groundView(view, panel, right - left, bottom - top), grid, 1);
    context.strokeStyle = view.theme.isoline;
    context.lineWidth = side > 600 ? 0.8 : Math.min(0.7, 1 / dpr);
    context.stroke();
  }
  context.restore();
}

// Once for each grid and theme; zooming and panning draw the same pixels again.
function renderGround(view, element_, panel) {
  const size = Math.min(view.groundPx ?? GROUND_PX, view.layout.pixelSide);
  const id = `${size},${view.theme.dark}`;
  const source = panel.field || panel.regions;
  if (element_.groundOf === source && element_.groundId === id) return;
  element_.groundOf = source;
  element_.groundId = id;
  resizeCanvas(element_.ground, size, size);
  const own = groundView(view, panel, size, size);
  const samples = samplesFor(own, size, size);
  if (panel.field) {
    const colours = view.frame.header.colours.loss;
    const levels = Float64Array.from(panel.levels);
    fillPixels(own, { grid: panel.field, hasGaps: panel.hasGaps, levels, colours }, samples, 8);
  } else fillRegions(view, panel, samples);
  element_.ground.getContext("2d").putImageData(samples.image, 0, 0);
}

// Each node's class counts by a cubic B-spline around it; the class with most has the pixel. So the
// borders are smooth, and where the two greatest shares meet runs a thin line.
function fillRegions(view, panel, samples) {
  const [nx, ny] = panel.grid;
  const { regions, classes } = panel;
  const { across, down, pixels } = samples;
  const [br, bg, bb] = hexColour(canvasColour(view.theme.background));
  const own = view.theme.regionShare;
  const colours = classes.map((_, k) => {
    const [r, g, b] = hexColour(classColour(view, k));
    return [r * own + br * (1 - own), g * own + bg * (1 - own), b * own + bb * (1 - own)].map(Math.round);
  });
  const packed = colours.map((colour) => pack(...colour));
  const line = view.theme.dark ? 168 : 110;
  const width = across.index.length;
  const height = down.index.length;
  const mixed = mixedCells(regions, nx, ny);
  const weightsX = Array.from(across.fraction, splineWeights);
  const weightsY = Array.from(down.fraction, splineWeights);
  const perPixel = (1.3 * (nx - 1)) / width; // how fast the shares part where two regions meet
  const shares = new Float64Array(classes.length);
  for (let y = 0; y < height; y++) {
    const source = height - 1 - y; // row 0 of the grid is the lowest z2
    const j = down.index[source];
    for (let x = 0; x < width; x++) {
      const i = across.index[x];
      const at = y * width + x;
      if (!mixed[j * nx + i]) {
        pixels[at] = packed[regions[j * nx + i]];
        continue;
      }
      shares.fill(0);
      for (let m = 0; m < 4; m++) {
        const from = Math.min(Math.max(j + m - 1, 0), ny - 1) * nx;
        const wy = weightsY[source][m];
        for (let n = 0; n < 4; n++) {
          shares[regions[from + Math.min(Math.max(i + n - 1, 0), nx - 1)]] += wy * weightsX[x][n];
        }
      }
      let best = 0;
      let second = -1;
      for (let k = 1; k < shares.length; k++) {
        if (shares[k] > shares[best]) [best, second] = [k, best];
        else if (second < 0 || shares[k] > shares[second]) second = k;
      }
      const apart = second < 0 ? 9 : (shares[best] - shares[second]) / perPixel;
      const strength = Math.min(1, Math.max(0, 1.1 - apart)) * 0.8;
      const colour = colours[best];
      pixels[at] = strength > 0 ? pack(...colour.map((c) => Math.round(c + (line - c) * strength))) : packed[best];
    }
  }
}

function splineWeights(f) {
  return [(1 - f) ** 3, 3 * f ** 3 - 6 * f ** 2 + 4, -3 * f ** 3 + 3 * f ** 2 + 3 * f + 1, f ** 3].map((w) => w / 6);
}

// Cells of the grid with more than one class among the sixteen nodes around them.
function mixedCells(regions, nx, ny) {
  const mixed = new Uint8Array(nx * ny);
  const mark = (i, j) => {
    for (let m = Math.max(0, j - 2); m <= Math.min(ny - 1, j + 2); m++) {
      for (let n = Math.max(0, i - 2); n <= Math.min(nx - 1, i + 2); n++) mixed[m * nx + n] = 1;
    }
  };
  for (let j = 0; j < ny; j++) {
    for (let i = 0; i < nx; i++) {
      const here = regions[j * nx + i];
      if ((i + 1 < nx && regions[j * nx + i + 1] !== here) || (j + 1 < ny && regions[(j + 1) * nx + i] !== here)) mark(i, j);
    }
  }
  return mixed;
}

// Any CSS colour as the canvas writes it: #rrggbb or rgba(...).
function canvasColour(colour) {
  const context = measuringContext();
  context.fillStyle = "#ffffff";
  context.fillStyle = colour;
  return context.fillStyle;
}
