// The mark of a class: ten colours, and a shape of its own where colours repeat.

import { resizeCanvas } from "../canvas/elements.js";
import { beginCanvas } from "../canvas/strokes.js";
import { extraColours } from "./colours.js";

const SHAPES = 10; // filled, then the same hollow

function shapeOf(view, k) {
  const colours = view.frame.header.colours.classes.length;
  return view.frame.header.options.shapes ? k % (2 * SHAPES) : Math.floor(k / colours) % (2 * SHAPES);
}

export function classColour(view, k) {
  const colours = view.frame.header.colours.classes;
  return colours[k % colours.length];
}

// Around a mark, of its hue: the paler colours would be lost on the page.
function outlineColour(view, k) {
  const { classes, outlines } = view.frame.header.colours;
  return outlines[view.theme.dark ? "dark" : "light"][k % classes.length];
}

function polygon(context, x, y, corners, turn, outer, inner = outer) {
  for (let i = 0; i < corners; i++) {
    const angle = turn + (2 * Math.PI * i) / corners;
    const radius = i % 2 ? inner : outer;
    context.lineTo(x + radius * Math.cos(angle), y - radius * Math.sin(angle));
  }
  context.closePath();
}

// About equal areas, so that no class looks larger.
function traceShape(context, shape, x, y, r) {
  context.beginPath();
  const up = Math.PI / 2;
  const draw = [
    () => context.arc(x, y, r, 0, 2 * Math.PI),
    () => polygon(context, x, y, 4, Math.PI / 4, 1.25 * r),
    () => polygon(context, x, y, 3, up, 1.5 * r),
    () => polygon(context, x, y, 4, up, 1.3 * r),
    () => polygon(context, x, y, 3, -up, 1.5 * r),
    () => polygon(context, x, y, 10, up, 1.6 * r, 0.72 * r),
    () => polygon(context, x, y, 8, 0, 1.5 * r, 0.6 * r),
    () => polygon(context, x, y, 3, 0, 1.5 * r),
    () => polygon(context, x, y, 6, 0, 1.15 * r),
    () => polygon(context, x, y, 3, Math.PI, 1.5 * r),
  ];
  draw[shape % SHAPES]();
}

// One mark; a wrong one stands in a ring, so that colour alone never says it.
export function paintMarker(view, context, k, wrong, x, y, r, colour = null) {
  const { theme } = view;
  const shape = colour ? 0 : shapeOf(view, k);
  context.lineJoin = "round";
  if (wrong) {
    context.beginPath();
    context.arc(x, y, r + 1.7 * view.layout.scale, 0, 2 * Math.PI);
    context.fillStyle = theme.casing;
    context.fill();
    context.lineWidth = 1.1 * view.layout.scale;
    context.strokeStyle = theme.other;
    context.stroke();
  }
  traceShape(context, shape, x, y, wrong ? 0.8 * r : r);
  context.lineWidth = 1.5;
  context.strokeStyle = theme.casing;
  if (!wrong) context.stroke();
  context.fillStyle = colour || classColour(view, k);
  context.fill();
  if (!colour && outlineColour(view, k) !== classColour(view, k)) {
    context.lineWidth = 0.9 * view.layout.scale;
    context.strokeStyle = outlineColour(view, k);
    context.stroke();
  }
  if (shape < SHAPES) return;
  traceShape(context, shape, x, y, (wrong ? 0.4 : 0.5) * r);
  context.fillStyle = theme.background;
  context.fill();
}

// All marks on one canvas: drawing an image is much cheaper than drawing a path.
export function prepareAtlas(view, r) {
  const { dpr, scale } = view.layout;
  const classes = Math.max(1, ...view.frame.panels.map((panel) => panel.classes.length));
  const extra = extraColours(view);
  view.atlasClasses = classes;
  const id = JSON.stringify([r, dpr, scale, classes, extra, view.theme.dark, view.theme.background, view.frame.header.options.shapes]);
  const cell = 2 * Math.ceil(dpr * (1.65 * r + 4 * scale));
  if (view.atlasId !== id) {
    view.atlasId = id;
    resizeCanvas(view.atlas, cell * (classes + extra.length), 2 * cell);
    const context = view.atlas.getContext("2d");
    beginCanvas(context, dpr);
    for (let k = 0; k < classes + extra.length; k++) {
      for (const wrong of [0, 1]) {
        paintMarker(view, context, k, !!wrong, ((k + 0.5) * cell) / dpr, ((wrong + 0.5) * cell) / dpr, r, extra[k - classes]);
      }
    }
  }
  return cell;
}
