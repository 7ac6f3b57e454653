// Time: steps while the screen turns, and what the visitor does with them.

const SPEEDS = [1, 2, 5, 10, 20];
const READ_MS = 150; // between two readings of the measures
const STEP_MS = 24; // no more arithmetic than this in a frame

function showFlow(view) {
  paintFlow(view);
  readFlow(view);
  tellStep(view);
}

function tellStep(view) {
  setText(view.counter, `step ${view.flow.step}`);
  view.root.dataset.step = view.flow.step;
  const annealed = view.settings.anneal && view.settings.anneals.length && view.flow.step < view.settings.anneal_steps;
  if (annealed) setText(view.counter, `step ${view.flow.step}, annealing until ${view.settings.anneal_steps}`);
}

function setPlaying(view, playing) {
  view.playing = playing && !view.flow.ranAway;
  setText(view.play, view.playing ? "Pause" : "Play");
  view.root.dataset.playing = view.playing;
  cancelAnimationFrame(view.frameId || 0);
  if (view.playing) view.frameId = requestAnimationFrame(() => turn(view));
  else if (view.flow) readFlow(view);
}

function advance(view) {
  if (view.flow.ranAway) return;
  stepFlow(view.flow, view.settings);
  if (!view.flow.ranAway) return;
  setText(view.message, `Ran away at step ${view.flow.step}: features are farther out than 1,000,000. Reset, or take a smaller rate or weight.`);
  view.message.hidden = false;
}

function turn(view) {
  if (view.stop.signal.aborted || !view.playing) return;
  const started = performance.now();
  for (let n = 0; n < Number(view.speed.value); n++) {
    advance(view);
    if (view.flow.ranAway || performance.now() - started > STEP_MS) break;
  }
  if (view.flow.dimension === 3 && !view.camera.held) view.camera.turn += 0.004;
  if (view.flow.ranAway) return setPlaying(view, false);
  paintFlow(view);
  tellStep(view);
  if (started - (view.readAt ?? -1e9) > READ_MS) {
    readFlow(view);
    view.readAt = started;
  }
  view.frameId = requestAnimationFrame(() => turn(view));
}

function takeStep(view) {
  setPlaying(view, false);
  advance(view);
  showFlow(view);
}

function restart(view) {
  view.flow = createFlow(view.settings);
  view.history = [];
  view.trail = [];
  view.camera.reach = 0;
  view.message.hidden = true;
  followReach(view, true);
  showFlow(view);
}

function listenToFlow(view) {
  view.root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target === view.speed) return;
    const faster = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (event.key === " ") {
      if (event.target.tagName === "BUTTON") return;
      setPlaying(view, !view.playing);
    } else if (event.key === "ArrowRight" && event.shiftKey) rotate(view, 0.1, 0);
    else if (event.key === "ArrowLeft" && event.shiftKey) rotate(view, -0.1, 0);
    else if (event.key === "ArrowRight") takeStep(view);
    else if (event.key === "r" || event.key === "R") restart(view);
    else if (faster) {
      view.speed.selectedIndex = Math.min(SPEEDS.length - 1, Math.max(0, view.speed.selectedIndex + faster));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const { canvas } = view;
  canvas.addEventListener("pointerdown", (event) => {
    if (view.flow.dimension !== 3) return;
    canvas.setPointerCapture(event.pointerId);
    view.camera.held = true;
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.buttons && view.camera.held) rotate(view, event.movementX / 150, event.movementY / 150);
  });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => (view.camera.held = false));
}

function rotate(view, across, up) {
  const { camera } = view;
  camera.turn -= across;
  camera.tilt = Math.min(1.5, Math.max(-1.5, camera.tilt + up));
  if (!view.playing) scheduleOnce(view, "rotate", () => paintFlow(view));
}
