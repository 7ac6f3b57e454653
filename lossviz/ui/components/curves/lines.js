// What is drawn: axes, lines, their names, marks; and the vertical line that all charts share.

import { element, setText } from "../../../figures/canvas/elements.js";
import { legendIcon } from "../../../figures/canvas/legend.js";
import { tickText } from "../../../figures/canvas/numbers.js";
import { beginCanvas, paintDot, strokeLine } from "../../../figures/canvas/strokes.js";
import { axisText, indexAt, lastValue, readText, scaleOf, shownValue } from "./scales.js";

export function paintChart(view, element_, chart) {
  const { dpr, scale } = view.layout;
  const context = element_.baseContext;
  const to = (element_.scale = scaleOf(view, chart));
  beginCanvas(context, dpr);
  paintChartAxes(view, context, chart, to);
  context.save();
  context.beginPath();
  context.rect(to.left - 1, to.top - 3, to.width + 3, to.tall + 6);
  context.clip();
  context.lineJoin = "round";
  context.lineCap = "round";
  context.lineWidth = 1.8 * scale;
  for (const line of chart.lines) {
    context.strokeStyle = lineColour(view, line);
    context.fillStyle = lineColour(view, line);
    context.setLineDash({ dashed: [6 * scale, 4 * scale], dotted: [1, 4 * scale] }[line.dash] || []);
    traceLine(context, chart, line, to, scale);
  }
  context.restore();
  context.setLineDash([]);
  paintChartMarks(view, context, chart, to);
  if (!view.layout.namesAbove[element_.index]) paintLineNames(view, context, chart, to);
}

function lineColour(view, line) {
  return (view.theme.dark && line.color_dark) || line.color;
}

// A gap breaks the line; a point between two gaps is a dot.
function traceLine(context, chart, line, to, scale) {
  context.beginPath();
  let length = 0;
  const dots = [];
  for (let i = 0; i <= line.x.length; i++) {
    if (i < line.x.length && shownValue(chart, line.y[i])) {
      const [x, y] = [to.x(line.x[i]), to.y(line.y[i])];
      if (length++) context.lineTo(x, y);
      else context.moveTo(x, y);
      continue;
    }
    if (length === 1) dots.push([to.x(line.x[i - 1]), to.y(line.y[i - 1])]);
    length = 0;
  }
  context.stroke();
  for (const [x, y] of dots) {
    context.beginPath();
    context.arc(x, y, 2.2 * scale, 0, 2 * Math.PI);
    context.fill();
  }
}

function paintChartAxes(view, context, chart, to) {
  const { theme, layout } = view;
  const { scale } = layout;
  const below = to.top + to.tall;
  context.strokeStyle = theme.text;
  context.lineWidth = 1;
  context.globalAlpha = 0.13;
  context.beginPath();
  for (const tick of to.ticksY) {
    const y = Math.round(to.y(tick)) + 0.5;
    context.moveTo(to.left, y);
    context.lineTo(to.left + to.width, y);
  }
  context.stroke();
  context.globalAlpha = 0.5;
  context.beginPath();
  context.moveTo(to.left, below + 0.5);
  context.lineTo(to.left + to.width, below + 0.5);
  for (const tick of to.ticksX) {
    const x = Math.round(to.x(tick)) + 0.5;
    context.moveTo(x, below);
    context.lineTo(x, below + 4);
  }
  context.stroke();
  context.globalAlpha = 0.9;
  context.fillStyle = theme.text;
  context.font = `${11 * scale}px ${theme.font}`;
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const tick of to.ticksY) context.fillText(axisText(chart, tick), to.left - 6, to.y(tick));
  context.textBaseline = "top";
  context.textAlign = "center";
  for (const tick of to.ticksX) context.fillText(tickText(tick), to.x(tick), below + 6);
  context.textAlign = "left";
  context.fillText(view.frame.header.x_title, to.left + to.width + 10, below + 6);
  context.globalAlpha = 1;
}

function paintChartMarks(view, context, chart, to) {
  const { theme, layout } = view;
  context.font = `${11 * layout.scale}px ${theme.font}`;
  context.textBaseline = "top";
  for (const { x, text } of chart.marks) {
    if (x < to.x0 || x > to.x1) continue;
    const at = Math.round(to.x(x)) + 0.5;
    context.globalAlpha = 0.55;
    context.strokeStyle = theme.text;
    context.lineWidth = 1;
    context.setLineDash([2, 3]);
    strokeLine(context, at, to.top, at, to.top + to.tall);
    context.setLineDash([]);
    context.globalAlpha = 0.9;
    context.fillStyle = theme.text;
    context.strokeStyle = theme.background;
    context.lineWidth = 4;
    const right = at + 5 + context.measureText(text).width < to.left + to.width;
    context.textAlign = right ? "left" : "right";
    context.strokeText(text, right ? at + 4 : at - 4, to.top + to.tall - 16 * layout.scale);
    context.fillText(text, right ? at + 4 : at - 4, to.top + to.tall - 16 * layout.scale);
  }
  context.globalAlpha = 1;
}

const NAME_STEP_PX = 13.5;
export const LEAST_NAME_STEP_PX = 12;

// Each at the end of its line, pushed apart; a short line leads to one that was pushed far.
function paintLineNames(view, context, chart, to) {
  const { theme, layout } = view;
  context.font = `600 ${11.5 * layout.scale}px ${theme.font}`;
  context.textBaseline = "middle";
  context.textAlign = "left";
  const names = chart.lines
    .map((line) => ({ line, at: lastValue(chart, line) }))
    .filter(({ at }) => at >= 0)
    .map(({ line, at }) => ({ line, x: to.x(line.x[at]), end: to.y(line.y[at]), y: to.y(line.y[at]) }))
    .sort((a, b) => a.y - b.y);
  const step = Math.min(NAME_STEP_PX * layout.scale, to.tall / Math.max(1, names.length - 1));
  const ys = spread(names.map(({ y }) => y), step, to.top, to.top + to.tall);
  names.forEach((name, i) => (name.y = ys[i]));
  // While a run goes on its line ends in the middle: all names stand in one column all the same.
  const column = to.left + to.width + 8;
  for (const { line, x, y, end } of names) {
    context.fillStyle = lineColour(view, line);
    if (Math.abs(y - end) > 5 || column - x > 14) {
      context.globalAlpha = 0.4;
      context.strokeStyle = lineColour(view, line);
      context.lineWidth = 1;
      strokeLine(context, x + 3, end, column - 3, y);
      context.globalAlpha = 1;
    }
    context.fillText(line.name, column, y);
  }
}

// Ascending places moved as little as needed to lie `step` apart within [low, high].
export function spread(wanted, step, low, high) {
  const places = [...wanted];
  for (let round = 0; round < 30; round++) {
    for (let i = 1; i < places.length; i++) {
      const close = step - (places[i] - places[i - 1]);
      if (close <= 0) continue;
      places[i - 1] -= close / 2;
      places[i] += close / 2;
    }
  }
  for (let i = 0; i < places.length; i++) places[i] = Math.max(places[i], i ? places[i - 1] + step : low);
  for (let i = places.length - 1; i >= 0; i--) places[i] = Math.min(places[i], i < places.length - 1 ? places[i + 1] - step : high);
  return places;
}

// The steady line of the frame that is shown, and the one under the pointer.
export function paintCursor(view) {
  const { header, charts } = view.frame;
  const { dpr, scale } = view.layout;
  view.charts.forEach((element_, i) => {
    const context = element_.overContext;
    const to = element_.scale;
    const chart = charts[i];
    beginCanvas(context, dpr);
    for (const [x, alpha] of [[header.cursor, 0.75], [view.pointed, 0.5]]) {
      if (x === null || x === undefined || x < to.x0 || x > to.x1) continue;
      const at = Math.round(to.x(x)) + 0.5;
      context.globalAlpha = alpha;
      context.strokeStyle = view.theme.text;
      context.lineWidth = scale;
      strokeLine(context, at, to.top, at, to.top + to.tall);
    }
    context.globalAlpha = 1;
    const read = view.pointed ?? header.cursor;
    if (read !== null) {
      for (const line of chart.lines) {
        const index = indexAt(line, read);
        if (index < 0 || !shownValue(chart, line.y[index])) continue;
        const [x, y] = [to.x(line.x[index]), to.y(line.y[index])];
        paintDot(context, x, y, 3 * scale, { fill: lineColour(view, line), stroke: view.theme.background, width: 1.5 });
      }
    }
    updateReading(view, element_, chart, read);
  });
}

// The values in words and colours above the lines, their legend where the names have no room at
// the ends; without a cursor the last values.
function updateReading(view, element_, chart, at) {
  const parts = chart.lines.map((line) => {
    const index = at === null ? lastValue(chart, line) : indexAt(line, at);
    return { line, value: index < 0 ? NaN : line.y[index] };
  });
  setText(element_.where, at === null ? "" : `${view.frame.header.x_title} ${at.toFixed(2)}`);
  const above = view.layout.namesAbove[element_.index];
  const id = JSON.stringify([view.theme.dark, above, parts.map(({ line, value }) => [line.name, line.color, readText(chart, value)])]);
  if (element_.readingId === id) return;
  element_.readingId = id;
  const single = parts.length === 1 && !above;
  element_.reading.replaceChildren(...parts.map(({ line, value }) => {
    const made = element("span", "lv-read");
    made.style.color = lineColour(view, line);
    if (above) legendIcon(made, lineIcon(line, lineColour(view, line)));
    if (!single) made.append(`${line.name} `);
    element("b", "", made).append(readText(chart, value));
    return made;
  }));
  // A second line of values, once needed, stays: the charts must not jump under the pointer.
  const tall = element_.reading.offsetHeight;
  if (element_.readingWidth !== view.layout.chartWidth) element_.reading.style.minHeight = "";
  element_.readingWidth = view.layout.chartWidth;
  if (!(parseFloat(element_.reading.style.minHeight) >= tall)) element_.reading.style.minHeight = `${tall}px`;
}

function lineIcon(line, colour) {
  const dash = { dashed: "6 4", dotted: "1 4" }[line.dash] || "none";
  const path = { d: "M1 7H25", stroke: colour, "stroke-width": 2, "stroke-linecap": "round", "stroke-dasharray": dash };
  return [["path", path]];
}

// The newest value of each line, or the one at x.
export function describeChart(view, chart, x = null) {
  const { x_title: name } = view.frame.header;
  const words = chart.lines.map((line) => {
    const at = x === null ? lastValue(chart, line) : indexAt(line, x);
    return at < 0 ? `${line.name}: no value yet` : `${line.name}: ${readText(chart, line.y[at])} at ${name} ${tickText(Number(line.x[at].toFixed(2)))}`;
  });
  return `${chart.title}. ${words.join("; ")}`;
}
