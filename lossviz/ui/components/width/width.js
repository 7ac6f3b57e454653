// The width of the column that this stands in: the server is told when it reaches another step.

const REST_MS = 120; // a window's edge that is dragged is waited for
const SPARE_PX = 24; // more than a scroll bar: a chart that makes one come and go would be drawn for ever
const RESEND_MS = 3000; // a word that the server has not taken up is said once more

const views = new WeakMap();

export default function width({ data, parentElement, setTriggerValue }) {
  let view = views.get(parentElement);
  if (!view) {
    view = { calls: 0, said: 0, at: 0, rest: 0 };
    const place = parentElement.host ?? parentElement;
    view.look = () => look(view, place);
    view.observer = new ResizeObserver(() => {
      clearTimeout(view.rest);
      view.rest = setTimeout(view.look, view.said ? REST_MS : 0);
    });
    view.observer.observe(place);
    views.set(parentElement, view);
  }
  Object.assign(view, { data, tell: (step) => setTriggerValue("step", step) });
  const call = ++view.calls;
  view.look();
  return () => {
    // Streamlit may run the clean-up of a call that a later call has overtaken.
    if (view.calls !== call) return;
    clearTimeout(view.rest);
    view.observer.disconnect();
    views.delete(parentElement);
  };
}

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
