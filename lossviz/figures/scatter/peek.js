// The image of the point that is pointed at, where the panel holds the images of its points.

import { element, setText } from "../canvas/elements.js";
import { paintImage } from "./card.js";

const PEEK_PX = 84;

export function createTip(view) {
  view.tip = element("div", "lv-tip", view.root);
  view.tipImage = element("canvas", "lv-peek", view.tip, { "aria-hidden": "true", width: 1, height: 1 });
  view.tipText = element("div", "lv-tip-text", view.tip);
  view.tip.hidden = true;
}

export function fillTip(view, panel, index, lines) {
  const { image, images } = panel;
  view.tipImage.hidden = !images;
  view.tip.classList.toggle("pictured", !!images);
  setText(view.tipText, images ? lines.join("\n") : `${lines[0]}: ${lines.slice(1).join(", ")}`);
  if (!images) return;
  const [height, width, channels] = image;
  const size = height * width * channels;
  paintImage(view, { width, height, channels }, images.subarray(index * size, (index + 1) * size), view.tipImage, PEEK_PX);
}
