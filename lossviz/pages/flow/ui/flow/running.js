// Time: steps while the screen turns, and a flow that runs away.

import { setText } from "../../../../figures/canvas/elements.js";
import { followReach } from "./camera.js";
import { paintFlow } from "./drawing.js";
import { FAR, createFlow, evaluateFlow, largest, stepFlow } from "./engine.js";
import { READINGS, plainNumber, readFlow } from "./readings.js";

export const SPEEDS = [1, 2, 5, 10, 20];
const READ_MS = 150; // between two readings of the measures
const STEP_MS = 24; // no more arithmetic than this in a frame

export function showFlow(view) {
  paintFlow(view);
  readFlow(view);
  tellStep(view);
}

function tellStep(view) {
  const { flow, settings } = view;
  const annealed = settings.anneal && settings.anneals.length && flow.step < settings.anneal_steps;
  setText(view.counter, `step ${flow.step}${annealed ? `, annealing until ${settings.anneal_steps}` : ""}`);
  view.root.dataset.step = flow.step;
  // A reader would tell every change of a name, so it is kept while the flow plays.
  if (!view.playing) describe(view);
}

// The picture in words, as its name.
export function describe(view) {
  const { flow, settings, history } = view;
  const told = history[history.length - 1];
  const numbers = told ? ` ${READINGS.map(([key, name, text]) => `${name} ${text(told[key])}`).join(", ")}.` : "";
  const state = flow.ranAway ? "ran away" : view.playing ? "playing" : "paused";
  view.canvas.setAttribute("aria-label", `${settings.text}: step ${flow.step}, ${state}.${numbers} ${settings.keys}`);
}

export function setPlaying(view, playing) {
  view.playing = playing && !view.flow.ranAway;
  setText(view.play, view.playing ? "Pause" : "Play");
  view.root.dataset.playing = view.playing;
  cancelAnimationFrame(view.frameId || 0);
  if (view.playing) view.frameId = requestAnimationFrame(() => turn(view));
  else if (view.flow) showFlow(view);
  describe(view);
}

// What ran away begins anew.
export function playOrPause(view) {
  if (view.flow.ranAway) restart(view);
  setPlaying(view, !view.playing);
}

function advance(view) {
  const { flow } = view;
  if (flow.ranAway) return;
  stepFlow(flow, view.settings);
  if (!flow.ranAway) return;
  setText(view.message, farText(flow, view.settings));
  view.message.hidden = false;
}

// How far out everything is, and what helps.
function farText(flow, settings) {
  const { features, head, biasAt, centersAt, step } = flow;
  const parts = [["features", features], ["class weights", head.subarray(0, biasAt)],
    ["biases", head.subarray(biasAt, centersAt)], ["centres", head.subarray(centersAt)]];
  const sizes = parts.filter(([, numbers]) => numbers.length).map(([name, numbers]) => `${name} ${plainNumber(largest(numbers))}`);
  evaluateFlow(flow, settings);
  return `Ran away at step ${step}: something is more than ${FAR} out, and the flow stops. Farthest from 0: ${sizes.join(", ")}; `
    + `mean loss ${plainNumber(flow.loss)}. R starts again; smaller rates or a larger decay may hold it.`;
}

function turn(view) {
  if (view.stop.signal.aborted || !view.playing) return;
  const started = performance.now();
  for (let n = 0; n < Number(view.speed.value); n++) {
    advance(view);
    if (view.flow.ranAway || performance.now() - started > STEP_MS) break;
  }
  if (view.flow.dimension === 3 && !view.camera.held) view.camera.turn += 0.004;
  if (view.flow.ranAway) return setPlaying(view, false);
  paintFlow(view);
  tellStep(view);
  if (started - (view.readAt ?? -1e9) > READ_MS) {
    readFlow(view);
    view.readAt = started;
  }
  view.frameId = requestAnimationFrame(() => turn(view));
}

export function takeStep(view) {
  setPlaying(view, false);
  advance(view);
  showFlow(view);
}

export function restart(view) {
  view.flow = createFlow(view.settings);
  view.history = [];
  view.trail = [];
  view.camera.reach = 0;
  view.message.hidden = true;
  followReach(view, true);
  showFlow(view);
}
