// The line under the panels that names what the marks mean; only what is shown.

import { arrowIcon, bandsIcon, crossIcon, dashedIcon, showLegend } from "../canvas/legend.js";
import { tickText } from "../canvas/numbers.js";
import { colourItems } from "./colours.js";
import { hasTimeline } from "./layout.js";
import { classColour } from "./markers.js";
import { sphereRadius, weightFactor } from "./weights.js";

function legendItems(view) {
  const { header, panels } = view.frame;
  const { theme } = view;
  const { options } = header;
  const items = [];
  const some = (what) => panels.some(what);
  if (some(({ predictions }) => predictions)) {
    const ring = { cx: 13, cy: 7, r: 5.6, fill: "none", stroke: theme.other, "stroke-width": 1.4 };
    items.push(["misclassified", [["circle", ring], ["circle", { cx: 13, cy: 7, r: 3, fill: theme.other, opacity: 0.5 }]]]);
  }
  items.push(...colourItems(view));
  const weighted = panels.filter((panel) => options.weights && panel.weights);
  if (weighted.length) {
    const factors = [...new Set(weighted.map(weightFactor))];
    const longer = factors.length > 1 ? ", lengths not to scale" : factors[0] === 1 ? "" : `, drawn ${tickText(factors[0])} times as long`;
    items.push([`class weights${longer}`, arrowIcon(theme.other, 2)]);
    const name = panels[0].classes[options.of_class];
    if (name !== undefined) items.push([`weight of class ${name}`, arrowIcon(theme.own, 3)]);
  }
  if (options.centers && some(({ centers }) => centers)) {
    items.push(["class centres", crossIcon(theme.other)]);
  }
  if (some(({ thresholds }) => thresholds.length)) {
    items.push(["threshold", dashedIcon(theme)]);
  }
  if (some(({ field }) => field)) {
    const bands = bandsIcon(header.colours.loss);
    const of = panels[0].classes[options.of_class];
    items.push([of === undefined ? "loss, low to high" : `loss of a sample of class ${of}, low to high`, bands]);
  }
  if (some(({ regions }) => regions)) {
    const halves = [0, 1].map((k) => ["rect", { x: 13 * k, y: 1, width: 13, height: 12, fill: classColour(view, k), opacity: 0.35 }]);
    items.push(["predicted class", halves]);
  }
  const radii = new Set(panels.filter(({ dims, points, axes }) => dims === 3 && points && !axes).map(sphereRadius));
  if (radii.size) {
    const told = radii.size > 1 ? "sphere, its radius in the corner" : `sphere of radius ${tickText([...radii][0])}`;
    items.push([told, [["circle", { cx: 13, cy: 7, r: 6, fill: "none", stroke: theme.other, opacity: 0.5 }]]]);
  }
  return items;
}

export function updateLegend(view) {
  // Without a timeline it stands in the row of the buttons.
  view.root.classList.toggle("still", !hasTimeline(view));
  showLegend(view, view.frame.panels.some(({ points }) => points) ? legendItems(view) : []);
}
