// From numbers to pixels: shared x, round numbers along y, logarithms where asked for.

import { niceTicks, tickText } from "../../../figures/canvas/numbers.js";

// The visitor compares charts along x: it is one range for all.
function rangeOfX(view) {
  const { charts } = view.frame;
  let low = Infinity;
  let high = -Infinity;
  for (const { x } of charts.flatMap(({ lines }) => lines)) {
    if (x.length) [low, high] = [Math.min(low, x[0]), Math.max(high, x[x.length - 1])];
  }
  return low < high ? [low, high] : [low === Infinity ? 0 : low, (low === Infinity ? 0 : low) + 1];
}

export function shownValue(chart, value) {
  return Number.isFinite(value) && (chart.spacing !== "log" || value > 0);
}

function rangeOfY(chart) {
  let low = chart.low ?? Infinity;
  let high = chart.high ?? -Infinity;
  for (const { y } of chart.lines) {
    for (const value of y) {
      if (!shownValue(chart, value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (!(low <= high)) return chart.spacing === "log" ? [0.1, 1] : [0, 1];
  if (chart.spacing === "log") return low < high ? [low / 1.1, high * 1.1] : [low / 2, high * 2];
  const room = 0.05 * (high - low) || 0.05 * Math.abs(high) || 0.5;
  return [low === 0 || low === chart.low ? low : low - room, high === chart.high ? high : high + room];
}

// Places and numbers of a chart, from its ranges.
export function scaleOf(view, chart) {
  const { left, right, top, bottom, chartWidth, height } = view.layout;
  const [x0, x1] = rangeOfX(view);
  const [y0, y1] = rangeOfY(chart);
  const width = chartWidth - left - right;
  const tall = height - top - bottom;
  const log = chart.spacing === "log";
  const place = (value) => (log ? Math.log(value / y0) / Math.log(y1 / y0) : (value - y0) / (y1 - y0));
  return {
    x0, x1, y0, y1, width, tall, left, top,
    x: (value) => left + ((value - x0) / (x1 - x0)) * width,
    y: (value) => top + (1 - place(value)) * tall,
    back: (pixel) => x0 + ((pixel - left) / width) * (x1 - x0),
    ticksX: niceTicks(x0, x1, Math.max(2, Math.floor(width / 42))).filter((tick) => x1 - x0 < 2 || Number.isInteger(tick)),
    ticksY: log ? logTicks(y0, y1) : niceTicks(y0, y1, tall < 90 ? 3 : 4),
  };
}

export function logTicks(low, high) {
  const decades = [];
  for (let power = Math.ceil(Math.log10(low) - 1e-9); 10 ** power <= high * (1 + 1e-9); power++) decades.push(10 ** power);
  if (decades.length > 4) return decades.filter((_, i) => i % Math.ceil(decades.length / 4) === 0);
  if (decades.length > 2) return decades;
  const finer = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    for (const m of [1, 2, 5]) if (m * 10 ** power >= low && m * 10 ** power <= high) finer.push(m * 10 ** power);
  }
  return finer;
}

// What stands on an axis; per cent without a decimal where all ticks are whole.
export function axisText(chart, value) {
  if (chart.unit === "%") return `${tickText(100 * value)} %`;
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e5 || size < 1e-3)) return value.toExponential(0).replace("-", "−").replace("e+", "e");
  return tickText(value) + chart.unit;
}

// What is read off: per cent with one decimal, other numbers with three digits.
export function readText(chart, value) {
  if (!Number.isFinite(value)) return "no value";
  if (chart.unit === "%") return `${(100 * value).toFixed(1)} %`;
  const size = Math.abs(value);
  const text = size !== 0 && (size >= 1e5 || size < 1e-3) ? value.toExponential(2) : String(Number(value.toPrecision(size >= 100 ? 4 : 3)));
  return text.replaceAll("-", "−") + chart.unit;
}

// The last point of a line at or before x: nothing is read that has not been measured.
export function indexAt(line, x) {
  let low = 0;
  let high = line.x.length - 1;
  if (high < 0 || line.x[0] > x + 1e-6) return -1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (line.x[middle] <= x + 1e-6) low = middle;
    else high = middle - 1;
  }
  return low;
}

export function lastValue(chart, line) {
  for (let i = line.y.length - 1; i >= 0; i--) if (shownValue(chart, line.y[i])) return i;
  return -1;
}
