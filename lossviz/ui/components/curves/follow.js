// Curves that have a route follow their runs by themselves; the line of the moment follows the pictures.

import { scheduleOnce } from "../../figures/canvas/elements.js";
import { poll } from "../follow/poll.js";
import { paintCursor } from "./lines.js";
import { receive } from "./main.js";

const CURVES_EVERY_MS = 1000;

export function followRoute(view) {
  const { source, etag } = view.frame?.header || {};
  if (!source) return;
  view.route = { path: source, etag: `"${etag}"`, running: view.frame.header.running };
  view.look ??= poll(view.stop.signal, {
    ask: () => view.route,
    heard: async (response, { path }) => {
      if (response.status !== 200) return;
      const data = await response.arrayBuffer();
      if (path !== view.route.path) return;
      receive(view, data);
      Object.assign(view.route, { etag: response.headers.get("ETag"), running: view.frame.header.running });
    },
    every: () => (view.route.running ? CURVES_EVERY_MS : null),
  });
  view.look();
}

export function followMoment(view) {
  window.addEventListener("lossviz:moment", ({ detail }) => {
    if (view.moment === detail.epoch) return;
    view.moment = detail.epoch;
    if (!view.frame) return;
    view.frame.header.cursor = view.moment;
    if (view.layout) scheduleOnce(view, "cursor", () => paintCursor(view));
  }, { signal: view.stop.signal });
}
