// The page's own sliders: while one is dragged, the picture follows at once.
//
// They are Streamlit's, in the same document; each container carries its key as a
// class. What the slider stands at is read from its range input, frame by frame.

function listenToSliders(view) {
  const { signal } = view.stop;
  const follow = (event) => {
    const found = sliderOf(view, event);
    if (!found || view.following) return;
    let idle = 0;
    let before = null;
    let drawn = false;
    const look = () => {
      view.following = 0;
      if (signal.aborted) return;
      const value = sliderValue(found);
      if (value !== null && before !== null && value !== before) {
        view.moved.set(found.slider.link, { value, at: performance.now() });
        drawn = drawsAlone(view, found.slider.link);
        if (drawn) drawAlone(view, false);
        idle = 0;
      }
      before = value;
      // Until the pointer is up and nothing has changed for half a second.
      if (!view.sliderDown && ++idle > 30) {
        if (drawn && view.moved.size) drawAlone(view, true);
        return;
      }
      view.following = requestAnimationFrame(look);
    };
    view.following = requestAnimationFrame(look);
  };
  document.addEventListener("pointerdown", (event) => {
    view.sliderDown = !!sliderOf(view, event);
    follow(event);
  }, { signal, capture: true });
  for (const type of ["pointerup", "pointercancel"]) {
    document.addEventListener(type, () => (view.sliderDown = false), { signal, capture: true });
  }
  document.addEventListener("keydown", follow, { signal, capture: true });
}

function sliderOf(view, event) {
  const sliders = view.served?.header.sliders || [];
  const target = event.composedPath()[0];
  if (!sliders.length || !(target instanceof Element)) return null;
  const host = target.closest(".stElementContainer");
  if (!host) return null;
  const slider = sliders.find(({ key }) => [...host.classList].some((name) => keyOf(name) === key));
  const input = slider && host.querySelector("input[type=range]");
  return input ? { slider, input } : null;
}

// "st-key-contours-param-margin-3" is the third widget of the key "contours-param-margin".
const keyOf = (name) => (name.startsWith("st-key-") ? name.slice(7).replace(/-\d+$/, "") : "");

function sliderValue({ slider, input }) {
  const [low, high] = [Number(input.min), Number(input.max)];
  if (!(high > low)) return null;
  const share = (Number(input.value) - low) / (high - low);
  if (slider.values) return slider.values[Math.round(share * (slider.values.length - 1))];
  return slider.low + share * (slider.high - slider.low);
}

// What the server has taken up, or has not answered for long, is the server's again.
function settleSliders(view) {
  for (const [link, { value, at }] of view.moved) {
    const program = view.served.panels.find(({ program: p }) => p && link in p.links)?.program;
    const now = program ? program.values[program.names.indexOf(program.links[link])] : value;
    const same = Math.abs(now - value) <= 1e-6 * Math.max(1, Math.abs(value));
    if (same || performance.now() - at > SLIDER_FORGET_MS) view.moved.delete(link);
  }
}
