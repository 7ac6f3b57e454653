// Streamlit's entry to the flow: a start begins anew, any other change acts on what runs.

const views = new WeakMap();

export default function flow({ data, parentElement }) {
  let view = views.get(parentElement);
  if (!view) {
    view = createView(parentElement);
    views.set(parentElement, view);
    listenToFlow(view);
  }
  const call = ++view.calls;
  if (data && data !== view.bytes) {
    view.bytes = data;
    receive(view, JSON.parse(new TextDecoder().decode(data)));
  }
  return () => {
    // Streamlit may run the clean-up of a call that a later call has overtaken.
    if (view.calls !== call) return;
    destroyView(view);
    views.delete(parentElement);
  };
}

function receive(view, settings) {
  const first = !view.settings;
  const fresh = first || view.settings.id !== settings.id;
  if (first || view.settings.options.speed !== settings.options.speed) view.speed.value = settings.options.speed;
  view.settings = settings;
  view.options = settings.options;
  settleMoved(view, (link) => saidByServer(settings, link));
  if (fresh) view.moved.clear();
  setText(view.keys, settings.keys);
  if (fresh) view.flow = null;
  act(view);
  placeFlow(view);
  if (fresh) {
    restart(view);
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    setPlaying(view, settings.options.playing && !still);
  }
}
