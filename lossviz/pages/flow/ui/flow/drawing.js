// One picture of a flow: the field behind, trails, features, class weights.

import { resizeCanvas } from "../../../../figures/canvas/elements.js";
import { fillPixels, finiteEnds, markGaps, samplesFor } from "../../../../figures/canvas/fill.js";
import { niceTicks, tickText } from "../../../../figures/canvas/numbers.js";
import { beginCanvas, strokeCased, traceCross } from "../../../../figures/canvas/strokes.js";
import { followReach, project } from "./camera.js";
import { flowField } from "./engine.js";

const TRAIL = 24; // places kept of every feature
const FIELD_NODES = 56;

export function paintFlow(view) {
  const { context, flow, dpr, options } = view;
  followReach(view, false);
  beginCanvas(context, dpr);
  if (options.field >= 0 && flow.dimension === 2 && !options.circle) paintField(view);
  paintGround(view);
  const places = (view.places ??= new Float64Array(0)).length === 3 * flow.count
    ? view.places : (view.places = new Float64Array(3 * flow.count));
  project(view, flow.features, flow.count, places, options.circle);
  if (options.trails) paintTrails(view, places);
  else view.trail = [];
  paintFeatures(view, places);
  paintHead(view);
}

function paintField(view) {
  const { flow, settings, camera, ground, options } = view;
  const xs = Float64Array.from({ length: FIELD_NODES }, (_, i) => camera.reach * ((2 * i) / (FIELD_NODES - 1) - 1));
  const grid = (view.grid ??= new Float32Array(FIELD_NODES * FIELD_NODES));
  flowField(flow, settings, Math.min(options.field, flow.classes - 1), xs, xs, grid);
  const hasGaps = markGaps(grid);
  const [low, high] = finiteEnds(grid);
  const bands = view.settings.bands;
  // Finer where the loss is low.
  const levels = Float64Array.from({ length: bands.length + 1 }, (_, i) => low + (high - low) * (i / bands.length) ** 2);
  const side = Math.round(view.size / 2);
  resizeCanvas(ground, side, side);
  const frame = (view.fieldFrame ??= { frame: { header: { nx: FIELD_NODES, ny: FIELD_NODES } } });
  frame.theme = view.theme;
  const samples = samplesFor(frame, side, side);
  fillPixels(frame, { grid, hasGaps, levels, colours: bands }, samples, 8);
  ground.getContext("2d").putImageData(samples.image, 0, 0);
  view.context.globalAlpha = view.theme.dark ? 0.62 : 0.5;
  view.context.drawImage(ground, 0, 0, view.size, view.size);
  view.context.globalAlpha = 1;
}

// The axes through the origin with a few numbers, and in space or on the circle its outline.
function paintGround(view) {
  const { context, theme, size, camera, flow, options } = view;
  const middle = size / 2;
  const scale = middle / camera.reach;
  context.strokeStyle = theme.text;
  context.fillStyle = theme.text;
  context.lineWidth = 1;
  context.globalAlpha = 0.25;
  if (flow.dimension === 3) {
    const ends = project(view, Float64Array.from([0.8, 0, 0, 0, 0.8, 0, 0, 0, 0.8].map((v) => v * camera.reach)), 3, new Float64Array(9), false);
    context.beginPath();
    for (let i = 0; i < 3; i++) {
      context.moveTo(2 * middle - ends[3 * i], 2 * middle - ends[3 * i + 1]);
      context.lineTo(ends[3 * i], ends[3 * i + 1]);
    }
    context.stroke();
  } else {
    context.strokeRect(0.5, 0.5, size - 1, size - 1);
    context.beginPath();
    context.moveTo(0, middle);
    context.lineTo(size, middle);
    context.moveTo(middle, 0);
    context.lineTo(middle, size);
    context.stroke();
  }
  if (options.circle) {
    context.beginPath();
    context.arc(middle, middle, scale, 0, 2 * Math.PI);
    context.stroke();
  }
  context.globalAlpha = 0.75;
  context.font = `${view.textSize - 2}px ${theme.font}`;
  context.textBaseline = "top";
  context.textAlign = "center";
  if (flow.dimension === 2) {
    for (const tick of niceTicks(-camera.reach, camera.reach, 6)) {
      const at = middle + tick * scale;
      if (tick && at > 14 && at < size - 14) context.fillText(tickText(tick), at, middle + 3);
    }
  }
  context.globalAlpha = 1;
}

function paintTrails(view, places) {
  const { context, flow } = view;
  const trail = (view.trail ??= []);
  if (view.trailStep !== flow.step) trail.push(Float32Array.from(places));
  view.trailStep = flow.step;
  while (trail.length > TRAIL) trail.shift();
  if (trail[0]?.length !== places.length) view.trail = trail.slice(-1);
  context.lineWidth = 1;
  context.globalAlpha = 0.35;
  for (let k = 0; k < flow.classes; k++) {
    context.strokeStyle = view.settings.colours[k];
    context.beginPath();
    for (let i = flow.from[k]; i < flow.from[k + 1]; i++) {
      view.trail.forEach((old, n) => context[n ? "lineTo" : "moveTo"](old[3 * i], old[3 * i + 1]));
    }
    context.stroke();
  }
  context.globalAlpha = 1;
}

function paintFeatures(view, places) {
  const { context, flow, theme, settings } = view;
  const radius = (flow.count > 1000 ? 2 : flow.count > 300 ? 2.7 : 3.6) * view.scale;
  context.strokeStyle = theme.casing;
  context.lineWidth = 1.8;
  const dot = (i, r) => {
    context.moveTo(places[3 * i] + r, places[3 * i + 1]);
    context.arc(places[3 * i], places[3 * i + 1], r, 0, 2 * Math.PI);
  };
  if (flow.dimension === 2) {
    for (let k = 0; k < flow.classes; k++) {
      context.fillStyle = settings.colours[k];
      context.beginPath();
      for (let i = flow.from[k]; i < flow.from[k + 1]; i++) dot(i, radius);
      // Under the fill: of features on one place the casings would cover the colour.
      context.stroke();
      context.fill();
    }
    return;
  }
  const order = Array.from({ length: flow.count }, (_, i) => i).sort((p, q) => places[3 * q + 2] - places[3 * p + 2]);
  for (const i of order) {
    const near = Math.min(1, Math.max(0, 0.5 - 0.5 * places[3 * i + 2]));
    context.globalAlpha = 0.4 + 0.6 * near;
    context.fillStyle = settings.colours[flow.labels[i]];
    context.beginPath();
    dot(i, radius * (0.65 + 0.6 * near));
    context.fill();
  }
  context.globalAlpha = 1;
}

// Class weights as arrows in the colour of their class, centres as crosses.
function paintHead(view) {
  const { context, flow, theme, settings, size, scale } = view;
  const { head, biasAt, centersAt, classes } = flow;
  const ends = project(view, head, classes, new Float64Array(3 * classes), view.options.circle);
  const middle = size / 2;
  context.lineCap = "round";
  context.font = `600 ${view.textSize}px ${theme.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (let k = 0; k < classes; k++) {
    let [x, y] = [ends[3 * k] - middle, ends[3 * k + 1] - middle];
    const length = Math.hypot(x, y);
    if (length < 2) continue;
    // Beyond the picture an arrow ends at its edge.
    const within = Math.min(1, (middle - 14) / Math.max(Math.abs(x), Math.abs(y)));
    [x, y] = [x * within, y * within];
    const [ux, uy] = [x / (length * within), y / (length * within)];
    const tip = Math.min(9 * scale, length * within);
    const shape = new Path2D();
    shape.moveTo(middle, middle);
    shape.lineTo(middle + x, middle + y);
    shape.moveTo(middle + x - tip * (ux - 0.5 * uy), middle + y - tip * (uy + 0.5 * ux));
    shape.lineTo(middle + x, middle + y);
    shape.lineTo(middle + x - tip * (ux + 0.5 * uy), middle + y - tip * (uy - 0.5 * ux));
    context.strokeStyle = theme.casing;
    context.lineWidth = 4.6 * scale;
    context.stroke(shape);
    context.strokeStyle = settings.important.includes(k) ? theme.own : settings.colours[k];
    context.lineWidth = (settings.important.includes(k) ? 3 : 2.2) * scale;
    context.stroke(shape);
    const [tx, ty] = [middle + x + ux * 11 * scale, middle + y + uy * 11 * scale];
    context.lineWidth = 3.4;
    context.strokeStyle = theme.casing;
    context.strokeText(String(k), tx, ty);
    context.fillStyle = theme.text;
    context.fillText(String(k), tx, ty);
  }
  if (head.length === centersAt) return;
  const centres = project(view, head.subarray(centersAt), classes, new Float64Array(3 * classes), view.options.circle);
  for (let k = 0; k < classes; k++) {
    traceCross(context, centres[3 * k], centres[3 * k + 1], 5 * scale);
    strokeCased(context, 2.4 * scale, settings.colours[k], theme.casing, 2.6 * scale);
  }
}
