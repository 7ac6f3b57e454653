// What stands in a cell of a matrix, and which cell is next: pure functions.

// At most four letters, as in a narrow column.
export const numberText = (value) => String(Number(value.toPrecision(value >= 1000 ? 4 : 3)));

export const cellText = (names, values, y, k) => `true ${names[y]}, predicted ${names[k]}: cost ${values[y][k]}`;

// How strong the colour of a value is among values up to the largest, from 0 to 1: small ones are told apart too.
export const heat = (value, most) => (most > 0 ? Math.log1p(value) / Math.log1p(most) : 0);

// The number that was typed, within the limits; null for none.
export function allowed(text, { low, high }) {
  const value = Number(text);
  return text.trim() === "" || !Number.isFinite(value) ? null : Math.min(high, Math.max(low, value));
}

const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

// The cell that a key leads to; the diagonal is passed over. null for another key, the same cell at an edge.
export function moved([y, k], key, count) {
  if (!(key in STEPS)) return null;
  const [down, right] = STEPS[key];
  let next = [y + down, k + right];
  if (next[0] === next[1]) next = [next[0] + down, next[1] + right];
  return next.every((at) => at >= 0 && at < count) ? next : [y, k];
}
