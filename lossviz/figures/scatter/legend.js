// The line under the panels that names what the marks mean; only what is shown.

function legendItems(view) {
  const { header, panels } = view.frame;
  const { theme } = view;
  const { options } = header;
  const arrow = (colour, width) => [
    ["path", { d: "M2 7H17", stroke: colour, "stroke-width": width, "stroke-linecap": "round" }],
    ["path", { d: "M25 7L15 2.6L17 7L15 11.4Z", fill: colour }],
  ];
  const items = [];
  const some = (what) => panels.some(what);
  if (some(({ predictions }) => predictions)) {
    const ring = { cx: 13, cy: 7, r: 5.6, fill: "none", stroke: theme.other, "stroke-width": 1.4 };
    items.push(["misclassified", [["circle", ring], ["circle", { cx: 13, cy: 7, r: 3, fill: theme.other, opacity: 0.5 }]]]);
  }
  items.push(...inkItems(view));
  const weighted = panels.filter((panel) => options.weights && panel.weights);
  if (weighted.length) {
    const factors = [...new Set(weighted.map(weightFactor))];
    const longer = factors.length > 1 ? ", lengths not to scale" : factors[0] === 1 ? "" : `, drawn ${tickText(factors[0])} times as long`;
    items.push([`class weights${longer}`, arrow(theme.other, 2)]);
    const name = panels[0].classes[options.of_class];
    if (name !== undefined) items.push([`weight of class ${name}`, arrow(theme.own, 3)]);
  }
  if (options.centers && some(({ centers }) => centers)) {
    items.push(["class centres", [["path", { d: "M8 2L18 12M8 12L18 2", stroke: theme.other, "stroke-width": 2.2 }]]]);
  }
  if (some(({ thresholds }) => thresholds.length)) {
    items.push(["threshold", [["path", { d: "M1 7H25", stroke: theme.dark ? theme.boundary : "#6b6f76", "stroke-width": 2, "stroke-dasharray": "6 4" }]]]);
  }
  if (some(({ field }) => field)) {
    const { loss } = header.colours;
    const bands = loss.map((colour, i) => ["rect", { x: (26 * i) / loss.length, y: 2, width: 26 / loss.length + 0.3, height: 10, fill: colour }]);
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

function updateLegend(view) {
  // Without a timeline it stands in the row of the buttons.
  view.root.classList.toggle("still", !hasTimeline(view));
  const items = view.frame.panels.some(({ points }) => points) ? legendItems(view) : [];
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
