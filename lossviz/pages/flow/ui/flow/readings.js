// The measures beside the picture, each with a small curve over the steps.

import { element, setCanvasSize, setText } from "../../../../figures/canvas/elements.js";
import { placeText, shortText } from "../../../../figures/canvas/numbers.js";
import { angleBetween, direction, meansOf, measureFlow, stillFalls } from "./measures.js";

const percent = (value) => `${(100 * value).toFixed(value < 1 && value > 0.995 ? 1 : 0)} %`;
const degrees = (value) => `${((value * 180) / Math.PI).toFixed(1)}°`;
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
  setCanvasSize([canvas], width, height, view.dpr);
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

// The picture as a table: where class means and class weights are, and what the measures mean.

export function createValues(view) {
  view.values = element("details", "lv-values", view.root);
  element("summary", "", view.values).textContent = "Values";
  const scroll = element("div", "lv-scroll", view.values, { tabindex: "0", role: "region", "aria-label": "Values of the flow" });
  view.table = element("table", "", scroll);
  const meanings = element("dl", "", view.values);
  for (const [, name, , says] of READINGS) {
    element("dt", "", meanings).textContent = name;
    element("dd", "", meanings).textContent = says;
  }
  view.values.addEventListener("toggle", () => view.flow && fillValues(view));
}

// Only while it is open: nobody reads a closed one.
function fillValues(view) {
  if (!view.values.open) return;
  const { flow } = view;
  const { head, biasAt, centersAt, classes, dimension: d, from } = flow;
  const means = meansOf(flow);
  const columns = [
    ["class", (k) => String(k)],
    ["features", (k) => String(from[k + 1] - from[k])],
    ["mean", (k) => placeText(means[k])],
    ["class weight", (k) => placeText(head.subarray(k * d, k * d + d))],
    ["angle between them", (k) => degrees(angleBetween(direction(means[k]), direction(head.subarray(k * d, k * d + d))))],
  ];
  if (centersAt - biasAt === classes) columns.push(["bias", (k) => plainNumber(head[biasAt + k])]);
  if (head.length > centersAt) columns.push(["centre", (k) => placeText(head.subarray(centersAt + k * d, centersAt + k * d + d))]);
  while (view.table.rows.length > classes + 1) view.table.deleteRow(-1);
  const caption = view.table.caption ?? view.table.createCaption();
  const common = centersAt - biasAt === 1 ? `; the one bias ${plainNumber(head[biasAt])}` : "";
  setText(caption, `At step ${flow.step}${common}`);
  for (let at = 0; at <= classes; at++) {
    const row = view.table.rows[at] ?? view.table.insertRow();
    while (row.cells.length > columns.length) row.deleteCell(-1);
    columns.forEach(([name, text], i) => {
      const heads = at === 0 || i === 0;
      const cell = row.cells[i] ?? element(heads ? "th" : "td", "", row, heads ? { scope: at ? "row" : "col" } : {});
      setText(cell, at ? text(at - 1) : name);
    });
  }
}
