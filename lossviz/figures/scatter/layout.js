// Where everything stands: square planes, columns, captions.

const NARROW_PX = 520; // below this width the panels stack
const LEAST_SIDE_PX = 150; // rather than narrower planes, fewer columns

function computeLayout(view) {
  const { header, panels } = view.frame;
  const { options, timeline } = header;
  const width = stableWidth(view);
  const count = panels.length;
  if (width < 60 || !count) return null;
  const scale = options.presentation ? 1.35 : 1;
  const narrow = width < NARROW_PX;
  const px = (length) => Math.round(length * scale);
  const left = px(32), right = px(8), top = 4, bottom = px(22), gap = px(12);
  const caption = px(38);
  const below = px(timeline.steps.length ? 78 : 30) + px(20); // timeline, legend
  const widest = (columns) => Math.floor((width - columns * (left + right) - (columns - 1) * gap) / columns);
  let columns = narrow ? 1 : Math.min(count, options.columns || (count <= 3 ? count : count === 4 ? 2 : 3));
  while (columns > 1 && widest(columns) < LEAST_SIDE_PX * scale) columns--;
  const rows = Math.ceil(count / columns);
  const height = narrow ? 0.85 * windowHeight(view) : options.height || roomBelow(view);
  const shown = narrow ? 1 : Math.min(rows, 2); // one or two rows fill the height as a whole
  const tallest = (height - below - shown * (caption + top + bottom) - (shown - 1) * gap) / shown;
  const side = Math.floor(Math.max(Math.min(widest(columns), tallest), Math.min(widest(columns), LEAST_SIDE_PX)));
  const dpr = Math.min(3, window.devicePixelRatio || 1);
  const layout = { width, count, columns, narrow, scale, left, right, top, bottom, gap, caption, side, dpr };
  layout.pixelSide = Math.round(side * dpr);
  layout.id = JSON.stringify([count, columns, side, scale, dpr]);
  return layout;
}

function applyLayout(view, layout) {
  const unchanged = view.layout && view.layout.id === layout.id;
  view.layout = layout;
  if (unchanged) return;
  const { root, grid } = view;
  const { side, left, right, top, bottom, dpr } = layout;
  root.classList.toggle("narrow", layout.narrow);
  root.style.setProperty("--lv-scale", layout.scale);
  root.style.setProperty("--lv-left", `${left}px`);
  grid.style.gridTemplateColumns = `repeat(${layout.columns}, max-content)`;
  grid.style.gap = `${layout.gap}px`;
  while (view.panels.length > layout.count) view.panels.pop().figure.remove();
  while (view.panels.length < layout.count) view.panels.push(createPanel(view, view.panels.length));
  const outer = { width: left + side + right, height: top + side + bottom };
  const place = { left: `${left}px`, top: `${top}px`, width: `${side}px`, height: `${side}px` };
  for (const panel of view.panels) {
    Object.assign(panel.caption.style, {
      height: `${layout.caption}px`, width: `${side + right}px`, marginLeft: `${left}px`,
    });
    for (const box of [panel.box, panel.base, panel.over]) {
      Object.assign(box.style, { width: `${outer.width}px`, height: `${outer.height}px` });
    }
    Object.assign(panel.plane.style, place);
    Object.assign(panel.state.style, place);
    for (const canvas of [panel.base, panel.over]) {
      resizeCanvas(canvas, Math.round(outer.width * dpr), Math.round(outer.height * dpr));
    }
  }
  view.controls.style.maxWidth = `${layout.columns * outer.width + (layout.columns - 1) * layout.gap}px`;
}
