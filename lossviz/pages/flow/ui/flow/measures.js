// What the geometry of a flow is: the measures of lossviz/fields/flow.py, which is the oracle.

import { evaluateFlow, scoreFlow } from "./engine.js";

export function measureFlow(flow, settings) {
  evaluateFlow(flow, settings);
  scoreFlow(flow, settings);
  const means = meanDirections(flow);
  const gaps = flow.dimension === 2 ? gapsAround(means) : nearestAngles(means);
  return {
    loss: flow.loss,
    ...accuracies(flow),
    within: withinBetween(flow),
    smallest: Math.min(...gaps),
    largest: Math.max(...gaps),
    merged: mergedPairs(flow, means, settings.merging),
  };
}

// The share of right predictions, and with one threshold for all: positive > t ≥ every negative.
function accuracies({ scores, labels, count, classes: K }) {
  let right = 0;
  const ends = [];
  for (let i = 0; i < count; i++) {
    const positive = scores[i * K + labels[i]];
    let best = 0;
    let negative = -Infinity;
    for (let k = 0; k < K; k++) {
      if (scores[i * K + k] > scores[i * K + best]) best = k;
      if (k !== labels[i]) negative = Math.max(negative, scores[i * K + k]);
    }
    if (best === labels[i]) right++;
    if (negative < positive && Number.isFinite(positive)) ends.push([negative, 1], [positive, -1]);
  }
  // At one place ends count before starts: the upper end is not within.
  ends.sort((p, q) => p[0] - q[0] || p[1] - q[1]);
  let open = 0;
  let most = 0;
  for (const [, change] of ends) {
    open += change;
    most = Math.max(most, open);
  }
  return { accuracy: right / count, uniform: most / count };
}

// The direction of the mean of the features of each class, each of length 1 first.
function meanDirections({ features, from, classes, dimension: d }) {
  return Array.from({ length: classes }, (_, k) => {
    const mean = new Array(d).fill(0);
    for (let i = from[k]; i < from[k + 1]; i++) {
      const row = features.subarray(i * d, i * d + d);
      const length = Math.hypot(...row) || 1;
      for (let j = 0; j < d; j++) mean[j] += row[j] / length;
    }
    const length = Math.hypot(...mean) || 1;
    return mean.map((value) => value / length);
  });
}

export function angleBetween(p, q) {
  return Math.acos(Math.min(1, Math.max(-1, p.reduce((sum, value, j) => sum + value * q[j], 0))));
}

function gapsAround(means) {
  const turns = means.map(([x, y]) => Math.atan2(y, x)).sort((p, q) => p - q);
  return turns.map((turn, i) => (i + 1 < turns.length ? turns[i + 1] : turns[0] + 2 * Math.PI) - turn);
}

function nearestAngles(means) {
  return means.map((p, i) => Math.min(...means.filter((_, k) => k !== i).map((q) => angleBetween(p, q))));
}

// Pairs of classes that share a direction: lossviz/metrics/merging.py.
function mergedPairs({ scores, labels, count, head, classes: K, dimension: d }, means, { near, taken }) {
  const weights = Array.from({ length: K }, (_, k) => direction(head.subarray(k * d, k * d + d)));
  const counts = squares(K);
  for (let i = 0; i < count; i++) {
    let best = 0;
    for (let k = 0; k < K; k++) if (scores[i * K + k] > scores[i * K + best]) best = k;
    counts[labels[i]][best]++;
  }
  const lost = (i, k) => counts[i][k] / Math.max(1, counts[i][i] + counts[i][k]);
  const found = [];
  for (let i = 0; i < K; i++) {
    for (let k = i + 1; k < K; k++) {
      const apart = Math.max(angleBetween(weights[i], weights[k]), angleBetween(means[i], means[k]));
      if (apart < near && (lost(i, k) + lost(k, i)) / 2 >= taken) found.push([i, k]);
    }
  }
  return found;
}

export function direction(vector) {
  const length = Math.hypot(...vector) || 1;
  return Array.from(vector, (value) => value / length);
}

// Whether classes that share a direction may still part: while margins grow, and while the loss falls by a
// twentieth over the last tenth of the steps since.
export function stillFalls(history, { anneal, anneals, anneal_steps, merging }) {
  const now = history[history.length - 1];
  const from = anneal && anneals.length ? anneal_steps : 0;
  const before = history.filter((told) => told.step >= from && told.step <= 0.9 * now.step).map((told) => told.loss);
  const least = Math.min(...before);
  return !before.length || least - now.loss > merging.fall * Math.abs(least);
}

// Of the features of each class.
export function meansOf({ features, from, classes, dimension: d }) {
  return Array.from({ length: classes }, (_, k) => {
    const mean = new Array(d).fill(0);
    for (let i = from[k]; i < from[k + 1]; i++) for (let j = 0; j < d; j++) mean[j] += features[i * d + j];
    return mean.map((value) => value / (from[k + 1] - from[k]));
  });
}

// NC1, tr(Σ_W Σ_B⁺)/K: every class counts the same.
function withinBetween({ features, from, classes: K, dimension: d }) {
  const means = meansOf({ features, from, classes: K, dimension: d });
  const centre = means[0].map((_, j) => means.reduce((sum, mean) => sum + mean[j], 0) / K);
  const within = squares(d);
  const between = squares(d);
  means.forEach((mean, k) => {
    addSquare(between, mean.map((value, j) => value - centre[j]), 1 / K);
    for (let i = from[k]; i < from[k + 1]; i++) {
      addSquare(within, mean.map((value, j) => features[i * d + j] - value), 1 / K / (from[k + 1] - from[k]));
    }
  });
  const { values, vectors } = eigen(between);
  const least = Math.max(...values) * 1e-12;
  let total = 0;
  values.forEach((value, n) => {
    if (!(value > least)) return;
    const along = vectors[n];
    for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) total += (along[i] * within[i][j] * along[j]) / value;
  });
  return Math.max(...values) > 0 ? total / K : NaN;
}

function squares(d) {
  return Array.from({ length: d }, () => new Array(d).fill(0));
}

function addSquare(sum, vector, share) {
  for (let i = 0; i < vector.length; i++) {
    for (let j = 0; j < vector.length; j++) sum[i][j] += share * vector[i] * vector[j];
  }
}

// Of a symmetric matrix, by Jacobi's rotations.
function eigen(matrix) {
  const d = matrix.length;
  const m = matrix.map((row) => [...row]);
  const v = squares(d).map((row, i) => row.map((_, j) => (i === j ? 1 : 0)));
  for (let sweep = 0; sweep < 30; sweep++) {
    for (let p = 0; p < d; p++) {
      for (let q = p + 1; q < d; q++) {
        if (m[p][q] === 0) continue;
        const turn = 0.5 * Math.atan2(2 * m[p][q], m[p][p] - m[q][q]);
        const c = Math.cos(turn);
        const s = Math.sin(turn);
        for (let i = 0; i < d; i++) [m[i][p], m[i][q]] = [c * m[i][p] + s * m[i][q], c * m[i][q] - s * m[i][p]];
        for (let i = 0; i < d; i++) [m[p][i], m[q][i]] = [c * m[p][i] + s * m[q][i], c * m[q][i] - s * m[p][i]];
        for (let i = 0; i < d; i++) [v[i][p], v[i][q]] = [c * v[i][p] + s * v[i][q], c * v[i][q] - s * v[i][p]];
      }
    }
  }
  return { values: m.map((row, i) => row[i]), vectors: v.map((_, n) => v.map((row) => row[n])) };
}
