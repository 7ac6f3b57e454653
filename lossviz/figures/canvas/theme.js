// Colours of the lines and texts: those of the page from Streamlit's theme, those over a loss map from the
// frame's header (`browser_themes` of lossviz/figures/palette.py).

import { measuringContext } from "./elements.js";

export function readTheme(view, themes) {
  const style = getComputedStyle(view.root);
  const text = style.getPropertyValue("--lv-text").trim();
  const background = style.getPropertyValue("--lv-background").trim();
  const dark = luminance(background) < 0.4;
  view.root.dataset.theme = dark ? "dark" : "light";
  view.theme = {
    dark, text, background,
    font: style.fontFamily || "sans-serif",
    ...themes?.[dark ? "dark" : "light"],
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
