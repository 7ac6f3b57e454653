// The legend names only what is shown.

import { arrowIcon, crossIcon, dashedIcon, showLegend } from "../../../figures/canvas/legend.js";
import { shortText, tickText } from "../../../figures/canvas/numbers.js";
import { classLabel } from "./labels.js";
import { factorOf } from "./overlay.js";

// "anchor of class k" for "anchor of class 0", "anchor of class 1", ...
function sharedName(names) {
  const different = [...new Set(names)];
  if (different.length === 1) return different[0];
  let length = 0;
  while (different.every((name) => length < name.length && name[length] === different[0][length])) length++;
  return length > 2 ? `${different[0].slice(0, length)}k` : different.join(", ");
}

function legendItems(view) {
  const { theme } = view;
  const { header, panels } = view.frame;
  const items = [];
  const weights = (header.weights || []).length;
  const own = weights > header.label;
  if (own) {
    const name = classLabel("W", header.class_names?.[header.label] ?? header.label + 1);
    items.push([`weight of the true class, ${name}`, arrowIcon(theme.own, 3)]);
  }
  const factor = factorOf(view, "weight");
  const longer = factor === 1 ? "" : `; all are drawn ${tickText(factor)} times as long`;
  if (weights > (own ? 1 : 0)) items.push([`${own ? "other weights" : "class weights"}${longer}`, arrowIcon(theme.other, 2)]);
  if (header.centers?.length) items.push(["class centres", crossIcon(theme.other)]);
  if (header.circle) {
    const [level, radius] = [header.circle.level, header.circle.radius].map((value) => shortText(value, 3));
    items.push([`loss = ${level}`, [["path", { d: "M1 7H25", stroke: theme.edge, "stroke-width": 1.8 }]]]);
    items.push([`lower, on ‖z‖ = ${radius}: the opening`, [["path", { d: "M2 11Q13 0 24 11", stroke: theme.edge, "stroke-width": 4, fill: "none" }]]]);
  }
  const names = panels.flatMap((panel) => panel.points || []).map((point) => point.name);
  if (names.length) {
    const square = { x: 8, y: 2, width: 10, height: 10, fill: "none", stroke: theme.other, "stroke-width": 1.6 };
    items.push([sharedName(names), [["rect", square]]]);
  }
  if (panels.some((panel) => panel.boundaries?.length)) items.push(["decision boundary", dashedIcon(theme)]);
  if (panels.some((panel) => panel.path)) {
    items.push([
      "gradient descent (ring to dot)",
      [
        ["path", { d: "M4 7H22", stroke: theme.black, "stroke-width": 4.5 }],
        ["path", { d: "M4 7H22", stroke: theme.white, "stroke-width": 2 }],
        ["circle", { cx: 5.5, cy: 7, r: 5, fill: theme.black }],
        ["circle", { cx: 5.5, cy: 7, r: 3.2, fill: theme.black, stroke: theme.white, "stroke-width": 1.6 }],
        ["circle", { cx: 20.5, cy: 7, r: 4.4, fill: theme.white, stroke: theme.black, "stroke-width": 1.4 }],
      ],
    ]);
  }
  if (panels.some((panel) => panel.arrows?.length)) {
    const small = { d: "M4 7H21M17 4L21 7L17 10", stroke: theme.other, "stroke-width": 1.3, fill: "none" };
    items.push(["direction of descent", [["path", small]]]);
  }
  if (panels.some((panel) => panel.hasGaps)) {
    const hatch = { d: "M5 13L15 1M11 13L21 1", stroke: theme.text, "stroke-width": 1.2 };
    items.push(["no finite value", [["rect", { x: 4, y: 1, width: 18, height: 12, fill: "none", stroke: theme.text }], ["path", hatch]]]);
  }
  return items;
}

export function updateLegend(view) {
  const items = legendItems(view);
  showLegend(view, items);
  view.legend.hidden = !items.length;
}
