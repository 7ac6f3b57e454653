// From features to pixels: the window on the plane, and the turn of three dimensions.

import { scheduleOnce } from "../canvas/elements.js";
import { paintPlanes } from "./painting.js";

// What is seen of a panel: middle and half width, in units of the features.
export function windowOf(view, panel) {
  return view.windows.get(panel.run) || { x: panel.middle[0], y: panel.middle[1], half: panel.reach };
}

// Right, up and towards the viewer, of a point in three dimensions.
function turned(view, x, y, z) {
  const { yaw, pitch } = view.turn;
  const right = x * Math.cos(yaw) + y * Math.sin(yaw);
  const away = y * Math.cos(yaw) - x * Math.sin(yaw);
  return [right, away * Math.sin(pitch) + z * Math.cos(pitch), z * Math.sin(pitch) - away * Math.cos(pitch)];
}

// CSS pixels from the plane's upper left corner, and the depth.
export function toPixels(view, panel, vector) {
  const [x, y, depth] = vector.length > 2 ? turned(view, ...vector) : [vector[0], vector[1], 0];
  const seen = windowOf(view, panel);
  const unit = view.layout.side / 2 / seen.half;
  return [view.layout.side / 2 + (x - seen.x) * unit, view.layout.side / 2 - (y - seen.y) * unit, depth];
}

export function row(array, k, dims) {
  return Array.from(array.subarray(k * dims, (k + 1) * dims));
}

// Pixels of all points of a panel; kept for pointing at them.
export function projectPoints(view, element_, panel) {
  const { features, dims, points } = panel;
  if (!element_.px || element_.px.length !== points) {
    element_.px = new Float32Array(points);
    element_.py = new Float32Array(points);
    element_.depth = new Float32Array(points);
  }
  const { px, py, depth } = element_;
  const { side } = view.layout;
  const seen = windowOf(view, panel);
  const unit = side / 2 / seen.half;
  const { yaw, pitch } = view.turn;
  const [cy, sy, cp, sp] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)];
  for (let p = 0; p < points; p++) {
    let x = features[p * dims];
    let y = features[p * dims + 1];
    if (dims === 3) {
      const z = features[p * dims + 2];
      const away = y * cy - x * sy;
      x = x * cy + y * sy;
      y = away * sp + z * cp;
      depth[p] = z * sp - away * cp;
    }
    px[p] = side / 2 + (x - seen.x) * unit;
    py[p] = side / 2 - (y - seen.y) * unit;
  }
}

// Every linked panel, or this one alone.
export function together(view, panel) {
  return view.frame.header.options.linked ? view.frame.panels : [panel];
}

// Nearer by a factor, so that what is under the pixel (x, y) stays there.
export function zoomBy(view, panel, factor, x = view.layout.side / 2, y = view.layout.side / 2) {
  const { side } = view.layout;
  for (const each of together(view, panel)) {
    const seen = windowOf(view, each);
    const half = Math.min(Math.max(seen.half / factor, each.reach / 400), each.reach * 4);
    const shift = (seen.half - half) * (2 / side);
    view.windows.set(each.run, {
      x: seen.x + (x - side / 2) * shift,
      y: seen.y - (y - side / 2) * shift,
      half,
    });
  }
  scheduleOnce(view, "planes", () => paintPlanes(view));
}

export function panBy(view, panel, dx, dy) {
  for (const each of together(view, panel)) {
    const seen = windowOf(view, each);
    const unit = (2 * seen.half) / view.layout.side;
    view.windows.set(each.run, { x: seen.x - dx * unit, y: seen.y + dy * unit, half: seen.half });
  }
  scheduleOnce(view, "planes", () => paintPlanes(view));
}

export function turnBy(view, dx, dy) {
  const { turn } = view;
  turn.yaw -= dx * 0.01;
  turn.pitch = Math.min(1.57, Math.max(-1.57, turn.pitch + dy * 0.01));
  scheduleOnce(view, "planes", () => paintPlanes(view));
}

export function resetPlanes(view, panels = view.frame.panels) {
  for (const each of panels) view.windows.delete(each.run);
  view.turn = { yaw: -0.6, pitch: 0.45 };
  scheduleOnce(view, "planes", () => paintPlanes(view));
}
