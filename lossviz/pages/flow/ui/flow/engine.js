// The flow itself: the steps of lossviz/fields/flow.py, which is the oracle, from the code of the losses.
//
// A setting is what the server sent last, so a slider acts on a flow that runs.

export const FAR = 1000; // a number of a feature, weight or centre beyond this: the flow has run away
const [SHORTER, LONGER, LEAST] = [0.5, 1.1, 0.05]; // a step after one that overshot, after one that did not; at least

const flowPrograms = new Map();

function flowProgram(source) {
  if (!flowPrograms.has(source)) flowPrograms.set(source, new Function(`"use strict"; return ${source};`)());
  return flowPrograms.get(source);
}

export function createFlow(settings) {
  const { dimension, labels, features, weights, bias, centers } = settings.start;
  const count = labels.length;
  const classes = weights.length / dimension;
  const from = Array.from({ length: classes + 1 }, (_, k) => labels.filter((label) => label < k).length);
  const head = Float64Array.from([...weights, ...bias, ...centers]);
  return {
    step: 0, count, classes, dimension, labels, from, head,
    features: Float64Array.from(features),
    biasAt: weights.length,
    centersAt: weights.length + bias.length,
    slopes: new Float64Array(features.length),
    headSlopes: new Float64Array(head.length),
    rows: rowsOf(dimension, classes, weights.length, bias.length, centers.length),
    ways: null,
    scores: new Float64Array(count * classes),
    loss: NaN,
    ranAway: false,
  };
}

// How the numbers of the head belong together: [first, how many] of a weight, a bias, a centre.
function rowsOf(d, classes, weights, bias, centers) {
  const rows = Array.from({ length: classes }, (_, k) => [k * d, d]);
  for (let j = 0; j < bias; j++) rows.push([weights + j, 1]);
  for (let at = weights + bias; at < weights + bias + centers; at += d) rows.push([at, d]);
  return rows;
}

// The parameters of the loss at a step; moved linearly while annealing.
function parametersAt(settings, step) {
  const values = { ...settings.params };
  if (!settings.anneal) return values;
  const share = Math.min(1, step / settings.anneal_steps);
  for (const { name, start, end } of settings.anneals) {
    const last = end === null ? settings.params[name] : end;
    const first = Math.min(start, last);
    values[name] = first + (last - first) * share;
  }
  return values;
}

// Where each number of the head stands among the inputs of the code for a class.
function headPlaces(flow, places) {
  const { dimension: d, classes: K, biasAt, centersAt, head } = flow;
  const found = new Int32Array(head.length);
  const rows = (at) => {
    for (let p = 0; p < K; p++) for (let j = 0; j < d; j++) found[at + p * d + j] = at + places[p] * d + j;
  };
  rows(0);
  if (centersAt - biasAt === K) for (let p = 0; p < K; p++) found[biasAt + p] = biasAt + places[p];
  else if (centersAt > biasAt) found[biasAt] = biasAt;
  if (head.length > centersAt) rows(centersAt);
  return found;
}

// For every class: its code, the inputs without a feature, and the places of the head.
function prepared(flow, settings) {
  const values = parametersAt(settings, flow.step);
  const { dimension: d, head } = flow;
  return settings.classes.map(({ variant, places }) => {
    const code = settings.code[variant];
    const a = new Float64Array(code.inputs.length);
    const found = headPlaces(flow, places);
    for (let i = 0; i < head.length; i++) a[d + i] = head[found[i]];
    let at = d + head.length;
    for (const matrix of settings.matrices) for (const p of places) for (const q of places) a[at++] = matrix[p][q];
    for (; at < a.length; at++) a[at] = values[code.inputs[at]];
    return { code, a, found, places };
  });
}

// The mean loss and its slopes; those of a feature are of its own loss.
export function evaluateFlow(flow, settings) {
  const { dimension: d, head, headSlopes, features, slopes, from } = flow;
  headSlopes.fill(0);
  const out = new Float64Array(1 + d + head.length);
  const own = new Float64Array(head.length);
  let total = 0;
  prepared(flow, settings).forEach(({ code, a, found }, k) => {
    const run = flowProgram(code.step);
    own.fill(0);
    for (let i = from[k]; i < from[k + 1]; i++) {
      for (let j = 0; j < d; j++) a[j] = features[i * d + j];
      run(a, out);
      total += out[0];
      for (let j = 0; j < d; j++) slopes[i * d + j] = out[1 + j];
      for (let j = 0; j < own.length; j++) own[j] += out[1 + d + j];
    }
    for (let j = 0; j < own.length; j++) headSlopes[found[j]] += own[j];
  });
  for (let j = 0; j < headSlopes.length; j++) headSlopes[j] /= flow.count;
  flow.loss = total / flow.count;
}

// What part of a full step a row takes: less where the last step overshot.
function shareOf(ways, row, last, now, at, length) {
  let along = 0;
  for (let j = at; j < at + length; j++) along += last[j] * now[j];
  const share = along < 0 ? Math.max(LEAST, SHORTER * ways[row]) : Math.min(1, LONGER * ways[row]);
  return (ways[row] = share);
}

export function stepFlow(flow, settings) {
  evaluateFlow(flow, settings);
  const { features, slopes, head, headSlopes, biasAt, centersAt, dimension: d, count, rows } = flow;
  const { rate, decay, weight_rate: headRate, weight_decay: headDecay, fixed } = settings;
  for (let i = 0; i < features.length; i++) slopes[i] += decay * features[i];
  for (let j = 0; j < biasAt; j++) headSlopes[j] += headDecay * head[j];
  const before = { features: features.slice(), head: head.slice() };
  const ways = (flow.ways ??= {
    features: new Float64Array(count).fill(1), head: new Float64Array(rows.length).fill(1),
    slopes: new Float64Array(features.length), headSlopes: new Float64Array(head.length),
  });
  for (let i = 0; i < count; i++) {
    const share = rate * shareOf(ways.features, i, ways.slopes, slopes, i * d, d);
    for (let j = i * d; j < i * d + d; j++) features[j] -= share * slopes[j];
  }
  rows.forEach(([at, length], row) => {
    const share = headRate * shareOf(ways.head, row, ways.headSlopes, headSlopes, at, length);
    if (fixed && at < centersAt) return;
    for (let j = at; j < at + length; j++) head[j] -= share * headSlopes[j];
  });
  ways.slopes.set(slopes);
  ways.headSlopes.set(headSlopes);
  const far = Math.max(largest(features), largest(head));
  flow.ranAway = !(far < FAR);
  if (Number.isFinite(far)) flow.step++;
  else {
    // Nothing can be drawn of what is not finite: the last state that is stays.
    features.set(before.features);
    head.set(before.head);
  }
}

// The largest size of a number; infinite where one is no number.
export function largest(numbers) {
  let most = 0;
  for (let i = 0; i < numbers.length; i++) {
    const size = Math.abs(numbers[i]);
    if (!(size <= most)) most = Number.isNaN(size) ? Infinity : size;
  }
  return most;
}

// The K logits of every feature: [N * K].
export function scoreFlow(flow, settings) {
  const { dimension: d, classes: K, features, scores, from } = flow;
  const out = new Float64Array(K);
  prepared(flow, settings).forEach(({ code, a, places }, k) => {
    const run = flowProgram(code.scores);
    for (let i = from[k]; i < from[k + 1]; i++) {
      for (let j = 0; j < d; j++) a[j] = features[i * d + j];
      run(a, out);
      for (let p = 0; p < K; p++) scores[i * K + places[p]] = out[p];
    }
  });
}

// The loss of a sample of class k over the plane.
export function flowField(flow, settings, k, xs, ys, grid) {
  const { code, a } = prepared(flow, settings)[k];
  flowProgram(code.field)(a, xs, ys, grid, null);
}
