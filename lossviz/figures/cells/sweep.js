// A sweep, from a message whose fields are listed in README.md: its cells by their place, its arrays when asked for.

import { readMessage } from "../canvas/wire.js";

export function readSweep(data) {
  const message = readMessage(data);
  if (!message) return null;
  const { header, array } = message;
  if (header.kind !== "lossviz sweep" || header.format !== 1) throw new Error(`not a sweep of this version: ${header.kind} ${header.format}`);
  const cells = new Map(header.cells.map((cell, index) => [nameOf(cell), { ...cell, index }]));
  return { header, array, cells, values: array(header.values) };
}

const nameOf = ({ loss, at, seed }) => `${loss}|${at.join()}|${seed}`;

// Of a place {loss, at, seed}: an axis that the loss lacks has no say. undefined where no cell is there.
export function cellAt(sweep, { loss, at, seed }) {
  const own = at.map((index, i) => (sweep.header.axes[i].of[loss] ? index : -1));
  return sweep.cells.get(nameOf({ loss, at: own, seed }));
}

// The place that the server wants shown, within what there is; without one, that of the middle.
export function placeWanted({ header }) {
  const { current, axes, losses, seeds } = header;
  const within = (index, count) => (Number.isInteger(index) && index >= 0 && index < count ? index : null);
  const loss = losses.findIndex(({ key }) => key === current?.loss);
  return {
    loss: Math.max(0, loss),
    at: axes.map(({ values }, i) => within(current?.at?.[i], values.length) ?? Math.floor(values.length / 2)),
    seed: within(current?.seed, seeds.length) ?? 0,
  };
}

// A measure of a cell by its name; NaN where it has none.
export function measureOf({ header, values }, cell, name) {
  const known = header.measures.length;
  const count = values.length / header.cells.length;
  const column = header.measures.findIndex((measure) => measure.name === name);
  if (column >= 0) return values[cell.index * count + column];
  const k = name.startsWith("recall_") ? Number(name.slice(7)) : NaN;
  return known + k < count ? values[cell.index * count + known + k] : NaN;
}

// The cells that differ from one by their seed alone.
export function cellsOfSeeds(sweep, place) {
  return sweep.header.seeds.map((_, seed) => cellAt(sweep, { ...place, seed })).filter(Boolean);
}

// The arrays of a cell: features in their own units.
export function featuresOf({ array }, cell) {
  const steps = array(cell.features);
  return Float32Array.from(steps, (step) => step * cell.scale);
}
