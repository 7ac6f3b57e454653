// The angle that a slider stands at, in radians, under it: it moves with the slider.

import { component } from "../../../figures/canvas/component.js";
import { followSliders, settleMoved } from "./sliders.js";

export default component({
  create: (parent) => {
    const view = { stop: new AbortController(), moved: new Map(), line: parent.querySelector("p") };
    followSliders(view, {
      sliders: () => [view.slider],
      moved: () => writeAngle(view),
    });
    return view;
  },
  receive: (view, { data }) => {
    view.slider = data;
    settleMoved(view, () => data.value);
    writeAngle(view);
  },
  destroy: (view) => cancelAnimationFrame(view.following || 0),
});

function writeAngle(view) {
  const radians = view.moved.get(view.slider.link)?.value ?? view.slider.value;
  const short = (number) => String(Number(number.toPrecision(4)));
  view.line.textContent = `= ${short(radians)} rad = ${short(radians / Math.PI)} π`;
}
