// The sliders of the axes, and the choices of loss, seed and what lies behind the points.

import { element, setAttribute, setText } from "../canvas/elements.js";
import { layerOf, layersOf } from "./embedding.js";
import { moveCells, paintCells } from "./painting.js";
import { cellAt } from "./sweep.js";

const LAYERS = { loss: "loss", regions: "regions", none: "nothing" };

export function createControls(view, rested) {
  view.sliders = [];
  view.chooser = element("div", "lv-choices", view.controls);
  view.choices = {
    loss: choice(view, "Loss", (value) => moveCells(view, { loss: value })),
    seed: choice(view, "Seed", (value) => moveCells(view, { seed: value })),
    layer: choice(view, "Behind the points", (value) => show(view, { layer: value })),
    ofClass: choice(view, "Loss of class", (value) => show(view, { ofClass: value })),
  };
  view.next = element("button", "lv-next", view.choices.seed.box, { type: "button" });
  setText(view.next, "next");
  setAttribute(view.next, "aria-label", "Next seed");
  view.next.addEventListener("click", () => moveCells(view, { seed: (view.place.seed + 1) % view.sweep.header.seeds.length }));
  // A slider that is held has not come to rest.
  const { signal } = view.stop;
  view.controls.addEventListener("pointerdown", () => (view.held = true), { signal });
  for (const type of ["pointerup", "pointercancel"]) {
    window.addEventListener(type, () => {
      if (view.held) rested();
      view.held = false;
    }, { signal });
  }
}

function choice(view, title, chosen) {
  const box = element("div", "lv-choice", view.chooser);
  setText(element("span", "", box, { "aria-hidden": "true" }), title);
  const select = element("select", "", box, { "aria-label": title });
  box.hidden = true;
  const made = { box, select, values: [] };
  select.addEventListener("change", () => chosen(made.values[select.selectedIndex]));
  return made;
}

function show(view, changes) {
  Object.assign(view, changes);
  paintCells(view, true);
  updateControls(view);
}

function fill(made, entries, value) {
  const id = JSON.stringify(entries);
  if (made.id !== id) {
    made.id = id;
    made.values = entries.map(([each]) => each);
    made.select.replaceChildren(...entries.map(([, text]) => {
      const option = document.createElement("option");
      option.textContent = text;
      return option;
    }));
  }
  made.select.selectedIndex = made.values.indexOf(value);
  made.box.hidden = entries.length < 2;
}

// What there is to choose, and where it stands: controls without effect are not shown.
export function updateControls(view) {
  const { header } = view.sweep;
  const { place } = view;
  makeSliders(view);
  header.axes.forEach(({ of }, i) => {
    const { box, input, title, output } = view.sliders[i];
    const own = of[place.loss];
    box.hidden = !own || own.texts.length < 2;
    if (!own) return;
    const words = own.texts[place.at[i]];
    setText(title, own.letter ? `${own.letter}: ${own.title}` : own.title);
    setText(output, words);
    if (Number(input.value) !== place.at[i]) input.value = place.at[i];
    setAttribute(input, "aria-valuetext", words);
  });
  fill(view.choices.loss, header.losses.map(({ title }, i) => [i, title]), place.loss);
  fill(view.choices.seed, header.seeds.map(({ text }, i) => [i, text]), place.seed);
  const cell = cellAt(view.sweep, place);
  const reading = view.reading?.cell === cell ? view.reading : null;
  // A cell without a picture leaves the choice as it stands.
  if (!reading?.features) return;
  fill(view.choices.layer, layersOf(view, reading).map((layer) => [layer, LAYERS[layer]]), layerOf(view, reading));
  const names = reading.images.classes;
  view.ofClass = Math.min(view.ofClass, names.length - 1);
  fill(view.choices.ofClass, names.map((name, k) => [k, name]), view.ofClass);
  view.choices.ofClass.box.hidden = layerOf(view, reading) !== "loss";
}

function makeSliders(view) {
  const { axes } = view.sweep.header;
  const id = JSON.stringify(axes);
  if (view.slidersId === id) return;
  view.slidersId = id;
  view.sliders.forEach(({ box }) => box.remove());
  view.sliders = axes.map(({ values }, i) => {
    const box = element("label", "lv-slider", null);
    const head = element("span", "lv-slider-head", box);
    const title = element("span", "", head);
    const output = element("output", "", head, { "aria-hidden": "true" });
    const input = element("input", "", box, { type: "range", min: 0, max: values.length - 1, step: 1, "data-axis": axes[i].name });
    const track = element("span", "lv-slider-ticks", box, { "aria-hidden": "true" });
    if (values.length <= 25) for (let n = 0; n < values.length; n++) element("i", "", track);
    input.addEventListener("input", () => {
      const at = [...view.place.at];
      at[i] = Number(input.value);
      moveCells(view, { at });
    });
    return { box, title, output, input };
  });
  view.controls.prepend(...view.sliders.map(({ box }) => box));
}
