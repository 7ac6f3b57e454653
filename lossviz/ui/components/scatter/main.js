// Streamlit's entry to the scatter.
//
// Streamlit calls the default export with every new frame and hands over the same
// parentElement; what is on the page is kept and re-used.

const views = new WeakMap();
// Streamlit may take a picture away and put it up anew at once (when a run ends while the page is drawn):
// by key, where the visitor had zoomed, panned and turned to, and the moment that is shown.
const left = new Map();
const ANEW_MS = 5000;

export default function scatter({ data, key, parentElement, setTriggerValue }) {
  let view = views.get(parentElement);
  if (!view) {
    view = createView(parentElement);
    const before = left.get(key);
    if (before && performance.now() - before.at < ANEW_MS) {
      view.windows = before.windows;
      view.turn = before.turn;
      view.moment = before.moment;
    }
    views.set(parentElement, view);
  }
  view.tell = setTriggerValue;
  view.trigger = (name, event) => (view.follower ? answerFollowed(view.follower, name, event) : view.tell(name, event));
  const call = ++view.calls;
  receive(view, data);
  // Streamlit may run the clean-up of a call that a later call has overtaken:
  // only the latest one may take the page elements away.
  return () => {
    if (view.calls !== call) return;
    const { place, source, epoch, rested } = view.follower || {};
    left.set(key, { windows: view.windows, turn: view.turn, moment: { place, source, epoch, rested }, at: performance.now() });
    destroyView(view);
    views.delete(parentElement);
  };
}

function receive(view, data) {
  if (!data || data === view.bytes) return;
  let picture = null;
  try {
    picture = parsePacket(data);
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
