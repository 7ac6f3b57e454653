// A contour page without a server: the picture, its sliders, and losses that draw themselves.
// The entry of a page of its own (lossviz/pages/contours/ui/handout.py).

import { settingText } from "../../../figures/canvas/numbers.js";
import { sliderValue } from "../sliders/sliders.js";
import { drawAlone, scheduleAlone, useFunctions } from "./engine.js";
import { receive } from "./frame.js";
import { createView } from "./page.js";

// losses: functions by the id of their program. Gives the view.
export function startHandout(host, bytes, losses) {
  useFunctions(losses);
  const view = createView(host);
  view.key = "handout";
  receive(view, bytes);
  const again = () => drawAlone(view, true);
  again();
  // The themes of the system change lines and texts.
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  for (const input of document.querySelectorAll("input[type=range]")) {
    const slider = view.served.header.sliders.find(({ key }) => key === input.dataset.key);
    const shown = document.querySelector(`output[for="${input.id}"]`);
    input.addEventListener("input", () => {
      const value = sliderValue({ slider, input });
      view.moved.set(slider.link, { value, at: performance.now() });
      shown.textContent = settingText(value, slider.unit);
      scheduleAlone(view);
    });
    input.addEventListener("change", again);
  }
  document.getElementById("lv-reset").addEventListener("click", () => {
    view.local.clear();
    view.moved.clear();
    for (const input of document.querySelectorAll("input[type=range]")) {
      input.value = input.defaultValue;
      const output = document.querySelector(`output[for="${input.id}"]`);
      output.textContent = output.dataset.start;
    }
    again();
  });
  return view;
}
