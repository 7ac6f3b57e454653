// The entry for a page that holds all its frames: it answers the scatter itself, without a server.

{
  const read = (id) => document.getElementById(id).textContent;
  const story = JSON.parse(read("lv-story"));
  const text = atob(read("lv-arrays"));
  const arrays = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) arrays[i] = text.charCodeAt(i);
  const view = createView(document.getElementById("lv-replay"));
  const now = { position: story.frames.length - 1, playing: false, echo: 0, picked: null, frame: 0 };

  // The image of a picked point, if the page holds the images.
  const picked = ({ panel, index }) => {
    if (panel === null) return null;
    const { images } = story;
    const answer = { panel, index, lines: [] };
    if (!images || index >= images.count) return answer;
    const size = images.width * images.height * images.channels;
    return { ...answer, ...images, image: { at: images.at + index * size, n: size, type: "u1" } };
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
    receivePicture(view, readPicture(header, arrays.buffer));
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
