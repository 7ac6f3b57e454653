// Where everything stands: square planes, columns, captions.

import { setCanvasSize, setSize } from "../canvas/elements.js";
import { heightBelow, stableWidth, textScale, windowHeight } from "../canvas/size.js";
import { createPanel } from "./page.js";

const NARROW_PX = 440; // below this width the panels stack
const LEAST_SIDE_PX = 150; // of a plane, however low the window
const LEGEND_LINE_PX = 18;
const LEGEND_WIDE_PX = 1000; // a narrower legend may need two lines
const LEGEND_ASIDE_PX = 210;
const CONTROLS_PX = 560;
const SMALL_PX = 200;
const ROW = 3; // as many stand in one row where their planes are not small
const LONG_ROW = 4; // as many where two rows would hardly make them larger
const HARDLY = 0.8;
const LONG_ROW_SIDE_PX = 140; // of their planes, at least

export function computeLayout(view) {
  const { header, panels } = view.frame;
  const { options } = header;
  const width = stableWidth(view);
  const count = panels.length;
  if (width < 60 || !count) return null;
  const scale = textScale(options.presentation);
  const narrow = width < NARROW_PX;
  const px = (length) => Math.round(length * scale);
  const left = px(32), right = px(8), top = 4, bottom = px(22), gap = px(12);
  const caption = px(panels.some((panel) => panel.warning !== null) ? 56 : 38);
  const height = narrow ? 0.85 * windowHeight(view) : options.height || heightBelow(view) - options.beneath;
  const widest = (columns) => Math.floor((width - columns * (left + right) - (columns - 1) * gap) / columns);
  const planes = (legend) => {
    const below = px(hasTimeline(view) ? 50 : 34) + legend;
    const tallest = (all) => {
      const rows = narrow ? 1 : all;
      return Math.floor((height - below - rows * (caption + top + bottom) - (rows - 1) * gap) / rows);
    };
    const row = Math.min(widest(count), tallest(1));
    const rows = Math.min(widest(Math.ceil(count / 2)), tallest(2));
    const long = count > ROW && count <= LONG_ROW && row >= Math.max(HARDLY * rows, px(LONG_ROW_SIDE_PX));
    const short = count <= ROW && widest(count) >= px(SMALL_PX);
    const wanted = options.columns || (long || short ? count : null);
    const least = px(long ? LONG_ROW_SIDE_PX : LEAST_SIDE_PX);
    const chosen = largestPlanes(count, narrow ? 1 : wanted, least, widest, tallest);
    return { ...chosen, across: chosen.columns * (left + chosen.side + right + gap) - gap };
  };
  // Where the height is what limits the planes, the legend stands in the width that is left.
  const alone = planes(0);
  const aside = !narrow && width - alone.across >= px(LEGEND_ASIDE_PX);
  const lines = aside ? 0 : narrow ? 3 : width < LEGEND_WIDE_PX * scale ? 2 : 1;
  const legend = px(LEGEND_LINE_PX) * lines;
  const { columns, side, across } = aside ? alone : planes(legend);
  const dpr = Math.min(3, window.devicePixelRatio || 1);
  const layout = { width, count, columns, narrow, scale, left, right, top, bottom, gap, caption, side, across, aside, legend, dpr };
  layout.pixelSide = Math.round(side * dpr);
  layout.id = JSON.stringify([count, columns, side, scale, aside, legend, caption, dpr]);
  return layout;
}

// As many columns as are wanted, else as make the planes largest while all rows fit. Where they would
// be too small to read, the rows go on below the window instead.
function largestPlanes(count, wanted, least, widest, tallest) {
  const side = (columns) => Math.min(widest(columns), tallest(Math.ceil(count / columns)));
  let columns = wanted ? Math.min(count, wanted) : 1;
  if (!wanted) for (let more = 2; more <= count; more++) if (side(more) > side(columns)) columns = more;
  if (side(columns) >= least) return { columns, side: side(columns) };
  columns = wanted ? Math.min(count, wanted) : count;
  while (columns > 1 && widest(columns) < least) columns--;
  if (!wanted) columns = Math.ceil(count / Math.ceil(count / columns));
  return { columns, side: Math.min(widest(columns), least) };
}

// A timeline that will come has its room from the start: nothing moves when it appears.
export function hasTimeline(view) {
  const { steps, running } = view.frame.header.timeline;
  return steps.length > 0 || running;
}

export function applyLayout(view, layout) {
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
  // Above small planes the words need the whole width.
  const indent = side < SMALL_PX * layout.scale ? 0 : left;
  const outer = { width: left + side + right, height: top + side + bottom };
  const place = { left: `${left}px`, top: `${top}px`, width: `${side}px`, height: `${side}px` };
  for (const panel of view.panels) {
    Object.assign(panel.caption.style, {
      height: `${layout.caption}px`, width: `${left + side + right - indent}px`, marginLeft: `${indent}px`,
    });
    setSize([panel.box, panel.base, panel.over], outer.width, outer.height);
    Object.assign(panel.plane.style, place);
    Object.assign(panel.state.style, place);
    setCanvasSize([panel.base, panel.over], outer.width, outer.height, dpr);
  }
  root.classList.toggle("aside", layout.aside);
  Object.assign(view.legend.style, {
    minHeight: `${layout.legend}px`,
    left: layout.aside ? `${layout.across + 2 * layout.gap}px` : "",
    top: layout.aside ? `${layout.caption + top}px` : "",
  });
  view.controls.style.maxWidth = `${Math.max(layout.across, CONTROLS_PX * layout.scale)}px`;
}
