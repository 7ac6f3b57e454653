// The legend names only what is shown: a list of [text, shapes of its icon].

import { element } from "./elements.js";

export function svgElement(tag, parent, attributes) {
  const created = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) created.setAttribute(name, value);
  parent.append(created);
  return created;
}

// A picture of 26 by 14 before a line of a legend, from [tag, attributes] of its shapes.
export function legendIcon(parent, shapes) {
  const svg = svgElement("svg", parent, { width: 26, height: 14, viewBox: "0 0 26 14", "aria-hidden": "true" });
  for (const [tag, attributes] of shapes) svgElement(tag, svg, attributes);
}

// The same items leave the elements as they are.
export function showLegend(view, items) {
  const id = JSON.stringify([items, view.layout.scale]);
  if (view.legendId === id) return;
  view.legendId = id;
  view.legend.replaceChildren();
  for (const [text, shapes] of items) {
    const item = element("li", "", view.legend);
    legendIcon(item, shapes);
    item.append(text);
  }
}

export const arrowIcon = (colour, width) => [
  ["path", { d: "M2 7H17", stroke: colour, "stroke-width": width, "stroke-linecap": "round" }],
  ["path", { d: "M25 7L15 2.6L17 7L15 11.4Z", fill: colour }],
];

export const crossIcon = (colour, width = 2.2) => [
  ["path", { d: "M8 2L18 12M8 12L18 2", stroke: colour, "stroke-width": width }],
];

export const dashedIcon = (theme) => [
  ["path", { d: "M1 7H25", stroke: theme.boundary, "stroke-width": 2, "stroke-dasharray": "6 4" }],
];

export const bandsIcon = (colours) =>
  colours.map((colour, i) => ["rect", { x: (26 * i) / colours.length, y: 2, width: 26 / colours.length + 0.3, height: 10, fill: colour }]);
