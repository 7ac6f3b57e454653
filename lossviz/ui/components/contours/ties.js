// Decision boundaries from the logits that the browser has computed.

import { CELL_LINES } from "../../../figures/canvas/isolines.js";

// Where the two highest logits tie, as short pieces [x, y, x, y], cell by cell.
export function tiesBetween(scores, xs, ys) {
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
