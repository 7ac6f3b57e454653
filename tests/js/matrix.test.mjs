// The cells of a matrix that is edited: where keys lead, and what may be typed.

import assert from "node:assert/strict";
import { test } from "node:test";

import { allowed, cellText, heat, moved, numberText } from "../../lossviz/ui/components/matrix/cells.js";

test("a key leads to the next cell, past the diagonal, and not over an edge", () => {
  assert.deepEqual(moved([0, 1], "ArrowRight", 3), [0, 2]);
  assert.deepEqual(moved([0, 1], "ArrowDown", 3), [2, 1]);
  assert.deepEqual(moved([2, 1], "ArrowUp", 3), [0, 1]);
  assert.deepEqual(moved([1, 0], "ArrowRight", 3), [1, 2]);
  assert.deepEqual(moved([1, 2], "ArrowDown", 3), [1, 2]);
  assert.deepEqual(moved([0, 2], "ArrowUp", 3), [0, 2]);
  assert.equal(moved([0, 1], "a", 3), null);
});

test("a number is kept within its limits, and nothing else is taken", () => {
  const limits = { low: 0, high: 1000 };
  assert.equal(allowed("4.5", limits), 4.5);
  assert.equal(allowed("-3", limits), 0);
  assert.equal(allowed("1e6", limits), 1000);
  assert.equal(allowed(" ", limits), null);
  assert.equal(allowed("many", limits), null);
});

test("a cell says its classes and its cost, and is the stronger the more it costs", () => {
  assert.equal(cellText(["cat", "dog"], [[0, 4], [1, 0]], 0, 1), "true cat, predicted dog: cost 4");
  assert.equal(numberText(0.123456), "0.123");
  assert.equal(numberText(1000), "1000");
  assert.equal(heat(0, 9), 0);
  assert.equal(heat(9, 9), 1);
  assert.ok(heat(1, 9) > 0.2 && heat(1, 9) < heat(2, 9));
  assert.equal(heat(0, 0), 0);
});
