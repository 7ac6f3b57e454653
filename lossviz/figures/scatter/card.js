// What is known of a point: a line while pointing at it, a card with its image once picked.

import { element, resizeCanvas, setText } from "../canvas/elements.js";
import { tellPick } from "./events.js";
import { paintOver, sameImages } from "./painting.js";

const IMAGE_PX = 112;
const RING_PX = 15; // around a ringed point nothing is covered
const CARD_STEP_PX = 8;
// How bad a place is, in pixels from the point: over another ringed point, over the timeline.
const COVERING = 1e4;
const OVER_CONTROLS = 150;
const CARD_STAYS_PX = 60; // a card this near to its point is not moved nearer

export function createCard(view) {
  const card = element("div", "lv-card", view.root, { role: "group", "aria-label": "Picked point" });
  card.hidden = true;
  view.card = card;
  view.cardImage = element("canvas", "lv-image", card, { "aria-hidden": "true", width: 1, height: 1 });
  view.cardText = element("div", "lv-card-text", card, { "aria-live": "polite" });
  const close = element("button", "lv-close", card, { type: "button", "aria-label": "Close" });
  close.append("×");
  close.addEventListener("click", () => closeCard(view));
}

export function pointLines(view, panel, index) {
  const name = (k) => panel.classes[k];
  const image = panel.numbers && `${panel.image_set} ${panel.numbers[index].toLocaleString("en")}`;
  const lines = [image || `point ${index}`, `label ${name(panel.labels[index])}`];
  if (panel.predictions) {
    const wrong = panel.predictions[index] !== panel.labels[index];
    lines.push(`predicted ${name(panel.predictions[index])}${wrong ? ", wrong" : ""}`);
  }
  if (panel.losses) lines.push(`loss ${panel.losses[index].toPrecision(3)}`);
  const { values } = view.frame.header.options;
  if (panel.values && values.title !== "loss") lines.push(`${values.title} ${panel.values[index].toPrecision(3)}${values.unit}`);
  return lines;
}

export function paintTip(view) {
  const { hover } = view;
  const panel = hover && view.frame.panels[hover.panel];
  const known = view.picked?.panel === hover?.panel && view.picked?.index === hover?.index; // the card says more
  const shown = panel && hover.index < panel.points && !known;
  view.tip.hidden = !shown;
  if (!shown) return;
  fillTip(view, panel, hover.index, pointLines(view, panel, hover.index));
  placeBeside(view, view.tip, hover.panel, hover.index, 12);
}

// Beside a point, on the side with more room, always inside the component.
function placeBeside(view, box, panel, index, away) {
  const element_ = view.panels[panel];
  const plane = element_.plane.getBoundingClientRect();
  const root = view.root.getBoundingClientRect();
  const x = plane.left - root.left + element_.px[index];
  const y = plane.top - root.top + element_.py[index];
  const { offsetWidth: width, offsetHeight: height } = box;
  const right = x + away + width <= root.width || x < width + away;
  const left = Math.max(0, Math.min(right ? x + away : x - away - width, root.width - width));
  const top = Math.max(0, Math.min(y - height - away < 0 ? y + away : y - height - away, root.height - height));
  box.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
}

// The server's card, or, until it has answered, what is known here.
export function updateCard(view) {
  const { header, panels, image } = view.frame;
  const { echo = 0 } = header;
  const closing = view.closed > echo;
  const asked = view.opened && view.opened.id > echo && view.opened.id > view.closed ? view.opened : null;
  const answered = !closing && !asked && header.picked ? header.picked : null;
  const picked = asked || answered;
  const panel = picked && panels[picked.panel];
  const shown = !!panel && picked.index < panel.points;
  view.card.hidden = !shown;
  view.picked = shown ? { panel: picked.panel, index: picked.index } : null;
  if (!shown) return;
  view.card.classList.toggle("waiting", !answered);
  const lines = answered?.lines.length ? answered.lines : pointLines(view, panel, picked.index);
  const text = lines.join("\n");
  if (view.cardLines !== text) {
    view.cardLines = text;
    view.cardText.replaceChildren(...lines.map((line) => {
      const made = element("div");
      made.append(line);
      return made;
    }));
  }
  if (answered && image) paintImage(view, answered, image);
  view.cardImage.hidden = !(answered && image);
  placeCard(view);
  paintTip(view);
}

// Every pixel of the image as a square: small images must not be smoothed into others.
function paintImage(view, { width, height, channels }, image, canvas = view.cardImage, most = IMAGE_PX) {
  resizeCanvas(canvas, width, height);
  const enlarged = Math.max(1, Math.floor((most * view.layout.scale) / Math.max(width, height)));
  canvas.style.width = `${width * enlarged}px`;
  canvas.style.height = `${height * enlarged}px`;
  const pixels = new ImageData(width, height);
  for (let p = 0; p < width * height; p++) {
    for (let c = 0; c < 3; c++) pixels.data[4 * p + c] = image[p * channels + (channels === 3 ? c : 0)];
    pixels.data[4 * p + 3] = 255;
  }
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}

// The nearest place where it covers no ringed point of any panel; kept while it still does.
export function placeCard(view) {
  if (!view.picked) return;
  const { offsetWidth: width, offsetHeight: height } = view.card;
  const { width: across, height: down } = view.root.getBoundingClientRect();
  const rings = ringedPoints(view);
  const [own] = rings;
  if (!own?.every(Number.isFinite)) return;
  const clear = (x, y, [px, py]) => Math.hypot(Math.max(x - px, 0, px - x - width), Math.max(y - py, 0, py - y - height));
  const badness = (x, y) => {
    const covered = rings.filter((ring) => clear(x, y, ring) < RING_PX * view.layout.scale).length;
    return COVERING * covered + (y + height > view.controls.offsetTop ? OVER_CONTROLS : 0) + clear(x, y, own);
  };
  const { cardAt } = view;
  const same = cardAt?.id === `${view.picked.panel},${view.picked.index},${width},${height},${across}`;
  let best = same ? cardAt : { badness: Infinity };
  if (same) best.badness = badness(best.x, best.y);
  if (best.badness > CARD_STAYS_PX) {
    const steps = (room) => Array.from({ length: Math.floor(Math.max(0, room) / CARD_STEP_PX) + 1 }, (_, n) => n * CARD_STEP_PX);
    for (const y of steps(down - height)) {
      for (const x of steps(across - width)) {
        const here = badness(x, y);
        if (here < best.badness) best = { x, y, badness: here };
      }
    }
    best.id = `${view.picked.panel},${view.picked.index},${width},${height},${across}`;
  }
  view.cardAt = best;
  view.card.style.transform = `translate(${Math.round(best.x)}px, ${Math.round(best.y)}px)`;
}

// Where the picked image is seen, from the component's corner: in its own panel first.
function ringedPoints(view) {
  const { picked, layout } = view;
  const root = view.root.getBoundingClientRect();
  const order = view.panels.map((_, i) => i).sort((a, b) => (b === picked.panel) - (a === picked.panel));
  return order.flatMap((i) => {
    const element_ = view.panels[i];
    const panel = view.frame.panels[i];
    if (picked.index >= panel.points || !sameImages(view, panel, picked)) return [];
    const [x, y] = [element_.px[picked.index], element_.py[picked.index]];
    const shown = x >= 0 && y >= 0 && x <= layout.side && y <= layout.side;
    if (!shown && i !== picked.panel) return [];
    const plane = element_.plane.getBoundingClientRect();
    return [[plane.left - root.left + x, plane.top - root.top + y]];
  });
}

export function closeCard(view) {
  if (view.card.hidden) return;
  const within = view.card.contains(view.root.getRootNode().activeElement);
  tellPick(view, null, null);
  updateCard(view);
  paintOver(view);
  if (within) view.panels[0]?.plane.focus({ preventScroll: true });
}

const PEEK_PX = 84;

export function createTip(view) {
  view.tip = element("div", "lv-tip", view.root);
  view.tipImage = element("canvas", "lv-peek", view.tip, { "aria-hidden": "true", width: 1, height: 1 });
  view.tipText = element("div", "lv-tip-text", view.tip);
  view.tip.hidden = true;
}

function fillTip(view, panel, index, lines) {
  const { image, images } = panel;
  view.tipImage.hidden = !images;
  view.tip.classList.toggle("pictured", !!images);
  setText(view.tipText, images ? lines.join("\n") : `${lines[0]}: ${lines.slice(1).join(", ")}`);
  if (!images) return;
  const [height, width, channels] = image;
  const size = height * width * channels;
  paintImage(view, { width, height, channels }, images.subarray(index * size, (index + 1) * size), view.tipImage, PEEK_PX);
}
