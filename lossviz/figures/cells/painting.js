// One cell after another: coarse behind the points while a slider moves, fine once it rests.

import { element, scheduleOnce, setText } from "../canvas/elements.js";
import { heightBelow, stableWidth, textScale } from "../canvas/size.js";
import { readTheme } from "../canvas/theme.js";
import { paintAngles, paintConfusion, paintMetrics } from "./charts.js";
import { updateControls } from "./controls.js";
import { paintEmbedding } from "./embedding.js";
import { readCell } from "./reading.js";
import { cellAt } from "./sweep.js";
import { numbersOf, placeWords, stateWords } from "./words.js";

const TWO_COLUMNS_PX = 760; // below, the pictures stand one below the other
const FULL_MS = 140; // without a move, before what lies behind the points is drawn finely
const SETTLED_MS = 400; // before the place is told
const [LEAST_PX, MOST_PX] = [430, 760]; // the embedding with its captions

// The visitor wants another cell: painted at once, of several in one frame of the screen the last.
export function moveCells(view, changes) {
  Object.assign(view.place, changes);
  view.moving = true;
  const paint = () => {
    view.paintedIn = requestAnimationFrame(() => (view.paintedIn = 0));
    paintCells(view, false);
  };
  updateControls(view);
  if (view.paintedIn) scheduleOnce(view, "cells", paint);
  else paint();
  clearTimeout(view.fullTimer);
  view.fullTimer = setTimeout(() => paintCells(view, true), FULL_MS);
  restCells(view);
}

// Told once nothing has moved for a while and nobody holds a slider.
export function restCells(view) {
  clearTimeout(view.restTimer);
  if (!view.moving) return;
  view.restTimer = setTimeout(() => {
    if (view.held || view.stop.signal.aborted) return;
    view.moving = false;
    const { loss, at, seed } = view.place;
    view.trigger("rest", { loss: view.sweep.header.losses[loss].key, at: [...at], seed, id: ++view.lastId });
  }, SETTLED_MS);
}

export function paintCells(view, full) {
  if (view.stop.signal.aborted || !view.sweep) return;
  const started = performance.now();
  const width = stableWidth(view);
  if (width < 60) return;
  readTheme(view, view.sweep.header.colours.themes);
  const narrow = width < TWO_COLUMNS_PX;
  const scale = textScale(false);
  view.layout = { width, narrow, scale };
  view.root.classList.toggle("narrow", narrow);
  view.root.classList.toggle("seeded", view.sweep.header.seeds.length > 1);
  view.root.style.setProperty("--lv-scale", scale);
  const { sweep, place } = view;
  const cell = cellAt(sweep, place) ?? NO_CELL;
  const reading = readCell(view, cell);
  view.learns = sweep.header.losses[place.loss].learns;
  view.ofClass = Math.min(view.ofClass, (reading.classes ?? Infinity) - 1);
  const above = view.body.getBoundingClientRect().top - view.root.getBoundingClientRect().top;
  const height = Math.min(MOST_PX * scale, Math.max(LEAST_PX, heightBelow(view) - above), narrow ? Infinity : view.left.clientWidth + 96);
  paintEmbedding(view, place, cell, reading, { title: placeWords(sweep, place), height, full });
  paintCharts(view, reading, height);
  updateNumbers(view, place, cell);
  if (full) updateControls(view);
  view.root.dataset.cell = cell.id;
  view.root.dataset.quality = full ? "full" : "draft";
  view.root.dataset.drawMs = (performance.now() - started).toFixed(2);
  view.root.dataset.frame = view.frames;
}

const NO_CELL = { id: "", index: -1, state: "waiting" };
const CAPTIONS_PX = 96; // of the charts, with what lies between them

function paintCharts(view, reading, beside) {
  const { narrow, scale } = view.layout;
  const { angles, metrics, confusion } = view.charts;
  const parts = [[angles, reading.own, paintAngles], [metrics, reading.metrics, paintMetrics], [confusion, reading.confusion, paintConfusion]];
  for (const [chart, there, draw] of parts) {
    // Its room stays: the page does not jump between cells with and without a picture.
    chart.figure.classList.toggle("absent", !there);
    chart.height = Math.max(chart.least * scale, narrow ? 1.2 * chart.least * scale : chart.share * (beside - CAPTIONS_PX * scale));
    if (there) draw(view, chart, reading);
  }
}

// The line of numbers, and a sentence where there is nothing to draw.
function updateNumbers(view, place, cell) {
  const items = numbersOf(view.sweep, place, cell);
  const id = JSON.stringify([items, cell.state, cell.reason]);
  if (view.numbersId === id) return;
  view.numbersId = id;
  view.numbers.replaceChildren();
  const tell = (name, title, text, spread) => {
    const box = element("div", "", view.numbers, { title });
    setText(element("dt", "", box), name);
    setText(element("dd", "", box), text);
    if (spread) setText(element("dd", "lv-spread", box), spread);
  };
  for (const { name, title, text, spread } of items) tell(name, title, text, spread);
  if (!items.length) tell("this cell", "", stateWords(cell) || "no numbers", "");
}
