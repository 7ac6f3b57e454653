// What answers a picture that has a route: frames and points are fetched, and the page hears only where the
// timeline has come to rest and that it has something new to say itself.

import { readMessage } from "../../../figures/canvas/wire.js";
import { seek } from "../../../figures/scatter/events.js";
import { readPicture } from "../../../figures/scatter/packet.js";
import { receivePicture } from "../../../figures/scatter/painting.js";
import { createNews, fetchRoute, poll, watchersOf } from "../follow/poll.js";

const FRAME_EVERY_MS = 220; // unless the server says how soon it may be asked (lossviz/pages/train/ui/routes.py)
const RARE_MS = 400; // frames that come less often are asked for no sooner
const FIRST_EVERY_MS = 100; // until the first frame is there
const ASIDE_EVERY_MS = 1000; // while the newest frame is not what is shown
const CARD_EVERY_MS = 1000;
const AHEAD = 2; // frames that are fetched before their turn while playing

export function createFollower(view, before) {
  const stop = view.stop.signal;
  const follower = {
    view,
    source: "", point: "", place: null,
    epoch: null, // of the frame that is wished; null: the newest
    rested: undefined, // the epoch that the page was told last
    playing: false, echo: 0, frame: 0, picking: 0, picked: null, pickedAt: 0,
    shown: null, shownAt: 0, watchers: 1, frameEvery: FRAME_EVERY_MS, etag: "", etagOf: "",
    ahead: new Map(), // frames on their way, by epoch
    news: createNews(stop, (event) => view.tell("changed", event)),
    ...before,
  };
  follower.look = poll(stop, {
    ask: () => follower.source && { path: framePath(follower, follower.epoch), etag: knownTag(follower) },
    heard: async (response, { path }) => {
      follower.watchers = watchersOf(response);
      follower.frameEvery = Number(response.headers.get("Lossviz-Every")) || FRAME_EVERY_MS;
      if (response.status === 200) {
        const got = await frameOf(response);
        if (path === framePath(follower, follower.epoch)) showFrame(follower, got);
      } else if (follower.shown) follower.news.heard(follower.shown.header.state, follower.watchers);
    },
    refused: () => follower.news.heard("gone"),
    every: () => pollingPause(follower),
  });
  window.addEventListener("lossviz:seek", ({ detail }) => {
    const { epochs = [] } = view.frame?.header.timeline || {};
    if (epochs.length) seek(view, nearestIndex(epochs, detail.epoch));
  }, { signal: stop });
  return follower;
}

function pollingPause({ shown, shownAt, epoch, playing, frameEvery, news }) {
  const { running, steps } = shown?.header.timeline || { running: true, steps: [] };
  if (!running) return news.waits() ? ASIDE_EVERY_MS : null;
  if (epoch !== null || playing) return ASIDE_EVERY_MS;
  if (!steps.length) return FIRST_EVERY_MS;
  return performance.now() - shownAt > RARE_MS ? FRAME_EVERY_MS : frameEvery;
}

function framePath(follower, epoch) {
  return epoch === null ? follower.source : `${follower.source}&epoch=${epoch}`;
}

function knownTag({ etag, etagOf, ...follower }) {
  return etagOf === framePath(follower, follower.epoch) ? etag : "";
}

async function frameOf(response) {
  return {
    picture: readPicture(readMessage(await response.arrayBuffer())),
    etag: response.headers.get("ETag"),
  };
}

async function fetchFrame(follower, epoch) {
  const response = await fetchRoute(framePath(follower, epoch), "", follower.view.stop.signal);
  if (!response.ok) throw new Error(`frame: ${response.status}`);
  return frameOf(response);
}

function nearestIndex(epochs, epoch) {
  let best = 0;
  for (let i = 1; i < epochs.length; i++) if (Math.abs(epochs[i] - epoch) < Math.abs(epochs[best] - epoch)) best = i;
  return best;
}

// A picture that the page has put up: with its visit, and whenever the page was drawn anew.
export function followPage(follower, picture) {
  const { source, point, place, etag, state } = picture.header;
  const first = !follower.shown;
  const other = source !== follower.source;
  const moved = place !== follower.place && (other || follower.rested === undefined || !shows(picture, follower.rested));
  if (moved) Object.assign(follower, { epoch: epochOf(picture), rested: undefined, playing: false, picked: null, picking: 0 });
  Object.assign(follower, { source, point, place });
  follower.news.drawn(state);
  if (other) follower.ahead.clear();
  // Else what was fetched meanwhile is newer.
  if (moved || ((first || other) && shows(picture, follower.epoch))) {
    showFrame(follower, { picture, etag: `"${etag}"` });
  }
  follower.look();
}

function epochOf({ header: { follow, timeline } }) {
  return follow || !timeline.epochs.length ? null : timeline.epochs[timeline.position];
}

// Whether a picture of the page is the frame of an epoch, or, for null, follows.
function shows(picture, epoch) {
  const own = epochOf(picture);
  if (own === null || epoch === null) return own === epoch;
  return nearestIndex(picture.header.timeline.epochs, epoch) === picture.header.timeline.position;
}

function showFrame(follower, { picture, etag }) {
  Object.assign(follower, { shown: picture, shownAt: performance.now(), etag, etagOf: framePath(follower, follower.epoch) });
  paintFollowed(follower);
  follower.news.heard(picture.header.state, follower.watchers);
  if (follower.picked) renewCard(follower);
}

// The frame, and what only this visitor has chosen.
function paintFollowed(follower) {
  const { view, shown, epoch, picked } = follower;
  const { timeline } = shown.header;
  const last = timeline.position >= timeline.steps.length - 1;
  follower.playing &&= !last;
  receivePicture(view, {
    ...shown,
    header: {
      ...shown.header,
      frame: ++follower.frame,
      echo: follower.echo,
      picked: picked?.header ?? null,
      timeline: { ...timeline, live: epoch === null && timeline.running, playing: follower.playing },
    },
    image: picked?.image ?? null,
  });
  const moment = epoch === null || (last && !timeline.running) ? null : timeline.epochs[timeline.position];
  window.dispatchEvent(new CustomEvent("lossviz:moment", { detail: { epoch: moment } }));
}

export function answerFollowed(follower, name, event) {
  if (name === "seek") answerSeek(follower, event);
  else if (name === "pick") answerPick(follower, event);
  else if (name === "rest") {
    follower.rested = follower.epoch;
    follower.view.tell("rest", { epoch: follower.epoch });
  }
}

async function answerSeek(follower, { index, playing, live, id }) {
  const { epochs } = follower.view.frame.header.timeline;
  const epoch = live ? null : epochs[index];
  Object.assign(follower, { epoch, playing, echo: id, picked: null, picking: 0 });
  const coming = follower.ahead.get(epoch) ?? fetchFrame(follower, epoch);
  if (playing) fetchAhead(follower, epochs, index);
  try {
    const got = await coming;
    if (follower.echo === id) showFrame(follower, got);
  } catch {
    // The poll goes on asking for it.
  }
  follower.ahead.delete(epoch);
  follower.look();
}

function fetchAhead(follower, epochs, index) {
  const next = epochs.slice(index + 1, index + 1 + AHEAD);
  for (const epoch of follower.ahead.keys()) if (!next.includes(epoch) && epoch !== epochs[index]) follower.ahead.delete(epoch);
  for (const epoch of next) {
    if (follower.ahead.has(epoch)) continue;
    const coming = fetchFrame(follower, epoch);
    coming.catch(() => follower.ahead.delete(epoch));
    follower.ahead.set(epoch, coming);
  }
}

async function answerPick(follower, { panel, index, id }) {
  follower.picking = id;
  if (panel === null) {
    Object.assign(follower, { picked: null, echo: id });
    requestAnimationFrame(() => follower.view.stop.signal.aborted || paintFollowed(follower));
    return;
  }
  const picked = await fetchPoint(follower, panel, index);
  if (!picked || follower.picking !== id) return;
  Object.assign(follower, { picked, echo: id, pickedAt: performance.now() });
  paintFollowed(follower);
}

async function fetchPoint(follower, panel, index) {
  const { run } = follower.view.frame.panels[panel];
  const at = follower.epoch === null ? "" : `&epoch=${follower.epoch}`;
  const path = `${follower.point}${at}&run=${encodeURIComponent(run)}&index=${index}`;
  try {
    const response = await fetchRoute(path, "", follower.view.stop.signal);
    if (!response.ok) return null;
    const { header, array } = readMessage(await response.arrayBuffer());
    return { header: { ...header, panel, index }, image: header.image ? array(header.image) : null };
  } catch {
    return null; // the card says what is known here
  }
}

// What is said of the picked point belongs to a frame.
function renewCard(follower) {
  const { picking, pickedAt, view } = follower;
  const wait = Math.max(0, pickedAt + CARD_EVERY_MS - performance.now());
  clearTimeout(follower.cardTimer);
  follower.cardTimer = setTimeout(async () => {
    if (!follower.picked || view.stop.signal.aborted) return;
    const { panel, index } = follower.picked.header;
    const picked = await fetchPoint(follower, panel, index);
    follower.pickedAt = performance.now();
    if (!picked || !follower.picked || follower.picking !== picking) return;
    follower.picked = picked;
    paintFollowed(follower);
  }, wait);
}
