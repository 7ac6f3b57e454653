// Round numbers along an axis.

function niceTicks(low, high, wanted) {
  const span = high - low;
  if (!(span > 0)) return [];
  const rough = span / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => span / s <= wanted) || 10 * power;
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) ticks.push(k * step);
  return ticks;
}

function tickText(value) {
  return String(Number(value.toPrecision(6))).replace("-", "−");
}
