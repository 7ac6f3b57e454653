// What is told to the server, and when the readout may ask it something.
//
// Streamlit puts everything that is set in one turn of its event loop into one
// message. The readout asks as a fragment: in one message with a click or a drag,
// only that fragment might run. So the readout is held back while a pointer is
// down and until a trigger has gone, and a trigger leaves one turn after the hold.

import { cancelScheduled, scheduleOnce } from "../../../figures/canvas/elements.js";

const RELEASE_MS = 150; // after a trigger the readout may ask again
const HOLD_MS = 2000; // nothing holds longer without a pointer down

function holdsProbes(view) {
  return !!view.press || !!view.drag || performance.now() < view.heldUntil;
}

export function holdProbes(view) {
  cancelScheduled(view, "probe");
  clearTimeout(view.releaseTimer);
  window.dispatchEvent(new CustomEvent("lossviz:probe-hold", { detail: { source: view.key } }));
  if (!holdsProbes(view)) {
    view.waiting = [];
    setTimeout(() => sendWaiting(view), 0);
  }
  view.heldUntil = performance.now() + HOLD_MS;
}

export function releaseProbes(view) {
  clearTimeout(view.releaseTimer);
  view.releaseTimer = setTimeout(() => {
    if (view.press || view.drag || view.stop.signal.aborted) return;
    view.heldUntil = 0;
    window.dispatchEvent(new CustomEvent("lossviz:probe-release", { detail: { source: view.key } }));
    announce(view);
  }, RELEASE_MS);
}

function sendWaiting(view) {
  const { waiting } = view;
  view.waiting = null;
  if (!view.stop.signal.aborted) for (const [name, value] of waiting || []) view.trigger(name, value);
}

// A trigger of Streamlit's, apart from any question of the readout.
export function tell(view, name, value) {
  holdProbes(view);
  if (view.waiting) view.waiting.push([name, value]);
  else view.trigger(name, value);
  releaseProbes(view);
}

// The point under the cross-hair, at most once a screen frame.
export function announce(view) {
  if (!view.cursor || holdsProbes(view)) return;
  scheduleOnce(view, "probe", () => {
    if (!view.cursor || !view.frame?.header.interactive) return;
    const detail = { x: view.cursor.x, y: view.cursor.y, source: view.key };
    window.dispatchEvent(new CustomEvent("lossviz:probe", { detail }));
  });
}
