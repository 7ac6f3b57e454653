// What a slider of the page moves in the pictures (lossviz/ui/components/sliders says which, and when).

import { followSliders, settleMoved } from "../sliders/sliders.js";
import { drawAlone, drawsAlone } from "./engine.js";

export function listenToSliders(view) {
  let drawn = false;
  followSliders(view, {
    sliders: () => view.served?.header.sliders || [],
    moved: ({ link }) => {
      drawn = drawsAlone(view, link);
      if (drawn) drawAlone(view, false);
    },
    rested: () => {
      if (drawn && view.moved.size) drawAlone(view, true);
      drawn = false;
    },
  });
}

export function settleSliders(view) {
  const { circle } = view.served.header;
  settleMoved(view, (link) => {
    if (circle && link in circle) return circle[link];
    const program = view.served.panels.find(({ program: p }) => p && link in p.links)?.program;
    return program?.values[program.names.indexOf(program.links[link])];
  });
}
