// Where everything stands: sizes of planes, columns, captions; followed when the window changes.

import { measuringContext, resizeCanvas, setCanvasSize, setSize } from "../../../figures/canvas/elements.js";
import { heightBelow, stableWidth, textScale, windowHeight } from "../../../figures/canvas/size.js";
import { createPanel } from "./page.js";

const NARROW_PX = 440; // below this width the panels stand in a row that is moved with a finger
const NEXT_PANEL_PX = 54; // of the next panel that is seen then
const LEGEND_ASIDE_PX = 205; // beside a picture that the height limits
const LEAST_PLANE_PX = 140; // rather than narrower planes, fewer columns
const LINE_PX = 18; // of a caption
const TITLE_PX = 14;
const LEAST_TITLE_PX = 11; // rather than smaller titles, titles of two lines

export function computeLayout(view) {
  const { header, panels } = view.frame;
  const width = stableWidth(view);
  const count = panels.length;
  if (width < 60 || !count) return null;
  const narrow = width < NARROW_PX;
  const scale = textScale(header.presentation);
  const [x0, x1, y0, y1] = header.extent;
  const aspect = (y1 - y0) / (x1 - x0) > 0 ? (y1 - y0) / (x1 - x0) : 1;
  const bar = header.bar || "shared";
  const left = Math.round(30 * scale);
  const bareLeft = Math.round(8 * scale);
  const bottom = Math.round(21 * scale);
  const bareBottom = 8;
  const top = 4;
  const right = bar === "panel" ? Math.round(58 * scale) : 6;
  const gap = Math.round(10 * scale);
  const spare = gap + bareLeft - 10; // between a panel's bar and the next title
  const sharedWidth = bar === "shared" && !narrow ? Math.round(78 * scale) : 0;
  const legendLine = Math.round(22 * scale);
  const height = narrow ? 0.8 * windowHeight(view) : heightBelow(view);

  const numbersLeft = (i, columns) => narrow || i % columns === 0;
  const numbersBelow = (i, columns) => narrow || columns === 1 || i + columns >= count;
  const titled = panels.some((panel) => panel.title || panel.note);

  // Small multiples share their axes: only outer panels carry the numbers.
  const fit = (columns, legend, lines, line = LINE_PX) => {
    const rows = Math.ceil(count / columns);
    const lefts = left + (columns - 1) * (bareLeft + gap);
    const widest = narrow
      ? width - left - right - (count > 1 ? NEXT_PANEL_PX : 0)
      : (width - sharedWidth - lefts - columns * right) / columns;
    const bottoms = Array.from({ length: rows }, (_, row) =>
      panels.some((_, i) => Math.floor(i / columns) === row && numbersBelow(i, columns)) ? bottom : bareBottom,
    );
    const below = bottoms.reduce((sum, b) => sum + b, 0);
    const caption = titled ? Math.round((lines * line + 2) * scale) : 0;
    // One or two rows fill the window as a whole; of more rows, and of stacked panels, each fits it.
    const whole = rows <= 2 && !narrow;
    const shown = whole ? rows : 1;
    const fixed = shown * (caption + top) + (shown - 1) * gap + (whole ? below : bottom) + (narrow ? 0 : legend);
    const tallest = Math.min((height - fixed) / shown, rows > 2 && !narrow ? 380 * scale : Infinity);
    const planeWidth = Math.max(20, Math.floor(Math.max(Math.min(widest, tallest / aspect), Math.min(widest, 150))));
    const planeHeight = Math.max(20, Math.round(planeWidth * aspect));
    const gridHeight = rows * (caption + top + planeHeight) + (rows - 1) * gap + below;
    const across = lefts + columns * (planeWidth + right) + sharedWidth;
    return { rows, caption, widest, planeWidth, planeHeight, gridHeight, across };
  };

  let columns = narrow ? count : Math.min(count, header.columns || defaultColumns(count));
  while (!narrow && columns > 1 && fit(columns, legendLine, 1).widest < LEAST_PLANE_PX * scale) columns--;
  // Where the height is what limits the planes, the legend stands in the width that is left.
  const aside = !narrow && width - fit(columns, 0, 1).across >= LEGEND_ASIDE_PX * scale;
  const legend = aside ? 0 : legendLine;
  const planeWidths = [1, 2].map((lines) => fit(columns, legend, lines).planeWidth);
  const { lines, line, titleSize } = planCaptions(view, columns, planeWidths, { right, spare, scale });
  const { rows, caption, planeWidth, planeHeight, gridHeight } = fit(columns, legend, lines, line);
  const dpr = Math.min(3, window.devicePixelRatio || 1);
  const layout = {
    width, count, columns, rows, narrow, aside, scale, bar, gap, spare, top, right, caption, lines, line, titleSize, dpr,
    planeWidth, planeHeight, gridHeight,
    pixelWidth: Math.max(1, Math.round(planeWidth * dpr)),
    pixelHeight: Math.max(1, Math.round(planeHeight * dpr)),
    lefts: panels.map((_, i) => (numbersLeft(i, columns) ? left : bareLeft)),
    bottoms: panels.map((_, i) => (numbersBelow(i, columns) ? bottom : bareBottom)),
    numbersLeft: panels.map((_, i) => numbersLeft(i, columns)),
    numbersBelow: panels.map((_, i) => numbersBelow(i, columns)),
  };
  layout.id = JSON.stringify([
    columns, count, planeWidth, planeHeight, caption, lines, titleSize, bar, narrow, aside, scale, dpr,
  ]);
  return layout;
}

// How many lines titles and notes need: one together, one each with titles made
// somewhat smaller, or two for a title. What was needed once is kept while window and
// titles stay, or a slider that changes a note would shift the picture.
function planCaptions(view, columns, planeWidths, { right, spare, scale }) {
  const { panels } = view.frame;
  const titles = panels.map((panel) => panel.title || "");
  const place = JSON.stringify([columns, Math.floor(view.root.clientWidth), windowHeight(view), scale, titles]);
  const known = view.captions?.place === place ? view.captions : { place, lines: 1, line: LINE_PX, titleSize: TITLE_PX };
  view.captions = known;
  if (known.lines > 1) return known;
  const context = measuringContext();
  const family = view.theme.font;
  context.font = `600 ${TITLE_PX * scale}px ${family}`;
  const widths = titles.map((title) => context.measureText(title).width + 2);
  context.font = `${13 * scale}px ${family}`;
  const notes = panels.map(({ note }) => (note ? context.measureText(note).width + 14 * scale : 0));
  const room = (i, lines) => planeWidths[lines - 1] + right + (i % columns < columns - 1 ? spare : 0);
  if (widths.every((width, i) => width + notes[i] <= room(i, 1))) return known;
  const size = Math.min(TITLE_PX, ...widths.map((width, i) => (TITLE_PX * room(i, 2)) / width));
  if (size < LEAST_TITLE_PX) return Object.assign(known, { lines: 3, line: 16, titleSize: 13 });
  return Object.assign(known, { lines: 2, line: size < 13 ? 16 : LINE_PX, titleSize: Math.floor(10 * size) / 10 });
}

function defaultColumns(count) {
  return count <= 3 ? count : count === 4 ? 2 : count <= 6 ? 3 : 4;
}

export function applyLayout(view, layout) {
  const unchanged = view.layout && view.layout.id === layout.id;
  view.layout = layout;
  if (unchanged) return;
  const { root, body, grid, legend } = view;
  root.dataset.columns = layout.columns;
  root.classList.toggle("narrow", layout.narrow);
  (layout.aside ? body : root).append(legend);
  legend.style.marginTop = layout.aside ? `${layout.caption + layout.top}px` : "";
  root.style.setProperty("--lv-scale", layout.scale);
  root.style.setProperty("--lv-title-size", `${layout.titleSize}px`);
  root.style.setProperty("--lv-note-size", `${Math.min(13, layout.titleSize)}px`);
  root.style.setProperty("--lv-caption-line", `${layout.line}px`);
  grid.style.gridTemplateColumns = `repeat(${layout.columns}, max-content)`;
  grid.style.gap = `${layout.gap}px`;
  while (view.panels.length > layout.count) view.panels.pop().figure.remove();
  while (view.panels.length < layout.count) view.panels.push(createPanel(view, view.panels.length));
  view.panels.forEach((panel, i) => placePanel(panel, layout, i));
}

function placePanel(panel, layout, i) {
  const left = layout.lefts[i];
  const boxWidth = left + layout.planeWidth + layout.right;
  const boxHeight = layout.top + layout.planeHeight + layout.bottoms[i];
  setSize([panel.box, panel.over], boxWidth, boxHeight);
  // A title may reach into the gap, without widening its column.
  const beyond = (i + 1) % layout.columns ? layout.spare : 0;
  Object.assign(panel.caption.style, {
    height: `${layout.caption}px`,
    width: `${layout.planeWidth + layout.right + beyond}px`,
    marginLeft: `${left}px`,
    marginRight: `${-beyond}px`,
  });
  panel.caption.classList.toggle("stacked", layout.lines > 1);
  panel.caption.classList.toggle("wrapped", layout.lines > 2);
  const plane = {
    left: `${left}px`, top: `${layout.top}px`,
    width: `${layout.planeWidth}px`, height: `${layout.planeHeight}px`,
  };
  for (const element of [panel.base, panel.plane, panel.marks]) Object.assign(element.style, plane);
  panel.left = left;
  resizeCanvas(panel.base, layout.pixelWidth, layout.pixelHeight);
  setCanvasSize([panel.over], boxWidth, boxHeight, layout.dpr);
}
