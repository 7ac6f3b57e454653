// The losses of a sweep as code (lossviz/programs/javascript/landscape.py), given the numbers of a cell.

const cellPrograms = new Map(); // functions by the name of their source

// From a page that has them, where code from text is forbidden.
export function useCellPrograms(byName) {
  for (const [name, run] of Object.entries(byName)) cellPrograms.set(name, run);
}

export function cellProgram({ header }, name) {
  if (!name) return null;
  if (!cellPrograms.has(name)) {
    try {
      cellPrograms.set(name, new Function(`"use strict"; return ${header.sources[name]};`)());
    } catch (error) {
      console.error("lossviz cells: a loss cannot be compiled", error);
      cellPrograms.set(name, null);
    }
  }
  return cellPrograms.get(name);
}

// Which class stands at each place in the code for samples of a class: its own first, the important ones next.
export function placesFor(program, label) {
  const ahead = [label, ...program.important.filter((k) => k !== label)];
  const rest = Array.from({ length: program.classes }, (_, k) => k).filter((k) => !ahead.includes(k));
  return [...ahead, ...rest];
}

// The inputs of the code but for the feature, the classes in this order.
export function inputsFor(program, { weights, bias, centers, matrices = [], params }, order) {
  const d = program.dimension;
  const rows = (values) => order.flatMap((k) => Array.from(values.subarray(k * d, (k + 1) * d)));
  const biases = !bias ? [] : bias.length === 1 ? [bias[0]] : order.map((k) => bias[k]);
  const entries = matrices.flatMap((matrix) => order.flatMap((y) => order.map((k) => matrix[y][k])));
  const state = [...rows(weights), ...biases, ...(centers ? rows(centers) : [])];
  return Float64Array.from([...new Array(d).fill(0), ...state, ...entries, ...params]);
}

// The logits of features: [P, K], row by row; null without code.
export function scoresOf(sweep, program, head, features) {
  const run = program && cellProgram(sweep, program.scores);
  if (!run) return null;
  const { classes, dimension: d } = program;
  const order = placesFor(program, program.important[0] ?? 0);
  const a = inputsFor(program, head, order);
  const found = new Float64Array((features.length / d) * classes);
  const out = new Float64Array(classes);
  for (let p = 0; p * d < features.length; p++) {
    for (let j = 0; j < d; j++) a[j] = features[p * d + j];
    run(a, out);
    for (let k = 0; k < classes; k++) found[p * classes + order[k]] = out[k];
  }
  return found;
}

const nodes = (reach, count) => Float64Array.from({ length: count }, (_, i) => reach * ((2 * i) / (count - 1) - 1));

// Whether the loss of a sample, and the class that wins, can be drawn over the plane.
export const drawsLoss = (sweep, program) => !!program && program.dimension === 2 && !!cellProgram(sweep, program.own);
export const drawsRegions = (sweep, program) => !!program && program.dimension === 2 && !!cellProgram(sweep, program.scores);

// The loss of a sample of a class over the plane from −reach to reach: [count, count], row 0 the lowest z₂.
export function lossOverPlane(sweep, program, head, label, reach, count) {
  const run = cellProgram(sweep, program.important.includes(label) ? program.own : program.other);
  const along = nodes(reach, count);
  const field = new Float32Array(count * count);
  run(inputsFor(program, head, placesFor(program, label)), along, along, field, null);
  return field;
}

// The class that wins at each node: [count, count].
export function regionsOverPlane(sweep, program, head, reach, count) {
  const { classes } = program;
  const won = classes > 256 ? new Uint16Array(count * count) : new Uint8Array(count * count);
  const along = nodes(reach, count);
  const best = new Float32Array(count * count).fill(-Infinity);
  const take = (k, scores, from, stride) => {
    for (let i = 0; i < won.length; i++) if (scores[from + i * stride] > best[i]) [best[i], won[i]] = [scores[from + i * stride], k];
  };
  const run = cellProgram(sweep, program.other);
  if (run) {
    // All nodes at once, a plane of scores for each class.
    const order = placesFor(program, Array.from({ length: classes }, (_, k) => k).find((k) => !program.important.includes(k)) ?? 0);
    const planes = order.map(() => new Float32Array(won.length));
    run(inputsFor(program, head, order), along, along, new Float32Array(won.length), planes);
    order.map((k, p) => [k, planes[p]]).sort(([a], [b]) => a - b).forEach(([k, plane]) => take(k, plane, 0, 1));
    return won;
  }
  const features = new Float64Array(2 * won.length);
  for (let j = 0, i = 0; j < count; j++) for (let k = 0; k < count; k++, i += 2) [features[i], features[i + 1]] = [along[k], along[j]];
  const scores = scoresOf(sweep, program, head, features);
  for (let k = 0; k < classes; k++) take(k, scores, k, classes);
  return won;
}
