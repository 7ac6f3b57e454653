// What the entries of all components share: a view for each element, kept from call to call.

import { element, scheduleOnce } from "./elements.js";
import { stableWidth } from "./size.js";

/**
 * The function that Streamlit calls with every new data and the same parentElement.
 *
 * @typedef {{ data: any, key: string, parentElement: ShadowRoot | HTMLElement,
 *   setTriggerValue: (name: string, value: any) => void }} Call
 * @param {{ create: (parent: Call["parentElement"]) => any, receive: (view: any, call: Call) => void,
 *   destroy?: (view: any, call: Call) => void }} parts create gives the view, receive takes what has come, destroy
 *   ends what is neither its `root` nor listens to the signal of its `stop`
 */
export function component({ create, receive, destroy }) {
  const views = new WeakMap();
  return (call) => {
    const { parentElement } = call;
    if (!views.has(parentElement)) views.set(parentElement, create(parentElement));
    const view = views.get(parentElement);
    const count = (view.calls = (view.calls ?? 0) + 1);
    receive(view, call);
    return () => {
      // Streamlit may run the clean-up of a call that a later call has overtaken:
      // only the latest one may take the page elements away.
      if (view.calls !== count) return;
      destroy?.(view, call);
      view.stop?.abort();
      view.root?.remove();
      views.delete(parentElement);
    };
  };
}

// The element of a component, in place of one that an earlier visit has left.
export function createRoot(parent, className, tag = "div", attributes = {}) {
  parent.querySelectorAll(`.${className}`).forEach((old) => old.remove());
  return element(tag, `lv-component ${className}`, parent, attributes);
}

// A picture with a caption: what it is drawn in, and what it is called.
export function createFigure(parent, className) {
  const figure = element("figure", className, parent);
  const caption = element("figcaption", "lv-caption", figure);
  return { figure, caption, box: element("div", "lv-box", figure) };
}

// What a picture is made of: a canvas for what stays, one for what moves, and what listens.
export function createLayers(box, opaque = false) {
  const [base, over] = ["lv-base", "lv-over"].map((name) => element("canvas", name, box, { "aria-hidden": "true" }));
  const plane = element("div", "lv-plane", box);
  return { base, over, plane, baseContext: base.getContext("2d", { alpha: !opaque }), overContext: over.getContext("2d") };
}

// Paint again when the width, the window or the system's theme changes.
export function followWindow(view, paint) {
  const { signal } = view.stop;
  const repaint = () => scheduleOnce(view, "repaint", () => view.frame && paint(view));
  const observer = new ResizeObserver(() => {
    if (view.frame && (!view.layout || stableWidth(view) !== view.layout.width)) repaint();
  });
  observer.observe(view.root);
  signal.addEventListener("abort", () => observer.disconnect());
  window.addEventListener("resize", repaint, { signal });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint, { signal });
}

// A mark on the browser's time line.
export function markFrame(view) {
  const { frame } = view.frame.header;
  performance.mark(`lossviz-painted-${frame}`);
  performance.clearMarks(`lossviz-painted-${frame - 100}`); // marks would pile up
}

// The number of the frame, on the element in the screen frame that shows it.
export function nameFrame(view, milliseconds) {
  const { frame } = view.frame.header;
  requestAnimationFrame(() => {
    view.root.dataset.frame = frame;
    view.root.dataset.drawMs = milliseconds.toFixed(2);
  });
}
