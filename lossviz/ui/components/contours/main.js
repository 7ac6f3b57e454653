// Small multiples of a loss over the two-dimensional feature plane: the entry.
//
// Streamlit calls the default export with every new frame and hands over the
// same parentElement; what is on the page is kept and re-used, so a frame
// changes pixels and texts only. The parts are joined in the order of source.py.

const views = new WeakMap();

export default function contours({ data, parentElement, setTriggerValue, key }) {
  let view = views.get(parentElement);
  if (!view) {
    view = createView(parentElement);
    views.set(parentElement, view);
  }
  view.key = key;
  view.trigger = setTriggerValue;
  const call = ++view.calls;
  receive(view, data);
  // Streamlit may run the clean-up of a call that a later call has overtaken:
  // only the latest one may take the page elements away.
  return () => {
    if (view.calls === call) destroyView(view, parentElement);
  };
}

function receive(view, data) {
  let frame = null;
  try {
    frame = data && data === view.bytes ? view.served : parseFrame(data);
  } catch (error) {
    console.error("lossviz contours: unreadable frame", error);
    showMessage(view, "This picture could not be read; the previous one is kept.");
  }
  if (!frame) return;
  view.bytes = data;
  view.served = view.frame = frame;
  view.exactIsCurrent = false;
  settleLocalPositions(view);
  settleSliders(view);
  paint(view);
  // Something moves on, or has moved since the server was told: its frame is of before.
  if ((view.moved.size || view.drag?.alone) && drawsAlone(view, view.drag?.kind)) drawAlone(view, !view.drag);
  pumpDrag(view);
}
