// The elements on the page, made once for a sweep; and which cell is shown.

import { createRoot, followWindow } from "../canvas/component.js";
import { element, setText } from "../canvas/elements.js";
import { createControls, updateControls } from "./controls.js";
import { createEmbedding, destroyEmbedding } from "./embedding.js";
import { paintCells, restCells } from "./painting.js";
import { placeWanted, readSweep } from "./sweep.js";

// Name, share of the height beside the embedding, least height, and title: in two colours the second.
const CHARTS = [
  ["angles", 0.29, 128, ["Angles to class weights"]],
  ["metrics", 0.26, 112, ["Metrics: ", "positive", " and ", "negative"]],
  ["confusion", 0.45, 190, ["Confusion (rows: true, columns: predicted) and recall"]],
];

export function createCells(parent) {
  const root = createRoot(parent, "lv-cells");
  const view = {
    root,
    message: element("p", "lv-cells-message", root, { role: "status" }),
    controls: element("div", "lv-cells-controls", root, { role: "group", "aria-label": "Which cell of the sweep" }),
    numbers: element("dl", "lv-numbers", root),
    body: element("div", "lv-cells-body", root),
    sweep: null, place: null, frame: null, layout: null, reading: null, picked: null, lastId: 0, frames: 0,
    layer: "loss", ofClass: 0,
    trigger: () => {},
    stop: new AbortController(),
  };
  view.repaint = () => view.sweep && paintCells(view, true);
  view.left = element("div", "lv-cells-left", view.body);
  view.right = element("div", "lv-cells-right", view.body);
  createEmbedding(view, view.left);
  view.charts = {};
  for (const [name, share, least, title] of CHARTS) {
    const figure = element("figure", "lv-chart", view.right);
    const caption = element("figcaption", "", figure);
    const parts = title.map((words) => element("span", words.trim(), caption));
    parts.forEach((part, i) => setText(part, title[i]));
    const box = element("div", "lv-chart-box", figure);
    const canvas = element("canvas", "", box, { role: "img" });
    view.charts[name] = { figure, box, canvas, context: canvas.getContext("2d"), share, least, height: least };
  }
  createControls(view, () => restCells(view));
  followWindow(view, () => paintCells(view, true));
  return view;
}

export function destroyCells(view) {
  for (const timer of [view.restTimer, view.fullTimer]) clearTimeout(timer);
  destroyEmbedding(view);
}

// A message: the sweep as it is now. The visitor's cell stays, unless the server wants another one shown.
export function receiveSweep(view, data) {
  if (!data || data === view.bytes) return;
  try {
    const sweep = readSweep(data);
    if (!sweep) return;
    const { current, echo } = sweep.header;
    const wanted = JSON.stringify(current);
    const known = view.place && sameShape(view.sweep, sweep);
    if (!known || (wanted !== view.wanted && echo >= view.lastId && !view.moving)) view.place = placeWanted(sweep);
    Object.assign(view, { sweep, wanted, bytes: data, frame: sweep, reading: null, pixels: new Map(), lastId: Math.max(view.lastId, echo) });
    setText(view.message, "");
  } catch (error) {
    console.error("lossviz cells: unreadable sweep", error);
    setText(view.message, "This sweep could not be read; the previous one is kept.");
  }
  if (!view.sweep) return;
  updateControls(view);
  paintCells(view, true);
}

const sweepShape = ({ header: { axes, losses, seeds } }) => JSON.stringify([axes, losses, seeds]);
const sameShape = (one, other) => sweepShape(one) === sweepShape(other);
