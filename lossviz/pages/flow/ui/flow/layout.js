// The elements of the component and their sizes.

import { createRoot } from "../../../../figures/canvas/component.js";
import { element, scheduleOnce, setCanvasSize, setSize } from "../../../../figures/canvas/elements.js";
import { heightBelow, stableWidth } from "../../../../figures/canvas/size.js";
import { readTheme } from "../../../../figures/canvas/theme.js";
import { createCamera } from "./camera.js";
import { createReadings, createValues } from "./readings.js";
import { SPEEDS, playOrPause, restart, showFlow, takeStep } from "./running.js";
import { listenToFlow } from "./steering.js";

const SIDE_PX = 190;
const MOST_SIDE_PX = 300;
const GAP_PX = 16;
const NARROW_PX = 560;
const BUTTONS_PX = 78; // and the line that opens the values

export function createView(parentElement) {
  const view = { stop: new AbortController(), camera: createCamera(), trail: [], moved: new Map() };
  view.root = createRoot(parentElement, "lv-flow");
  view.stage = element("div", "lv-stage", view.root);
  view.canvas = element("canvas", "lv-plane", view.stage, { tabindex: "0", role: "application" });
  view.context = view.canvas.getContext("2d");
  view.ground = document.createElement("canvas");
  view.side = element("div", "lv-side", view.root);
  createReadings(view);
  view.message = element("p", "lv-message", view.side, { role: "status" });
  view.message.hidden = true;
  view.keys = element("p", "lv-keys", view.side);
  view.buttons = element("div", "lv-buttons", view.root, { role: "group", "aria-label": "Time of the flow" });
  const button = (name, title, act) => {
    const made = element("button", "", view.buttons, { type: "button", title });
    made.textContent = name;
    made.addEventListener("click", act);
    return made;
  };
  view.play = button("Pause", "Play or pause: space", () => playOrPause(view));
  button("One step", "Pauses and takes a single step, whatever the speed: →", () => takeStep(view));
  button("Reset", "From the start: R", () => restart(view));
  const label = element("label", "", view.buttons);
  label.append("steps a frame ");
  view.speed = element("select", "", label, { title: "Steps between two pictures while it plays; faster and slower: ↑ ↓" });
  for (const count of SPEEDS) element("option", "", view.speed, { value: count }).textContent = count;
  view.counter = element("output", "lv-counter", view.buttons, { "aria-live": "off" });
  createValues(view);
  view.resized = new ResizeObserver(() => scheduleOnce(view, "layout", () => placeFlow(view)));
  view.resized.observe(view.root);
  listenToFlow(view);
  return view;
}

export function endFrames(view) {
  view.resized.disconnect();
  cancelAnimationFrame(view.frameId || 0);
  cancelAnimationFrame(view.following || 0);
}

export function placeFlow(view) {
  readTheme(view, view.settings?.themes);
  const width = stableWidth(view);
  const narrow = width < NARROW_PX;
  const room = heightBelow(view) - BUTTONS_PX;
  const size = Math.max(200, Math.floor(narrow ? width : Math.min(width - SIDE_PX - GAP_PX, room)));
  view.layout = { width };
  view.dpr = Math.min(window.devicePixelRatio || 1, 2);
  view.scale = view.options?.presentation ? 1.5 : 1;
  view.textSize = 13 * view.scale;
  view.size = size;
  view.root.classList.toggle("narrow", narrow);
  view.root.style.setProperty("--lv-scale", view.scale);
  view.curveSize = { width: narrow ? Math.floor((width - 24) / 2) : Math.min(MOST_SIDE_PX, width - size - GAP_PX) - 2, height: narrow ? 18 : 22 };
  setSize([view.canvas, view.stage], size, size);
  setSize(view.cells.map(({ curve }) => curve), view.curveSize.width, view.curveSize.height);
  setCanvasSize([view.canvas], size, size, view.dpr);
  view.trail = [];
  if (view.flow) showFlow(view);
}
