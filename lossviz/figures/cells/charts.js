// The pictures beside the embedding: angles, metrics, confusion with recalls.

import { setAttribute, setCanvasSize, setSize } from "../canvas/elements.js";
import { niceTicks, perCent, shortText, tickText } from "../canvas/numbers.js";
import { beginCanvas, haloText, strokeLine } from "../canvas/strokes.js";
import { shortened } from "../scatter/names.js";
import { ANGLE_BINS } from "./counting.js";

const MANY = 24; // of more classes, no colour of their own
const [SIDE, FOOT] = [44, 30]; // room left and below of the axes, in pixels at scale 1

// Makes a canvas ready: { context, width, height, px, theme }.
function begin(view, chart) {
  const { scale } = view.layout;
  const width = Math.max(120, Math.floor(chart.box.clientWidth));
  const height = Math.round(chart.height);
  const dpr = Math.min(3, window.devicePixelRatio || 1);
  setSize([chart.canvas], width, height);
  setCanvasSize([chart.canvas], width, height, dpr);
  beginCanvas(chart.context, dpr);
  const context = chart.context;
  context.font = `${11 * scale}px ${view.theme.font}`;
  context.lineWidth = 1;
  return { context, width, height, px: (length) => Math.round(length * scale), theme: view.theme };
}

const colourOf = (view, k) => view.sweep.header.colours.classes[k % view.sweep.header.colours.classes.length];

function text(context, words, x, y, align = "center", baseline = "middle") {
  context.textAlign = align;
  context.textBaseline = baseline;
  context.fillText(words, x, y);
}

function ticksBelow({ context, px, theme }, ticks, y, x, name, middle) {
  context.fillStyle = context.strokeStyle = theme.text;
  for (const [value, words] of ticks) {
    const at = Math.round(x(value)) + 0.5;
    context.globalAlpha = 0.5;
    strokeLine(context, at, y, at, y + px(4));
    context.globalAlpha = 0.9;
    text(context, words, at, y + px(6), "center", "top");
  }
  text(context, name, middle, y + px(19), "center", "top");
  context.globalAlpha = 1;
}

// Upwards the angles to the own class weight, downwards those to the nearest other, a colour a class.
export function paintAngles(view, chart, reading) {
  const drawn = begin(view, chart);
  const { context, width, height, px, theme } = drawn;
  const { own, other, classes, labels } = reading;
  const [left, right] = [px(SIDE), width - px(15)];
  const [top, bottom] = [px(4), height - px(FOOT + 4)];
  const middle = Math.round((top + bottom) / 2);
  const totals = [own, other].map((counts) => totalsOf(counts, classes));
  const bins = shownBins(view, totals);
  const end = (180 * bins) / ANGLE_BINS;
  const x = (degrees) => left + (degrees / end) * (right - left);
  const most = Math.max(1, ...totals[0], ...totals[1]);
  const each = (right - left) / bins;
  for (const [counts, way] of [[own, -1], [other, 1]]) {
    const room = (way < 0 ? middle - top : bottom - middle) - px(3);
    for (let b = 0; b < bins; b++) {
      let from = 0;
      for (let k = 0; k < classes; k++) {
        const count = counts[k * ANGLE_BINS + b];
        if (!count) continue;
        context.fillStyle = classes > MANY ? theme.boundary : colourOf(view, k);
        const tall = (count / most) * room;
        context.fillRect(left + b * each, middle + (way < 0 ? -from - tall : from), Math.max(1, each - 0.5), tall);
        from += tall;
      }
    }
  }
  context.strokeStyle = theme.text;
  context.globalAlpha = 0.6;
  strokeLine(context, left, middle + 0.5, right, middle + 0.5);
  context.globalAlpha = 1;
  context.font = `600 ${11 * view.layout.scale}px ${theme.font}`;
  context.textAlign = "right";
  context.textBaseline = "middle";
  const beyond = totals.map((total) => total.subarray(bins).reduce((sum, count) => sum + count, 0));
  const rest = beyond.map((count) => (count ? `; ${count} beyond ${end}°` : ""));
  const ways = [[`to its own class weight${rest[0]}`, top + px(8)], [`to the nearest other one${rest[1]}`, bottom - px(8)]];
  for (const [words, y] of ways) haloText(context, words, right, y, theme.text, theme.background, 3.5);
  context.font = `${11 * view.layout.scale}px ${theme.font}`;
  context.fillStyle = theme.text;
  context.globalAlpha = 0.9;
  const highest = perCent(most / labels.length).replace(/\.0 /, " ");
  text(context, highest, left - px(5), top + px(6), "right");
  text(context, "0", left - px(5), middle, "right");
  text(context, highest, left - px(5), bottom - px(6), "right");
  ticksBelow(drawn, niceAngles(end).map((degrees) => [degrees, `${degrees}°`]), bottom, x, "angle of a test image", (left + right) / 2);
  const [mean, nearest] = [reading.meanOwn, reading.meanOther].map((angle) => (angle === undefined ? "" : `, ${((angle * 180) / Math.PI).toFixed(1)}° on average`));
  setAttribute(chart.canvas, "aria-label", `Angles of ${labels.length} test images: to the own class weight${mean}; to the nearest other${nearest}.`);
}

function totalsOf(counts, classes) {
  const totals = new Uint32Array(ANGLE_BINS);
  for (let k = 0; k < classes; k++) for (let b = 0; b < ANGLE_BINS; b++) totals[b] += counts[k * ANGLE_BINS + b];
  return totals;
}

const ENDS = [60, 90, 180]; // of the axis, in degrees
const HELD = 0.97; // the share of the images that it holds
const niceAngles = (end) => Array.from({ length: 7 }, (_, i) => (i * end) / 6);

// How many bins are shown. The axis grows where a cell needs it, and stays so: cells are compared.
function shownBins(view, totals) {
  const holds = (end) => totals.every((counts) => {
    const all = counts.reduce((sum, count) => sum + count, 0);
    const within = counts.subarray(0, (ANGLE_BINS * end) / 180).reduce((sum, count) => sum + count, 0);
    return within >= HELD * all;
  });
  view.angleEnd = Math.max(view.angleEnd ?? 0, ENDS.find(holds) ?? 180);
  return (ANGLE_BINS * view.angleEnd) / 180;
}

// Positive and negative metrics as roots of shares, t*, and what lies on its wrong side.
export function paintMetrics(view, chart, reading) {
  const drawn = begin(view, chart);
  const { context, width, height, px, theme } = drawn;
  const { metrics, best, labels, classes } = reading;
  const [left, right] = [px(SIDE), width - px(15)];
  const [top, bottom] = [px(16), height - px(FOOT + 4)];
  const [low, high] = metrics.ends;
  const x = (value) => left + ((value - low) / (high - low)) * (right - left);
  const [blue, orange] = view.sweep.header.colours.sides[theme.dark ? "dark" : "light"];
  const shares = [[metrics.negative, labels.length * (classes - 1), orange, 1], [metrics.positive, labels.length, blue, -1]];
  const heights = shares.map(([counts, total]) => Array.from(counts, (count) => Math.sqrt(count / Math.max(1, total))));
  const most = Math.max(...heights.flat(), 1e-9);
  const each = (right - left) / metrics.positive.length;
  const at = Number.isFinite(best.threshold) ? x(best.threshold) : NaN;
  shares.forEach(([, , colour, side], i) => {
    const bars = (from, to, alpha) => {
      context.save();
      context.beginPath();
      context.rect(from, 0, Math.max(0, to - from), bottom);
      context.clip();
      context.beginPath();
      context.moveTo(left, bottom);
      heights[i].forEach((tall, b) => {
        const y = bottom - (tall / most) * (bottom - top);
        context.lineTo(left + b * each, y);
        context.lineTo(left + (b + 1) * each, y);
      });
      context.lineTo(right, bottom);
      context.fillStyle = colour;
      context.strokeStyle = colour;
      context.globalAlpha = alpha;
      context.fill();
      context.globalAlpha = 0.8;
      context.stroke();
      context.restore();
    };
    bars(left, right, 0.22);
    // The wrong side: negatives above the threshold, positives at or below it.
    if (Number.isFinite(at)) bars(side > 0 ? at : left, side > 0 ? right : at, 0.85);
  });
  context.globalAlpha = 0.6;
  context.strokeStyle = theme.text;
  strokeLine(context, left, bottom + 0.5, right, bottom + 0.5);
  context.globalAlpha = 1;
  marksOf(view, drawn, reading, { x, at, left, right, top, bottom });
  for (const [name, colour] of [["positive", blue], ["negative", orange]]) {
    const { style } = chart.figure.querySelector(`.${name}`);
    if (style.color !== colour) style.color = colour;
  }
  context.font = `${11 * view.layout.scale}px ${theme.font}`;
  const ticks = niceTicks(low, high, Math.max(2, Math.floor((right - left) / px(60)))).map((value) => [value, tickText(value)]);
  ticksBelow(drawn, ticks, bottom, x, "metric of a class (heights: root of the share)", (left + right) / 2);
  const found = Number.isFinite(best.threshold) ? `best threshold ${shortText(best.threshold, 3)}, above which ${perCent(best.share)} have their own class alone` : "no threshold tells any image right";
  setAttribute(chart.canvas, "aria-label", `Positive and negative metrics of ${labels.length} test images: ${found}.`);
}

function marksOf(view, { context, px, theme }, { best, head }, { x, at, left, right, top, bottom }) {
  const { scale } = view.layout;
  context.font = `600 ${11 * scale}px ${theme.font}`;
  context.textBaseline = "bottom";
  // A loss that learns a threshold moves its bias so that it lies at 0.
  if (view.learns && head?.bias && x(0) > left && x(0) < right) {
    context.strokeStyle = theme.text;
    context.setLineDash([4, 3]);
    strokeLine(context, x(0), top, x(0), bottom);
    context.setLineDash([]);
  }
  if (!Number.isFinite(at)) return;
  context.strokeStyle = theme.text;
  context.lineWidth = 1.6 * scale;
  strokeLine(context, at, top - px(2), at, bottom);
  context.lineWidth = 1;
  const words = `t* ${shortText(best.threshold, 3)}: ${perCent(best.share)}`;
  const half = context.measureText(words).width / 2 + 2;
  context.textAlign = "center";
  haloText(context, words, Math.min(Math.max(at, left + half), right - half), top - px(3), theme.text, theme.background, 3.5);
}

// Rows are true classes, columns predicted ones; beside each row its recall as a bar.
export function paintConfusion(view, chart, reading) {
  const drawn = begin(view, chart);
  const { context, width, height, px, theme } = drawn;
  const { confusion, recalls, classes, images } = reading;
  const { scale } = view.layout;
  const named = classes <= MANY;
  const names = images.classes;
  context.font = `${11 * scale}px ${theme.font}`;
  const longest = named ? Math.min(px(90), Math.max(...names.map((name) => context.measureText(name).width))) : 0;
  const [left, top] = [px(24) + longest, px(18)];
  const bars = Math.max(px(86), Math.min(px(190), width * 0.36));
  const side = Math.max(40, Math.min(width - left - bars - px(12), height - top - px(10)));
  const each = side / classes;
  const [blue, orange] = view.sweep.header.colours.sides[theme.dark ? "dark" : "light"];
  for (let i = 0; i < classes; i++) {
    let total = 0;
    for (let j = 0; j < classes; j++) total += confusion[i * classes + j];
    for (let j = 0; j < classes; j++) {
      const count = confusion[i * classes + j];
      const [x, y] = [left + j * each, top + i * each];
      if (count) {
        context.globalAlpha = 0.1 + 0.5 * Math.sqrt(count / total);
        context.fillStyle = i === j ? blue : orange;
        context.fillRect(x, y, each - (each > 5 ? 1 : 0), each - (each > 5 ? 1 : 0));
        context.globalAlpha = 1;
        context.fillStyle = theme.text;
        if (each > px(15)) text(context, String(count), x + each / 2, y + each / 2 + 0.5);
      }
    }
  }
  context.strokeStyle = theme.text;
  context.globalAlpha = 0.35;
  context.strokeRect(left - 0.5, top - 0.5, side, side);
  context.globalAlpha = 1;
  const end = left + side + px(8);
  const wide = Math.min(bars, width - end) - px(48);
  for (let k = 0; k < classes; k++) {
    const y = top + (k + 0.5) * each;
    const tall = Math.max(1, each * 0.62);
    if (Number.isFinite(recalls[k])) {
      context.fillStyle = named ? colourOf(view, k) : theme.boundary;
      context.fillRect(end, y - tall / 2, recalls[k] * wide, tall);
    }
    if (!named) continue;
    context.fillStyle = theme.text;
    if (each >= px(11)) text(context, shortened(context, names[k], longest), left - px(5), y, "right");
    if (each >= px(11)) text(context, shortened(context, names[k], each), left + (k + 0.5) * each, top - px(3), "center", "bottom");
    if (each >= px(11)) text(context, perCent(recalls[k]), end + Math.max(0, recalls[k] || 0) * wide + px(4), y, "left");
  }
  context.fillStyle = theme.text;
  context.globalAlpha = 0.85;
  text(context, "recall", end, top - px(3), "left", "bottom");
  context.save();
  context.translate(px(9), top + side / 2);
  context.rotate(-Math.PI / 2);
  text(context, "true class", 0, 0);
  context.restore();
  context.globalAlpha = 1;
  const order = Array.from(recalls.keys()).filter((k) => Number.isFinite(recalls[k])).sort((a, b) => recalls[a] - recalls[b]);
  const worst = order.length ? `; lowest recall: class ${names[order[0]]} with ${perCent(recalls[order[0]])}` : "";
  setAttribute(chart.canvas, "aria-label", `Confusion of true and predicted classes${worst}.`);
}
