// What colours the points: their class, what they are taken for, whether that is right, or a number.

import { bandsIcon } from "../canvas/legend.js";
import { shortText } from "../canvas/numbers.js";
import { classColour } from "./markers.js";

const MUTED = { light: "#b9c0ca", dark: "#4c5561" };

function mutedColour(view) {
  return view.theme.dark ? MUTED.dark : MUTED.light;
}

// Colours on the atlas after those of the classes.
export function extraColours(view) {
  const { options, colours } = view.frame.header;
  if (options.colour === "error") return [mutedColour(view)];
  return options.colour === "value" ? [mutedColour(view), ...colours.loss] : [];
}

// A function that gives the column of a point on the atlas.
export function columnOf(view, panel) {
  const { options, colours } = view.frame.header;
  const { labels, predictions, values } = panel;
  const first = view.atlasClasses;
  const bands = colours.loss.length;
  if (options.colour === "prediction" && predictions) return (p) => predictions[p];
  if (options.colour === "error" && predictions) return (p) => (predictions[p] === labels[p] ? first : predictions[p]);
  if (options.colour !== "value") return (p) => labels[p];
  return (p) => {
    const share = values ? shareOf(options.values, values[p]) : NaN;
    return Number.isFinite(share) ? first + 1 + Math.min(bands - 1, Math.floor(share * bands)) : first;
  };
}

export function shareOf({ low, high, log }, value) {
  const within = Math.min(Math.max(value, low), high);
  return log ? Math.log(within / low) / Math.log(high / low) : (within - low) / (high - low);
}

// What the legend says of colours that are no classes.
export function colourItems(view) {
  const { options, colours } = view.frame.header;
  const some = view.frame.panels.some(({ predictions }) => predictions);
  if (options.colour === "prediction" && some) {
    return [["coloured by the predicted class", [0, 1, 2].map((k) => ["circle", { cx: 5 + 8 * k, cy: 7, r: 3.4, fill: classColour(view, k) }])]];
  }
  if (options.colour === "error" && some) {
    return [["right; wrong ones have the colour of the predicted class", [["circle", { cx: 13, cy: 7, r: 3.6, fill: mutedColour(view) }]]]];
  }
  if (options.colour !== "value") return [];
  const { title, low, high, log, unit } = options.values;
  const ends = [low, high].map((end) => `${shortText(end, 2)}${unit}`);
  return [[`${title}${log ? " (log)" : ""}, ${ends[0]} to ${ends[1]}`, bandsIcon(colours.loss)]];
}
