// Streamlit's entry to the watch: lines with bars, asked for once a second.

import { component, createRoot } from "../../../figures/canvas/component.js";
import { element, setText } from "../../../figures/canvas/elements.js";
import { createNews, poll, watchersOf } from "../follow/poll.js";

const LOOK_EVERY_MS = 1000;

function createWatch(parent) {
  const view = { root: createRoot(parent, "lv-watch"), source: "", etag: "", lines: "", stop: new AbortController() };
  const { signal } = view.stop;
  view.news = createNews(signal, (event) => view.tell("changed", event));
  view.look = poll(signal, {
    ask: () => ({ path: view.source, etag: view.etag }),
    heard: async (response, { path }) => {
      if (path !== view.source) return;
      if (response.status === 200) {
        view.etag = response.headers.get("ETag");
        const { state, lines } = await response.json();
        showLines(view, lines);
        view.state = state;
      }
      view.news.heard(view.state, watchersOf(response));
    },
    refused: () => view.news.heard("gone"),
    every: () => LOOK_EVERY_MS,
  });
  return view;
}

function showLines(view, lines) {
  const text = JSON.stringify(lines);
  if (text === view.lines) return;
  view.lines = text;
  while (view.root.children.length > lines.length) view.root.lastChild.remove();
  lines.forEach(({ text, share }, i) => {
    const line = view.root.children[i] ?? element("div", "lv-line", view.root);
    const words = line.querySelector("p") ?? element("p", "", line);
    setText(words, text);
    const bar = line.querySelector(".lv-bar");
    if (share === null) bar?.remove();
    else showBar(bar ?? element("div", "lv-bar", line, { role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 }), text, share);
  });
}

function showBar(bar, text, share) {
  const percent = Math.round(100 * share);
  bar.setAttribute("aria-valuenow", percent);
  bar.setAttribute("aria-label", text);
  const done = bar.firstChild ?? element("div", "", bar);
  done.style.width = `${percent}%`;
}

export default component({
  create: createWatch,
  receive: (view, { data, setTriggerValue }) => {
    view.tell = setTriggerValue;
    if (!data || data === view.data) return;
    view.data = data;
    Object.assign(view, { source: data.source, etag: "", state: data.state });
    view.news.drawn(data.state);
    showLines(view, data.lines);
    setTimeout(view.look, LOOK_EVERY_MS);
  },
});
