// What a threshold gets right and wrong, counted sample by sample.

import assert from "node:assert/strict";
import { test } from "node:test";

import { countAt, rounded, unitOf } from "../../lossviz/ui/components/threshold/counting.js";

// Six samples of three classes: the metric of the own class, and the two others.
const POSITIVE = [5, 4, 3, 2, 1, -1];
const OTHERS = [[0, -1], [2, 1], [3.5, -2], [2, 0], [-1, -3], [-2, 4]];
const LABELS = [0, 0, 1, 1, 2, 2];
const negatives = OTHERS.flat().sort((a, b) => b - a);
const row = {
  positive: POSITIVE, negative: OTHERS.map((pair) => Math.max(...pair)), labels: LABELS,
  negatives: 12, tail: negatives, rest: [], rest_before: [],
};

test("the positive must lie above the threshold, a negative need not lie below", () => {
  // t = 2 splits the second sample exactly at its largest negative metric, and refuses the fourth.
  for (const t of [-3.5, -1, 0, 1.9, 2, 3.5, 5]) {
    const right = POSITIVE.map((positive, i) => positive > t && OTHERS[i].every((other) => other <= t));
    const told = countAt(row, 3, t);
    assert.equal(told.right, right.filter(Boolean).length);
    assert.equal(told.wrong, 6 - told.right);
    assert.equal(told.low, POSITIVE.filter((positive) => positive <= t).length);
    assert.equal(told.high, OTHERS.filter((pair) => pair.some((other) => other > t)).length);
    assert.deepEqual([...told.wrongOf], [0, 1, 2].map((k) => right.filter((is, i) => !is && LABELS[i] === k).length));
    assert.deepEqual(told.accepted, { count: negatives.filter((other) => other > t).length, exact: true });
  }
});

test("below a tail that is not whole, a count is about", () => {
  const cut = { ...row, tail: negatives.slice(0, 3), rest: [1, -3.5], rest_before: [5, 12] };
  assert.deepEqual(countAt(cut, 3, 3).accepted, { count: 2, exact: true });
  assert.deepEqual(countAt(cut, 3, 0.5).accepted, { count: 12, exact: false });
});

test("a threshold has the digits that a pixel can tell", () => {
  assert.equal(unitOf(-4, 6), 0.01);
  assert.equal(rounded(1.23456, 0.01), 1.23);
  assert.equal(rounded(123.4, 10), 120);
});
