// The embedding of a cell, drawn by the scatter: points, class weights, and what lies behind them.

import { bandEdges } from "../canvas/bands.js";
import { finiteEnds } from "../canvas/fill.js";
import { perCent } from "../canvas/numbers.js";
import { readPicture } from "../scatter/packet.js";
import { clearTimers, createView } from "../scatter/page.js";
import { receivePicture } from "../scatter/painting.js";
import { drawsLoss, drawsRegions, lossOverPlane, regionsOverPlane } from "./programs.js";
import { measureOf } from "./sweep.js";
import { stateWords } from "./words.js";

const [DRAFT_NODES, FULL_NODES, REGION_NODES] = [44, 120, 180]; // a side of the grid behind the points
const [DRAFT_PX, FULL_PX] = [150, 480]; // and of its pixels
const STILL = { steps: [], epochs: [], position: 0, live: false, playing: false, running: false };

export function createEmbedding(view, parent) {
  const scatter = createView(parent);
  view.scatter = scatter;
  scatter.trigger = (name, event) => {
    if (name !== "pick") return;
    view.echo = event.id;
    view.picked = event.panel === null ? null : event.index;
    requestAnimationFrame(() => view.repaint());
  };
}

export function destroyEmbedding({ scatter }) {
  clearTimers(scatter);
  scatter.stop.abort();
  scatter.root.remove();
}

// What may lie behind the points of a cell, and what does.
export function layersOf(view, { program, features }) {
  if (!features) return ["none"];
  const has = { loss: drawsLoss(view.sweep, program), regions: drawsRegions(view.sweep, program), none: true };
  return ["loss", "regions", "none"].filter((layer) => has[layer]);
}

export const layerOf = (view, reading) => (layersOf(view, reading).includes(view.layer) ? view.layer : layersOf(view, reading)[0]);

export function paintEmbedding(view, place, cell, reading, { title, height, full }) {
  const { scatter } = view;
  const { header } = view.sweep;
  scatter.groundPx = full ? FULL_PX : DRAFT_PX;
  const layer = layerOf(view, reading);
  const panel = reading.features ? panelOf(view, cell, reading, layer, full) : emptyPanel(cell, reading);
  const index = reading.features && view.picked !== null && view.picked < panel.points ? view.picked : null;
  const picture = {
    frame: ++view.frames, echo: view.echo ?? 0, message: "", series: "", state: "",
    panels: [{ ...panel, title }],
    timeline: STILL,
    options: {
      layer: layer === "loss" ? "field" : layer, of_class: layer === "loss" ? view.ofClass : null, weights: true, centers: true, shapes: false, linked: false,
      interactive: true, presentation: false, height, beneath: 0, columns: 1, colour: "label", values: null,
    },
    colours: header.colours,
    picked: index === null ? null : pickedOf(view, reading, index),
  };
  receivePicture(scatter, readPicture({ header: picture, array: (values) => values, size: 0 }));
}

function emptyPanel(cell, { dimension }) {
  const many = dimension ? `${dimension} dimensions are too many to draw; the counts beside are of all of them` : "";
  return { run: "none", note: "", warning: null, state: many || stateWords(cell), text: "", classes: [], points: 0, dims: 2, arrays: {}, reach: null, extent: null, grid: null, levels: [], thresholds: [], axes: null, image_set: "test image", image: null };
}

function panelOf(view, cell, reading, layer, full) {
  const { images, labels, classes, dimension, program, head, predictions } = reading;
  const { reach } = cell;
  const drawn = planeOf(view, cell, reading);
  const count = !full ? DRAFT_NODES : layer === "regions" ? REGION_NODES : FULL_NODES;
  const ground = groundOf(view, { layer, program, head, reach, count });
  const pixels = pixelsOf(view, images);
  const share = measureOf(view.sweep, cell, "test_accuracy");
  const flat = dimension > 3 ? `first two principal axes of ${dimension} dimensions · ` : "";
  const all = images.test_count ?? labels.length;
  const some = labels.length < all ? `, ${labels.length} drawn` : "";
  return {
    run: `reach ${reach}`,
    note: `${flat}${perCent(share)} of ${all} test images right${some}`,
    warning: null,
    state: cell.state === "finished" ? "" : stateWords(cell),
    text: "", classes: images.classes, points: labels.length, dims: drawn.dims, reach,
    extent: [-reach, reach, -reach, reach], grid: [count, count], levels: ground.levels ?? [], thresholds: [],
    axes: dimension > 3 ? ["first axis", "second axis"] : null,
    image_set: "test image", image: pixels && [images.shape[1], images.shape[2], images.shape[0]],
    arrays: {
      features: drawn.features, labels, weights: drawn.weights,
      ...(predictions ? { predictions } : {}),
      ...(drawn.centers ? { centers: drawn.centers } : {}),
      ...(ground.field ? { field: ground.field } : {}),
      ...(ground.regions ? { regions: ground.regions } : {}),
      ...(images.indices ? { numbers: view.sweep.array(images.indices) } : {}),
      ...(pixels ? { images: pixels } : {}),
    },
  };
}

// Features, weights and centres as they are drawn: in two or three dimensions as they are, else on the plane.
function planeOf(view, cell, { features, head, dimension }) {
  if (dimension <= 3 && dimension > 1) return { features, weights: head.weights, centers: head.centers, dims: dimension };
  const axes = cell.plane ? view.sweep.array(cell.plane) : Float32Array.of(1, 0);
  const onto = (rows) => {
    const found = new Float32Array((2 * rows.length) / dimension);
    for (let p = 0; p * dimension < rows.length; p++) {
      for (let j = 0; j < dimension; j++) {
        found[2 * p] += rows[p * dimension + j] * axes[j];
        found[2 * p + 1] += rows[p * dimension + j] * (axes[dimension + j] ?? 0);
      }
    }
    return found;
  };
  return { features: onto(features), weights: onto(head.weights), centers: head.centers && onto(head.centers), dims: 2 };
}

function groundOf(view, { layer, program, head, reach, count }) {
  const { sweep } = view;
  if (layer === "regions") return { regions: regionsOverPlane(sweep, program, head, reach, count) };
  if (layer !== "loss") return {};
  const field = lossOverPlane(sweep, program, head, view.ofClass, reach, count);
  const [low, high] = finiteEnds(field.map((value) => (Number.isFinite(value) ? value : NaN)));
  const edges = low < high ? bandEdges(low, high, sweep.header.colours.loss.length, "linear") : Float64Array.of(low - 1e-9, low + 1e-9);
  return { field, levels: Array.from(edges) };
}

// The pixels of the images that a cell shows, channels last; null where the sweep has none.
function pixelsOf(view, images) {
  if (!images.pixels) return null;
  view.pixels ??= new Map();
  if (!view.pixels.has(images)) {
    const given = view.sweep.array(images.pixels);
    const [channels, height, width] = images.shape;
    const area = height * width;
    view.pixels.set(images, channels === 1 ? given : given.map((_, i) => {
      const [image, within] = [Math.floor(i / (area * channels)), i % (area * channels)];
      return given[image * area * channels + (within % channels) * area + Math.floor(within / channels)];
    }));
  }
  return view.pixels.get(images);
}

function pickedOf(view, { images }, index) {
  const picked = { panel: 0, index, lines: [] };
  const pixels = pixelsOf(view, images);
  if (!pixels) return picked;
  const [channels, height, width] = images.shape;
  const size = channels * height * width;
  return { ...picked, width, height, channels, image: pixels.subarray(index * size, (index + 1) * size) };
}
