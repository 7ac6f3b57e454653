// What is told to the server. One question about frames is under way at a time.

import { scheduleOnce } from "../canvas/elements.js";
import { paint } from "./painting.js";
import { recallSeen } from "./seen.js";
import { updateTimeline } from "./timeline.js";

const RESEND_MS = 4000; // an answer that takes longer is given up
const FRAME_MS = 84; // at most twelve frames a second are asked for while playing
const REST_MS = 400; // a timeline that is not moved for so long has come to rest

export function tellPick(view, panel, index) {
  const id = ++view.lastId;
  if (index === null) view.closed = id;
  else view.opened = { id, panel, index, label: null };
  view.trigger("pick", { panel, index, id });
}

// The newest wish; earlier ones that have not been sent are forgotten.
export function seek(view, index, changes = {}) {
  const { steps } = view.frame.header.timeline;
  const within = Math.min(Math.max(0, index), steps.length - 1);
  Object.assign(view, { playing: false, live: false }, changes, { position: within });
  view.queued = { index: within, playing: view.playing, live: view.live };
  view.moved = true;
  pumpSeek(view);
  updateTimeline(view);
  scheduleOnce(view, "seen", () => recallSeen(view) && paint(view));
}

function pumpSeek(view) {
  clearTimeout(view.seekTimer);
  if (!view.queued || view.stop.signal.aborted) return;
  const wait = view.outstanding ? view.outstanding.at + RESEND_MS - performance.now() : 0;
  if (wait > 0) {
    view.seekTimer = setTimeout(() => pumpSeek(view), wait + 1);
    return;
  }
  const event = { ...view.queued, id: ++view.lastId };
  view.queued = null;
  view.outstanding = { id: event.id, at: performance.now() };
  view.trigger("seek", event);
}

// What a new frame says about the time; a wish that is not answered yet counts more.
export function settleTimeline(view) {
  const { echo = 0, timeline } = view.frame.header;
  view.lastId = Math.max(view.lastId, echo); // a remounted component goes on counting
  if (view.outstanding && (echo >= view.outstanding.id || performance.now() - view.outstanding.at > RESEND_MS)) {
    view.outstanding = null;
  }
  if (!view.outstanding && !view.queued) {
    Object.assign(view, { playing: timeline.playing, live: timeline.live, position: timeline.position });
  }
  pumpSeek(view);
  restLater(view);
}

// Told once, when the last wish is answered and nobody holds the slider. While playing there is
// always another wish.
export function restLater(view) {
  clearTimeout(view.restTimer);
  if (!view.moved) return;
  view.restTimer = setTimeout(() => {
    // Whatever ends one of these comes here again.
    if (view.held || view.outstanding || view.queued || view.stop.signal.aborted) return;
    view.moved = false;
    view.trigger("rest", { index: view.position, live: view.live });
  }, REST_MS);
}

// After a painted frame: the next one, if playing.
export function playOn(view) {
  clearTimeout(view.playTimer);
  if (!view.playing) return;
  const wait = view.outstanding
    ? Math.max(0, view.outstanding.at + RESEND_MS - performance.now()) + 1
    : Math.max(0, view.paintedAt + FRAME_MS - performance.now());
  view.playTimer = setTimeout(() => {
    if (!view.playing || view.stop.signal.aborted || view.queued) return;
    const { steps, running } = view.frame.header.timeline;
    const last = steps.length - 1;
    if (view.position < last) seek(view, view.position + 1, { playing: true });
    else seek(view, last, { live: running });
    playOn(view);
  }, wait);
}
