// Streamlit's entry to the threshold: one frame after another.

const views = new WeakMap();

function paint(view) {
  const started = performance.now();
  readTheme(view);
  view.root.hidden = !view.frame.rows.length;
  if (!applyLayout(view)) return;
  paintBase(view);
  paintThreshold(view);
  const milliseconds = performance.now() - started;
  requestAnimationFrame(() => {
    view.root.dataset.frame = view.frame.header.frame;
    view.root.dataset.drawMs = milliseconds.toFixed(2);
  });
}

// The threshold of a frame counts, unless the visitor has moved it since.
function takeThreshold(view, header) {
  const first = view.t === null;
  view.lastId = Math.max(view.lastId, first ? header.echo : 0);
  if (first || (view.drag === null && !view.releaseTimer && header.echo >= view.lastId)) {
    view.t = header.threshold;
    view.told = header.threshold;
    view.middle = header.threshold;
    view.lastId = Math.max(view.lastId, header.echo);
  }
}

export default function threshold({ data, parentElement, setTriggerValue }) {
  let view = views.get(parentElement);
  if (!view) {
    view = createView(parentElement);
    views.set(parentElement, view);
  }
  view.trigger = setTriggerValue;
  const call = ++view.calls;
  try {
    const frame = data && data !== view.bytes ? parseFrame(data) : null;
    if (frame) {
      Object.assign(view, { frame, bytes: data });
      takeThreshold(view, frame.header);
      paint(view);
    }
  } catch (error) {
    console.error("lossviz threshold: unreadable frame; the previous one is kept", error);
  }
  // Streamlit may run the clean-up of a call that a later call has overtaken.
  return () => {
    if (view.calls !== call) return;
    destroyView(view);
    views.delete(parentElement);
  };
}
