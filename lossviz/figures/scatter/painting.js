// One frame after another: pixels and texts change, elements stay.

import { markFrame, nameFrame } from "../canvas/component.js";
import { setText } from "../canvas/elements.js";
import { beginCanvas, strokeCased } from "../canvas/strokes.js";
import { readTheme } from "../canvas/theme.js";
import { paintAxes, paintOrigin } from "./axes.js";
import { paintTip, placeCard, updateCard } from "./card.js";
import { playOn, settleTimeline } from "./events.js";
import { paintGround } from "./ground.js";
import { applyLayout, computeLayout } from "./layout.js";
import { updateLegend } from "./legend.js";
import { paintNames } from "./names.js";
import { updateTexts } from "./page.js";
import { markerRadius, paintPoints } from "./points.js";
import { keepSeen, recallSeen } from "./seen.js";
import { updateTimeline } from "./timeline.js";
import { paintCentres, paintSphere, paintThresholds, paintWeights } from "./weights.js";

export function receivePicture(view, picture) {
  view.frame = picture;
  keepSeen(view);
  settleTimeline(view);
  // The answer to an earlier wish must not take a scrubbing visitor back.
  if (view.position !== picture.header.timeline.position) recallSeen(view);
  paint(view);
  playOn(view);
}

export function paint(view) {
  const started = performance.now();
  readTheme(view, view.frame.header.colours.themes);
  const layout = computeLayout(view);
  view.grid.hidden = !layout;
  view.controls.hidden = !layout;
  if (!layout) {
    setText(view.message, view.frame.header.message || "");
    view.message.hidden = !view.frame.header.message;
    return;
  }
  applyLayout(view, layout);
  updateTexts(view);
  paintBases(view);
  paintOver(view);
  updateTimeline(view);
  updateLegend(view);
  updateCard(view);
  finishFrame(view, performance.now() - started);
}

// After zooming, panning and turning: the same frame, seen differently.
export function paintPlanes(view) {
  if (!view.frame || !view.layout) return;
  view.panels.forEach((panel, i) => panel.plane.classList.toggle("zoomed", view.windows.has(view.frame.panels[i].run)));
  paintBases(view);
  paintOver(view);
  placeCard(view);
}

function paintBases(view) {
  view.frame.panels.forEach((panel, i) => paintBase(view, view.panels[i], panel));
}

function paintBase(view, element_, panel) {
  const { dpr, left, top, side } = view.layout;
  const context = element_.baseContext;
  beginCanvas(context, dpr, left, top);
  context.save();
  context.beginPath();
  context.rect(0, 0, side, side);
  context.clip();
  paintGround(view, element_, panel);
  paintSphere(view, element_, panel);
  paintThresholds(view, element_, panel);
  paintPoints(view, element_, panel);
  if (panel.points) {
    paintOrigin(view, element_, panel);
    paintWeights(view, element_, panel);
    paintCentres(view, element_, panel);
    paintNames(view, element_, panel);
  }
  context.restore();
  paintAxes(view, element_, panel);
}

// The same image in every panel, ringed where one points or has picked.
export function paintOver(view) {
  if (!view.frame || !view.layout) return;
  const { dpr, left, top, scale, side } = view.layout;
  view.panels.forEach((element_, i) => {
    const panel = view.frame.panels[i];
    const context = element_.overContext;
    beginCanvas(context, dpr, left, top);
    for (const [mark, width] of [[view.picked, 2.4], [view.hover, 1.8]]) {
      if (!mark || mark.index >= panel.points || !sameImages(view, panel, mark)) continue;
      const [x, y] = [element_.px[mark.index], element_.py[mark.index]];
      if (!(x >= 0 && y >= 0 && x <= side && y <= side)) continue;
      context.beginPath();
      context.arc(x, y, markerRadius(view) + 4.5 * scale, 0, 2 * Math.PI);
      strokeCased(context, width * scale, view.theme.other, view.theme.casing, 2.4);
    }
  });
  paintTip(view);
}

// Runs that race show the same images; others have other numbers of points or labels.
export function sameImages(view, panel, { panel: from, index }) {
  const source = view.frame.panels[from];
  return source === panel || (!!source && source.labels?.[index] === panel.labels[index] && source.points === panel.points);
}

function finishFrame(view, milliseconds) {
  view.paintedAt = performance.now();
  markFrame(view);
  nameFrame(view, milliseconds);
}
