// The edges of the bands of a loss. The oracle is lossviz/figures/levels.py, whose docstring has the formulas:
// while something is dragged the browser chooses the bands that the server would choose.

const LOG_FLOOR = 1e-6;
const LOG_CORE = 1e-3;

export function bandEdges(low, high, count, spacing) {
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
