// What scores and angles say of a cell, counted as lossviz.metrics does, which is the oracle. Nothing here draws.

export const ANGLE_BINS = 90; // of 2° each
export const METRIC_BINS = 60;

// scores: [P, K], row by row. The class with the highest score, the first of several.
export function predictionsOf(scores, classes) {
  const found = new Uint16Array(scores.length / classes);
  for (let p = 0; p < found.length; p++) {
    let best = 0;
    for (let k = 1; k < classes; k++) if (scores[p * classes + k] > scores[p * classes + best]) best = k;
    found[p] = best;
  }
  return found;
}

// [true, predicted], row by row.
export function confusionOf(labels, predictions, classes) {
  const counts = new Uint32Array(classes * classes);
  for (let p = 0; p < labels.length; p++) counts[labels[p] * classes + predictions[p]]++;
  return counts;
}

// NaN for a class without samples.
export function recallsOf(confusion, classes) {
  return Float64Array.from({ length: classes }, (_, k) => {
    let total = 0;
    for (let j = 0; j < classes; j++) total += confusion[k * classes + j];
    return confusion[k * classes + k] / total;
  });
}

// The positive metric and the largest negative one of each sample.
export function positivesAndNegatives(scores, labels, classes) {
  const positive = new Float64Array(labels.length);
  const negative = new Float64Array(labels.length).fill(-Infinity);
  for (let p = 0; p < labels.length; p++) {
    positive[p] = scores[p * classes + labels[p]];
    for (let k = 0; k < classes; k++) {
      if (k !== labels[p]) negative[p] = Math.max(negative[p], scores[p * classes + k]);
    }
  }
  return { positive, negative };
}

// { share, threshold }: the largest share with positive > t ≥ negative, and the middle of the lowest range of
// thresholds that reach it; NaN where no sample can be right.
export function bestThreshold(positive, negative) {
  const events = [];
  for (let p = 0; p < positive.length; p++) {
    if (Number.isFinite(positive[p]) && negative[p] < positive[p]) events.push([negative[p], 1], [positive[p], -1]);
  }
  events.sort((a, b) => a[0] - b[0]);
  let [right, most, low, high] = [0, 0, NaN, NaN];
  for (let i = 0; i < events.length;) {
    const at = events[i][0];
    const before = right;
    for (; i < events.length && events[i][0] === at; i++) right += events[i][1];
    if (right > most) [most, low, high] = [right, at, NaN];
    else if (right < before && before === most && Number.isNaN(high)) high = at;
  }
  return { share: most / Math.max(1, positive.length), threshold: most ? middleOf(low, high) : NaN };
}

function middleOf(low, high) {
  if (low === -Infinity) return high - Math.max(1, Math.abs(high));
  const middle = low / 2 + high / 2;
  return low <= middle && middle < high ? middle : low;
}

// All positive and all negative metrics on common edges of one width; null where one is not finite.
export function metricCounts(scores, labels, classes, bins = METRIC_BINS) {
  let [low, high] = [Infinity, -Infinity];
  for (const score of scores) {
    if (!Number.isFinite(score)) return null;
    low = Math.min(low, score);
    high = Math.max(high, score);
  }
  if (!(high - low > 1e-9 * Math.max(Math.abs(low), Math.abs(high), 1e-9))) [low, high] = [low - 0.5, high + 0.5];
  const width = (high - low) / bins;
  const edge = (b) => (b === bins ? high : low + b * width);
  const positive = new Uint32Array(bins);
  const negative = new Uint32Array(bins);
  for (let p = 0; p < labels.length; p++) {
    for (let k = 0; k < classes; k++) {
      const value = scores[p * classes + k];
      let b = Math.min(bins - 1, Math.max(0, Math.floor((value - low) / width)));
      if (value < edge(b)) b--;
      else if (b < bins - 1 && value >= edge(b + 1)) b++;
      (k === labels[p] ? positive : negative)[b]++;
    }
  }
  return { ends: [low, high], positive, negative };
}

// The angle of each feature to its own class weight and to the nearest other one, in radians; a zero vector
// is at right angles to all. features: [P, d]; weights: [K, d].
export function ownAndOther(features, weights, labels, dimension) {
  const classes = weights.length / dimension;
  const towards = unitRows(weights, dimension);
  const from = unitRows(features, dimension);
  const own = new Float64Array(labels.length);
  const other = new Float64Array(labels.length).fill(NaN);
  for (let p = 0; p < labels.length; p++) {
    for (let k = 0; k < classes; k++) {
      const angle = between(from, p, towards, k, dimension);
      if (k === labels[p]) own[p] = angle;
      else if (!(angle >= other[p])) other[p] = angle;
    }
  }
  return { own, other };
}

function unitRows(rows, d) {
  const found = Float64Array.from(rows);
  for (let at = 0; at < found.length; at += d) {
    let length = 0;
    for (let j = 0; j < d; j++) length = Math.hypot(length, found[at + j]);
    for (let j = 0; j < d; j++) found[at + j] = length ? found[at + j] / length : 0;
  }
  return found;
}

// By half the angle, which keeps its digits near 0 and π too.
function between(a, p, b, k, d) {
  let [apart, along] = [0, 0];
  for (let j = 0; j < d; j++) {
    const [x, y] = [a[p * d + j], b[k * d + j]];
    apart += (x - y) * (x - y);
    along += (x + y) * (x + y);
  }
  return 2 * Math.atan2(Math.sqrt(apart), Math.sqrt(along));
}

// How many values of each class lie in each bin of 2°: [K, B], row by row. values in radians.
export function angleCounts(values, labels, classes) {
  const counts = new Uint32Array(classes * ANGLE_BINS);
  for (let p = 0; p < values.length; p++) {
    const bin = Math.min(ANGLE_BINS - 1, Math.floor((values[p] * 180) / Math.PI / (180 / ANGLE_BINS)));
    if (bin >= 0) counts[labels[p] * ANGLE_BINS + bin]++;
  }
  return counts;
}

// Mean and standard deviation (divided by n − 1) of what is finite.
export function meanAndDeviation(values) {
  const finite = values.filter(Number.isFinite);
  const n = finite.length;
  const mean = finite.reduce((sum, value) => sum + value, 0) / n;
  const squares = finite.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { n, mean, deviation: n > 1 ? Math.sqrt(squares / (n - 1)) : NaN };
}
