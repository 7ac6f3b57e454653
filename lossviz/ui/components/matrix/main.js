// A matrix with a row for each true class and a column for each predicted one: a click chooses a cell, and a number
// beside the table is its value.

import { component, createRoot } from "../../../figures/canvas/component.js";
import { element, setAttribute, setText } from "../../../figures/canvas/elements.js";
import { allowed, cellText, heat, moved, numberText } from "./cells.js";

export default component({
  create: (parent) => {
    const root = createRoot(parent, "lv-matrix");
    const scroll = element("div", "lv-scroll", root);
    const table = element("table", "", scroll, { role: "grid" });
    const line = element("label", "lv-line", root);
    const words = element("span", "lv-words", line);
    const input = element("input", "", line, { type: "number", step: "any" });
    const view = { stop: new AbortController(), root, table, words, input, chosen: [0, 1], buttons: [] };
    listen(view);
    return view;
  },
  receive: (view, { data, setTriggerValue }) => {
    Object.assign(view, { data, values: data.values.map((row) => [...row]), tell: (edit) => setTriggerValue("edit", edit) });
    if (view.buttons.length !== data.values.length) build(view);
    paint(view);
  },
});

function build(view) {
  const { table, data: { names } } = view;
  table.replaceChildren();
  const head = element("tr", "", element("thead", "", table));
  element("th", "lv-corner", head, { scope: "col" }).textContent = "true ↓ as →";
  const headings = names.map(() => element("th", "", head, { scope: "col" }));
  const body = element("tbody", "", table);
  view.headings = [headings, []];
  view.buttons = names.map((_, y) => {
    const row = element("tr", "", body);
    view.headings[1].push(element("th", "", row, { scope: "row" }));
    return names.map((_, k) => {
      const cell = element("td", y === k ? "lv-same" : "", row, { role: "gridcell" });
      return y === k ? null : element("button", "", cell, { type: "button", "data-cell": `${y},${k}` });
    });
  });
  if (Math.max(...view.chosen) >= names.length) view.chosen = [0, 1];
}

function paint(view) {
  const { data, values, chosen, input } = view;
  setAttribute(view.table, "aria-label", `${data.label}: a row for each true class, a column for each predicted one`);
  for (const side of view.headings) {
    side.forEach((heading, k) => {
      setText(heading, data.names[k]);
      setAttribute(heading, "title", data.names[k]);
    });
  }
  const most = Math.max(...values.flat());
  view.buttons.forEach((row, y) => row.forEach((button, k) => {
    if (!button) return;
    const own = y === chosen[0] && k === chosen[1];
    setText(button, numberText(values[y][k]));
    setAttribute(button, "title", cellText(data.names, values, y, k));
    setAttribute(button, "aria-label", cellText(data.names, values, y, k));
    button.tabIndex = own ? 0 : -1;
    button.parentElement.classList.toggle("lv-chosen", own);
    setAttribute(button.parentElement, "aria-selected", own);
    button.style.setProperty("--lv-heat", heat(values[y][k], most));
  }));
  const [y, k] = chosen;
  setText(view.words, `True ${data.names[y]}, predicted ${data.names[k]}: cost`);
  Object.assign(input, { min: data.low, max: data.high });
  if (view.root.getRootNode().activeElement !== input || !view.typing) input.value = values[y][k];
}

function choose(view, cell, focus) {
  view.chosen = cell;
  view.typing = false;
  paint(view);
  if (focus === "cell") view.buttons[cell[0]][cell[1]].focus();
  if (focus === "input") {
    view.input.focus();
    view.input.select();
  }
}

function take(view) {
  const [y, k] = view.chosen;
  const value = allowed(view.input.value, view.data);
  view.typing = false;
  if (value !== null && value !== view.values[y][k]) {
    view.values[y][k] = value;
    view.tell({ true: y, predicted: k, value });
  }
  paint(view);
}

function listen(view) {
  const { table, input } = view;
  const { signal } = view.stop;
  const cellOf = (event) => event.target.closest?.("[data-cell]")?.dataset.cell.split(",").map(Number);
  table.addEventListener("click", (event) => {
    const cell = cellOf(event);
    if (cell) choose(view, cell, "input");
  }, { signal });
  table.addEventListener("keydown", (event) => {
    const cell = cellOf(event);
    if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = moved(cell, event.key, view.values.length);
    if (next) choose(view, next, "cell");
    else if (/^[\d.]$/.test(event.key)) {
      choose(view, cell, "input");
      return; // the key is typed into the number
    } else return;
    event.preventDefault();
  }, { signal });
  input.addEventListener("input", () => (view.typing = true), { signal });
  input.addEventListener("change", () => take(view), { signal });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") choose(view, view.chosen, "cell");
    else if (event.key === "Enter") {
      take(view);
      choose(view, view.chosen, "cell");
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }, { signal });
}
