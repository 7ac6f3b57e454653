// What the curves compute: readings, ticks, columns, the places of names.

import assert from "node:assert/strict";
import { test } from "node:test";

import { columnsFor } from "../../lossviz/ui/components/curves/charts.js";
import { spread } from "../../lossviz/ui/components/curves/lines.js";
import { axisText, indexAt, logTicks, readText } from "../../lossviz/ui/components/curves/scales.js";

const plain = { unit: "" };
const share = { unit: "%" };

test("nothing is read before it was measured, and nothing between two points", () => {
  const line = { x: [3, 4, 6] };
  assert.deepEqual([2.9, 3, 3.9, 4, 99].map((x) => indexAt(line, x)), [-1, 0, 0, 1, 2]);
  assert.equal(indexAt({ x: [] }, 1), -1);
});

test("per cent has one decimal when it is read and none on an axis of whole ones", () => {
  assert.equal(readText(share, 0.9712), "97.1 %");
  assert.equal(axisText(share, 0.5), "50 %");
  assert.equal(readText(plain, NaN), "no value");
  assert.equal(readText(plain, -1234.5), "−1235");
  assert.equal(axisText(plain, -1e-5), "−1e-5");
});

test("a log axis has powers of ten, or 2 and 5 between few", () => {
  assert.deepEqual(logTicks(0.01, 10), [0.01, 0.1, 1, 10]);
  assert.deepEqual(logTicks(0.9, 12), [1, 2, 5, 10]);
  assert.ok(logTicks(1e-12, 1).length <= 5);
});

test("no chart stands alone in the last row of several", () => {
  const rows = (width, count) => {
    const columns = columnsFor(count, (least) => Math.floor((width + 16) / (least + 16)));
    return Array.from({ length: Math.ceil(count / columns) }, (_, row) => Math.min(columns, count - row * columns));
  };
  assert.deepEqual(rows(914, 4), [2, 2]);
  assert.deepEqual(rows(1076, 4), [4]);
  assert.deepEqual(rows(914, 3), [3]);
  assert.deepEqual(rows(914, 5), [3, 2]);
  assert.deepEqual(rows(914, 7), [4, 3]);
  assert.deepEqual(rows(914, 1), [1]);
  assert.deepEqual(rows(536, 4), [2, 2]);
});

test("names keep their order and their distance within the chart, and move no more than needed", () => {
  for (const wanted of [[50, 50, 50], new Array(10).fill(8), new Array(10).fill(120), [10, 60, 100]]) {
    const places = spread(wanted, 12, 8, 120);
    places.forEach((place, i) => i && assert.ok(place - places[i - 1] >= 12 - 1e-9));
    assert.ok(places[0] >= 8 - 1e-9 && places.at(-1) <= 120 + 1e-9, `${places}`);
  }
  assert.deepEqual(spread([10, 60, 100], 12, 8, 120), [10, 60, 100]);
  assert.deepEqual(spread([50, 50], 12, 8, 120), [44, 56]);
});
