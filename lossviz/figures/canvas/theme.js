// Colours of the lines and texts, from Streamlit's theme.

import { measuringContext } from "./elements.js";

export function readTheme(view) {
  const style = getComputedStyle(view.root);
  const text = style.getPropertyValue("--st-text-color").trim() || "#31333f";
  const background = style.getPropertyValue("--st-background-color").trim() || "#ffffff";
  const dark = luminance(background) < 0.4;
  view.root.dataset.theme = dark ? "dark" : "light";
  view.theme = {
    dark, text, background,
    font: style.fontFamily || "sans-serif",
    own: dark ? "#ff4b3e" : "#d62728",
    other: dark ? "#f4f4f6" : "#16181d",
    casing: dark ? "rgba(10,12,18,0.85)" : "rgba(255,255,255,0.88)",
    edge: dark ? "#ff4fc3" : "#c2008c",
    edgeCasing: dark ? "rgba(10,12,18,0.85)" : "rgba(255,255,255,0.9)",
    boundary: dark ? "#cfd2d8" : "#53575e",
    boundaryCasing: dark ? "rgba(14,16,22,0.62)" : "rgba(255,255,255,0.55)",
    isoline: "rgba(8,16,36,0.42)",
    gap: dark ? [90, 94, 102, 56, 59, 66] : [150, 153, 160, 214, 216, 220],
  };
}

// Any CSS colour, through a canvas that turns it into #rrggbb or rgba(...).
function luminance(colour) {
  const context = measuringContext();
  context.fillStyle = "#ffffff";
  context.fillStyle = colour;
  const [r, g, b] = hexColour(context.fillStyle);
  return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
}

export function hexColour(text) {
  if (text.startsWith("#") && text.length >= 7) {
    return [1, 3, 5].map((i) => parseInt(text.slice(i, i + 2), 16));
  }
  if (text.startsWith("#")) return [1, 2, 3].map((i) => 17 * parseInt(text[i], 16));
  return (text.match(/[\d.]+/g) || [136, 136, 136]).slice(0, 3).map(Number);
}
