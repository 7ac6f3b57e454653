// The elements on the page: made once, then only their texts and places change.

import { createFigure, createLayers, createRoot, followWindow } from "../../../figures/canvas/component.js";
import { element, setPlane, setText } from "../../../figures/canvas/elements.js";
import { createBar } from "./bars.js";
import { endPress, listenToPlane, receiveValues } from "./cursor.js";
import { listenToSliders } from "./engine.js";
import { PLANE_KEYS } from "./keyboard.js";
import { paint } from "./painting.js";
import { openingText } from "./valley.js";

export function createView(parent) {
  const root = createRoot(parent, "lv-contours");
  const body = element("div", "lv-body", root);
  const view = {
    root, body,
    grid: element("div", "lv-grid", body),
    sharedBar: createBar(body, "lv-shared-bar"),
    message: element("p", "lv-message", root, { role: "status" }),
    legend: element("ul", "lv-legend", root, { "aria-label": "Legend" }),
    panels: [], frame: null, served: null, moved: new Map(), layout: null, key: "",
    trigger: () => {},
    cursor: null, exact: null, exactIsCurrent: false,
    press: null, heldUntil: 0, waiting: null,
    drag: null, local: new Map(), lastId: 0, outstanding: null, queued: null,
    scratch: document.createElement("canvas"),
    stop: new AbortController(),
  };
  view.message.hidden = true;
  const { signal } = view.stop;
  followWindow(view, paint);
  for (const type of ["pointerup", "pointercancel"]) {
    window.addEventListener(type, (event) => endPress(view, event.pointerId), { signal });
  }
  window.addEventListener("lossviz:values", (event) => receiveValues(view, event.detail), { signal });
  listenToSliders(view);
  return view;
}

export function clearTimers(view) {
  clearTimeout(view.refineTimer);
  clearTimeout(view.dragTimer);
  clearTimeout(view.releaseTimer);
  cancelAnimationFrame(view.following);
}

export function createPanel(view, index) {
  const figure = createFigure(view.grid, "lv-panel");
  const { caption, box } = figure;
  const panel = {
    index, ...figure,
    title: element("span", "lv-title", caption),
    note: element("span", "lv-note", caption),
    ...createLayers(box, true),
    marks: element("div", "lv-marks", box),
    handles: new Map(),
    bar: createBar(box, "lv-panel-bar"),
  };
  panel.across = element("div", "lv-across", panel.marks);
  panel.down = element("div", "lv-down", panel.marks);
  panel.value = element("div", "lv-value", panel.marks);
  panel.opening = element("div", "lv-opening", panel.marks);
  listenToPlane(view, panel);
  return panel;
}

export function showMessage(view, text) {
  setText(view.message, text);
  view.message.hidden = !text;
}

export function updateTexts(view) {
  const { header, panels } = view.frame;
  showMessage(view, "");
  view.root.classList.toggle("interactive", !!header.interactive);
  // Planes that only show take no keys; a row of them is still to be moved with some.
  if (view.layout.narrow && !header.interactive && panels.length > 1) view.grid.tabIndex = 0;
  else view.grid.removeAttribute("tabindex");
  if (!view.panels.some((panel) => panel.index === view.tabPanel)) view.tabPanel = 0;
  view.panels.forEach((panel, i) => {
    const { key, title, note, text, opening } = panels[i];
    panel.figure.dataset.key = key ?? i;
    setText(panel.title, title || "");
    setText(panel.note, note || "");
    panel.caption.title = note ? `${title || ""} ${note}` : "";
    const label = text || title || "Loss over the feature plane";
    setPlane(panel.plane, header.interactive, label, PLANE_KEYS, i === view.tabPanel ? 0 : -1);
    setText(panel.opening, openingText(opening));
  });
}
