// Pictures that the browser makes by itself while something is dragged: the losses
// come as code (lossviz.programs.javascript), so no answer of the server is waited for.
//
// view.served is the last frame of the server, view.frame what is shown. While a
// handle or a slider moves, view.frame is made here from view.served and from what
// has been moved; the server's next frame takes its place.

import { bandEdges } from "../../../figures/canvas/bands.js";
import { scheduleOnce } from "../../../figures/canvas/elements.js";
import { finiteEnds, markGaps } from "../../../figures/canvas/fill.js";
import { niceTicks, settingText, tickText } from "../../../figures/canvas/numbers.js";
import { followSliders, settleMoved } from "../sliders/sliders.js";
import { paint } from "./painting.js";
import { tiesBetween } from "./ties.js";
import { circleOf, measuredArcs } from "./valley.js";

const ALONE_BUDGET_MS = 9; // for evaluating all panels of one picture while dragging
const FIRST_NS = 400; // for a grid point, before any was evaluated
const LEAST_NODES = 40; // a side of a grid, however slow

// The functions of programs by their id, (inputs, xs, ys, out, scores) => ...: lossviz.programs.javascript.javascript.
const functions = new Map();

// From a module or a page that has them, where code from text is forbidden or not sent.
export function useFunctions(byId) {
  for (const [id, run] of Object.entries(byId)) functions.set(id, run);
}

// Of a panel's program; null where there is none.
function functionOf({ header }, program) {
  if (!program) return null;
  const source = header.programs?.[program.id];
  if (!functions.has(program.id) && source) {
    try {
      functions.set(program.id, new Function(`"use strict"; return ${source};`)());
    } catch (error) {
      console.error("lossviz contours: a loss cannot be compiled", error);
      functions.set(program.id, null);
    }
  }
  return functions.get(program.id) ?? null;
}

// Whether every panel can be drawn here; what moves is a "weight", a "center", the "circle" or a slider's link.
export function drawsAlone(view, what) {
  const { served } = view;
  return !!served && served.panels.every(({ program }) => functionOf(served, program)
    && !(what === "center" && program.fixed_centers));
}

// The inputs of a panel's program with everything that has been moved.
function inputsOf(view, program) {
  const { names } = program;
  const values = Float64Array.from(program.values);
  const put = (name, value) => {
    const at = names.indexOf(name);
    if (at >= 0) values[at] = value;
  };
  for (const [id, { x, y }] of view.local) {
    const [kind, index] = id.split(":");
    const letter = kind === "weight" ? "W" : "C";
    put(`${letter}${index}_1`, x);
    put(`${letter}${index}_2`, y);
  }
  for (const [link, { value }] of view.moved) {
    if (link in program.links) put(program.links[link], value);
  }
  return values;
}

// The numbers in a panel's note, with those of the sliders that have moved.
function noteNow(view, { note, program }) {
  let text = note || "";
  for (const [link, { value }] of view.moved) {
    const [letter, unit] = program.letters[link] || [];
    if (!letter) continue;
    const shown = settingText(value, unit);
    const parts = text ? text.split(", ") : [];
    const at = parts.findIndex((part) => part.startsWith(`${letter} = `));
    if (at >= 0) parts[at] = `${letter} = ${shown}`;
    else parts.push(`${letter} = ${shown}`);
    text = parts.join(", ");
  }
  return text;
}

function nodesAlong(low, high, count) {
  return Float64Array.from({ length: count }, (_, i) => low + ((high - low) * i) / Math.max(1, count - 1));
}

// Grid points a side that should stay within the budget, judged by what the last pictures took.
function aloneNodes(view) {
  const { alone } = view.served.header;
  const { nx, ny } = alone ? { nx: alone, ny: alone } : view.served.header;
  const most = Math.max(nx, ny);
  const wanted = Math.sqrt((ALONE_BUDGET_MS * 1e6) / ((view.nsPerNode ?? FIRST_NS) * view.served.panels.length));
  // In steps, so that positions of pixels between nodes are computed seldom.
  const side = Math.min(most, Math.max(LEAST_NODES, 10 * Math.floor(wanted / 10)));
  return [Math.max(2, Math.round((side * nx) / most)), Math.max(2, Math.round((side * ny) / most))];
}

function evaluated(view, i, xs, ys) {
  const panel = view.served.panels[i];
  const run = functionOf(view.served, panel.program);
  const size = xs.length * ys.length;
  const buffers = (view.buffers ??= []);
  if (buffers[i]?.grid.length !== size) buffers[i] = { grid: new Float32Array(size), scores: [] };
  const { grid, scores } = buffers[i];
  while (scores.length < panel.program.logits) scores.push(new Float32Array(size));
  scores.length = panel.program.logits;
  for (let k = 0; k < scores.length; k++) if (scores[k].length !== size) scores[k] = new Float32Array(size);
  const bounded = panel.boundaries !== null;
  const inputs = inputsOf(view, panel.program);
  run(inputs, xs, ys, grid, bounded ? scores : null);
  const circle = circleOf(view);
  return {
    ...panel, grid, opening: circle && measuredArcs(run, inputs, circle), hasGaps: markGaps(grid), arrows: null, path: null, note: noteNow(view, panel),
    boundaries: bounded ? tiesBetween(scores, xs, ys) : null,
  };
}

// The loss at one place as the panel's code computes it; null without code.
export function ownValue(view, i, x, y) {
  const program = view.served?.panels[i]?.program;
  const run = program && functionOf(view.served, program);
  if (!run) return null;
  const value = [0];
  run(inputsOf(view, program), [x], [y], value, null);
  return value[0];
}

// One picture, made here; full: with as many points as the server's.
export function drawAlone(view, full) {
  if (!view.served || !view.layout) return;
  const started = performance.now();
  const { header } = view.served;
  const [nx, ny] = full ? [header.alone || header.nx, header.alone || header.ny] : aloneNodes(view);
  const [x0, x1, y0, y1] = header.extent;
  const xs = nodesAlong(x0, x1, nx);
  const ys = nodesAlong(y0, y1, ny);
  const panels = view.served.panels.map((_, i) => evaluated(view, i, xs, ys));
  const took = performance.now() - started;
  const each = (took * 1e6) / (nx * ny * panels.length);
  view.nsPerNode = (view.nsPerNode ?? each) * 0.7 + 0.3 * each;
  rescale(header, panels);
  view.frame = { header: { ...header, nx, ny, circle: circleOf(view) }, panels };
  paint(view);
  view.root.dataset.alone = String(Number(view.root.dataset.alone || 0) + 1);
}

export function scheduleAlone(view, full = false) {
  view.aloneFull = full;
  scheduleOnce(view, "alone", () => drawAlone(view, view.aloneFull));
}

// The bands' edges for the heights that there are now, as the server would choose them.
function rescale(header, panels) {
  const ends = panels.map(({ grid }) => finiteEnds(grid));
  const shared = header.bar === "shared";
  const all = [Math.min(...ends.map(([low]) => low)), Math.max(...ends.map(([, high]) => high))];
  panels.forEach((panel, i) => {
    const [low, high] = shared ? all : ends[i];
    if (!(low < high)) return;
    panel.levels = bandEdges(low, high, panel.levels.length - 1, header.spacing);
    if (header.spacing !== "log") {
      panel.ticks = niceTicks(low, high, 7).map((value) => ({ value, text: tickText(value) }));
    }
  });
}

// What a slider of the page moves in the pictures (lossviz/ui/components/sliders says which, and when).

export function listenToSliders(view) {
  let drawn = false;
  followSliders(view, {
    sliders: () => view.served?.header.sliders || [],
    moved: ({ link }) => {
      drawn = drawsAlone(view, link);
      if (drawn) drawAlone(view, false);
    },
    rested: () => {
      if (drawn && view.moved.size) drawAlone(view, true);
      drawn = false;
    },
  });
}

export function settleSliders(view) {
  const { circle } = view.served.header;
  settleMoved(view, (link) => {
    if (circle && link in circle) return circle[link];
    const program = view.served.panels.find(({ program: p }) => p && link in p.links)?.program;
    return program?.values[program.names.indexOf(program.links[link])];
  });
}
