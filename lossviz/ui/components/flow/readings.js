// The measures beside the picture, each with a small curve over the steps.

import { element, resizeCanvas, setText } from "../../figures/canvas/elements.js";
import { shortText } from "../../figures/canvas/numbers.js";
import { measureFlow, stillFalls } from "./measures.js";
import { fillValues } from "./values.js";

const percent = (value) => `${(100 * value).toFixed(value < 1 && value > 0.995 ? 1 : 0)} %`;
export const degrees = (value) => `${((value * 180) / Math.PI).toFixed(1)}°`;
export const plainNumber = (value) => (Number.isFinite(value) ? shortText(value, 3) : "–");

// [key, name, text of a value, what it says, whether its curve is logarithmic]
export const READINGS = [
  ["loss", "mean loss", plainNumber, "over all features", false],
  ["accuracy", "accuracy", percent, "features nearest their own class by the loss's scores", false],
  ["uniform", "A_Uni, one threshold", percent, "right with one threshold for all features and classes", false],
  ["within", "NC1, collapse", plainNumber, "spread within classes over spread of class means; 0: collapsed. Logarithmic curve", true],
  ["smallest", "smallest gap", degrees, "angle between class means that are neighbours", false],
  ["largest", "largest gap", degrees, "angle between class means that are neighbours", false],
];
const HISTORY = 400;

export function createReadings(view) {
  view.history = [];
  view.cells = READINGS.map(([key, name, , says]) => {
    const cell = element("div", "lv-reading", view.side, { title: says });
    element("span", "lv-name", cell, { id: `lv-name-${key}` }).textContent = name;
    // Read when it is looked for, not told by itself: it changes all the time.
    const value = element("output", "lv-value", cell, { "data-measure": key, "aria-live": "off", "aria-labelledby": `lv-name-${key}` });
    const curve = element("canvas", "lv-curve", cell, { "aria-hidden": "true" });
    return { value, curve };
  });
  view.mergedLine = element("p", "lv-merged", view.side, { "data-measure": "merged" });
}

function mergedText(pairs, falls) {
  if (!pairs.length) return "No two classes have merged.";
  const shown = pairs.slice(0, 3).map(([i, k]) => `${i} and ${k}`).join(", ");
  const all = `${shown}${pairs.length > 3 ? `, ${pairs.length - 3} more` : ""}`;
  return falls ? `Not parted yet, while the loss falls: ${all}.` : `Merged: ${all}.`;
}

// Measures now; every other one is dropped when the curve is full, so that it spans the whole flow.
export function readFlow(view) {
  const { flow, history } = view;
  const told = { ...measureFlow(flow, view.settings), step: flow.step };
  if (history.length && history[history.length - 1].step === flow.step) history.pop();
  history.push(told);
  if (history.length > HISTORY) view.history = history.filter((_, i) => i % 2 === 0 || i === history.length - 1);
  READINGS.forEach(([key, , text], i) => {
    setText(view.cells[i].value, text(told[key]));
    paintSmallCurve(view, view.cells[i].curve, key, READINGS[i][4]);
  });
  setText(view.mergedLine, mergedText(told.merged, stillFalls(view.history, view.settings)));
  fillValues(view);
}

function paintSmallCurve(view, canvas, key, logarithmic) {
  const { width, height } = view.curveSize;
  resizeCanvas(canvas, Math.round(width * view.dpr), Math.round(height * view.dpr));
  const context = canvas.getContext("2d");
  context.setTransform(view.dpr, 0, 0, view.dpr, 0, 0);
  context.clearRect(0, 0, width, height);
  const y = (told) => (logarithmic ? Math.log10(Math.max(told[key], 1e-8)) : told[key]);
  const seen = view.history.filter((told) => Number.isFinite(y(told)));
  if (seen.length < 2) return;
  const values = seen.map(y);
  const bounded = key === "accuracy" || key === "uniform";
  const [low, high] = bounded ? [0, 1] : [Math.min(...values), Math.max(...values)];
  const last = seen[seen.length - 1].step || 1;
  context.beginPath();
  seen.forEach((told, i) => {
    const across = 1 + (told.step / last) * (width - 2);
    const down = height - 2 - ((values[i] - low) / (high - low || 1)) * (height - 4);
    context[i ? "lineTo" : "moveTo"](across, down);
  });
  context.strokeStyle = view.theme.text;
  context.globalAlpha = 0.85;
  context.lineWidth = 1.4;
  context.stroke();
  context.globalAlpha = 1;
}
