// What the visitor does: keys, a drag that turns space, sliders of the page.

import { scheduleOnce } from "../../../../figures/canvas/elements.js";
import { followSliders } from "../../../../ui/components/sliders/sliders.js";
import { paintFlow } from "./drawing.js";
import { SPEEDS, describe, playOrPause, restart, showFlow, takeStep } from "./running.js";

const TURN = 0.1; // radians for a key

export function listenToFlow(view) {
  const { canvas, root } = view;
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target === view.speed) return;
    // Controls have keys of their own.
    if (event.key === " " && event.target.closest("button, summary")) return;
    if (!pressed(view, event)) return;
    event.preventDefault();
    event.stopPropagation();
  });
  canvas.addEventListener("focus", () => view.flow && describe(view));
  canvas.addEventListener("pointerdown", (event) => {
    if (view.flow.dimension !== 3) return;
    canvas.setPointerCapture(event.pointerId);
    view.camera.held = true;
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.buttons && view.camera.held) rotate(view, event.movementX / 150, event.movementY / 150);
  });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => (view.camera.held = false));
  followSliders(view, {
    sliders: () => view.settings?.sliders || [],
    moved: () => act(view),
  });
}

// Whether the key means something here.
function pressed(view, { key, shiftKey }) {
  const turns = { ArrowRight: [TURN, 0], ArrowLeft: [-TURN, 0], ArrowUp: [0, -TURN], ArrowDown: [0, TURN] }[key];
  const faster = { ArrowUp: 1, ArrowDown: -1 }[key];
  if (shiftKey && turns) {
    if (view.flow.dimension !== 3) return false;
    rotate(view, ...turns);
  } else if (key === " ") playOrPause(view);
  else if (key === "ArrowRight") takeStep(view);
  else if (key === "r" || key === "R") restart(view);
  else if (faster) view.speed.selectedIndex = Math.min(SPEEDS.length - 1, Math.max(0, view.speed.selectedIndex + faster));
  else return false;
  return true;
}

function rotate(view, across, up) {
  const { camera } = view;
  camera.turn -= across;
  camera.tilt = Math.min(1.5, Math.max(-1.5, camera.tilt + up));
  if (!view.playing) scheduleOnce(view, "rotate", () => paintFlow(view));
}

// What sliders have moved acts at once, on the flow as it is: "params.margin" or "rate".
export function act(view) {
  for (const [link, { value }] of view.moved) {
    const [group, name] = link.split(".");
    if (name) view.settings[group][name] = value;
    else view.settings[group] = value;
  }
  if (!view.playing) scheduleOnce(view, "act", () => showFlow(view));
}

export function saidByServer(settings, link) {
  const [group, name] = link.split(".");
  return name ? settings[group][name] : settings[group];
}
