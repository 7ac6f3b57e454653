// Streamlit's entry to the flow: a start begins anew, any other change acts on what runs.

import { component } from "../../../../figures/canvas/component.js";
import { setText } from "../../../../figures/canvas/elements.js";
import { readMessage } from "../../../../figures/canvas/wire.js";
import { settleMoved } from "../../../../ui/components/sliders/sliders.js";
import { createView, endFrames, placeFlow } from "./layout.js";
import { restart, setPlaying } from "./running.js";
import { act, saidByServer } from "./steering.js";

export default component({
  create: createView,
  receive: (view, { data }) => {
    if (!data || data === view.bytes) return;
    view.bytes = data;
    receive(view, readMessage(data).header);
  },
  destroy: endFrames,
});

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
