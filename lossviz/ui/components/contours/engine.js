// Pictures that the browser makes by itself while something is dragged: the losses
// come as code (lossviz.programs.javascript), so no answer of the server is waited for.
//
// view.served is the last frame of the server, view.frame what is shown. While a
// handle or a slider moves, view.frame is made here from view.served and from what
// has been moved; the server's next frame takes its place.

const ALONE_BUDGET_MS = 9; // for evaluating all panels of one picture while dragging
const FIRST_NS = 400; // for a grid point, before any was evaluated
const LEAST_NODES = 40; // a side of a grid, however slow
const LOG_FLOOR = 1e-6; // as in lossviz/figures/levels.py
const LOG_CORE = 1e-3;

const programs = new Map();

function compiled(id, source) {
  if (!programs.has(id)) {
    try {
      programs.set(id, new Function(`"use strict"; return ${source};`)());
    } catch (error) {
      console.error("lossviz contours: a loss cannot be compiled", error);
      programs.set(id, null);
    }
  }
  return programs.get(id);
}

// Whether every panel can be drawn here; what moves is a "weight", a "center", the "circle" or a slider's link.
function drawsAlone(view, what) {
  const { served } = view;
  return !!served && served.panels.every(({ program }) => program
    && !(what === "center" && program.fixed_centers) && compiled(program.id, served.header.programs[program.id]));
}

// The inputs of a panel's program with everything that has been moved.
function inputsOf(view, program) {
  const { names } = program;
  const values = Float64Array.from(program.values);
  const put = (name, value) => {
    const at = names.indexOf(name);
    if (at >= 0) values[at] = value;
  };
  for (const [id, { x, y }] of view.local) {
    const [kind, index] = id.split(":");
    const letter = kind === "weight" ? "W" : "C";
    put(`${letter}${index}_1`, x);
    put(`${letter}${index}_2`, y);
  }
  for (const [link, { value }] of view.moved) {
    if (link in program.links) put(program.links[link], value);
  }
  return values;
}

// The numbers in a panel's note, with those of the sliders that have moved.
function noteNow(view, { note, program }) {
  let text = note || "";
  for (const [link, { value }] of view.moved) {
    const [letter, unit] = program.letters[link] || [];
    if (!letter) continue;
    const shown = unit === "rad" ? `${tickText(Number(((value * 180) / Math.PI).toPrecision(4)))}°` : tickText(Number(value.toPrecision(4)));
    const parts = text ? text.split(", ") : [];
    const at = parts.findIndex((part) => part.startsWith(`${letter} = `));
    if (at >= 0) parts[at] = `${letter} = ${shown}`;
    else parts.push(`${letter} = ${shown}`);
    text = parts.join(", ");
  }
  return text;
}

function nodesAlong(low, high, count) {
  return Float64Array.from({ length: count }, (_, i) => low + ((high - low) * i) / Math.max(1, count - 1));
}

// Grid points a side that should stay within the budget, judged by what the last pictures took.
function aloneNodes(view) {
  const { alone } = view.served.header;
  const { nx, ny } = alone ? { nx: alone, ny: alone } : view.served.header;
  const most = Math.max(nx, ny);
  const wanted = Math.sqrt((ALONE_BUDGET_MS * 1e6) / ((view.nsPerNode ?? FIRST_NS) * view.served.panels.length));
  // In steps, so that positions of pixels between nodes are computed seldom.
  const side = Math.min(most, Math.max(LEAST_NODES, 10 * Math.floor(wanted / 10)));
  return [Math.max(2, Math.round((side * nx) / most)), Math.max(2, Math.round((side * ny) / most))];
}

function evaluated(view, i, xs, ys) {
  const panel = view.served.panels[i];
  const run = compiled(panel.program.id, view.served.header.programs[panel.program.id]);
  const size = xs.length * ys.length;
  const buffers = (view.buffers ??= []);
  if (buffers[i]?.grid.length !== size) buffers[i] = { grid: new Float32Array(size), scores: [] };
  const { grid, scores } = buffers[i];
  while (scores.length < panel.program.logits) scores.push(new Float32Array(size));
  scores.length = panel.program.logits;
  for (let k = 0; k < scores.length; k++) if (scores[k].length !== size) scores[k] = new Float32Array(size);
  const bounded = panel.boundaries !== null;
  const inputs = inputsOf(view, panel.program);
  run(inputs, xs, ys, grid, bounded ? scores : null);
  const circle = circleOf(view);
  return {
    ...panel, grid, opening: circle && measuredArcs(run, inputs, circle), hasGaps: markGaps(grid), arrows: null, path: null, note: noteNow(view, panel),
    boundaries: bounded ? tiesBetween(scores, xs, ys) : null,
  };
}

// The loss at one place as the panel's code computes it; null without code.
function ownValue(view, i, x, y) {
  const program = view.served?.panels[i]?.program;
  const run = program && compiled(program.id, view.served.header.programs[program.id]);
  if (!run) return null;
  const value = [0];
  run(inputsOf(view, program), [x], [y], value, null);
  return value[0];
}

// One picture, made here; full: with as many points as the server's.
function drawAlone(view, full) {
  if (!view.served || !view.layout) return;
  const started = performance.now();
  const { header } = view.served;
  const [nx, ny] = full ? [header.alone || header.nx, header.alone || header.ny] : aloneNodes(view);
  const [x0, x1, y0, y1] = header.extent;
  const xs = nodesAlong(x0, x1, nx);
  const ys = nodesAlong(y0, y1, ny);
  const panels = view.served.panels.map((_, i) => evaluated(view, i, xs, ys));
  const took = performance.now() - started;
  const each = (took * 1e6) / (nx * ny * panels.length);
  view.nsPerNode = (view.nsPerNode ?? each) * 0.7 + 0.3 * each;
  rescale(header, panels);
  view.frame = { header: { ...header, nx, ny, circle: circleOf(view) }, panels };
  paint(view);
  view.root.dataset.alone = String(Number(view.root.dataset.alone || 0) + 1);
}

function scheduleAlone(view, full = false) {
  view.aloneFull = full;
  scheduleOnce(view, "alone", () => drawAlone(view, view.aloneFull));
}

// The bands' edges for the heights that there are now, as the server would choose them.
function rescale(header, panels) {
  const ends = panels.map(({ grid }) => finiteEnds(grid));
  const shared = header.bar === "shared";
  const all = [Math.min(...ends.map(([low]) => low)), Math.max(...ends.map(([, high]) => high))];
  panels.forEach((panel, i) => {
    const [low, high] = shared ? all : ends[i];
    if (!(low < high)) return;
    panel.levels = bandEdges(low, high, panel.levels.length - 1, header.spacing);
    if (header.spacing !== "log") {
      panel.ticks = niceTicks(low, high, 7).map((value) => ({ value, text: tickText(value) }));
    }
  });
}

function finiteEnds(grid) {
  let low = Infinity, high = -Infinity;
  for (let i = 0; i < grid.length; i++) {
    const value = grid[i];
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

function bandEdges(low, high, count, spacing) {
  const share = (k) => k / count;
  let edge;
  if (spacing !== "log") edge = (k) => low + (high - low) * share(k);
  else if (low < 0) {
    const core = LOG_CORE * Math.max(-low, high);
    const [a, b] = [Math.asinh(low / core), Math.asinh(high / core)];
    edge = (k) => core * Math.sinh(a + (b - a) * share(k));
  } else if (low > LOG_FLOOR * high) edge = (k) => low * (high / low) ** share(k);
  else edge = (k) => LOG_FLOOR * high * (1 / LOG_FLOOR) ** ((k - 1) / Math.max(1, count - 1));
  const edges = Float64Array.from({ length: count + 1 }, (_, k) => edge(k));
  edges[0] = low;
  edges[count] = high;
  return edges;
}

// Where the two highest logits tie, as short pieces [x, y, x, y], cell by cell.
function tiesBetween(scores, xs, ys) {
  const nx = xs.length;
  const won = new Uint8Array(nx * ys.length);
  for (let i = 0; i < won.length; i++) {
    let top = scores[0][i], at = 0;
    for (let k = 1; k < scores.length; k++) if (scores[k][i] > top) [top, at] = [scores[k][i], k];
    won[i] = at;
  }
  const pieces = [];
  for (let j = 0; j + 1 < ys.length; j++) {
    for (let i = 0; i + 1 < nx; i++) {
      const at = j * nx + i;
      const corners = [at, at + 1, at + nx + 1, at + nx];
      const winners = [...new Set(corners.map((c) => won[c]))];
      for (let p = 0; p < winners.length; p++) {
        for (let q = p + 1; q < winners.length; q++) tieInCell(pieces, scores, winners[p], winners[q], corners, i, j, xs, ys);
      }
    }
  }
  return joined(pieces);
}

// Pieces that share an end, as long lines: their dashes then go on from cell to cell.
function joined(pieces) {
  const ends = new Map();
  const name = (x, y) => `${x},${y}`;
  const enter = (piece, x, y) => {
    const known = ends.get(name(x, y));
    if (known) known.push(piece);
    else ends.set(name(x, y), [piece]);
  };
  for (const piece of pieces) {
    enter(piece, piece[0], piece[1]);
    enter(piece, piece[2], piece[3]);
  }
  const left = new Set(pieces);
  const onwards = (line) => {
    for (;;) {
      const [x, y] = line.slice(-2);
      const next = (ends.get(name(x, y)) || []).find((piece) => left.has(piece));
      if (!next) return;
      left.delete(next);
      const ahead = next[0] === x && next[1] === y;
      line.push(...(ahead ? next.slice(2) : next.slice(0, 2)));
    }
  };
  const lines = [];
  for (const piece of pieces) {
    if (!left.delete(piece)) continue;
    const forth = [...piece];
    onwards(forth);
    const back = [piece[2], piece[3], piece[0], piece[1]];
    onwards(back);
    // Back to front, without the first piece, which both have.
    const head = [];
    for (let i = back.length - 2; i >= 4; i -= 2) head.push(back[i], back[i + 1]);
    lines.push([...head, ...forth]);
  }
  return lines;
}

function tieInCell(pieces, scores, p, q, corners, i, j, xs, ys) {
  const [a, b, c, d] = corners.map((at) => scores[p][at] - scores[q][at]);
  const which = (a >= 0 ? 1 : 0) | (b >= 0 ? 2 : 0) | (c >= 0 ? 4 : 0) | (d >= 0 ? 8 : 0);
  const lines = CELL_LINES[which];
  if (!lines.length) return;
  const along = (from, to, u, v) => from + ((to - from) * u) / (u - v);
  const [x0, x1, y0, y1] = [xs[i], xs[i + 1], ys[j], ys[j + 1]];
  const point = [
    () => [along(x0, x1, a, b), y0], () => [x1, along(y0, y1, b, c)],
    () => [along(x0, x1, d, c), y1], () => [x0, along(y0, y1, a, d)],
  ];
  for (let s = 0; s < lines.length; s += 2) pieces.push([...point[lines[s]](), ...point[lines[s + 1]]()]);
}
