// Frames that have been shown: the timeline draws them again at once, while their answer is on its way.

const SEEN_BYTES = 96e6; // about two thousand frames of three runs

// Frames of one `series` differ by their step alone; another series begins anew.
export function keepSeen(view) {
  const { header, panels, bytes } = view.frame;
  const { series, timeline } = header;
  if (!series || !timeline.steps.length) return;
  if (!view.seen || view.seen.series !== series) view.seen = { series, bytes: 0, frames: new Map() };
  const { seen } = view;
  const step = timeline.steps[timeline.position];
  const drop = (key) => {
    seen.bytes -= seen.frames.get(key)?.bytes ?? 0;
    seen.frames.delete(key);
  };
  drop(step);
  seen.frames.set(step, { panels, bytes });
  seen.bytes += bytes;
  for (const key of seen.frames.keys()) {
    if (seen.bytes <= SEEN_BYTES) break;
    drop(key); // the one that was shown longest ago
  }
}

// Put the frame of the wished position into the view, if it was shown before. How a run stands now
// (paused, queued) is not a matter of the frame. True if it is there.
export function recallSeen(view) {
  const { header, panels } = view.frame;
  if (!view.seen || view.seen.series !== header.series) return false;
  const known = view.seen.frames.get(header.timeline.steps[view.position]);
  if (!known || known.panels.length !== panels.length) return false;
  view.frame = {
    ...view.frame,
    panels: known.panels.map((panel, i) => ({ ...panel, state: panels[i].state })),
    header: { ...header, picked: null },
    image: null,
  };
  return true;
}
