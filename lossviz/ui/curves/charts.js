// The bytes of a frame, and the elements of the charts: made once, re-used for every frame.

const NARROW_PX = 520;
const LEAST_CHART_PX = 230; // rather than narrower charts, fewer columns

function parseCharts(data) {
  const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
  if (!ArrayBuffer.isView(bytes) || bytes.byteLength < 4) return null;
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const start = Math.ceil((4 + length) / 4) * 4;
  // A copy, because the bytes may start anywhere in a larger message.
  const values = new Float32Array(bytes.slice(start).buffer);
  const charts = header.charts.map((chart) => ({
    ...chart,
    lines: chart.lines.map((line) => ({
      ...line,
      x: values.subarray(line.offset, line.offset + line.count),
      y: values.subarray(line.offset + line.count, line.offset + 2 * line.count),
    })),
  }));
  return { header, charts };
}

function createView(parent) {
  parent.querySelectorAll(".lv-curves").forEach((old) => old.remove());
  const root = element("div", "lv-curves", parent);
  const view = {
    root,
    grid: element("div", "lv-grid", root),
    charts: [], frame: null, layout: null, calls: 0, lastId: 0, pointed: null,
    trigger: () => {},
    stop: new AbortController(),
  };
  const repaint = () => scheduleOnce(view, "repaint", () => view.frame && paint(view));
  view.observer = new ResizeObserver(() => {
    if (view.frame && (!view.layout || stableWidth(view) !== view.layout.width)) repaint();
  });
  view.observer.observe(root);
  const { signal } = view.stop;
  window.addEventListener("resize", repaint, { signal });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint, { signal });
  return view;
}

function destroyView(view) {
  view.stop.abort();
  view.observer.disconnect();
  view.root.remove();
}

function createChart(view, index) {
  const figure = element("figure", "lv-chart", view.grid);
  const caption = element("figcaption", "lv-caption", figure);
  const box = element("div", "lv-box", figure);
  const chart = {
    index, figure, box,
    title: element("span", "lv-title", caption),
    where: element("span", "lv-where", caption),
    reading: element("div", "lv-reading", caption),
    base: element("canvas", "lv-base", box, { "aria-hidden": "true" }),
    over: element("canvas", "lv-over", box, { "aria-hidden": "true" }),
    plane: element("div", "lv-plane", box, { role: "application", tabindex: index ? -1 : 0 }),
  };
  chart.context = chart.base.getContext("2d");
  chart.overContext = chart.over.getContext("2d");
  listenToChart(view, chart);
  return chart;
}

function applyLayout(view) {
  const { header, charts } = view.frame;
  const width = stableWidth(view);
  const count = charts.length;
  if (width < 60 || !count) return false;
  const scale = header.presentation ? 1.35 : 1;
  const gap = Math.round(16 * scale);
  let columns = width < NARROW_PX ? 1 : Math.min(count, header.columns || 3);
  while (columns > 1 && (width - (columns - 1) * gap) / columns < LEAST_CHART_PX * scale) columns--;
  const dpr = Math.min(3, window.devicePixelRatio || 1);
  const chartWidth = Math.floor((width - (columns - 1) * gap) / columns);
  const height = Math.round(header.height * scale);
  const known = view.layout;
  view.layout = {
    width, columns, scale, dpr, chartWidth, height,
    left: Math.round(44 * scale), top: Math.round(8 * scale), bottom: Math.round(30 * scale),
    right: namesWidth(view, scale, chartWidth, known),
  };
  view.root.style.setProperty("--lv-scale", scale);
  view.grid.style.gridTemplateColumns = `repeat(${columns}, ${chartWidth}px)`;
  view.grid.style.gap = `${Math.round(10 * scale)}px ${gap}px`;
  while (view.charts.length > count) view.charts.pop().figure.remove();
  while (view.charts.length < count) view.charts.push(createChart(view, view.charts.length));
  for (const chart of view.charts) {
    for (const box of [chart.box, chart.base, chart.over, chart.plane]) {
      Object.assign(box.style, { width: `${chartWidth}px`, height: `${height}px` });
    }
    for (const canvas of [chart.base, chart.over]) {
      resizeCanvas(canvas, Math.round(chartWidth * dpr), Math.round(height * dpr));
    }
  }
  return true;
}

// Room for the names at the ends of the lines; it grows and does not shrink while the width stays.
function namesWidth(view, scale, chartWidth, known) {
  const context = measuringContext();
  context.font = `600 ${11.5 * scale}px ${view.theme.font}`;
  const { charts, header } = view.frame;
  const names = [header.x_title, ...charts.flatMap(({ lines }) => lines.map(({ name }) => name))];
  const widest = Math.max(0, ...names.map((name) => context.measureText(name).width));
  const wanted = Math.min(Math.ceil(widest + 12 * scale), Math.round(0.34 * chartWidth));
  return known?.chartWidth === chartWidth ? Math.max(known.right, wanted) : wanted;
}
