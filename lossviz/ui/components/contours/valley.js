// How wide the valley is: the circle ‖z‖ = r, the line of one loss, and on the circle the arcs where the
// loss is lower. Measured as lossviz/fields/opening.py does, which is the oracle, here with the panel's own code.

import { traceIsolines } from "../../../figures/canvas/isolines.js";
import { paintDot, strokeCased } from "../../../figures/canvas/strokes.js";
import { toPixels } from "./drawing.js";
import { handleId } from "./handles.js";
import { shownPosition } from "./overlay.js";

const CIRCLE_SAMPLES = 360;
const TURN = 2 * Math.PI;
export const CIRCLE_HANDLE = -Math.PI / 4; // where on the circle its handle is

// {radius, level} with what has been moved; null where the view shows no opening.
export function circleOf(view) {
  const { circle } = view.served.header;
  if (!circle) return null;
  const local = view.local.get(handleId("circle", 0));
  const moved = (link) => view.moved.get(link)?.value ?? circle[link];
  return { radius: local ? Math.hypot(local.x, local.y) : moved("radius"), level: moved("level") };
}

export const onCircle = (radius, angle) => [radius * Math.cos(angle), radius * Math.sin(angle)];

// Arcs [start, end] of the circle on which heightAt(angle) is below the level, as in Python.
export function arcsBelow(heightAt, level) {
  const step = TURN / CIRCLE_SAMPLES;
  let samples = Array.from({ length: CIRCLE_SAMPLES }, (_, i) => ({ angle: i * step, height: heightAt(i * step) }));
  samples = withExtremes(heightAt, samples, level, step);
  const crossings = samples.flatMap(({ angle, height }, i) => {
    const next = samples[i + 1] ?? { angle: samples[0].angle + TURN, height: samples[0].height };
    const below = height < level;
    return below === next.height < level ? [] : [{ falls: !below, angle: crossing(heightAt, angle, next.angle, below, level) }];
  });
  if (!crossings.length) return samples[0].height < level ? [[0, TURN]] : [];
  if (!crossings[0].falls) {
    const last = crossings.shift();
    crossings.push({ ...last, angle: last.angle + TURN });
  }
  const arcs = [];
  for (let i = 0; i < crossings.length; i += 2) {
    const [start, end] = [crossings[i].angle, crossings[i + 1].angle];
    if (end > start) arcs.push([start, end]);
  }
  return arcs;
}

// The samples and, between them, the dips below the level and the peaks above it.
function withExtremes(heightAt, samples, level, step) {
  const more = [];
  const n = samples.length;
  samples.forEach(({ angle, height }, i) => {
    const [before, after] = [samples[(i + n - 1) % n].height, samples[(i + 1) % n].height];
    for (const sign of [1, -1]) {
      const gap = sign * (height - level);
      const [left, right] = [sign * (before - height), sign * (after - height)];
      if (!(left >= 0 && right >= 0 && gap >= 0 && gap <= Math.max(left, right))) continue;
      const at = lowestWithin((a) => sign * heightAt(a), angle - step, angle + step);
      const found = heightAt(at);
      if (sign > 0 ? found < level : found >= level) more.push({ angle: (at + TURN) % TURN, height: found });
    }
  });
  return more.length ? [...samples, ...more].sort((a, b) => a.angle - b.angle) : samples;
}

// By golden section.
function lowestWithin(heightAt, low, high) {
  const share = (Math.sqrt(5) - 1) / 2;
  let [a, b] = [high - share * (high - low), low + share * (high - low)];
  let [fa, fb] = [heightAt(a), heightAt(b)];
  for (let i = 0; i < 34; i++) {
    if (fa <= fb) {
      [high, b, fb] = [b, a, fa];
      fa = heightAt((a = high - share * (high - low)));
    } else {
      [low, a, fa] = [a, b, fb];
      fb = heightAt((b = low + share * (high - low)));
    }
  }
  return (low + high) / 2;
}

function crossing(heightAt, low, high, below, level) {
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (heightAt(middle) < level === below) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

// The arcs of a panel by its code: run and inputs as in engine.js.
export function measuredArcs(run, inputs, { radius, level }) {
  const x = [0], y = [0], value = [0];
  return arcsBelow((angle) => {
    [x[0], y[0]] = onCircle(radius, angle);
    run(inputs, x, y, value, null);
    return value[0];
  }, level);
}

export function openingText(arcs) {
  if (!arcs) return "";
  if (!arcs.length) return "0° (nowhere)";
  const degrees = arcs.reduce((sum, [start, end]) => sum + ((end - start) * 180) / Math.PI, 0);
  if (arcs.length === 1 && arcs[0][1] - arcs[0][0] >= TURN) return "360° (everywhere)";
  return `${degrees.toFixed(1)}°${arcs.length > 1 ? ` in ${arcs.length} arcs` : ""}`;
}

// The line of the level, over the fill.
export function paintEdge(view, element_, panel) {
  const { circle } = view.frame.header;
  if (!circle) return;
  const context = element_.baseContext;
  const { dpr, scale } = view.layout;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.beginPath();
  traceIsolines(context, view, { grid: panel.grid, levels: [-Infinity, circle.level, Infinity] }, 1);
  context.lineCap = "round";
  context.setLineDash([]);
  strokeCased(context, 1.8 * scale * dpr, view.theme.edge, view.theme.casing, 1.8 * dpr);
}

export function paintCircle(view, context, panel) {
  const circle = view.frame.header.circle && circleOf(view);
  if (!circle) return;
  const { theme } = view;
  const { scale, planeWidth } = view.layout;
  const [x0, x1] = view.frame.header.extent;
  const radius = (circle.radius / (x1 - x0)) * planeWidth;
  const [ox, oy] = toPixels(view, 0, 0);
  context.lineCap = "butt";
  context.beginPath();
  context.arc(ox, oy, radius, 0, TURN);
  strokeCased(context, 1 * scale, theme.white, `${theme.black}99`, 1.2);
  for (const [start, end] of panel.opening || []) {
    context.beginPath();
    context.arc(ox, oy, radius, -start, -end, true);
    strokeCased(context, 4 * scale, theme.edge, theme.casing, 1.8);
  }
  if (!view.frame.header.interactive) return;
  const [hx, hy] = toPixels(view, ...shownPosition(view, onCircle(circle.radius, CIRCLE_HANDLE)));
  paintDot(context, hx, hy, 4 * scale, { fill: theme.white, stroke: `${theme.black}e6`, width: 1.4 * scale });
}
