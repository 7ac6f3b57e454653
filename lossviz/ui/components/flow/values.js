// The picture as a table: where class means and class weights are, and what the measures mean.

import { element, setText } from "../../figures/canvas/elements.js";
import { placeText } from "../../figures/canvas/numbers.js";
import { angleBetween } from "./measures.js";
import { READINGS, degrees, plainNumber } from "./readings.js";

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

function meansOf({ features, from, classes, dimension: d }) {
  return Array.from({ length: classes }, (_, k) => {
    const mean = new Array(d).fill(0);
    for (let i = from[k]; i < from[k + 1]; i++) for (let j = 0; j < d; j++) mean[j] += features[i * d + j];
    return mean.map((value) => value / (from[k + 1] - from[k]));
  });
}

// Only while it is open: nobody reads a closed one.
export function fillValues(view) {
  if (!view.values.open) return;
  const { flow } = view;
  const { head, biasAt, centersAt, classes, dimension: d, from } = flow;
  const means = meansOf(flow);
  const columns = [
    ["class", (k) => String(k)],
    ["features", (k) => String(from[k + 1] - from[k])],
    ["mean", (k) => placeText(means[k])],
    ["class weight", (k) => placeText(head.subarray(k * d, k * d + d))],
    ["angle between them", (k) => degrees(angleBetween(unit(means[k]), unit([...head.subarray(k * d, k * d + d)])))],
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

function unit(vector) {
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}
