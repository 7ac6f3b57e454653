// What the contour picture computes by itself: decision boundaries, arcs of the circle, functions of programs.

import assert from "node:assert/strict";
import { test } from "node:test";

import { drawsAlone, useFunctions } from "../../lossviz/ui/components/contours/engine.js";
import { tiesBetween } from "../../lossviz/ui/components/contours/ties.js";
import { arcsBelow, openingText } from "../../lossviz/ui/components/contours/valley.js";

const close = (found, wanted, by) => assert.ok(Math.abs(found - wanted) <= by, `${found} is not ${wanted}`);
const even = (low, high, count) => Float64Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));

test("scores z₂ and −z₂ tie on z₂ = 0: one line from end to end", () => {
  const [xs, ys] = [even(-1, 1, 11), even(-1.03, 0.97, 11)];
  const scores = [1, -1].map((sign) => Float64Array.from({ length: 121 }, (_, i) => sign * ys[Math.floor(i / 11)]));
  const lines = tiesBetween(scores, xs, ys);
  assert.equal(lines.length, 1);
  const [line] = lines;
  assert.equal(line.length, 22);
  for (let i = 1; i < line.length; i += 2) close(line[i], 0, 1e-9);
  assert.deepEqual([line[0], line[20]].sort((a, b) => a - b), [-1, 1]);
});

test("a valley or a peak between two samples of the circle is found", () => {
  // 1 − cos(θ − 0.7013) is below ℓ within arccos(1 − ℓ) of its lowest place.
  const height = (angle) => 1 - Math.cos(angle - 0.7013);
  const width = ([[start, end]]) => end - start;
  const half = Math.acos(1 - 1e-6);
  close(width(arcsBelow(height, 1e-6)), 2 * half, 2e-3 * half);
  close(2 * Math.PI - width(arcsBelow(height, 2 - 1e-6)), 2 * half, 2e-3 * half);
});

test("nowhere and everywhere", () => {
  assert.deepEqual(arcsBelow(() => 1, 0.5), []);
  assert.equal(openingText([]), "0° (nowhere)");
  assert.equal(openingText(arcsBelow(() => 0, 0.5)), "360° (everywhere)");
  assert.equal(openingText(arcsBelow(Math.cos, 0)), "180.0°");
  assert.equal(openingText(arcsBelow((angle) => Math.cos(2 * angle), 0)), "180.0° in 2 arcs");
});

test("a program is code in the frame, or a function that a module has brought", () => {
  const served = (id, programs) => ({ served: { header: { programs }, panels: [{ program: { id } }] } });
  assert.ok(drawsAlone(served("source", { source: "(a, xs, ys, out, scores) => {}" }), "weight"));
  assert.ok(!drawsAlone(served("module", {}), "weight"));
  useFunctions({ module: () => {} });
  assert.ok(drawsAlone(served("module", {}), "weight"));
  assert.ok(drawsAlone(served("module", undefined), "weight"));
  assert.ok(!drawsAlone({ served: { header: {}, panels: [{ program: null }] } }, "weight"));
});
