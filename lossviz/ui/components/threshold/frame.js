// A frame, and the elements of the picture: made once, re-used for every frame.

import { createLayers, createRoot, followWindow } from "../../../figures/canvas/component.js";
import { element } from "../../../figures/canvas/elements.js";
import { readMessage } from "../../../figures/canvas/wire.js";
import { listen } from "./handle.js";
import { makeZoomButtons } from "./layout.js";
import { paint } from "./main.js";

export function readFrame(data) {
  const message = readMessage(data);
  if (!message) return null;
  const { header, array } = message;
  const read = (value) => (value?.type ? array(value) : value);
  const rows = header.rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, read(value)])));
  const sizes = rows.map(({ labels }) => countsByClass(labels, header.classes.length));
  return { header, rows, sizes, edges: array(header.edges) };
}

function countsByClass(labels, classes) {
  const counts = new Uint32Array(classes);
  for (const label of labels) counts[label]++;
  return counts;
}

export function createView(parent) {
  const root = createRoot(parent, "lv-threshold");
  const box = element("div", "lv-box", root);
  const view = {
    root, box,
    ...createLayers(box),
    handle: element("div", "lv-handle", box, {
      role: "slider", tabindex: 0, "aria-label": "Threshold", "aria-orientation": "horizontal",
      "aria-description": "Arrow keys move it, with Shift or Page Up and Down in larger steps.",
    }),
    knob: null,
    zoomButtons: element("div", "lv-zoom", box, { role: "group", "aria-label": "Zoom about the threshold" }),
    labels: [],
    tables: element("div", "lv-tables", root),
    frame: null, layout: null, lastId: 0, t: null, drag: null, zoom: null,
    trigger: () => {},
    stop: new AbortController(),
  };
  makeZoomButtons(view);
  view.knob = element("span", "lv-knob", view.handle, { "aria-hidden": "true" });
  listen(view);
  followWindow(view, paint);
  return view;
}
