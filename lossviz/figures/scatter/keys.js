// Keys: arrows go from point to point, Enter picks, + and − zoom, Shift with arrows pans or turns.

import { say } from "../canvas/speech.js";
import { closeCard, pointLines } from "./card.js";
import { seek } from "./events.js";
import { panBy, resetPlanes, together, turnBy, zoomBy } from "./planes.js";
import { pick, setHover } from "./pointing.js";
import { nearestPoint } from "./points.js";
import { togglePlay } from "./timeline.js";

const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const PAN_PX = 24;
export const PLANE_KEYS = "Arrow keys go from point to point, Enter shows the image, plus and minus zoom, Shift with arrows pans or turns, 0 shows everything.";

export function planeKey(view, panel, event) {
  const data = view.frame?.panels[panel.index];
  if (!view.frame?.header.options.interactive || !data?.points) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const direction = DIRECTIONS[event.key];
  if (direction && event.shiftKey) {
    const [dx, dy] = direction.map((d) => -d * PAN_PX);
    if (data.dims === 3) turnBy(view, dx, dy);
    else panBy(view, data, dx, dy);
  } else if (direction) {
    const index = nextPoint(view, panel, data, direction);
    if (index >= 0) {
      setHover(view, { panel: panel.index, index, byKeys: true });
      say(view, pointLines(view, data, index).join(", "));
    }
  } else if (event.key === "Enter") {
    if (view.hover?.panel === panel.index) pick(view, panel.index, view.hover.index);
  } else if (event.key === "+" || event.key === "=") zoomBy(view, data, 1.4);
  else if (event.key === "-") zoomBy(view, data, 1 / 1.4);
  else if (event.key === "0") resetPlanes(view, together(view, data));
  else return;
  event.preventDefault();
  event.stopPropagation();
}

// The nearest point in a direction, what lies aside counting twice; the first is the one in the middle.
function nextPoint(view, panel, data, [dx, dy]) {
  const { px, py } = panel;
  const { side } = view.layout;
  const at = view.hover?.panel === panel.index ? view.hover.index : -1;
  if (at < 0) return nearestPoint(panel, data, side / 2, side / 2, 2 * side);
  let best = -1;
  let least = Infinity;
  for (let p = 0; p < data.points; p++) {
    const [x, y] = [px[p] - px[at], py[p] - py[at]];
    const along = x * dx + y * dy;
    if (along < 0.5 || px[p] < 0 || py[p] < 0 || px[p] > side || py[p] > side) continue;
    const far = along + 2 * Math.abs(x * dy - y * dx);
    if (far < least) {
      least = far;
      best = p;
    }
  }
  return best;
}

export function rootKey(view, event) {
  if (!view.frame?.header.options.interactive || event.ctrlKey || event.metaKey || event.altKey) return;
  const { steps } = view.frame.header.timeline;
  const onButton = event.target.closest?.("button");
  if (event.key === "Escape" && !view.card.hidden) closeCard(view);
  else if (!steps.length) return;
  else if (event.key === " " && !onButton) togglePlay(view);
  else if (event.key === "Home") seek(view, 0);
  else if (event.key === "End") seek(view, steps.length - 1);
  else return;
  event.preventDefault();
  event.stopPropagation();
}
