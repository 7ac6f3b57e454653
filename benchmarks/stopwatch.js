// Times what happens in the page: keys and pointer moves, messages to and from the server, frames.
//
// Put into the page before its own scripts. All times are performance.now(), in milliseconds.
(() => {
  const log = {};
  const clear = () => Object.assign(log, { key: null, move: null, sent: [], got: [], frames: [], sharp: [], echoes: [] });
  clear();

  // Ours is the first listener of every socket: stamps come before the page unpacks the message.
  window.WebSocket = class extends window.WebSocket {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => log.got.push([performance.now(), data.byteLength ?? data.size ?? data.length]));
    }
    send(data) {
      log.sent.push([performance.now(), data.byteLength ?? data.length ?? 0]);
      super.send(data);
    }
  };

  const first = (name) => (event) => (log[name] ??= performance.now());
  window.addEventListener("keydown", first("key"), { capture: true });
  window.addEventListener("pointermove", first("move"), { capture: true });

  // The first match in the document or in any open shadow tree.
  const find = (selector, root = document) => {
    const here = root.querySelector(selector);
    if (here) return here;
    for (const element of root.querySelectorAll("*")) {
      const inside = element.shadowRoot && find(selector, element.shadowRoot);
      if (inside) return inside;
    }
    return null;
  };

  let observers = [];
  const observe = (element, attributes, note) => {
    if (!element) return;
    const observer = new MutationObserver((records) => records.forEach((record) => note(record.attributeName)));
    observer.observe(element, { attributes: true, attributeFilter: attributes });
    observers.push(observer);
  };

  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const last = (list) => (list.length ? list[list.length - 1][0] : 0);
  const lastSign = () => Math.max(last(log.sent), last(log.got), last(log.frames), last(log.sharp));

  window.stopwatch = {
    // Forget what was, and watch the components as they are now.
    arm() {
      observers.forEach((observer) => observer.disconnect());
      observers = [];
      const picture = find("[data-frame]");
      observe(picture, ["data-frame", "data-quality"], (attribute) => {
        const { frame, quality, drawMs } = picture.dataset;
        if (attribute === "data-frame") log.frames.push([performance.now(), Number(frame), Number(drawMs)]);
        else if (quality === "full") log.sharp.push([performance.now()]);
      });
      const readout = find(".lv-readout");
      observe(readout, ["data-echo"], () => log.echoes.push([performance.now()]));
      clear();
    },

    // Wait for a new frame and then for quiet; what happened, or null after `patience`.
    async frame(patience, quiet) {
      const until = performance.now() + patience;
      while (!log.frames.length) {
        if (performance.now() > until) return null;
        await pause(10);
      }
      const unsharp = () => find("[data-frame]")?.dataset.quality === "draft";
      while ((unsharp() || performance.now() - lastSign() < quiet) && performance.now() < until) await pause(10);
      const marks = performance.getEntriesByType("mark");
      const painted = log.frames.map(([, frame]) => marks.findLast(({ name }) => name === `lossviz-painted-${frame}`)?.startTime);
      return { ...log, painted, full: unsharp() ? null : Math.max(last(log.sharp), log.frames[0][0]) };
    },

    // Wait until the first panel's label shows the exact value of the point; ms since the move, or null.
    async exact(patience) {
      const until = performance.now() + patience;
      while (performance.now() < until) {
        await new Promise(requestAnimationFrame);
        const text = find(".lv-value")?.textContent ?? "";
        if (log.move !== null && log.echoes.length && text && !text.startsWith("≈")) return performance.now() - log.move;
      }
      return null;
    },

    frames: () => log.frames.map(([time]) => time),
  };
})();
