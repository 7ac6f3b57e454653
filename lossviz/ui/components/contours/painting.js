// Painting a frame: a draft if it would take too long, refined when nothing more arrives.

import { markFrame, nameFrame } from "../../../figures/canvas/component.js";
import { resizeCanvas } from "../../../figures/canvas/elements.js";
import { fillPixels, samplesFor } from "../../../figures/canvas/fill.js";
import { traceIsolines } from "../../../figures/canvas/isolines.js";
import { readTheme } from "../../../figures/canvas/theme.js";
import { updateBars } from "./bars.js";
import { updateCursor } from "./cursor.js";
import { paintBoundaries, paintField } from "./drawing.js";
import { updateHandles } from "./handles.js";
import { applyLayout, computeLayout } from "./layout.js";
import { updateLegend } from "./legend.js";
import { paintOverlay } from "./overlay.js";
import { updateTexts } from "./page.js";
import { paintEdge } from "./valley.js";

export const REFINE_MS = 80; // quiet time before a draft is redrawn at device pixels
const DRAFT_BUDGET_MS = 18; // fills or isolines expected to take longer are drawn coarser first

function paintFill(view, element_, panel, coarseness) {
  const { pixelWidth, pixelHeight, dpr } = view.layout;
  const width = Math.max(1, Math.round(pixelWidth / coarseness));
  const height = Math.max(1, Math.round(pixelHeight / coarseness));
  const samples = samplesFor(view, width, height);
  fillPixels(view, panel, samples, Math.max(4, Math.round((8 * dpr) / coarseness)));
  const context = element_.baseContext;
  context.setTransform(1, 0, 0, 1, 0, 0);
  if (coarseness === 1) {
    context.putImageData(samples.image, 0, 0);
    return;
  }
  resizeCanvas(view.scratch, width, height);
  view.scratch.getContext("2d").putImageData(samples.image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(view.scratch, 0, 0, pixelWidth, pixelHeight);
}

function paintIsolines(view, element_, panel, stride) {
  const context = element_.baseContext;
  const { dpr, scale } = view.layout;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.beginPath();
  traceIsolines(context, view, panel, stride);
  // One device pixel at most: the rasteriser then takes its fast hairline way.
  context.lineWidth = scale > 1 ? 1.1 * dpr : Math.min(1, 0.6 * dpr);
  context.strokeStyle = view.theme.isoline;
  context.setLineDash([]);
  context.stroke();
}

function paintLines(view, i, stride) {
  const element_ = view.panels[i];
  const panel = view.frame.panels[i];
  paintIsolines(view, element_, panel, stride);
  paintEdge(view, element_, panel);
  paintField(view, element_, panel);
  paintBoundaries(view, element_, panel);
}

export function paintOverlays(view) {
  view.frame.panels.forEach((panel, i) => paintOverlay(view, view.panels[i], panel, i));
  updateHandles(view);
}

// Fills and isolines of all panels; first in the finest way that should stay
// within the budget, judged by what the last frames took. The very first frame,
// which runs before the browser has compiled this code, teaches nothing.
function paintBases(view) {
  const { count, pixelWidth, pixelHeight } = view.layout;
  const first = !view.cost;
  const cost = (view.cost ??= { nsPerPixel: 5, linesMs: 0 });
  const pixels = count * pixelWidth * pixelHeight;
  const expected = (pixels * cost.nsPerPixel) / 1e6;
  const coarseness = Math.min(4, Math.max(1, Math.ceil(Math.sqrt(expected / DRAFT_BUDGET_MS))));
  const stride = cost.linesMs > DRAFT_BUDGET_MS ? 2 : 1;
  const started = performance.now();
  for (let i = 0; i < count; i++) paintFill(view, view.panels[i], view.frame.panels[i], coarseness);
  const filled = performance.now();
  for (let i = 0; i < count; i++) paintLines(view, i, stride);
  const drawn = performance.now();
  const drawnPixels = pixels / coarseness ** 2;
  if (!first) {
    if (drawnPixels > 2e4) cost.nsPerPixel += 0.3 * (((filled - started) * 1e6) / drawnPixels - cost.nsPerPixel);
    cost.linesMs += 0.3 * ((drawn - filled) * stride ** 1.5 - cost.linesMs);
  }
  return coarseness > 1 || stride > 1 ? "draft" : "full";
}

export function paint(view) {
  const started = performance.now();
  clearTimeout(view.refineTimer);
  readTheme(view, view.frame.header.themes);
  const layout = computeLayout(view);
  if (!layout) {
    view.grid.hidden = !view.frame.panels.length;
    return;
  }
  view.grid.hidden = false;
  applyLayout(view, layout);
  updateTexts(view);
  const quality = paintBases(view);
  paintOverlays(view);
  updateBars(view);
  updateLegend(view);
  updateCursor(view);
  finishFrame(view, performance.now() - started, quality);
  if (quality === "draft") view.refineTimer = setTimeout(() => refine(view, 0), REFINE_MS);
}

// Full resolution, a few panels at a time so that input is never held up.
export function refine(view, from) {
  if (view.stop.signal.aborted || view.drag) return;
  const started = performance.now();
  let i = from;
  while (i < view.layout.count && performance.now() - started < 14) {
    paintFill(view, view.panels[i], view.frame.panels[i], 1);
    paintLines(view, i++, 1);
  }
  if (i < view.layout.count) view.refineTimer = setTimeout(() => refine(view, i), 0);
  else view.root.dataset.quality = "full";
}

function finishFrame(view, milliseconds, quality) {
  view.root.dataset.quality = quality;
  markFrame(view);
  nameFrame(view, milliseconds);
}
