// Play, scrub, follow: the frames under the panels, and the buttons of the planes.

import { element, setAttribute, setText } from "../canvas/elements.js";
import { svgElement } from "../canvas/legend.js";
import { niceTicks } from "../canvas/numbers.js";
import { playOn, restLater, seek } from "./events.js";
import { hasTimeline } from "./layout.js";
import { resetPlanes, zoomBy } from "./planes.js";

const ICONS = {
  play: "M3 1.5L13 8L3 14.5Z",
  pause: "M3 2H6.5V14H3ZM9.5 2H13V14H9.5Z",
  less: "M3 7.2H13V8.8H3Z",
  more: "M7.2 3H8.8V7.2H13V8.8H8.8V13H7.2V8.8H3V7.2H7.2Z",
};

export function createTimeline(view) {
  const controls = element("div", "lv-controls", view.root);
  const timeline = element("div", "lv-timeline", controls);
  const button = (className, parent, label, action, icon) => {
    const made = element("button", className, parent, { type: "button", "aria-label": label, title: label });
    if (icon) setIcon(made, icon);
    made.addEventListener("click", action);
    return made;
  };
  const track = () => element("div", "lv-track", timeline);
  Object.assign(view, { controls, timeline });
  view.play = button("lv-play", timeline, "Play", () => togglePlay(view), "play");
  view.track = track();
  view.range = element("input", "lv-range", view.track, { type: "range", min: 0, step: 1, "aria-label": "Frame" });
  view.epochs = element("div", "lv-epochs", view.track, { "aria-hidden": "true" });
  view.range.addEventListener("input", () => seek(view, Number(view.range.value)));
  view.range.addEventListener("pointerdown", () => (view.held = true));
  for (const end of ["pointerup", "pointercancel"]) {
    window.addEventListener(end, () => {
      view.held = false;
      restLater(view);
    }, { signal: view.stop.signal });
  }
  // An output speaks of itself, and this one changes while a run trains; the slider says the same when it is moved.
  view.now = element("output", "lv-now", timeline, { "aria-live": "off" });
  view.follow = button("lv-follow", timeline, "Live: follow the run", () => {
    const { steps } = view.frame.header.timeline;
    if (view.live) seek(view, view.position);
    else seek(view, steps.length - 1, { live: true });
  });
  view.follow.append("Live");
  const zoom = element("div", "lv-zoom", controls, { role: "group", "aria-label": "Zoom" });
  const all = (action) => () => {
    const { panels, header } = view.frame;
    for (const panel of header.options.linked ? panels.slice(0, 1) : panels) action(panel);
  };
  button("lv-less", zoom, "Zoom out", all((panel) => zoomBy(view, panel, 1 / 1.5)), "less");
  button("lv-more", zoom, "Zoom in", all((panel) => zoomBy(view, panel, 1.5)), "more");
  view.reset = button("lv-reset", zoom, "Reset: show everything", () => resetPlanes(view));
  view.reset.append("Reset");
  view.zoom = zoom;
}

function setIcon(button, name) {
  if (button.dataset.icon === name) return;
  button.dataset.icon = name;
  button.replaceChildren();
  const svg = svgElement("svg", button, { width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true" });
  svgElement("path", svg, { d: ICONS[name], fill: "currentColor" });
}

// From the end, playing begins again at the first frame.
export function togglePlay(view) {
  const { steps } = view.frame.header.timeline;
  if (view.playing) seek(view, view.position);
  else seek(view, view.position >= steps.length - 1 ? 0 : view.position, { playing: true });
  playOn(view);
}

export function updateTimeline(view) {
  const { timeline, options } = view.frame.header;
  const { steps, epochs, running } = timeline;
  const shown = steps.length > 0;
  view.timeline.hidden = !hasTimeline(view);
  view.timeline.classList.toggle("waiting", !shown);
  view.zoom.hidden = !options.interactive || !view.frame.panels.some(({ points }) => points);
  if (!shown) return;
  const last = steps.length - 1;
  setAttribute(view.range, "max", last);
  if (Number(view.range.value) !== view.position) view.range.value = view.position;
  const at = Math.min(view.position, last);
  const text = `epoch ${epochText(epochs[at])} · step ${steps[at].toLocaleString("en-US")}`;
  setText(view.now, text);
  // The line keeps the room of the longest text: the track and its ticks stay while the timeline plays.
  setAttribute(view.now, "data-longest", `epoch ${epochs[last].toFixed(1)} · step ${steps[last].toLocaleString("en-US")}`);
  setAttribute(view.range, "aria-valuetext", text);
  setIcon(view.play, view.playing ? "pause" : "play");
  setAttribute(view.play, "aria-label", view.playing ? "Pause" : "Play");
  setAttribute(view.play, "title", view.playing ? "Pause" : "Play");
  view.follow.hidden = !running;
  setAttribute(view.follow, "aria-pressed", view.live);
  updateEpochs(view, epochs);
}

function epochText(epoch) {
  return Number.isInteger(epoch) ? String(epoch) : epoch.toFixed(1);
}

// A tick at the first frame of each epoch, as many as have room.
function updateEpochs(view, epochs) {
  const room = view.track.clientWidth;
  const last = epochs[epochs.length - 1];
  const id = JSON.stringify([epochs.length, last, room, view.layout.scale]);
  if (view.epochsId === id) return;
  view.epochsId = id;
  const most = Math.max(2, Math.floor(room / (34 * view.layout.scale)));
  const marks = niceTicks(epochs[0], last, Math.min(most, 10)).filter(Number.isInteger);
  const thumb = 16;
  view.epochs.replaceChildren(...marks.map((epoch) => {
    const index = epochs.findIndex((each) => each >= epoch - 1e-6);
    const share = epochs.length > 1 ? index / (epochs.length - 1) : 0;
    const made = element("span");
    made.style.left = `${thumb / 2 + share * (room - thumb)}px`;
    made.append(String(epoch));
    return made;
  }));
}
