// Streamlit's entry to the threshold: one frame after another.

import { component, nameFrame } from "../../../figures/canvas/component.js";
import { readTheme } from "../../../figures/canvas/theme.js";
import { paintBase } from "./drawing.js";
import { createView, readFrame } from "./frame.js";
import { paintThreshold } from "./handle.js";
import { applyLayout } from "./layout.js";

export function paint(view) {
  const started = performance.now();
  readTheme(view, view.frame.header.themes);
  view.root.hidden = !view.frame.rows.length;
  if (!applyLayout(view)) return;
  paintBase(view);
  paintThreshold(view);
  nameFrame(view, performance.now() - started);
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

export default component({
  create: createView,
  receive: (view, { data, setTriggerValue }) => {
    view.trigger = setTriggerValue;
    try {
      const frame = data && data !== view.bytes ? readFrame(data) : null;
      if (!frame) return;
      Object.assign(view, { frame, bytes: data });
      takeThreshold(view, frame.header);
      paint(view);
    } catch (error) {
      console.error("lossviz threshold: unreadable frame; the previous one is kept", error);
    }
  },
  destroy: (view) => clearTimeout(view.releaseTimer),
});
