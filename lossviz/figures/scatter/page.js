// The elements on the page: made once, then only their texts and places change.

import { createFigure, createLayers, createRoot, followWindow } from "../canvas/component.js";
import { element, setAttribute, setPlane, setText } from "../canvas/elements.js";
import { createCard, createTip } from "./card.js";
import { describe } from "./packet.js";
import { paint } from "./painting.js";
import { PLANE_KEYS, listenToPlane, rootKey } from "./pointing.js";
import { createTimeline } from "./timeline.js";

export function createView(parent) {
  const root = createRoot(parent, "lv-scatter");
  const view = {
    root,
    grid: element("div", "lv-grid", root),
    message: element("p", "lv-message", root, { role: "status" }),
    panels: [], frame: null, layout: null,
    trigger: () => {},
    windows: new Map(), // by run: what a visitor has zoomed or panned to
    turn: { yaw: -0.6, pitch: 0.45 }, // from where three dimensions are seen
    hover: null, cursor: null, drag: null, pinch: null,
    lastId: 0, outstanding: null, queued: null, closed: 0, opened: null,
    playing: false, live: false, position: 0, paintedAt: 0, held: false, moved: false,
    atlas: document.createElement("canvas"), atlasId: "",
    stop: new AbortController(),
  };
  createTimeline(view);
  view.legend = element("ul", "lv-legend", root, { "aria-label": "Legend" });
  createTip(view);
  createCard(view);
  followWindow(view, paint);
  root.addEventListener("keydown", (event) => rootKey(view, event));
  return view;
}

export function clearTimers(view) {
  clearTimeout(view.playTimer);
  clearTimeout(view.restTimer);
  clearTimeout(view.hintTimer);
}

export function createPanel(view, index) {
  const figure = createFigure(view.grid, "lv-panel");
  const { caption, box } = figure;
  const panel = {
    index, ...figure,
    title: element("div", "lv-title", caption),
    note: element("div", "lv-note", caption),
    warning: element("div", "lv-warning", caption),
    ...createLayers(box),
    state: element("div", "lv-state", box),
    ground: document.createElement("canvas"), groundOf: null,
  };
  listenToPlane(view, panel);
  return panel;
}

export function updateTexts(view) {
  const { header, panels } = view.frame;
  const { interactive } = header.options;
  setText(view.message, header.message || "");
  view.message.hidden = !header.message;
  view.root.classList.toggle("interactive", interactive);
  view.panels.forEach((panel, i) => {
    const data = panels[i];
    panel.figure.dataset.run = data.run;
    setText(panel.title, data.title);
    setText(panel.note, data.note);
    setText(panel.warning, data.warning || "");
    setAttribute(panel.caption, "title", [data.title, data.note, data.warning].filter(Boolean).join("\n"));
    setPlane(panel.plane, interactive, describe(data), PLANE_KEYS, 0);
    const missing = data.gaps ? `${data.gaps} of ${data.points} points are not finite` : "";
    setText(panel.state, [data.state, missing].filter(Boolean).join(" · "));
    panel.state.classList.toggle("alone", !data.points);
    panel.plane.classList.toggle("solid", data.dims === 3);
    panel.plane.classList.toggle("zoomed", view.windows.has(data.run));
  });
}
