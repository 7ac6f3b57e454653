// Colour bars.

import { element, setText } from "../../../figures/canvas/elements.js";

export function createBar(parent, className) {
  const bar = element("div", `lv-bar ${className}`, parent, { "aria-hidden": "true" });
  return {
    element: bar,
    high: element("span", "lv-bar-end lv-bar-high", bar),
    fill: element("div", "lv-bar-fill", bar),
    low: element("span", "lv-bar-end lv-bar-low", bar),
    ticks: [],
  };
}

// Every band has the same length on the bar, so a value's place follows the levels.
function barPosition(levels, value) {
  const n = levels.length - 1;
  if (!(value >= levels[0] && value <= levels[n])) return -1;
  let k = 0;
  while (k < n - 1 && value >= levels[k + 1]) k++;
  const step = levels[k + 1] - levels[k];
  return (k + (step > 0 ? (value - levels[k]) / step : 0)) / n;
}

function updateBar(bar, { colours, levels, ticks, ends, vertical, length, scale }) {
  const id = JSON.stringify([colours, Array.from(levels), ticks, ends, vertical, length, scale]);
  if (bar.id === id) return;
  bar.id = id;
  bar.element.classList.toggle("vertical", vertical);
  setText(bar.high, ends ? ends[1] : "");
  setText(bar.low, ends ? ends[0] : "");
  const n = colours.length;
  const stops = colours.map((c, i) => `${c} ${(100 * i) / n}% ${(100 * (i + 1)) / n}%`).join(", ");
  bar.fill.style.background = `linear-gradient(${vertical ? "to top" : "to right"}, ${stops})`;
  Object.assign(bar.fill.style, vertical ? { height: `${length}px`, width: "" } : { width: `${length}px`, height: "" });
  const placed = [];
  for (const { value, text } of ticks || []) {
    const at = barPosition(levels, value);
    const room = vertical ? 13 * scale : (String(text).length * 6.6 + 8) * scale;
    if (at < 0 || placed.some((other) => Math.abs(other.at - at) * length < room)) continue;
    placed.push({ at, text });
  }
  while (bar.ticks.length > placed.length) bar.ticks.pop().remove();
  while (bar.ticks.length < placed.length) bar.ticks.push(element("span", "lv-bar-tick", bar.fill));
  placed.forEach(({ at, text }, i) => {
    setText(bar.ticks[i], String(text));
    const place = `${(100 * at).toFixed(2)}%`;
    Object.assign(bar.ticks[i].style, vertical ? { bottom: place, left: "" } : { left: place, bottom: "" });
  });
}

export function updateBars(view) {
  const { layout, frame } = view;
  const { bar, scale, planeHeight, top, caption, gridHeight } = layout;
  view.sharedBar.element.hidden = bar !== "shared";
  if (bar === "shared") {
    const panel = frame.panels[0];
    const vertical = !layout.narrow;
    const length = vertical ? Math.min(Math.max(planeHeight, gridHeight * 0.6), 380 * scale) - 44 * scale : layout.planeWidth * 0.62;
    view.sharedBar.element.style.marginTop = vertical ? `${caption + top}px` : "0";
    view.sharedBar.element.style.marginLeft = vertical ? "0" : `${layout.lefts[0]}px`;
    const ends = vertical ? ["low loss", "high loss"] : ["low", "high loss"];
    updateBar(view.sharedBar, { ...panel, ends, vertical, length: Math.round(length), scale });
  }
  view.panels.forEach((element_, i) => {
    const holder = element_.bar.element;
    holder.hidden = bar !== "panel";
    if (bar !== "panel") return;
    const panel = frame.panels[i];
    const roomy = planeHeight > 110;
    holder.style.left = `${element_.left + layout.planeWidth + 8}px`;
    holder.style.top = `${top}px`;
    const ends = roomy ? ["low", "high"] : null;
    const length = Math.round(planeHeight - (roomy ? 38 * scale : 0));
    updateBar(element_.bar, { ...panel, ends, vertical: true, length, scale });
  });
}
