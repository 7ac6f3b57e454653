// A frame: what has come, and what follows from it. The fields of its header are listed in README.md beside this file.

import { markGaps } from "../../../figures/canvas/fill.js";
import { readMessage } from "../../../figures/canvas/wire.js";
import { drawAlone, drawsAlone, settleSliders } from "./engine.js";
import { pumpDrag, settleLocalPositions } from "./handles.js";
import { showMessage } from "./page.js";
import { paint } from "./painting.js";

function readFrame(data) {
  const message = readMessage(data);
  if (!message) return null;
  const { header, array } = message;
  const panels = (header.panels || []).map((panel) => {
    const grid = array(panel.grid);
    return {
      ...panel,
      grid,
      hasGaps: markGaps(grid),
      levels: Float64Array.from(panel.levels),
      colours: header.bands,
    };
  });
  return { header, panels };
}

export function receive(view, data) {
  let frame = null;
  try {
    frame = data && data === view.bytes ? view.served : readFrame(data);
  } catch (error) {
    console.error("lossviz contours: unreadable frame", error);
    showMessage(view, "This picture could not be read; the previous one is kept.");
  }
  if (!frame) return;
  view.bytes = data;
  view.served = view.frame = frame;
  view.exactIsCurrent = false;
  settleLocalPositions(view);
  settleSliders(view);
  paint(view);
  // Something moves on, or has moved since the server was told: its frame is of before.
  if ((view.moved.size || view.drag?.alone) && drawsAlone(view, view.drag?.kind)) drawAlone(view, !view.drag);
  pumpDrag(view);
}
