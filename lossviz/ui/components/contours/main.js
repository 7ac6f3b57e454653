// Small multiples of a loss over the two-dimensional feature plane: the entry.
//
// What is on the page is kept and re-used, so a frame changes pixels and texts only.

import { component } from "../../../figures/canvas/component.js";
import { scheduleOnce } from "../../../figures/canvas/elements.js";
import { useFunctions } from "./engine.js";
import { receive } from "./frame.js";
import { clearTimers, createView } from "./page.js";
import { paint } from "./painting.js";

export default component({
  create: createView,
  receive: (view, { data, key, setTriggerValue }) => {
    view.key = key;
    view.trigger = setTriggerValue;
    receive(view, data);
    loadFunctions(view);
  },
  destroy: clearTimers,
});

// Modules that the frame names: their default exports hold functions of programs by id.
const moduleUrls = new Set();

async function loadFunctions(view) {
  for (const url of view.served?.header.modules ?? []) {
    if (moduleUrls.has(url)) continue;
    moduleUrls.add(url);
    useFunctions((await import(new URL(url, document.baseURI))).default);
    scheduleOnce(view, "repaint", () => paint(view));
  }
}
