// The page's own sliders: while one is dragged, a picture follows at once.
//
// They are Streamlit's, in the same document; each container carries its key as a
// class. What the slider stands at is read from its range input, frame by frame.

const SLIDER_FORGET_MS = 4000; // a slider's place without an answer yields to the server

// sliders(): those there are now. moved(slider): while one moves, its value is in view.moved by its link.
// rested(): when it has stopped.
export function followSliders(view, { sliders, moved, rested = () => {} }) {
  const { signal } = view.stop;
  const follow = (event) => {
    const found = sliderOf(sliders(), event);
    if (!found || view.following) return;
    let idle = 0;
    let before = sliderValue(found); // a key moves it before the first look
    const look = () => {
      view.following = 0;
      if (signal.aborted) return;
      const value = sliderValue(found);
      if (value !== null && value !== before) {
        view.moved.set(found.slider.link, { value, at: performance.now() });
        moved(found.slider);
        idle = 0;
      }
      before = value;
      // Until the pointer is up and nothing has changed for half a second.
      if (!view.sliderDown && ++idle > 30) return rested();
      view.following = requestAnimationFrame(look);
    };
    view.following = requestAnimationFrame(look);
  };
  document.addEventListener("pointerdown", (event) => {
    view.sliderDown = !!sliderOf(sliders(), event);
    follow(event);
  }, { signal, capture: true });
  for (const type of ["pointerup", "pointercancel"]) {
    document.addEventListener(type, () => (view.sliderDown = false), { signal, capture: true });
  }
  document.addEventListener("keydown", follow, { signal, capture: true });
}

function sliderOf(sliders, event) {
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

export function sliderValue({ slider, input }) {
  const [low, high] = [Number(input.min), Number(input.max)];
  if (!(high > low)) return null;
  const share = (Number(input.value) - low) / (high - low);
  if (slider.values) return slider.values[Math.round(share * (slider.values.length - 1))];
  return slider.low + share * (slider.high - slider.low);
}

// What the server has taken up, or has not answered for long, is the server's again.
// view.moved: {value, at} by the slider's link. now(link): what the server says, undefined for nothing.
export function settleMoved(view, now) {
  for (const [link, { value, at }] of view.moved) {
    const said = now(link) ?? value;
    const same = Math.abs(said - value) <= 1e-6 * Math.max(1, Math.abs(value));
    if (same || performance.now() - at > SLIDER_FORGET_MS) view.moved.delete(link);
  }
}
