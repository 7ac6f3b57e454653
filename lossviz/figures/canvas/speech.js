// What is told to screen readers: only after a visitor's own key, never because something trains.

import { element, setText } from "./elements.js";

const SAY_MS = 350; // of keys that follow each other only the last is told
const HEARD_ONLY = "position:absolute;width:1px;height:1px;margin:-1px;padding:0;overflow:hidden;clip-path:inset(50%);white-space:nowrap";

export function say(view, words) {
  view.speech ??= element("p", "lv-speech", view.root, { role: "status", style: HEARD_ONLY });
  clearTimeout(view.sayTimer);
  view.sayTimer = setTimeout(() => setText(view.speech, words), SAY_MS);
}
