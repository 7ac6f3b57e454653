// Streamlit's entry to the scatter.

import { component } from "../../../figures/canvas/component.js";
import { setText } from "../../../figures/canvas/elements.js";
import { readMessage } from "../../../figures/canvas/wire.js";
import { readPicture } from "../../../figures/scatter/packet.js";
import { clearTimers, createView } from "../../../figures/scatter/page.js";
import { receivePicture } from "../../../figures/scatter/painting.js";
import { answerFollowed, createFollower, followPage } from "./follow.js";

// Streamlit may take a picture away and put it up anew at once (when a run ends while the page is drawn):
// by key, where the visitor had zoomed, panned and turned to, and the moment that is shown.
const left = new Map();
const ANEW_MS = 5000;

export default component({
  create: createView,
  receive: (view, { data, key, setTriggerValue }) => {
    if (!view.tell) goOn(view, left.get(key));
    view.tell = setTriggerValue;
    view.trigger = (name, event) => (view.follower ? answerFollowed(view.follower, name, event) : view.tell(name, event));
    receive(view, data);
  },
  destroy: (view, { key }) => {
    const { place, source, epoch, rested } = view.follower || {};
    left.set(key, { windows: view.windows, turn: view.turn, moment: { place, source, epoch, rested }, at: performance.now() });
    clearTimers(view);
  },
});

function goOn(view, before) {
  if (!before || performance.now() - before.at >= ANEW_MS) return;
  const { windows, turn, moment } = before;
  Object.assign(view, { windows, turn, moment });
}

function receive(view, data) {
  if (!data || data === view.bytes) return;
  let picture = null;
  try {
    const message = readMessage(data);
    picture = message && readPicture(message);
  } catch (error) {
    console.error("lossviz scatter: unreadable frame", error);
    setText(view.message, "This picture could not be read; the previous one is kept.");
    view.message.hidden = false;
  }
  if (!picture) return;
  view.bytes = data;
  if (!picture.header.source) {
    receivePicture(view, picture);
    return;
  }
  view.follower ??= createFollower(view, view.moment?.source ? view.moment : {});
  followPage(view.follower, picture);
}
