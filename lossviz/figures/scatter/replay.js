// The entry for a page that holds all its frames: it answers the scatter itself, without a server.

import { readMessage } from "../canvas/wire.js";
import { readPicture } from "./packet.js";
import { createView } from "./page.js";
import { receivePicture } from "./painting.js";

{
  const text = atob(document.getElementById("lv-story").textContent);
  const { header: story, array, size } = readMessage(Uint8Array.from(text, (c) => c.charCodeAt(0)));
  const view = createView(document.getElementById("lv-replay"));
  const now = { position: story.frames.length - 1, playing: false, echo: 0, picked: null, frame: 0 };

  // The image of a picked point, if the page holds the images.
  const picked = ({ panel, index }) => {
    if (panel === null) return null;
    const { images } = story;
    const answer = { panel, index, lines: [] };
    if (!images || index >= images.count) return answer;
    const size = images.width * images.height * images.channels;
    return { ...answer, ...images, image: { at: images.pixels.at + index * size, n: size, type: "u1" } };
  };
  const show = () => {
    const { position, playing, echo } = now;
    const header = {
      ...story.common,
      ...story.frames[position],
      frame: ++now.frame,
      echo,
      picked: now.picked,
      timeline: { ...story.timeline, position, playing, live: false, running: false },
    };
    receivePicture(view, readPicture({ header, array, size }));
  };
  view.trigger = (name, event) => {
    if (name === "rest") return; // nobody else follows
    now.echo = event.id;
    if (name === "seek") Object.assign(now, { position: event.index, playing: event.playing });
    else now.picked = picked(event);
    requestAnimationFrame(show);
  };
  show();
}
