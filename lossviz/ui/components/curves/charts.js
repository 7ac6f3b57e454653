// A frame, and the elements of the charts: made once, re-used for every frame.

import { createFigure, createLayers, createRoot, followWindow } from "../../../figures/canvas/component.js";
import { element, measuringContext, setCanvasSize, setSize } from "../../../figures/canvas/elements.js";
import { stableWidth, textScale } from "../../../figures/canvas/size.js";
import { readMessage } from "../../../figures/canvas/wire.js";
import { LEAST_NAME_STEP_PX } from "./lines.js";
import { followMoment, listenToChart, paint } from "./main.js";

const NARROW_PX = 520;
export const CHART_KEYS = "Left and right arrows read the values, with Shift in larger steps; Enter shows that moment.";
const LEAST_CHART_PX = 230; // rather than narrower charts, fewer columns
const TIGHT_CHART_PX = 210; // where one would stand alone otherwise
const MOST_COLUMNS = 4;
const NAMES_SHARE = 0.34; // of a chart's width; names that need more stand above it instead

export function readCharts(data) {
  const message = readMessage(data);
  if (!message) return null;
  const { header, array } = message;
  const charts = header.charts.map((chart) => ({
    ...chart,
    lines: chart.lines.map((line) => ({ ...line, x: array(line.x), y: array(line.y) })),
  }));
  return { header, charts };
}

export function createView(parent) {
  const root = createRoot(parent, "lv-curves");
  const view = {
    root,
    said: element("p", "lv-said", root),
    grid: element("div", "lv-grid", root),
    charts: [], frame: null, layout: null, pointed: null,
    stop: new AbortController(),
  };
  followWindow(view, paint);
  followMoment(view);
  return view;
}

function createChart(view, index) {
  const { figure, caption, box } = createFigure(view.grid, "lv-chart");
  const chart = {
    index, figure, box,
    title: element("span", "lv-title", caption),
    where: element("span", "lv-where", caption),
    reading: element("div", "lv-reading", caption),
    ...createLayers(box),
  };
  listenToChart(view, chart);
  return chart;
}

export function applyLayout(view) {
  const { header, charts } = view.frame;
  const width = stableWidth(view);
  const count = charts.length;
  // Also where nothing is drawn now: the cursor moves over the charts that there are.
  while (view.charts.length > count) view.charts.pop().figure.remove();
  if (width < 60 || !count) return false;
  const scale = textScale(header.presentation);
  const gap = Math.round(16 * scale);
  const room = (least) => Math.floor((width + gap) / (least * scale + gap));
  const columns = width < NARROW_PX ? 1 : columnsFor(count, room);
  const dpr = Math.min(3, window.devicePixelRatio || 1);
  const chartWidth = Math.floor((width - (columns - 1) * gap) / columns);
  const height = Math.round(header.height * scale);
  const known = view.layout;
  const [left, top, bottom] = [44, 8, 30].map((length) => Math.round(length * scale));
  const names = namesRoom(view, scale, chartWidth, height - top - bottom, known);
  view.layout = { width, columns, scale, dpr, chartWidth, height, left, top, bottom, ...names };
  view.root.style.setProperty("--lv-scale", scale);
  view.grid.style.gridTemplateColumns = `repeat(${columns}, ${chartWidth}px)`;
  view.grid.style.gap = `${Math.round(10 * scale)}px ${gap}px`;
  while (view.charts.length < count) view.charts.push(createChart(view, view.charts.length));
  for (const { box, base, over, plane } of view.charts) {
    setSize([box, base, over, plane], chartWidth, height);
    setCanvasSize([base, over], chartWidth, height, dpr);
  }
  return true;
}

// As many columns as there is room for, but no chart alone in the last row: rather one column more.
export function columnsFor(count, room) {
  const most = (least) => Math.max(1, Math.min(count, MOST_COLUMNS, room(least)));
  const loose = most(LEAST_CHART_PX);
  for (let columns = loose; columns > 1; columns--) if (count % columns !== 1) return columns;
  const tight = most(TIGHT_CHART_PX);
  return count % tight !== 1 ? tight : loose;
}

// Names that fit as a whole stand at the ends of their lines, all others above their chart. The room
// is the same in all charts; it grows and does not shrink, and names that went above stay there,
// while the width stays.
function namesRoom(view, scale, chartWidth, tall, known) {
  const context = measuringContext();
  context.font = `600 ${11.5 * scale}px ${view.theme.font}`;
  const { charts, header } = view.frame;
  const room = (texts) => Math.ceil(Math.max(0, ...texts.map((text) => context.measureText(text).width)) + 12 * scale);
  const wanted = charts.map(({ lines }) => room(lines.map(({ name }) => name)));
  const most = 1 + Math.floor(tall / (LEAST_NAME_STEP_PX * scale));
  const same = known?.chartWidth === chartWidth && known.namesAbove.length === charts.length;
  const fits = (width, i) => width <= NAMES_SHARE * chartWidth && charts[i].lines.length <= most;
  const namesAbove = wanted.map((width, i) => !fits(width, i) || (same && known.namesAbove[i]));
  const right = Math.max(room([header.x_title]), same ? known.right : 0, ...wanted.filter((_, i) => !namesAbove[i]));
  return { right, namesAbove };
}
