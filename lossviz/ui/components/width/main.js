// The width of the column that this stands in: the server is told when it reaches another step.

import { component } from "../../../figures/canvas/component.js";
import { readMessage } from "../../../figures/canvas/wire.js";

const REST_MS = 120; // a window's edge that is dragged is waited for
const SPARE_PX = 24; // more than a scroll bar: a chart that makes one come and go would be drawn for ever
const RESEND_MS = 3000; // a word that the server has not taken up is said once more

export default component({
  create: (parent) => {
    const place = parent.host ?? parent;
    const view = { said: 0, at: 0, rest: 0, look: () => look(view, place) };
    view.observer = new ResizeObserver(() => {
      clearTimeout(view.rest);
      view.rest = setTimeout(view.look, view.said ? REST_MS : 0);
    });
    view.observer.observe(place);
    return view;
  },
  receive: (view, { data, setTriggerValue }) => {
    Object.assign(view, { data: readMessage(data).header, tell: (step) => setTriggerValue("step", step) });
    view.look();
  },
  destroy: (view) => {
    clearTimeout(view.rest);
    view.observer.disconnect();
  },
});

function look(view, place) {
  const px = place.clientWidth;
  if (!px) return; // not shown
  place.dataset.px = px;
  const { steps, step: known, cookie } = view.data;
  let step = stepOf(steps, px);
  // Wider by no more than a scroll bar is not wider, once it has been measured.
  if (view.said && step > known) step = Math.max(known, stepOf(steps, px - SPARE_PX));
  const now = performance.now();
  const waiting = view.said === step && now - view.at < RESEND_MS;
  if (view.said !== step) document.cookie = `${cookie}=${step}; path=/; max-age=31536000; SameSite=Lax`;
  view.said = step;
  if (step === known || waiting) return;
  view.at = now;
  view.tell(step);
}

const stepOf = (steps, px) => steps.findLast((step) => step <= px) ?? steps[0];
