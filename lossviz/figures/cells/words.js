// Cells and their numbers in words.

import { perCent, shortText } from "../canvas/numbers.js";
import { meanAndDeviation } from "./counting.js";
import { cellsOfSeeds, measureOf } from "./sweep.js";

const ENDED_BADLY = { diverged: "training diverged", failed: "training failed" };

// How a cell stands, where it was not trained to its end; "" where it was.
export function stateWords({ state, reason }) {
  if (state === "finished") return "";
  if (state === "running") return "in training now";
  return ENDED_BADLY[state] ? [ENDED_BADLY[state], reason].filter(Boolean).join(": ") : "not trained yet";
}

// "ArcFace, m = 14.32°, s = 16, seed 0"
export function placeWords({ header }, { loss, at, seed }) {
  const values = header.axes.flatMap(({ of }, i) => (of[loss] ? [`${of[loss].letter || of[loss].title} = ${of[loss].texts[at[i]]}`] : []));
  return [header.losses[loss].title, ...values, ...(header.seeds.length > 1 ? [`seed ${header.seeds[seed].text}`] : [])].join(", ");
}

export function measureText(value, format) {
  if (!Number.isFinite(value)) return "–";
  if (format === "percent") return perCent(value);
  if (format === "angle") return `${((value * 180) / Math.PI).toFixed(1)}°`;
  return format === "seconds" ? `${shortText(value, 2)} s` : shortText(value, 3);
}

// "85.6 ± 3.9 %, 5 seeds"
function spreadText(mean, deviation, format, n) {
  if (!UNITS[format] || !(deviation > 0)) return "";
  const [factor, digits, unit] = UNITS[format];
  return `${(mean * factor).toFixed(digits).replace("-", "−")} ± ${(deviation * factor).toFixed(digits)}${unit}, ${n} seeds`;
}

const SHOWN = [
  ["test_accuracy", "accuracy"], ["balanced_accuracy", "balanced"], ["uniform_accuracy", "A_Uni"], ["silhouette", "silhouette"],
  ["angular_spread", "angle to own weight"], ["smallest_gap", "smallest gap"], ["merged_pairs", "merged pairs"], ["seconds", "training"],
];
const UNITS = { percent: [100, 1, " %"], angle: [180 / Math.PI, 1, "°"], number: [1, 2, ""] };

// [name, text, what the seeds say] of the numbers of a cell; none that it lacks.
export function numbersOf(sweep, place, cell) {
  const { measures } = sweep.header;
  const beside = cellsOfSeeds(sweep, place);
  return SHOWN.flatMap(([name, short]) => {
    const { format, title } = measures.find((measure) => measure.name === name) ?? {};
    const value = measureOf(sweep, cell, name);
    if (!format || !Number.isFinite(value)) return [];
    const { n, mean, deviation } = meanAndDeviation(beside.map((each) => measureOf(sweep, each, name)));
    return [{ name: short, title, text: measureText(value, format), spread: n > 1 ? spreadText(mean, deviation, format, n) : "" }];
  });
}
