// The cells of a sweep: which one a place leads to, what is counted, and how it is said.

import assert from "node:assert/strict";
import { test } from "node:test";

import { bestThreshold, confusionOf, meanAndDeviation, metricCounts, ownAndOther, predictionsOf, recallsOf } from "../../lossviz/figures/cells/counting.js";
import { placesFor } from "../../lossviz/figures/cells/programs.js";
import { cellAt, cellsOfSeeds, placeWanted } from "../../lossviz/figures/cells/sweep.js";
import { measureText, placeWords, stateWords } from "../../lossviz/figures/cells/words.js";

const axis = (texts, letter) => ({ values: texts, of: [{ title: letter, letter, texts }, null] });
const header = {
  axes: [axis(["0°", "10°"], "m")],
  losses: [{ key: "arcface", title: "ArcFace" }, { key: "focal", title: "Focal" }],
  seeds: [{ text: "0" }, { text: "1" }],
};
const sweep = { header, cells: new Map([["0|1|0", "a"], ["0|1|1", "b"], ["1|-1|0", "c"]]) };

test("an axis that a loss lacks has no say", () => {
  assert.equal(cellAt(sweep, { loss: 0, at: [1], seed: 0 }), "a");
  assert.equal(cellAt(sweep, { loss: 0, at: [0], seed: 0 }), undefined);
  for (const at of [[0], [1]]) assert.equal(cellAt(sweep, { loss: 1, at, seed: 0 }), "c");
  assert.deepEqual(cellsOfSeeds(sweep, { loss: 0, at: [1], seed: 1 }), ["a", "b"]);
});

test("a place that is not there is one that is", () => {
  const wanted = (current) => placeWanted({ header: { ...header, current } });
  assert.deepEqual(wanted(null), { loss: 0, at: [1], seed: 0 });
  assert.deepEqual(wanted({ loss: "focal", at: [0], seed: 1 }), { loss: 1, at: [0], seed: 1 });
  assert.deepEqual(wanted({ loss: "gone", at: [7], seed: -1 }), { loss: 0, at: [1], seed: 0 });
  assert.deepEqual(wanted({ at: "x" }), { loss: 0, at: [1], seed: 0 });
});

test("the own class stands first in the code, the important ones next", () => {
  assert.deepEqual(placesFor({ classes: 5, important: [] }, 3), [3, 0, 1, 2, 4]);
  assert.deepEqual(placesFor({ classes: 5, important: [4, 1] }, 3), [3, 4, 1, 0, 2]);
  assert.deepEqual(placesFor({ classes: 5, important: [4, 1] }, 1), [1, 4, 0, 2, 3]);
});

test("the best threshold is the middle of the lowest range that is right most often", () => {
  const best = (pairs) => bestThreshold(pairs.map(([p]) => p), pairs.map(([, n]) => n));
  assert.deepEqual(best([[3, 1], [5, 2]]), { share: 1, threshold: 2.5 });
  assert.deepEqual(best([[1, 0], [3, 2]]), { share: 0.5, threshold: 0.5 });
  assert.deepEqual(best([[2, 0], [4, 2]]), { share: 0.5, threshold: 2 }); // ranges that touch are one
  assert.deepEqual(best([[0, 1], [1, 1]]), { share: 0, threshold: NaN });
  assert.deepEqual(best([[4, -Infinity]]), { share: 1, threshold: 0 });
  assert.deepEqual(best([[NaN, 0], [1, 0]]), { share: 0.5, threshold: 0.5 });
});

test("predictions, confusion and recall of five images by hand", () => {
  const scores = [2, 1, 0, 5, 1, 1, 3, 4, 0, 9];
  const predictions = predictionsOf(scores, 2);
  assert.deepEqual([...predictions], [0, 1, 0, 1, 1]);
  const confusion = confusionOf([0, 0, 1, 1, 1], predictions, 2);
  assert.deepEqual([...confusion], [1, 1, 1, 2]);
  assert.deepEqual([...recallsOf(confusion, 2)], [1 / 2, 2 / 3]);
  assert.ok(Number.isNaN(recallsOf(Uint32Array.of(1, 0, 0, 0), 2)[1]));
});

test("angles of a square, of equal and of zero vectors", () => {
  const weights = [1, 0, 0, 1, -1, 0];
  const { own, other } = ownAndOther([2, 0, 1, 1, 0, 0], weights, [0, 0, 1], 2);
  const degrees = (values) => Array.from(values, (value) => Number(((value * 180) / Math.PI).toFixed(9)));
  assert.deepEqual(degrees(own), [0, 45, 90]);
  assert.deepEqual(degrees(other), [90, 45, 90]);
});

test("a metric on an edge is in the bin above it, the largest in the last; equal metrics have room about them", () => {
  const { ends, positive, negative } = metricCounts([0, 1, 2, 4], [0, 0], 2, 4);
  assert.deepEqual([ends, [...positive], [...negative]], [[0, 4], [1, 0, 1, 0], [0, 1, 0, 1]]);
  assert.deepEqual(metricCounts([3, 3], [0], 2, 4).ends, [2.5, 3.5]);
  assert.equal(metricCounts([NaN, 3], [0], 2, 4), null);
});

test("the deviation over seeds is that of a sample, without what is missing", () => {
  assert.deepEqual(meanAndDeviation([1, NaN, 3]), { n: 2, mean: 2, deviation: Math.SQRT2 });
  assert.ok(Number.isNaN(meanAndDeviation([1]).deviation));
});

test("a cell in words", () => {
  assert.equal(placeWords(sweep, { loss: 0, at: [1], seed: 1 }), "ArcFace, m = 10°, seed 1");
  assert.equal(placeWords(sweep, { loss: 1, at: [1], seed: 0 }), "Focal, seed 0");
  assert.equal(stateWords({ state: "waiting" }), "not trained yet");
  assert.equal(stateWords({ state: "diverged", reason: "the loss is not finite" }), "training diverged: the loss is not finite");
  assert.deepEqual(["percent", "angle", "number"].map((format) => measureText(NaN, format)), ["–", "–", "–"]);
  assert.equal(measureText(Math.PI / 6, "angle"), "30.0°");
});
