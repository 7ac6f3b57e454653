// The angle that a slider stands at, in radians, under it: it moves with the slider.

const angles = new WeakMap();

export default function angle({ data, parentElement }) {
  let view = angles.get(parentElement);
  if (!view) {
    view = { stop: new AbortController(), moved: new Map(), calls: 0, line: parentElement.querySelector("p") };
    angles.set(parentElement, view);
    followSliders(view, {
      sliders: () => [view.slider],
      moved: ({ link }, value) => {
        view.moved.set(link, { value, at: performance.now() });
        writeAngle(view);
      },
      rested: () => {},
    });
  }
  const call = ++view.calls;
  view.slider = data;
  settleMoved(view, () => data.value);
  writeAngle(view);
  return () => {
    // Streamlit may run the clean-up of a call that a later call has overtaken.
    if (view.calls !== call) return;
    view.stop.abort();
    cancelAnimationFrame(view.following || 0);
    angles.delete(parentElement);
  };
}

function writeAngle(view) {
  const radians = view.moved.get(view.slider.link)?.value ?? view.slider.value;
  const short = (number) => String(Number(number.toPrecision(4)));
  view.line.textContent = `= ${short(radians)} rad = ${short(radians / Math.PI)} π`;
}
