// The pointer on a panel: pointing at points, picking, panning or turning, zooming, pinching.

import { say, scheduleOnce } from "../canvas/elements.js";
import { closeCard, pointLines, updateCard } from "./card.js";
import { seek, tellPick } from "./events.js";
import { paintOver } from "./painting.js";
import { panBy, resetPlanes, together, turnBy, zoomBy } from "./planes.js";
import { nearestPoint } from "./points.js";
import { togglePlay } from "./timeline.js";

const POINTER_PX = 9;
const FINGER_PX = 20;
const SLACK_PX = 4; // a press that moves less is a click
const WHEEL_STEP = 0.0016;

function pixelOf(view, panel, event) {
  const box = panel.plane.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

export function listenToPlane(view, panel) {
  const { plane } = panel;
  const data = () => view.frame?.panels[panel.index];
  const listens = () => !!view.frame?.header.options.interactive && !!data()?.points;
  const pressed = new Map(); // pointer id → last event
  let moved = false;

  plane.addEventListener("pointermove", (event) => {
    if (!listens()) return;
    if (pressed.has(event.pointerId)) move(event);
    else point(event);
  });
  plane.addEventListener("pointerdown", (event) => {
    if (!listens() || event.button !== 0) return;
    if (!pressed.size) moved = false;
    pressed.set(event.pointerId, { x: event.clientX, y: event.clientY, fromX: event.clientX, fromY: event.clientY });
    if (pressed.size > 1) moved = true;
    plane.setPointerCapture(event.pointerId);
  });
  const release = (event) => {
    if (!pressed.delete(event.pointerId)) return;
    plane.classList.remove("dragging");
    if (event.type !== "pointerup" || moved || !listens()) return;
    const within = event.pointerType === "mouse" ? POINTER_PX : FINGER_PX;
    const index = nearestPoint(panel, data(), ...pixelOf(view, panel, event), within);
    if (index >= 0) pick(view, panel.index, index);
    else closeCard(view);
  };
  plane.addEventListener("pointerup", release);
  plane.addEventListener("pointercancel", release);
  plane.addEventListener("pointerleave", (event) => {
    if (event.pointerType === "mouse" && !pressed.size) setHover(view, null);
  });
  plane.addEventListener("dblclick", (event) => {
    event.preventDefault();
    if (listens()) resetPlanes(view, together(view, data()));
  });
  plane.addEventListener("wheel", (event) => {
    if (!listens()) return;
    // A wheel over a picture that nobody has touched scrolls the page.
    const meant = event.ctrlKey || event.metaKey || plane.getRootNode().activeElement === plane;
    if (!meant) {
      hint(view, panel);
      return;
    }
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    const speed = event.ctrlKey ? 4 : 1; // a pinch on a touch pad comes in small steps
    zoomBy(view, data(), Math.exp(-event.deltaY * lines * speed * WHEEL_STEP), ...pixelOf(view, panel, event));
  }, { passive: false });
  plane.addEventListener("keydown", (event) => planeKey(view, panel, event));
  plane.addEventListener("blur", () => setHover(view, null));

  function point(event) {
    const index = nearestPoint(panel, data(), ...pixelOf(view, panel, event), POINTER_PX);
    setHover(view, index < 0 ? null : { panel: panel.index, index });
  }

  function move(event) {
    const last = pressed.get(event.pointerId);
    const [dx, dy] = [event.clientX - last.x, event.clientY - last.y];
    if (pressed.size === 2) {
      const [other] = [...pressed].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
      const before = Math.hypot(last.x - other.x, last.y - other.y);
      const after = Math.hypot(event.clientX - other.x, event.clientY - other.y);
      const box = plane.getBoundingClientRect();
      const middle = [(event.clientX + other.x) / 2 - box.left, (event.clientY + other.y) / 2 - box.top];
      if (before > 8) zoomBy(view, data(), after / before, ...middle);
      if (data().dims === 2) panBy(view, data(), dx / 2, dy / 2);
    } else {
      if (!moved && Math.hypot(event.clientX - last.fromX, event.clientY - last.fromY) < SLACK_PX) return;
      moved = true;
      setHover(view, null);
      plane.classList.add("dragging");
      if (data().dims === 3) turnBy(view, dx, dy);
      else panBy(view, data(), dx, dy);
    }
    Object.assign(last, { x: event.clientX, y: event.clientY });
  }
}

function hint(view, panel) {
  panel.box.classList.add("hinting");
  clearTimeout(view.hintTimer);
  view.hintTimer = setTimeout(() => view.panels.forEach(({ box }) => box.classList.remove("hinting")), 1400);
}

function setHover(view, hover) {
  const { hover: before } = view;
  if (before?.panel === hover?.panel && before?.index === hover?.index) return;
  view.hover = hover;
  scheduleOnce(view, "over", () => paintOver(view));
}

function pick(view, panel, index) {
  setHover(view, { panel, index });
  tellPick(view, panel, index);
  updateCard(view);
}

// Keys: arrows go from point to point, Enter picks, + and − zoom, Shift with arrows pans or turns.

const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const PAN_PX = 24;
export const PLANE_KEYS = "Arrow keys go from point to point, Enter shows the image, plus and minus zoom, Shift with arrows pans or turns, 0 shows everything.";

function planeKey(view, panel, event) {
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
