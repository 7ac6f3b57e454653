// A picture, from a message whose fields are listed in README.md.

import { markGaps } from "../canvas/fill.js";
import { perCent } from "../canvas/numbers.js";

const EPOCH = 10000; // epochs come in whole parts of it

export function readPicture({ header, array, size }) {
  const panels = header.panels.map((panel) => {
    const read = { ...panel };
    for (const [name, place] of Object.entries(panel.arrays)) read[name] = array(place);
    if (read.field) read.hasGaps = markGaps(read.field);
    measure(read);
    return read;
  });
  const image = header.picked?.image ? array(header.picked.image) : null;
  const steps = Array.from(array(header.timeline.steps));
  const epochs = Array.from(array(header.timeline.epochs), (part) => part / EPOCH);
  return { header: { ...header, timeline: { ...header.timeline, steps, epochs } }, panels, image, bytes: size };
}

// What the points say about themselves: how far they reach, class means, who is right.
function measure(panel) {
  const { features, labels, predictions, dims, classes } = panel;
  const count = panel.points;
  const sums = new Float64Array(classes.length * dims);
  const sizes = new Uint32Array(classes.length);
  const hits = new Uint32Array(classes.length);
  let farthest = 0;
  let gaps = 0;
  for (let p = 0; p < count; p++) {
    const k = labels[p];
    let finite = true;
    for (let j = 0; j < dims; j++) finite &&= Number.isFinite(features[p * dims + j]);
    if (!finite) {
      gaps++;
      continue;
    }
    sizes[k]++;
    if (!predictions || predictions[p] === k) hits[k]++;
    for (let j = 0; j < dims; j++) {
      const value = features[p * dims + j];
      sums[k * dims + j] += value;
      farthest = Math.max(farthest, Math.abs(value));
    }
  }
  panel.gaps = gaps;
  panel.sizes = sizes;
  panel.hits = hits;
  panel.means = sums.map((sum, i) => sum / sizes[Math.floor(i / dims)]);
  panel.middle = [0, 0];
  if (panel.axes && dims === 2) farthest = centre(panel);
  // Above small clusters stand their names.
  const room = panel.axes && !panel.axes.length ? 1.18 : 1.08;
  if (!(panel.reach > 0)) panel.reach = farthest > 0 ? room * farthest : 1;
}

// Of projected features the origin says little: the window stands about what there is. Gives half its width.
function centre(panel) {
  const ends = [0, 1].map(() => [Infinity, -Infinity]);
  for (let p = 0; p < 2 * panel.points; p++) {
    const value = panel.features[p];
    const end = ends[p % 2];
    if (Number.isFinite(value)) [end[0], end[1]] = [Math.min(end[0], value), Math.max(end[1], value)];
  }
  if (!ends.flat().every(Number.isFinite)) return 0;
  panel.middle = ends.map(([low, high]) => (low + high) / 2);
  return Math.max(...ends.map(([low, high]) => (high - low) / 2));
}

// The key values of a panel in words, where the server has not written them.
export function describe(panel) {
  if (panel.text) return panel.text;
  const start = [panel.title, panel.note, panel.warning, panel.state].filter(Boolean).join(", ");
  const shown = panel.points - panel.gaps;
  if (!shown) return start || "Embedding";
  const words = [`${start}: ${shown} points of ${panel.classes.length} classes`];
  if (panel.predictions) {
    const rates = panel.classes.map((_, k) => (panel.sizes[k] ? panel.hits[k] / panel.sizes[k] : Infinity));
    const worst = rates.indexOf(Math.min(...rates));
    const right = panel.hits.reduce((sum, n) => sum + n, 0) / shown;
    words.push(`${perCent(right)} of them right; worst class ${panel.classes[worst]} with ${perCent(rates[worst])}`);
  }
  if (panel.gaps) words.push(`${panel.gaps} points are not finite`);
  return words.join(", ");
}
