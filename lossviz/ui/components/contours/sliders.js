// What a slider of the page moves in the pictures (lossviz/ui/components/sliders says which, and when).

function listenToSliders(view) {
  let drawn = false;
  followSliders(view, {
    sliders: () => view.served?.header.sliders || [],
    moved: ({ link }, value) => {
      view.moved.set(link, { value, at: performance.now() });
      drawn = drawsAlone(view, link);
      if (drawn) drawAlone(view, false);
    },
    rested: () => {
      if (drawn && view.moved.size) drawAlone(view, true);
      drawn = false;
    },
  });
}

function settleSliders(view) {
  const { circle } = view.served.header;
  settleMoved(view, (link) => {
    if (circle && link in circle) return circle[link];
    const program = view.served.panels.find(({ program: p }) => p && link in p.links)?.program;
    return program?.values[program.names.indexOf(program.links[link])];
  });
}
