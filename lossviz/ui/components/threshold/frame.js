// The bytes of a frame, and the elements of the picture: made once, re-used for every frame.

function parseFrame(data) {
  const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
  if (!ArrayBuffer.isView(bytes) || bytes.byteLength < 4) return null;
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const start = Math.ceil((4 + length) / 4) * 4;
  // A copy, because the bytes may start anywhere in a larger message.
  const values = new Float32Array(bytes.slice(start).buffer);
  const array = ([offset, count]) => values.subarray(offset, offset + count);
  const rows = header.rows.map((row) => ({
    ...row,
    ...Object.fromEntries(Object.entries(row.arrays).map(([name, place]) => [name, array(place)])),
  }));
  const sizes = rows.map(({ labels }) => countsByClass(labels, header.classes.length));
  return { header, rows, sizes, edges: array(header.edges) };
}

function countsByClass(labels, classes) {
  const counts = new Uint32Array(classes);
  for (const label of labels) counts[label]++;
  return counts;
}

function createView(parent) {
  parent.querySelectorAll(".lv-threshold").forEach((old) => old.remove());
  const root = element("div", "lv-threshold", parent);
  const box = element("div", "lv-box", root);
  const view = {
    root, box,
    base: element("canvas", "lv-base", box, { "aria-hidden": "true" }),
    over: element("canvas", "lv-over", box, { "aria-hidden": "true" }),
    plane: element("div", "lv-plane", box),
    handle: element("div", "lv-handle", box, {
      role: "slider", tabindex: 0, "aria-label": "Threshold", "aria-orientation": "horizontal",
      "aria-description": "Arrow keys move it, with Shift or Page Up and Down in larger steps.",
    }),
    knob: null,
    zoomButtons: element("div", "lv-zoom", box, { role: "group", "aria-label": "Zoom about the threshold" }),
    labels: [],
    tables: element("div", "lv-tables", root),
    frame: null, layout: null, calls: 0, lastId: 0, t: null, drag: null, zoom: null,
    trigger: () => {},
    stop: new AbortController(),
  };
  makeZoomButtons(view);
  view.knob = element("span", "lv-knob", view.handle, { "aria-hidden": "true" });
  view.baseContext = view.base.getContext("2d");
  view.overContext = view.over.getContext("2d");
  listen(view);
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
  clearTimeout(view.releaseTimer);
  view.stop.abort();
  view.observer.disconnect();
  view.root.remove();
}
