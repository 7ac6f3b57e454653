// Streamlit's entry to the curves: pointing, clicking, keys, one frame after another.

import { component, nameFrame } from "../../../figures/canvas/component.js";
import { say, scheduleOnce, setPlane, setText } from "../../../figures/canvas/elements.js";
import { readTheme } from "../../../figures/canvas/theme.js";
import { poll } from "../follow/poll.js";
import { CHART_KEYS, applyLayout, createView, readCharts } from "./charts.js";
import { describeChart, paintChart, paintCursor } from "./lines.js";

export function listenToChart(view, chart) {
  const { plane } = chart;
  const xOf = (event) => {
    const to = chart.scale;
    const x = to.back(event.clientX - plane.getBoundingClientRect().left);
    return Math.min(Math.max(x, to.x0), to.x1);
  };
  const point = (x) => {
    view.pointed = x;
    scheduleOnce(view, "cursor", () => paintCursor(view));
  };
  plane.addEventListener("pointermove", (event) => point(xOf(event)));
  plane.addEventListener("pointerleave", () => point(null));
  plane.addEventListener("blur", () => point(null));
  plane.addEventListener("click", (event) => tellSeek(view, xOf(event)));
  plane.addEventListener("keydown", (event) => {
    const to = chart.scale;
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const pointAndSay = (x) => {
      point(x);
      say(view, describeChart(view, view.frame.charts[chart.index], x));
    };
    if (way) {
      const from = view.pointed ?? view.frame.header.cursor ?? to.x1;
      pointAndSay(Math.min(Math.max(from + (way * (to.x1 - to.x0)) / (event.shiftKey ? 10 : 50), to.x0), to.x1));
    } else if (event.key === "Home") pointAndSay(to.x0);
    else if (event.key === "End") pointAndSay(to.x1);
    else if (event.key === "Enter" && view.pointed !== null) tellSeek(view, view.pointed);
    else if (event.key === "Escape") point(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}

// The pictures of the page go to that moment (lossviz/ui/components/scatter/follow.js).
function tellSeek(view, epoch) {
  window.dispatchEvent(new CustomEvent("lossviz:seek", { detail: { epoch } }));
}

export function paint(view) {
  const started = performance.now();
  readTheme(view);
  setText(view.said, view.frame.header.said || "");
  view.said.hidden = !view.frame.header.said;
  view.grid.hidden = !view.frame.charts.length;
  if (!applyLayout(view)) return;
  view.frame.charts.forEach((chart, i) => {
    const element_ = view.charts[i];
    setText(element_.title, chart.title);
    setPlane(element_.plane, true, describeChart(view, chart), CHART_KEYS, 0);
    paintChart(view, element_, chart);
  });
  paintCursor(view);
  nameFrame(view, performance.now() - started);
}

function receive(view, data) {
  try {
    const frame = readCharts(data);
    if (!frame) return;
    if (view.moment !== undefined) frame.header.cursor = view.moment;
    view.frame = frame;
    paint(view);
  } catch (error) {
    console.error("lossviz curves: unreadable frame; the previous one is kept", error);
  }
}

export default component({
  create: createView,
  receive: (view, { data }) => {
    if (!data || data === view.bytes) return;
    view.bytes = data;
    receive(view, data);
    followRoute(view);
  },
});

// Curves that have a route follow their runs by themselves; the line of the moment follows the pictures.

const CURVES_EVERY_MS = 1000;

function followRoute(view) {
  const { source, etag } = view.frame?.header || {};
  if (!source) return;
  view.route = { path: source, etag: `"${etag}"`, running: view.frame.header.running };
  view.look ??= poll(view.stop.signal, {
    ask: () => view.route,
    heard: async (response, { path }) => {
      if (response.status !== 200) return;
      const data = await response.arrayBuffer();
      if (path !== view.route.path) return;
      receive(view, data);
      Object.assign(view.route, { etag: response.headers.get("ETag"), running: view.frame.header.running });
    },
    every: () => (view.route.running ? CURVES_EVERY_MS : null),
  });
  view.look();
}

export function followMoment(view) {
  window.addEventListener("lossviz:moment", ({ detail }) => {
    if (view.moment === detail.epoch) return;
    view.moment = detail.epoch;
    if (!view.frame) return;
    view.frame.header.cursor = view.moment;
    if (view.layout) scheduleOnce(view, "cursor", () => paintCursor(view));
  }, { signal: view.stop.signal });
}
