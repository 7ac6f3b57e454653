// Numbers as people read them, and round ones along an axis.

export function niceTicks(low, high, wanted) {
  const span = high - low;
  if (!(span > 0)) return [];
  const rough = span / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => span / s <= wanted) || 10 * power;
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) ticks.push(k * step);
  return ticks;
}

// At most so many significant digits.
export function shortText(value, digits) {
  return String(Number(value.toPrecision(digits))).replace("-", "−");
}

export const tickText = (value) => shortText(value, 6);

// A value of a slider; angles are in radians and read in degrees.
export function settingText(value, unit) {
  return unit === "rad" ? `${tickText(Number(((value * 180) / Math.PI).toPrecision(4)))}°` : shortText(value, 4);
}

export function perCent(share) {
  return Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : "–";
}

// "(1.00, −0.50)", rounded for reading, never for computing.
export function placeText(numbers) {
  const two = (value) => value.toFixed(2).replace(/^-0\.00$/, "0.00").replace("-", "−");
  return `(${Array.from(numbers, two).join(", ")})`;
}

// "W₁" of a letter and a number.
export function withIndex(letter, digits) {
  return letter + [...digits].map((digit) => String.fromCharCode(0x2080 + Number(digit))).join("");
}
