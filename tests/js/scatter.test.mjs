// What the scatter computes: frames that are kept, colours of numbers, what the legend says of them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { colourItems, shareOf } from "../../lossviz/figures/scatter/colours.js";
import { describe as words, readPicture } from "../../lossviz/figures/scatter/packet.js";
import { keepSeen, recallSeen } from "../../lossviz/figures/scatter/seen.js";

test("only so many bytes of shown frames are kept, and the newest stay", () => {
  const frames = new Map([[1, { bytes: 70e6 }], [2, { bytes: 20e6 }]]);
  const header = { series: "race", timeline: { steps: [3], position: 0 } };
  const view = { seen: { series: "race", bytes: 90e6, frames }, frame: { header, panels: [], bytes: 10e6 } };
  keepSeen(view);
  assert.deepEqual([...frames.keys()], [2, 3]);
  assert.equal(view.seen.bytes, 30e6);
});

test("a frame of another series is not recalled", () => {
  const at = (series) => ({ header: { series, timeline: { steps: [0, 5], position: 0 } }, panels: [{ state: "" }], bytes: 8 });
  const view = { frame: at("one"), position: 0 };
  keepSeen(view);
  assert.ok(recallSeen(view));
  view.frame = at("two");
  assert.ok(!recallSeen(view));
});

test("numbers have their place between the ends; on a log scale by ratios", () => {
  const linear = { low: 0, high: 10, log: false };
  assert.deepEqual([-5, 5, 99].map((value) => shareOf(linear, value)), [0, 0.5, 1]);
  const log = { low: 0.01, high: 1, log: true };
  assert.deepEqual([0, 0.01, 0.1, 1].map((value) => Number(shareOf(log, value).toFixed(9))), [0, 0, 0.5, 1]);
  assert.ok(Number.isNaN(shareOf(linear, NaN)));
});

test("the legend names the scale and its ends", () => {
  const options = { colour: "value", values: { title: "loss", low: 0.01, high: 1, log: true, unit: "" } };
  const view = { frame: { header: { options, colours: { loss: ["#000", "#fff"] } }, panels: [] } };
  assert.deepEqual(colourItems(view).map(([text]) => text), ["loss (log), 0.01 to 1"]);
});

test("a panel in words tells the share and the worst class; points that are not finite are counted", () => {
  const arrays = { features: [1, 0, 0, 1, 2, 2, NaN, 0], labels: [0, 1, 1, 0], predictions: [0, 1, 0, 0] };
  const panel = { title: "ArcFace", note: "", warning: null, state: "", text: "", classes: ["cat", "dog"], points: 4, dims: 2, arrays };
  const { panels } = readPicture({ header: { panels: [panel], picked: null, timeline: { steps: [], epochs: [] } }, array: (values) => values, size: 0 });
  assert.equal(words(panels[0]), "ArcFace: 3 points of 2 classes, 66.7 % of them right; worst class dog with 50.0 %, 1 points are not finite");
  assert.equal(panels[0].reach, 1.08 * 2);
});
