// Numbers as they are read: lossviz/figures/canvas/numbers.js.

import assert from "node:assert/strict";
import { test } from "node:test";

import { niceTicks, perCent, placeText, settingText, shortText, tickText, withIndex } from "../../lossviz/figures/canvas/numbers.js";

test("ticks are round, inside, and no more than are wanted", () => {
  assert.deepEqual(niceTicks(-2, 2, 5), [-2, -1, 0, 1, 2]);
  assert.deepEqual(niceTicks(0.2, 9.7, 5), [2, 4, 6, 8]);
  assert.deepEqual(niceTicks(1, 1, 5), []);
  for (const [low, high] of [[-3.1, 8.4], [0, 1e-9], [1e6, 1.0001e6]]) {
    const ticks = niceTicks(low, high, 6);
    const slack = 1e-9 * (high - low);
    assert.ok(ticks.length >= 2 && ticks.length <= 7, `${ticks}`);
    assert.ok(ticks.every((tick) => tick >= low - slack && tick <= high + slack));
  }
});

test("a minus is a minus, and digits that say nothing are left out", () => {
  assert.equal(tickText(-0.1 - 0.2), "−0.3");
  assert.equal(shortText(1234.5678, 3), "1230");
  assert.equal(placeText([1, -0.5]), "(1.00, −0.50)");
  assert.equal(placeText([-0.001, 2.345]), "(0.00, 2.35)");
});

test("angles are read in degrees", () => {
  assert.equal(settingText(Math.PI / 3, "rad"), "60°");
  assert.equal(settingText(16.00004, ""), "16");
});

test("what is no share is a dash", () => {
  assert.deepEqual([0.9712, 0, NaN, Infinity].map(perCent), ["97.1 %", "0.0 %", "–", "–"]);
});

test("numbers of classes are set low", () => assert.equal(withIndex("W", "10"), "W₁₀"));
