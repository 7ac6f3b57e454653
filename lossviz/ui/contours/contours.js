// Small multiples of a loss over the two-dimensional feature plane.
//
// Streamlit calls the default export with every new frame and hands over the
// same parentElement; what is on the page is kept and re-used, so a frame
// changes pixels and texts only. Order of this file: entry, frame format,
// layout, page elements, fills, isolines, vector drawings, colour bars and
// legend, painting, cross-hair, dragging.
//
// A frame is  [u32 H][H bytes JSON][padding to 4][float32 grids]; the fields of
// the JSON are listed in README.md beside this file.

const NARROW_PX = 520; // below this width the panels stack
const REFINE_MS = 80; // quiet time before a draft is redrawn at device pixels
const RESEND_MS = 600; // a drag event without an answer is given up after this
const FORGET_MS = 5000; // a dragged position without an answer yields to the server
const DRAFT_BUDGET_MS = 18; // fills or isolines expected to take longer are drawn coarser first

const views = new WeakMap();

/* ------------------------------------------------------------- entry ---- */

export default function contours({ data, parentElement, setTriggerValue, key }) {
  let view = views.get(parentElement);
  if (!view) {
    view = createView(parentElement);
    views.set(parentElement, view);
  }
  view.key = key;
  view.trigger = setTriggerValue;
  const call = ++view.calls;
  receive(view, data);
  // Streamlit may run the clean-up of a call that a later call has overtaken:
  // only the latest one may take the page elements away.
  return () => {
    if (view.calls === call) destroyView(view, parentElement);
  };
}

function receive(view, data) {
  let frame = null;
  try {
    frame = data && data === view.bytes ? view.frame : parseFrame(data);
  } catch (error) {
    console.error("lossviz contours: unreadable frame", error);
    showMessage(view, "This picture could not be read; the previous one is kept.");
  }
  if (!frame) return;
  view.bytes = data;
  view.frame = frame;
  view.exactIsCurrent = false;
  settleLocalPositions(view);
  paint(view);
  pumpDrag(view);
}

/* ------------------------------------------------------ frame format ---- */

function parseFrame(data) {
  const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
  if (!ArrayBuffer.isView(bytes) || bytes.byteLength < 4) return null;
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const start = Math.ceil((4 + length) / 4) * 4;
  const count = Math.max(0, (bytes.byteLength - start) >> 2);
  // A copy, because the bytes may start anywhere in a larger message.
  const values = new Float32Array(bytes.slice(start, start + 4 * count).buffer);
  const size = header.nx * header.ny;
  const panels = (header.panels || []).map((panel) => {
    const grid = values.subarray(panel.offset, panel.offset + size);
    return {
      ...panel,
      grid: grid.length === size ? grid : new Float32Array(size).fill(NaN),
      hasGaps: grid.length !== size || markGaps(grid),
      levels: Float64Array.from(panel.levels || [0, 1]),
      colours: panel.bands || header.bands || ["#888888"],
    };
  });
  return { header, panels };
}

// Infinities become NaN, so that one comparison finds both while filling.
function markGaps(grid) {
  let found = false;
  for (let i = 0; i < grid.length; i++) {
    if (!Number.isFinite(grid[i])) {
      grid[i] = NaN;
      found = true;
    }
  }
  return found;
}

/* ------------------------------------------------------------ layout ---- */

function computeLayout(view) {
  const { header, panels } = view.frame;
  const width = stableWidth(view);
  const count = panels.length;
  if (width < 60 || !count) return null;
  const narrow = width < NARROW_PX;
  const scale = header.presentation ? 1.35 : 1;
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
  const sharedWidth = bar === "shared" && !narrow ? Math.round(78 * scale) : 0;

  const numbersLeft = (i, columns) => i % columns === 0;
  const numbersBelow = (i, columns) => columns === 1 || i + columns >= count;
  const noted = panels.some((panel) => panel.note);
  const titled = noted || panels.some((panel) => panel.title);

  // Small multiples share their axes: only outer panels carry the numbers.
  const fit = (columns, lines) => {
    const rows = Math.ceil(count / columns);
    const widest = (width - sharedWidth - left - (columns - 1) * (bareLeft + gap) - columns * right) / columns;
    const bottoms = Array.from({ length: rows }, (_, row) =>
      panels.some((_, i) => Math.floor(i / columns) === row && numbersBelow(i, columns)) ? bottom : bareBottom,
    );
    const below = bottoms.reduce((sum, b) => sum + b, 0);
    const caption = titled ? Math.round((lines * 18 + 2) * scale) : 0;
    // One or two rows fit a laptop's screen as a whole, more rows fit it one by one.
    const visible = window.innerHeight * (narrow ? 0.8 : 0.72);
    const shown = rows <= 2 ? rows : 1;
    const fixed =
      shown * (caption + top) + (shown - 1) * gap + (narrow ? 0 : 26 * scale) + (rows <= 2 ? below : bottom);
    const tallest = Math.min((visible - fixed) / shown, rows > 2 && !narrow ? 380 * scale : 900);
    const planeWidth = Math.max(20, Math.floor(Math.max(Math.min(widest, tallest / aspect), Math.min(widest, 150))));
    const planeHeight = Math.max(20, Math.round(planeWidth * aspect));
    const gridHeight = rows * (caption + top + planeHeight) + (rows - 1) * gap + below;
    return { columns, rows, lines, caption, widest, planeWidth, planeHeight, gridHeight };
  };

  let columns = narrow ? 1 : Math.min(count, header.columns || defaultColumns(count));
  while (columns > 1 && fit(columns, 1).widest < 130 * scale) columns--;
  // Two rows on a low, wide window are small: a single row is taken if clearly larger.
  const single = fit(count, 1);
  if (columns > 1 && count <= 4 && single.planeWidth > 1.3 * fit(columns, 1).planeWidth) columns = count;
  let chosen = fit(columns, 1);
  if (captionsOverflow(view, chosen, right, scale)) chosen = fit(columns, 2);
  const { rows, lines, caption, planeWidth, planeHeight, gridHeight } = chosen;
  const dpr = Math.min(3, window.devicePixelRatio || 1);
  const layout = {
    width, count, columns, rows, narrow, scale, bar, gap, top, right, caption, lines, dpr,
    planeWidth, planeHeight, gridHeight,
    pixelWidth: Math.max(1, Math.round(planeWidth * dpr)),
    pixelHeight: Math.max(1, Math.round(planeHeight * dpr)),
    lefts: panels.map((_, i) => (numbersLeft(i, columns) ? left : bareLeft)),
    bottoms: panels.map((_, i) => (numbersBelow(i, columns) ? bottom : bareBottom)),
    numbersLeft: panels.map((_, i) => numbersLeft(i, columns)),
    numbersBelow: panels.map((_, i) => numbersBelow(i, columns)),
  };
  layout.id = JSON.stringify([
    columns, count, planeWidth, planeHeight, caption, lines, bar, narrow, scale, dpr,
  ]);
  return layout;
}

// Whether title and note need a line each. Once they do they keep it while the
// window and the panels stay, or a slider that changes a note would shift the picture.
function captionsOverflow(view, { columns, planeWidth }, right, scale) {
  const { panels } = view.frame;
  const place = [columns, panels.length, Math.floor(view.root.clientWidth), window.innerHeight, scale].join();
  if (view.captionPlace === place && view.captionLines === 2) return true;
  const context = measuringContext();
  const family = view.theme.font;
  const room = planeWidth + Math.max(0, right - 8);
  const over = panels.some(({ title, note }) => {
    if (!note) return false;
    context.font = `600 ${14 * scale}px ${family}`;
    const titleWidth = context.measureText(title || "").width;
    context.font = `${13 * scale}px ${family}`;
    return titleWidth + context.measureText(note).width + 14 * scale > room;
  });
  view.captionPlace = place;
  view.captionLines = over ? 2 : 1;
  return over;
}

function measuringContext() {
  return (measuringContext.shared ??= document.createElement("canvas").getContext("2d"));
}

function defaultColumns(count) {
  return count <= 3 ? count : count === 4 ? 2 : count <= 6 ? 3 : 4;
}

// A figure that just fits can make the page's scroll bar come and go for ever:
// a small widening right after a narrowing is that, and is not followed.
function stableWidth(view) {
  const width = Math.floor(view.root.clientWidth);
  const previous = view.layout ? view.layout.width : width;
  const now = performance.now();
  if (width < previous) view.narrowedAt = now;
  if (width > previous && width - previous <= 20 && now - (view.narrowedAt ?? -1e9) < 400) return previous;
  return width;
}

function applyLayout(view, layout) {
  const unchanged = view.layout && view.layout.id === layout.id;
  view.layout = layout;
  if (unchanged) return;
  const { root, grid } = view;
  root.dataset.columns = layout.columns;
  root.classList.toggle("narrow", layout.narrow);
  root.style.setProperty("--lv-scale", layout.scale);
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
  Object.assign(panel.box.style, { width: `${boxWidth}px`, height: `${boxHeight}px` });
  Object.assign(panel.caption.style, {
    height: `${layout.caption}px`,
    width: `${layout.planeWidth + Math.max(0, layout.right - 8)}px`,
    marginLeft: `${left}px`,
  });
  panel.caption.classList.toggle("two-lines", layout.lines === 2);
  const plane = {
    left: `${left}px`, top: `${layout.top}px`,
    width: `${layout.planeWidth}px`, height: `${layout.planeHeight}px`,
  };
  for (const element of [panel.base, panel.plane, panel.marks]) Object.assign(element.style, plane);
  Object.assign(panel.over.style, { width: `${boxWidth}px`, height: `${boxHeight}px` });
  panel.left = left;
  resizeCanvas(panel.base, layout.pixelWidth, layout.pixelHeight);
  resizeCanvas(panel.over, Math.round(boxWidth * layout.dpr), Math.round(boxHeight * layout.dpr));
}

// Assigning a canvas size clears it, even when the size is the same.
function resizeCanvas(canvas, width, height) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

/* ----------------------------------------------------- page elements ---- */

function element(tag, className, parent, attributes = {}) {
  const created = document.createElement(tag);
  if (className) created.className = className;
  for (const [name, value] of Object.entries(attributes)) created.setAttribute(name, value);
  if (parent) parent.append(created);
  return created;
}

function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

function createView(parent) {
  parent.querySelectorAll(".lv-contours").forEach((old) => old.remove());
  const root = element("div", "lv-contours", parent);
  const body = element("div", "lv-body", root);
  const view = {
    root,
    grid: element("div", "lv-grid", body),
    sharedBar: createBar(body, "lv-shared-bar"),
    message: element("p", "lv-message", root, { role: "status" }),
    legend: element("ul", "lv-legend", root, { "aria-label": "Legend" }),
    panels: [], frame: null, layout: null, calls: 0, key: "",
    trigger: () => {},
    cursor: null, exact: null, exactIsCurrent: false,
    drag: null, local: new Map(), lastId: 0, outstanding: null, queued: null,
    scratch: document.createElement("canvas"),
    stop: new AbortController(),
  };
  view.message.hidden = true;
  const { signal } = view.stop;
  const repaint = () => scheduleOnce(view, "repaint", () => view.frame && paint(view));
  view.observer = new ResizeObserver(() => {
    const width = stableWidth(view);
    if (view.frame && (!view.layout || width !== view.layout.width)) repaint();
  });
  view.observer.observe(root);
  window.addEventListener("resize", repaint, { signal });
  window.addEventListener("lossviz:values", (event) => receiveValues(view, event.detail), { signal });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint, { signal });
  return view;
}

function destroyView(view, parent) {
  view.stop.abort();
  view.observer.disconnect();
  clearTimeout(view.refineTimer);
  clearTimeout(view.dragTimer);
  view.root.remove();
  views.delete(parent);
}

function createPanel(view, index) {
  const figure = element("figure", "lv-panel", view.grid);
  const caption = element("figcaption", "lv-caption", figure);
  const box = element("div", "lv-box", figure);
  const panel = {
    index, figure, caption, box,
    title: element("span", "lv-title", caption),
    note: element("span", "lv-note", caption),
    base: element("canvas", "lv-base", box, { "aria-hidden": "true" }),
    over: element("canvas", "lv-over", box, { "aria-hidden": "true" }),
    plane: element("div", "lv-plane", box),
    marks: element("div", "lv-marks", box),
    handles: new Map(),
    bar: createBar(box, "lv-panel-bar"),
  };
  panel.across = element("div", "lv-across", panel.marks);
  panel.down = element("div", "lv-down", panel.marks);
  panel.value = element("div", "lv-value", panel.marks);
  panel.pathNote = element("div", "lv-path-note", panel.marks);
  panel.baseContext = panel.base.getContext("2d", { alpha: false });
  panel.overContext = panel.over.getContext("2d");
  listenToPlane(view, panel);
  return panel;
}

// One frame callback for each purpose, however often it is asked for.
function scheduleOnce(view, name, action) {
  view.scheduled ??= {};
  if (view.scheduled[name]) return;
  view.scheduled[name] = requestAnimationFrame(() => {
    view.scheduled[name] = 0;
    if (!view.stop.signal.aborted) action();
  });
}

function showMessage(view, text) {
  setText(view.message, text || "");
  view.message.hidden = !text;
}

function updateTexts(view) {
  const { header, panels } = view.frame;
  showMessage(view, header.message);
  view.root.classList.toggle("interactive", !!header.interactive);
  if (!view.panels.some((panel) => panel.index === view.tabPanel)) view.tabPanel = 0;
  view.panels.forEach((panel, i) => {
    const { key, title, note, text, path, path_note: pathNote } = panels[i];
    panel.figure.dataset.key = key ?? i;
    setText(panel.title, title || "");
    setText(panel.note, note || "");
    panel.caption.title = note ? `${title || ""} ${note}` : "";
    const role = header.interactive ? "application" : "img";
    if (panel.plane.getAttribute("role") !== role) panel.plane.setAttribute("role", role);
    const label = text || title || "Loss over the feature plane";
    if (panel.plane.getAttribute("aria-label") !== label) panel.plane.setAttribute("aria-label", label);
    if (header.interactive) panel.plane.tabIndex = i === view.tabPanel ? 0 : -1;
    else panel.plane.removeAttribute("tabindex");
    setText(panel.pathNote, path && pathNote ? pathNote : "");
  });
}

/* ------------------------------------------------------------- theme ---- */

function readTheme(view) {
  const style = getComputedStyle(view.root);
  const text = style.getPropertyValue("--st-text-color").trim() || "#31333f";
  const background = style.getPropertyValue("--st-background-color").trim() || "#ffffff";
  const dark = luminance(background) < 0.4;
  view.root.dataset.theme = dark ? "dark" : "light";
  view.theme = {
    dark, text, background,
    font: style.fontFamily || "sans-serif",
    own: dark ? "#ff4b3e" : "#d62728",
    other: dark ? "#f4f4f6" : "#16181d",
    casing: dark ? "rgba(10,12,18,0.85)" : "rgba(255,255,255,0.88)",
    boundary: dark ? "#cfd2d8" : "#53575e",
    boundaryCasing: dark ? "rgba(14,16,22,0.62)" : "rgba(255,255,255,0.55)",
    isoline: "rgba(8,16,36,0.42)",
    gap: dark ? [90, 94, 102, 56, 59, 66] : [150, 153, 160, 214, 216, 220],
  };
}

// Any CSS colour, through a canvas that turns it into #rrggbb or rgba(...).
function luminance(colour) {
  const context = measuringContext();
  context.fillStyle = "#ffffff";
  context.fillStyle = colour;
  const [r, g, b] = hexColour(context.fillStyle);
  return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
}

function hexColour(text) {
  if (text.startsWith("#") && text.length >= 7) {
    return [1, 3, 5].map((i) => parseInt(text.slice(i, i + 2), 16));
  }
  if (text.startsWith("#")) return [1, 2, 3].map((i) => 17 * parseInt(text[i], 16));
  return (text.match(/[\d.]+/g) || [136, 136, 136]).slice(0, 3).map(Number);
}

/* ------------------------------------------------------------- fills ---- */

const pack = (r, g, b) => (255 << 24) | (b << 16) | (g << 8) | r;

// Which grid node lies left of each pixel, and how far on the pixel is.
function samplePositions(pixels, nodes) {
  const index = new Int32Array(pixels);
  const fraction = new Float32Array(pixels);
  for (let p = 0; p < pixels; p++) {
    const position = ((p + 0.5) / pixels) * (nodes - 1);
    index[p] = Math.min(Math.floor(position), Math.max(0, nodes - 2));
    fraction[p] = position - index[p];
  }
  return { index, fraction };
}

function samplesFor(view, width, height) {
  const { nx, ny } = view.frame.header;
  const id = `${width},${height},${nx},${ny}`;
  if (!view.samples || view.samples.id !== id) {
    view.samples = {
      id,
      across: samplePositions(width, nx),
      down: samplePositions(height, ny),
      image: new ImageData(width, height),
      // Two extra entries let a single-column grid read its neighbour safely.
      row: new Float32Array(nx + 2),
    };
    view.samples.pixels = new Uint32Array(view.samples.image.data.buffer);
  }
  return view.samples;
}

// Inner edges bracketed by infinities: the outermost bands take what lies beyond.
function innerEdges(levels) {
  const edges = Float64Array.from(levels);
  if (!(edges[edges.length - 1] > edges[0])) edges.fill(Infinity); // flat: all lowest band
  edges[0] = -Infinity;
  edges[edges.length - 1] = Infinity;
  return edges;
}

// Bilinear value of every pixel, then its band. Neighbouring pixels mostly share
// a band, so walking from the last one is faster than any search and exact for
// unevenly spaced levels.
function fillPixels(view, panel, samples, hatch) {
  const { nx, ny } = view.frame.header;
  const { across, down, row, pixels } = samples;
  const { grid, hasGaps } = panel;
  const edges = innerEdges(panel.levels);
  const bands = edges.length - 1;
  const colours = new Int32Array(bands);
  for (let b = 0; b < bands; b++) {
    const at = Math.min(panel.colours.length - 1, Math.floor(((b + 0.5) / bands) * panel.colours.length));
    colours[b] = pack(...hexColour(panel.colours[at]));
  }
  const [dr, dg, db, lr, lg, lb] = view.theme.gap;
  const stripe = pack(dr, dg, db);
  const ground = pack(lr, lg, lb);
  const { index, fraction } = across;
  const width = index.length;
  const height = down.index.length;
  let band = 0;
  for (let y = 0; y < height; y++) {
    const source = height - 1 - y; // row 0 of the grid is the lowest z2
    const below = down.index[source] * nx;
    const above = ny > 1 ? below + nx : below;
    const f = down.fraction[source];
    for (let i = 0; i < nx; i++) row[i] = grid[below + i] + (grid[above + i] - grid[below + i]) * f;
    row[nx] = row[nx - 1];
    let out = y * width;
    if (hasGaps) {
      for (let x = 0; x < width; x++) {
        const i = index[x];
        const value = row[i] + (row[i + 1] - row[i]) * fraction[x];
        if (value !== value) {
          pixels[out++] = (x + y) % hatch < hatch / 4 ? stripe : ground;
          continue;
        }
        while (value >= edges[band + 1]) band++;
        while (value < edges[band]) band--;
        pixels[out++] = colours[band];
      }
    } else {
      for (let x = 0; x < width; x++) {
        const i = index[x];
        const value = row[i] + (row[i + 1] - row[i]) * fraction[x];
        while (value >= edges[band + 1]) band++;
        while (value < edges[band]) band--;
        pixels[out++] = colours[band];
      }
    }
  }
}

function paintFill(view, element_, panel, coarseness) {
  const { pixelWidth, pixelHeight, dpr } = view.layout;
  const width = Math.max(1, Math.round(pixelWidth / coarseness));
  const height = Math.max(1, Math.round(pixelHeight / coarseness));
  const samples = samplesFor(view, width, height);
  fillPixels(view, panel, samples, Math.max(4, Math.round((8 * dpr) / coarseness)));
  const context = element_.baseContext;
  context.setTransform(1, 0, 0, 1, 0, 0);
  if (coarseness === 1) {
    context.putImageData(samples.image, 0, 0);
    return;
  }
  resizeCanvas(view.scratch, width, height);
  view.scratch.getContext("2d").putImageData(samples.image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(view.scratch, 0, 0, pixelWidth, pixelHeight);
}

/* ---------------------------------------------------------- isolines ---- */

// Edges of a cell: 0 bottom, 1 right, 2 top, 3 left; corners are bits 1 (lower
// left), 2 (lower right), 4 (upper right), 8 (upper left), set when not below
// the level. The two ambiguous cases are settled by the cell's mean.
const CELL_LINES = [
  [], [3, 0], [0, 1], [3, 1], [1, 2], [3, 0, 1, 2], [0, 2], [3, 2],
  [2, 3], [2, 0], [0, 1, 2, 3], [2, 1], [1, 3], [1, 0], [0, 3], [],
];
const SADDLE_JOINED = { 5: [0, 1, 2, 3], 10: [3, 0, 1, 2] };

function nodeBands(view, panel) {
  const { grid, levels } = panel;
  const edges = innerEdges(levels);
  if (!view.bandScratch || view.bandScratch.length !== grid.length) {
    view.bandScratch = new Int16Array(grid.length);
  }
  const bands = view.bandScratch;
  let band = 0;
  for (let i = 0; i < grid.length; i++) {
    const value = grid[i];
    if (value !== value) {
      bands[i] = -1;
      continue;
    }
    while (value >= edges[band + 1]) band++;
    while (value < edges[band]) band--;
    bands[i] = band;
  }
  return bands;
}

// One pass over the cells; all levels go into one path of the context.
function traceIsolines(context, view, panel, stride) {
  const { nx, ny } = view.frame.header;
  const { pixelWidth, pixelHeight } = view.layout;
  const { grid, levels } = panel;
  const bands = nodeBands(view, panel);
  const sx = pixelWidth / Math.max(1, nx - 1);
  const sy = pixelHeight / Math.max(1, ny - 1);
  const px = [0, 0, 0, 0];
  const py = [0, 0, 0, 0];
  for (let j = 0; j < ny - 1; j += stride) {
    const jn = Math.min(j + stride, ny - 1);
    for (let i = 0; i < nx - 1; i += stride) {
      const inext = Math.min(i + stride, nx - 1);
      const ba = bands[j * nx + i];
      const bb = bands[j * nx + inext];
      const bc = bands[jn * nx + inext];
      const bd = bands[jn * nx + i];
      if (ba === bb && bb === bc && bc === bd) continue;
      const low = Math.min(ba, bb, bc, bd);
      if (low < 0) continue;
      const high = Math.max(ba, bb, bc, bd);
      const a = grid[j * nx + i];
      const b = grid[j * nx + inext];
      const c = grid[jn * nx + inext];
      const d = grid[jn * nx + i];
      for (let k = low + 1; k <= high; k++) {
        const level = levels[k];
        if (level === levels[k - 1] && k > low + 1) continue;
        const which = (ba >= k ? 1 : 0) | (bb >= k ? 2 : 0) | (bc >= k ? 4 : 0) | (bd >= k ? 8 : 0);
        const x0 = i * sx, x1 = inext * sx;
        const y0 = pixelHeight - j * sy, y1 = pixelHeight - jn * sy;
        px[0] = x0 + ((x1 - x0) * (level - a)) / (b - a); py[0] = y0;
        px[1] = x1; py[1] = y0 + ((y1 - y0) * (level - b)) / (c - b);
        px[2] = x0 + ((x1 - x0) * (level - d)) / (c - d); py[2] = y1;
        px[3] = x0; py[3] = y0 + ((y1 - y0) * (level - a)) / (d - a);
        const joined = SADDLE_JOINED[which] && (a + b + c + d) / 4 >= level;
        const lines = joined ? SADDLE_JOINED[which] : CELL_LINES[which];
        for (let s = 0; s < lines.length; s += 2) {
          context.moveTo(px[lines[s]], py[lines[s]]);
          context.lineTo(px[lines[s + 1]], py[lines[s + 1]]);
        }
      }
    }
  }
}

function paintIsolines(view, element_, panel, stride) {
  const context = element_.baseContext;
  const { dpr, scale } = view.layout;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.beginPath();
  traceIsolines(context, view, panel, stride);
  // One device pixel at most: the rasteriser then takes its fast hairline way.
  context.lineWidth = scale > 1 ? 1.1 * dpr : Math.min(1, 0.6 * dpr);
  context.strokeStyle = view.theme.isoline;
  context.setLineDash([]);
  context.stroke();
}

/* --------------------------------------------------- vector drawings ---- */

// From plane coordinates to CSS pixels from the plane's upper left corner.
function toPixels(view, x, y) {
  const [x0, x1, y0, y1] = view.frame.header.extent;
  const { planeWidth, planeHeight } = view.layout;
  return [((x - x0) / (x1 - x0)) * planeWidth, ((y1 - y) / (y1 - y0)) * planeHeight];
}

function tracePolyline(context, view, flat, closed = false) {
  let pen = false;
  for (let i = 0; i + 1 < flat.length; i += 2) {
    if (!Number.isFinite(flat[i]) || !Number.isFinite(flat[i + 1]) || flat[i] === null) {
      pen = false;
      continue;
    }
    const [x, y] = toPixels(view, flat[i], flat[i + 1]);
    if (pen) context.lineTo(x, y);
    else context.moveTo(x, y);
    pen = true;
  }
  if (closed) context.closePath();
}

function strokeCased(context, width, colour, casing, extra = 2.6) {
  context.strokeStyle = casing;
  context.lineWidth = width + extra;
  context.stroke();
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}

function paintBoundaries(view, element_, panel) {
  if (!panel.boundaries || !panel.boundaries.length) return;
  const context = element_.baseContext;
  const { dpr, scale } = view.layout;
  context.setTransform(dpr, 0, 0, dpr, 0, 0);
  context.lineCap = "butt";
  context.lineJoin = "round";
  context.beginPath();
  for (const line of panel.boundaries) tracePolyline(context, view, line);
  context.setLineDash([]);
  context.strokeStyle = view.theme.boundaryCasing;
  context.lineWidth = 3.4 * scale;
  context.stroke();
  context.setLineDash([6 * scale, 4 * scale]);
  context.strokeStyle = view.theme.boundary;
  context.lineWidth = 1.7 * scale;
  context.stroke();
  context.setLineDash([]);
}

// Small direction arrows of a field: one path for all, stroked twice.
function paintField(view, element_, panel) {
  const { arrows } = panel;
  if (!arrows || !arrows.length) return;
  const context = element_.baseContext;
  const { dpr, scale } = view.layout;
  context.setTransform(dpr, 0, 0, dpr, 0, 0);
  context.beginPath();
  for (let i = 0; i + 3 < arrows.length; i += 4) {
    const [ax, ay] = toPixels(view, arrows[i], arrows[i + 1]);
    const [bx, by] = toPixels(view, arrows[i] + arrows[i + 2], arrows[i + 1] + arrows[i + 3]);
    const length = Math.hypot(bx - ax, by - ay);
    if (!(length > 0.8)) continue;
    const head = Math.min(4.5 * scale, length * 0.5);
    const angle = Math.atan2(by - ay, bx - ax);
    context.moveTo(ax, ay);
    context.lineTo(bx, by);
    context.moveTo(bx - head * Math.cos(angle - 0.5), by - head * Math.sin(angle - 0.5));
    context.lineTo(bx, by);
    context.lineTo(bx - head * Math.cos(angle + 0.5), by - head * Math.sin(angle + 0.5));
  }
  context.lineCap = "round";
  context.lineJoin = "round";
  strokeCased(context, 1.1 * scale, view.theme.other, view.theme.casing, 1.3);
}

function paintAxes(view, element_, panel, i) {
  const { layout, theme } = view;
  const { planeWidth, planeHeight, scale, numbersLeft, numbersBelow } = layout;
  const [x0, x1, y0, y1] = view.frame.header.extent;
  const context = element_.overContext;
  const font = 11 * scale;
  context.globalAlpha = 0.55;
  context.strokeStyle = theme.text;
  context.lineWidth = 1;
  context.strokeRect(-0.5, -0.5, planeWidth + 1, planeHeight + 1);
  const wanted = planeWidth < 160 ? 3 : 5;
  const ticksX = niceTicks(x0, x1, wanted);
  const ticksY = niceTicks(y0, y1, wanted);
  context.beginPath();
  for (const tick of ticksX) {
    const x = Math.round(toPixels(view, tick, y0)[0]) - 0.5;
    context.moveTo(x, planeHeight + 1);
    context.lineTo(x, planeHeight + 5);
  }
  for (const tick of ticksY) {
    const y = Math.round(toPixels(view, x0, tick)[1]) - 0.5;
    context.moveTo(-1, y);
    context.lineTo(-5, y);
  }
  context.stroke();
  context.globalAlpha = 0.9;
  context.fillStyle = theme.text;
  context.font = `${font}px ${theme.font}`;
  if (numbersBelow[i]) {
    context.textAlign = "right";
    context.textBaseline = "top";
    const row = planeHeight + 7;
    const nameLeft = planeWidth - 14 * scale;
    axisName(context, "z₁", planeWidth + 2, row, theme, scale);
    context.textAlign = "center";
    for (const tick of ticksX) {
      const x = toPixels(view, tick, y0)[0];
      const half = context.measureText(tickText(tick)).width / 2;
      if (x + half < nameLeft) context.fillText(tickText(tick), Math.max(x, half - layout.lefts[i] + 2), row);
    }
  }
  if (numbersLeft[i]) {
    context.textAlign = "right";
    context.textBaseline = "middle";
    const nameTop = 8 * scale;
    axisName(context, "z₂", -6, nameTop - 2, theme, scale);
    context.textAlign = "right";
    for (const tick of ticksY) {
      const y = toPixels(view, x0, tick)[1];
      if (y > nameTop + 11 * scale) context.fillText(tickText(tick), -7, Math.min(y, planeHeight - 3));
    }
  }
  context.globalAlpha = 1;
  paintOrigin(view, context);
}

function axisName(context, text, x, y, theme, scale) {
  context.save();
  context.font = `italic 600 ${12.5 * scale}px ${theme.font}`;
  context.fillText(text, x, y);
  context.restore();
}

function paintOrigin(view, context) {
  const { scale } = view.layout;
  const [x, y] = toPixels(view, 0, 0);
  const arm = 5 * scale;
  context.beginPath();
  context.moveTo(x - arm, y);
  context.lineTo(x + arm, y);
  context.moveTo(x, y - arm);
  context.lineTo(x, y + arm);
  context.lineCap = "butt";
  strokeCased(context, 1.3 * scale, view.theme.other, view.theme.casing, 1.6);
}

function niceTicks(low, high, wanted) {
  const span = high - low;
  if (!(span > 0)) return [];
  const rough = span / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => span / s <= wanted) || 10 * power;
  const ticks = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) ticks.push(k * step);
  return ticks;
}

function tickText(value) {
  return String(Number(value.toPrecision(6))).replace("-", "−");
}

// "W₁" for numbered classes; a name is shown as it is.
function classLabel(letter, name) {
  const text = String(name ?? "");
  if (!/^\d+$/.test(text)) return text || letter;
  return letter + [...text].map((digit) => String.fromCharCode(0x2080 + Number(digit))).join("");
}

function haloText(view, context, text, x, y, colour) {
  context.lineJoin = "round";
  context.lineWidth = 3 * view.layout.scale;
  context.strokeStyle = view.theme.casing;
  context.strokeText(text, x, y);
  context.fillStyle = colour;
  context.fillText(text, x, y);
}

// The first of some places around a point where the label lies inside the plane.
function labelPlace(view, x, y, dx, dy, halfWidth) {
  const { planeWidth, planeHeight, scale } = view.layout;
  const reach = 9 * scale + halfWidth;
  const inside = ([px, py]) =>
    px >= halfWidth + 2 && px <= planeWidth - halfWidth - 2 && py >= 8 * scale && py <= planeHeight - 8 * scale;
  const places = [[dx, dy], [-dy, dx], [dy, -dx], [-dx, -dy]].map(([ux, uy]) => [x + ux * reach, y + uy * (9 * scale + 6)]);
  const best = places.find(inside) || places[0];
  return [
    Math.min(Math.max(best[0], halfWidth + 2), planeWidth - halfWidth - 2),
    Math.min(Math.max(best[1], 8 * scale), planeHeight - 8 * scale),
  ];
}

// Where a vector's tip is shown: beyond the extent, where its ray leaves it.
function shownPosition(view, [x, y]) {
  const [x0, x1, y0, y1] = view.frame.header.extent;
  let t = 1;
  if (x > x1) t = Math.min(t, x1 / x);
  if (x < x0) t = Math.min(t, x0 / x);
  if (y > y1) t = Math.min(t, y1 / y);
  if (y < y0) t = Math.min(t, y0 / y);
  const within = Number.isFinite(t) && t > 0 ? [x * t, y * t] : [x, y];
  return [Math.min(Math.max(within[0], x0), x1), Math.min(Math.max(within[1], y0), y1)];
}

function paintWeight(view, context, index, own) {
  const { theme, layout } = view;
  const { scale } = layout;
  const [ox, oy] = toPixels(view, 0, 0);
  const [tx, ty] = toPixels(view, ...shownPosition(view, positionOf(view, "weight", index)));
  const length = Math.hypot(tx - ox, ty - oy);
  const colour = own ? theme.own : theme.other;
  const width = (own ? 3 : 2) * scale;
  const [dx, dy] = length > 1e-6 ? [(tx - ox) / length, (ty - oy) / length] : [1, 0];
  context.lineCap = "round";
  context.lineJoin = "round";
  if (length < 4) {
    context.beginPath();
    context.arc(tx, ty, width * 1.4, 0, 2 * Math.PI);
    context.lineWidth = 2.4;
    context.strokeStyle = theme.casing;
    context.stroke();
    context.fillStyle = colour;
    context.fill();
  } else {
    const head = Math.min((own ? 13 : 11) * scale, length);
    const half = head * 0.42;
    const bx = tx - dx * head * 0.85;
    const by = ty - dy * head * 0.85;
    const shaft = new Path2D();
    shaft.moveTo(ox, oy);
    shaft.lineTo(bx, by);
    const tip = new Path2D();
    tip.moveTo(tx, ty);
    tip.lineTo(tx - dx * head - dy * half, ty - dy * head + dx * half);
    tip.lineTo(bx, by);
    tip.lineTo(tx - dx * head + dy * half, ty - dy * head - dx * half);
    tip.closePath();
    context.strokeStyle = theme.casing;
    context.lineWidth = width + 2.6;
    context.stroke(shaft);
    context.lineWidth = 2.6;
    context.stroke(tip);
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke(shaft);
    context.fillStyle = colour;
    context.fill(tip);
  }
  const text = classLabel("W", view.frame.header.class_names?.[index] ?? index + 1);
  context.font = `${own ? 700 : 600} ${13 * scale}px ${theme.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const [lx, ly] = labelPlace(view, tx, ty, dx, dy, context.measureText(text).width / 2);
  haloText(view, context, text, lx, ly, colour);
}

function paintCentres(view, context) {
  const { header } = view.frame;
  const { scale } = view.layout;
  (header.centers || []).forEach((_, index) => {
    const at = shownPosition(view, positionOf(view, "center", index));
    const [x, y] = toPixels(view, ...at);
    const arm = 5 * scale;
    context.beginPath();
    context.moveTo(x - arm, y - arm);
    context.lineTo(x + arm, y + arm);
    context.moveTo(x - arm, y + arm);
    context.lineTo(x + arm, y - arm);
    context.lineCap = "round";
    strokeCased(context, 2.4 * scale, classColour(view, index), view.theme.casing, 2.8);
    const text = classLabel("C", header.class_names?.[index] ?? index + 1);
    context.font = `600 ${12 * scale}px ${view.theme.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    const [lx, ly] = labelPlace(view, x, y, 0.75, -0.75, context.measureText(text).width / 2);
    haloText(view, context, text, lx, ly, view.theme.other);
  });
}

function classColour(view, index) {
  return view.frame.header.class_colors?.[index] || view.theme.other;
}

function paintPoints(view, context, points) {
  const { scale } = view.layout;
  for (const point of points || []) {
    const [x, y] = toPixels(view, point.x, point.y);
    const r = 4.5 * scale;
    context.beginPath();
    if (point.shape === "square") context.rect(x - r, y - r, 2 * r, 2 * r);
    else if (point.shape === "cross") {
      context.moveTo(x - r, y - r);
      context.lineTo(x + r, y + r);
      context.moveTo(x - r, y + r);
      context.lineTo(x + r, y - r);
    } else context.arc(x, y, r, 0, 2 * Math.PI);
    const colour = classColour(view, point.class);
    if (point.shape === "cross") strokeCased(context, 2.2 * scale, colour, view.theme.casing, 2.6);
    else {
      context.fillStyle = colour;
      context.fill();
      strokeCased(context, 1.2 * scale, view.theme.other, view.theme.casing, 1.6);
    }
    if (!point.name) continue;
    context.font = `${11.5 * scale}px ${view.theme.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    const half = context.measureText(point.name).width / 2;
    const [lx, ly] = labelPlace(view, x, y, 0.8, -0.6, half);
    haloText(view, context, point.name, lx, ly, view.theme.other);
  }
}

// White with a dark casing on every theme: the only line drawn that way.
function paintPath(view, context, path) {
  if (!path || path.length < 2) return;
  const { scale } = view.layout;
  context.beginPath();
  tracePolyline(context, view, path);
  context.lineCap = "round";
  context.lineJoin = "round";
  strokeCased(context, 2 * scale, "#ffffff", "rgba(10,12,20,0.8)", 2.4);
  const [sx, sy] = toPixels(view, path[0], path[1]);
  const [ex, ey] = toPixels(view, path[path.length - 2], path[path.length - 1]);
  context.beginPath(); // start: a ring
  context.arc(sx, sy, 4.5 * scale, 0, 2 * Math.PI);
  context.fillStyle = "rgba(10,12,20,0.75)";
  context.fill();
  strokeCased(context, 1.8 * scale, "#ffffff", "rgba(10,12,20,0.8)", 2.2);
  context.beginPath(); // end: a dot
  context.arc(ex, ey, 5 * scale, 0, 2 * Math.PI);
  context.fillStyle = "#ffffff";
  context.fill();
  context.strokeStyle = "rgba(10,12,20,0.9)";
  context.lineWidth = 1.6 * scale;
  context.stroke();
}

function paintOverlay(view, element_, panel, i) {
  const { layout } = view;
  const { header } = view.frame;
  const { dpr, planeWidth, planeHeight } = layout;
  const context = element_.overContext;
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, element_.over.width, element_.over.height);
  context.setTransform(dpr, 0, 0, dpr, dpr * element_.left, dpr * layout.top);
  context.setLineDash([]);
  context.save();
  context.beginPath();
  context.rect(0, 0, planeWidth, planeHeight);
  context.clip();
  paintPath(view, context, panel.path);
  const own = panel.own_weight ? header.label : -1;
  const weights = (header.weights || []).map((_, k) => k).filter((k) => k !== own);
  for (const k of weights) paintWeight(view, context, k, false);
  if (header.weights?.[own]) paintWeight(view, context, own, true);
  paintCentres(view, context);
  paintPoints(view, context, panel.points);
  context.restore();
  paintAxes(view, element_, panel, i);
}

/* --------------------------------------------- colour bars and legend ---- */

function createBar(parent, className) {
  const bar = element("div", `lv-bar ${className}`, parent, { "aria-hidden": "true" });
  return {
    element: bar,
    high: element("span", "lv-bar-end lv-bar-high", bar),
    fill: element("div", "lv-bar-fill", bar),
    low: element("span", "lv-bar-end lv-bar-low", bar),
    ticks: [],
  };
}

// Every band has the same length on the bar, so a value's place follows the levels.
function barPosition(levels, value) {
  const n = levels.length - 1;
  if (!(value >= levels[0] && value <= levels[n])) return -1;
  let k = 0;
  while (k < n - 1 && value >= levels[k + 1]) k++;
  const step = levels[k + 1] - levels[k];
  return (k + (step > 0 ? (value - levels[k]) / step : 0)) / n;
}

function updateBar(bar, { colours, levels, ticks, ends, vertical, length, scale }) {
  const id = JSON.stringify([colours, Array.from(levels), ticks, ends, vertical, length, scale]);
  if (bar.id === id) return;
  bar.id = id;
  bar.element.classList.toggle("vertical", vertical);
  setText(bar.high, ends ? ends[1] : "");
  setText(bar.low, ends ? ends[0] : "");
  const n = colours.length;
  const stops = colours.map((c, i) => `${c} ${(100 * i) / n}% ${(100 * (i + 1)) / n}%`).join(", ");
  bar.fill.style.background = `linear-gradient(${vertical ? "to top" : "to right"}, ${stops})`;
  Object.assign(bar.fill.style, vertical ? { height: `${length}px`, width: "" } : { width: `${length}px`, height: "" });
  const placed = [];
  for (const { value, text } of ticks || []) {
    const at = barPosition(levels, value);
    const room = vertical ? 13 * scale : (String(text).length * 6.6 + 8) * scale;
    if (at < 0 || placed.some((other) => Math.abs(other.at - at) * length < room)) continue;
    placed.push({ at, text });
  }
  while (bar.ticks.length > placed.length) bar.ticks.pop().remove();
  while (bar.ticks.length < placed.length) bar.ticks.push(element("span", "lv-bar-tick", bar.fill));
  placed.forEach(({ at, text }, i) => {
    setText(bar.ticks[i], String(text));
    const place = `${(100 * at).toFixed(2)}%`;
    Object.assign(bar.ticks[i].style, vertical ? { bottom: place, left: "" } : { left: place, bottom: "" });
  });
}

function updateBars(view) {
  const { layout, frame } = view;
  const { bar, scale, planeHeight, top, caption, gridHeight } = layout;
  view.sharedBar.element.hidden = bar !== "shared";
  if (bar === "shared") {
    const panel = frame.panels[0];
    const vertical = !layout.narrow;
    const length = vertical ? Math.min(Math.max(planeHeight, gridHeight * 0.6), 380 * scale) - 44 * scale : layout.planeWidth * 0.62;
    view.sharedBar.element.style.marginTop = vertical ? `${caption + top}px` : "0";
    view.sharedBar.element.style.marginLeft = vertical ? "0" : `${layout.lefts[0]}px`;
    const ends = panel.bar_ends || (vertical ? ["low loss", "high loss"] : ["low", "high loss"]);
    updateBar(view.sharedBar, { ...panel, ends, vertical, length: Math.round(length), scale });
  }
  view.panels.forEach((element_, i) => {
    const holder = element_.bar.element;
    holder.hidden = bar !== "panel";
    if (bar !== "panel") return;
    const panel = frame.panels[i];
    const roomy = planeHeight > 110;
    holder.style.left = `${element_.left + layout.planeWidth + 8}px`;
    holder.style.top = `${top}px`;
    const ends = roomy ? panel.bar_ends || ["low", "high"] : null;
    const length = Math.round(planeHeight - (roomy ? 38 * scale : 0));
    updateBar(element_.bar, { ...panel, ends, vertical: true, length, scale });
  });
}

const SVG = "http://www.w3.org/2000/svg";

function legendIcon(parent, shapes) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ width: 26, height: 14, viewBox: "0 0 26 14", "aria-hidden": "true" })) {
    svg.setAttribute(name, value);
  }
  for (const [tag, attributes] of shapes) {
    const shape = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
    svg.append(shape);
  }
  parent.append(svg);
}

function legendItems(view) {
  const { theme } = view;
  const { header, panels } = view.frame;
  const arrow = (colour, width) => [
    ["path", { d: "M2 7H17", stroke: colour, "stroke-width": width, "stroke-linecap": "round" }],
    ["path", { d: "M25 7L15 2.6L17 7L15 11.4Z", fill: colour }],
  ];
  const items = [];
  const weights = (header.weights || []).length;
  const own = weights > 0 && panels.some((panel) => panel.own_weight);
  if (own) {
    const name = classLabel("W", header.class_names?.[header.label] ?? header.label + 1);
    items.push([`weight of the true class, ${name}`, arrow(theme.own, 3)]);
  }
  if (weights > (own ? 1 : 0)) items.push([own ? "other weights" : "class weights", arrow(theme.other, 2)]);
  if (header.centers?.length) {
    items.push(["class centres", [["path", { d: "M8 2L18 12M8 12L18 2", stroke: theme.other, "stroke-width": 2.2 }]]]);
  }
  if (panels.some((panel) => panel.boundaries?.length)) {
    const line = { d: "M1 7H25", stroke: theme.dark ? theme.boundary : "#6b6f76", "stroke-width": 2, "stroke-dasharray": "6 4" };
    items.push(["decision boundary", [["path", line]]]);
  }
  if (panels.some((panel) => panel.path)) {
    items.push([
      "gradient descent from your click (ring: start, dot: end)",
      [
        ["path", { d: "M4 7H22", stroke: "#0a0c14", "stroke-width": 4.5 }],
        ["path", { d: "M4 7H22", stroke: "#fff", "stroke-width": 2 }],
        ["circle", { cx: 5.5, cy: 7, r: 5, fill: "#0a0c14" }],
        ["circle", { cx: 5.5, cy: 7, r: 3.2, fill: "#0a0c14", stroke: "#fff", "stroke-width": 1.6 }],
        ["circle", { cx: 20.5, cy: 7, r: 4.4, fill: "#fff", stroke: "#0a0c14", "stroke-width": 1.4 }],
      ],
    ]);
  }
  if (panels.some((panel) => panel.arrows?.length)) {
    const small = { d: "M4 7H21M17 4L21 7L17 10", stroke: theme.other, "stroke-width": 1.3, fill: "none" };
    items.push(["direction of descent", [["path", small]]]);
  }
  if (panels.some((panel) => panel.hasGaps)) {
    const hatch = { d: "M5 13L15 1M11 13L21 1", stroke: theme.text, "stroke-width": 1.2 };
    items.push(["no finite value", [["rect", { x: 4, y: 1, width: 18, height: 12, fill: "none", stroke: theme.text }], ["path", hatch]]]);
  }
  return items;
}

function updateLegend(view) {
  const items = legendItems(view);
  const id = JSON.stringify([items, view.layout.scale]);
  if (view.legendId === id) return;
  view.legendId = id;
  view.legend.replaceChildren();
  for (const [text, shapes] of items) {
    const item = element("li", "", view.legend);
    legendIcon(item, shapes);
    item.append(text);
  }
  view.legend.hidden = !items.length;
}

/* ---------------------------------------------------------- painting ---- */

function paintLines(view, i, stride) {
  const element_ = view.panels[i];
  const panel = view.frame.panels[i];
  paintIsolines(view, element_, panel, stride);
  paintField(view, element_, panel);
  paintBoundaries(view, element_, panel);
}

function paintOverlays(view) {
  view.frame.panels.forEach((panel, i) => paintOverlay(view, view.panels[i], panel, i));
  updateHandles(view);
}

// Fills and isolines of all panels; first in the finest way that should stay
// within the budget, judged by what the last frames took.
function paintBases(view) {
  const { count, pixelWidth, pixelHeight } = view.layout;
  const cost = (view.cost ??= { nsPerPixel: 5, linesMs: 0 });
  const pixels = count * pixelWidth * pixelHeight;
  const expected = (pixels * cost.nsPerPixel) / 1e6;
  const coarseness = Math.min(4, Math.max(1, Math.ceil(Math.sqrt(expected / DRAFT_BUDGET_MS))));
  const stride = cost.linesMs > DRAFT_BUDGET_MS ? 2 : 1;
  const started = performance.now();
  for (let i = 0; i < count; i++) paintFill(view, view.panels[i], view.frame.panels[i], coarseness);
  const filled = performance.now();
  for (let i = 0; i < count; i++) paintLines(view, i, stride);
  const drawn = performance.now();
  const drawnPixels = pixels / coarseness ** 2;
  if (drawnPixels > 2e4) cost.nsPerPixel += 0.3 * (((filled - started) * 1e6) / drawnPixels - cost.nsPerPixel);
  cost.linesMs += 0.3 * ((drawn - filled) * stride ** 1.5 - cost.linesMs);
  return coarseness > 1 || stride > 1 ? "draft" : "full";
}

function paint(view) {
  const started = performance.now();
  clearTimeout(view.refineTimer);
  readTheme(view);
  const layout = computeLayout(view);
  if (!layout) {
    view.grid.hidden = !view.frame.panels.length;
    showMessage(view, view.frame.header.message);
    return;
  }
  view.grid.hidden = false;
  applyLayout(view, layout);
  updateTexts(view);
  const quality = paintBases(view);
  paintOverlays(view);
  updateBars(view);
  updateLegend(view);
  updateCursor(view);
  finishFrame(view, performance.now() - started, quality);
  if (quality === "draft") view.refineTimer = setTimeout(() => refine(view, 0), REFINE_MS);
}

// Full resolution, a few panels at a time so that input is never held up.
function refine(view, from) {
  if (view.stop.signal.aborted || view.drag) return;
  const started = performance.now();
  let i = from;
  while (i < view.layout.count && performance.now() - started < 14) {
    paintFill(view, view.panels[i], view.frame.panels[i], 1);
    paintLines(view, i++, 1);
  }
  if (i < view.layout.count) view.refineTimer = setTimeout(() => refine(view, i), 0);
  else view.root.dataset.quality = "full";
}

function finishFrame(view, milliseconds, quality) {
  const { frame } = view.frame.header;
  view.root.dataset.quality = quality;
  performance.mark(`lossviz-painted-${frame}`);
  performance.clearMarks(`lossviz-painted-${frame - 100}`); // marks would pile up
  requestAnimationFrame(() => {
    view.root.dataset.frame = frame;
    view.root.dataset.drawMs = milliseconds.toFixed(2);
  });
}

/* -------------------------------------------------------- cross-hair ---- */

function formatValue(value) {
  if (!Number.isFinite(value)) return "no finite value";
  const size = Math.abs(value);
  let text;
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) text = value.toExponential(1);
  else if (size >= 1000) text = String(Math.round(value));
  else text = value.toPrecision(3);
  return text.replaceAll("-", "−");
}

function gridValue(view, panel, x, y) {
  const { nx, ny, extent } = view.frame.header;
  const gx = ((x - extent[0]) / (extent[1] - extent[0])) * (nx - 1);
  const gy = ((y - extent[2]) / (extent[3] - extent[2])) * (ny - 1);
  const i = Math.min(Math.max(0, Math.floor(gx)), Math.max(0, nx - 2));
  const j = Math.min(Math.max(0, Math.floor(gy)), Math.max(0, ny - 2));
  const at = (jj, ii) => panel.grid[Math.min(jj, ny - 1) * nx + Math.min(ii, nx - 1)];
  const fx = gx - i;
  const low = at(j, i) + (at(j, i + 1) - at(j, i)) * fx;
  const high = at(j + 1, i) + (at(j + 1, i + 1) - at(j + 1, i)) * fx;
  return low + (high - low) * (gy - j);
}

// Plane coordinates of a pointer, without digits nobody can see.
function pointerPosition(view, panel, event) {
  const rectangle = panel.plane.getBoundingClientRect();
  const [x0, x1, y0, y1] = view.frame.header.extent;
  const u = (event.clientX - rectangle.left) / rectangle.width;
  const v = (event.clientY - rectangle.top) / rectangle.height;
  return { x: tidy(x0 + u * (x1 - x0), x1 - x0), y: tidy(y1 - v * (y1 - y0), y1 - y0), inside: u >= 0 && u <= 1 && v >= 0 && v <= 1 };
}

function tidy(value, span) {
  const digits = Math.min(12, Math.max(0, 4 - Math.floor(Math.log10(span || 1))));
  return Number(value.toFixed(digits));
}

function setCursor(view, [x, y], byKeys) {
  view.cursor = { x, y, byKeys };
  scheduleOnce(view, "cursor", () => updateCursor(view));
  scheduleOnce(view, "probe", () => {
    if (!view.cursor) return;
    const detail = { x: view.cursor.x, y: view.cursor.y, source: view.key };
    window.dispatchEvent(new CustomEvent("lossviz:probe", { detail }));
  });
}

function hideCursor(view) {
  view.cursor = null;
  scheduleOnce(view, "cursor", () => updateCursor(view));
}

function receiveValues(view, detail) {
  if (!detail || !detail.values) return;
  view.exact = detail;
  view.exactIsCurrent = true;
  if (view.frame) scheduleOnce(view, "cursor", () => updateCursor(view));
}

// Exact values count only for this very point and, where told, this very frame.
function exactValue(view, key) {
  const { exact, cursor } = view;
  if (!exact || !cursor || Math.abs(exact.x - cursor.x) > 1e-9 || Math.abs(exact.y - cursor.y) > 1e-9) return null;
  const current = exact.frame == null ? view.exactIsCurrent : exact.frame === view.frame.header.frame;
  const value = exact.values[key];
  return current && value != null ? Number(value) : null;
}

function updateCursor(view) {
  if (!view.layout || !view.frame) return;
  const { cursor } = view;
  const shown = !!cursor && !!view.frame.header.interactive;
  view.root.classList.toggle("probing", shown);
  if (!shown) return;
  const [x, y] = toPixels(view, cursor.x, cursor.y);
  const { planeWidth, planeHeight, scale } = view.layout;
  const flipX = x > planeWidth - 74 * scale;
  const flipY = y < 30 * scale;
  view.panels.forEach((panel, i) => {
    const data = view.frame.panels[i];
    panel.across.style.transform = `translateY(${y.toFixed(1)}px)`;
    panel.down.style.transform = `translateX(${x.toFixed(1)}px)`;
    const exact = exactValue(view, data.key);
    setText(panel.value, exact === null ? `≈ ${formatValue(gridValue(view, data, cursor.x, cursor.y))}` : formatValue(exact));
    const place = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px) translate(${flipX ? "calc(-100% - 8px)" : "8px"}, ${flipY ? "8px" : "calc(-100% - 8px)"})`;
    panel.value.style.transform = place;
  });
}

function descend(view, x, y) {
  view.trigger("descend", { x, y, id: ++view.lastId });
}

function listenToPlane(view, panel) {
  const { box, plane } = panel;
  const interactive = () => !!view.frame?.header.interactive;
  let pressed = null;
  box.addEventListener("pointermove", (event) => {
    if (!interactive() || view.drag) return;
    const at = pointerPosition(view, panel, event);
    if (pressed && Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > pressed.slack) pressed.moved = true;
    if (at.inside) setCursor(view, [at.x, at.y], false);
    else hideCursor(view);
  });
  box.addEventListener("pointerleave", (event) => {
    // A finger leaves when it is lifted; what it pointed at stays readable.
    if (event.pointerType === "mouse" && !view.drag) hideCursor(view);
  });
  plane.addEventListener("pointerdown", (event) => {
    if (!interactive() || event.button !== 0) return;
    const slack = event.pointerType === "mouse" ? 4 : 10;
    pressed = { x: event.clientX, y: event.clientY, id: event.pointerId, slack, moved: false };
    const at = pointerPosition(view, panel, event);
    if (at.inside) setCursor(view, [at.x, at.y], false);
  });
  plane.addEventListener("pointerup", (event) => {
    const press = pressed;
    pressed = null;
    if (!press || press.id !== event.pointerId || press.moved || !interactive()) return;
    const at = pointerPosition(view, panel, event);
    if (at.inside) descend(view, at.x, at.y);
  });
  plane.addEventListener("pointercancel", () => (pressed = null));
  plane.addEventListener("focus", () => {
    if (!interactive()) return;
    view.tabPanel = panel.index;
    view.panels.forEach((other) => (other.plane.tabIndex = other === panel ? 0 : -1));
    if (!view.cursor && plane.matches(":focus-visible")) setCursor(view, keyboardStart(view), true);
  });
  plane.addEventListener("blur", () => {
    if (view.cursor?.byKeys) hideCursor(view); // what a pointer points at stays
  });
  plane.addEventListener("keydown", (event) => {
    if (!interactive()) return;
    const [x, y] = view.cursor ? [view.cursor.x, view.cursor.y] : keyboardStart(view);
    const step = arrowStep(view, event);
    if (step) setCursor(view, clampToExtent(view, x + step[0], y + step[1]), true);
    else if (event.key === "Enter") {
      setCursor(view, [x, y], true);
      descend(view, x, y);
    } else if (event.key === "Escape") hideCursor(view);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}

function keyboardStart(view) {
  const [x0, x1, y0, y1] = view.frame.header.extent;
  return [tidy((x0 + x1) / 2, x1 - x0), tidy((y0 + y1) / 2, y1 - y0)];
}

function arrowStep(view, event) {
  const directions = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
  const direction = directions[event.key];
  if (!direction || event.ctrlKey || event.metaKey || event.altKey) return null;
  const [x0, x1, y0, y1] = view.frame.header.extent;
  const share = event.shiftKey ? 0.1 : 0.02;
  return [direction[0] * share * (x1 - x0), direction[1] * share * (y1 - y0)];
}

function clampToExtent(view, x, y) {
  const [x0, x1, y0, y1] = view.frame.header.extent;
  return [
    tidy(Math.min(Math.max(x, x0), x1), x1 - x0),
    tidy(Math.min(Math.max(y, y0), y1), y1 - y0),
  ];
}

/* ---------------------------------------------------------- dragging ---- */

const handleId = (kind, index) => `${kind}:${index}`;

// What the visitor has moved counts until the server has answered it.
function positionOf(view, kind, index) {
  const local = view.local.get(handleId(kind, index));
  if (local) return [local.x, local.y];
  const { weights, centers } = view.frame.header;
  return (kind === "weight" ? weights : centers)[index];
}

function setLocal(view, kind, index, x, y) {
  const id = handleId(kind, index);
  const known = view.local.get(id);
  view.local.set(id, { x, y, answer: known ? known.answer : Infinity, at: performance.now() });
  scheduleOnce(view, "overlay", () => view.frame && view.layout && paintOverlays(view));
}

function settleLocalPositions(view) {
  const { echo = 0, weights, centers } = view.frame.header;
  view.lastId = Math.max(view.lastId, echo); // a remounted component goes on counting
  if (view.outstanding && echo >= view.outstanding.id) view.outstanding = null;
  for (const [id, local] of view.local) {
    const [kind, index] = id.split(":");
    const exists = ((kind === "weight" ? weights : centers) || [])[index];
    const dragged = view.drag && handleId(view.drag.kind, view.drag.index) === id;
    const queued = view.queued && handleId(view.queued.kind, view.queued.index) === id;
    const answered = echo >= local.answer || performance.now() - local.at > FORGET_MS;
    if (!exists || (!dragged && !queued && answered)) view.local.delete(id);
  }
}

// At most one event waits for its answer; meanwhile only the newest is kept.
function queueDrag(view, event) {
  const { queued } = view;
  if (queued && handleId(queued.kind, queued.index) !== handleId(event.kind, event.index)) sendDrag(view, queued);
  view.queued = event;
  pumpDrag(view);
}

function pumpDrag(view) {
  if (!view.queued) return;
  const wait = view.outstanding ? view.outstanding.at + RESEND_MS - performance.now() : 0;
  clearTimeout(view.dragTimer);
  if (wait > 0) view.dragTimer = setTimeout(() => pumpDrag(view), wait + 1);
  else sendDrag(view, view.queued);
}

function sendDrag(view, event) {
  clearTimeout(view.dragTimer);
  view.queued = null;
  const id = ++view.lastId;
  view.outstanding = { id, at: performance.now() };
  const local = view.local.get(handleId(event.kind, event.index));
  if (local) local.answer = id;
  if (view.drag) view.drag.sent = true;
  view.trigger("drag", { id, ...event });
}

function updateHandles(view) {
  const { header } = view.frame;
  const wanted = header.interactive
    ? [...(header.weights || []).map((_, k) => ["weight", k]), ...(header.centers || []).map((_, k) => ["center", k])]
    : [];
  const names = new Set(wanted.map(([kind, index]) => handleId(kind, index)));
  view.panels.forEach((panel, i) => {
    for (const [id, button] of panel.handles) {
      if (names.has(id)) continue;
      button.remove();
      panel.handles.delete(id);
    }
    for (const [kind, index] of wanted) {
      const id = handleId(kind, index);
      let button = panel.handles.get(id);
      if (!button) panel.handles.set(id, (button = createHandle(view, panel, kind, index)));
      const at = positionOf(view, kind, index);
      const [x, y] = toPixels(view, ...shownPosition(view, at));
      button.style.transform = `translate(${x.toFixed(1)}px, ${y.toFixed(1)}px)`;
      const name = header.class_names?.[index] ?? index + 1;
      const what = kind === "weight" ? "Weight" : "Centre";
      const label = `${what} of class ${name} at (${at[0].toFixed(2)}, ${at[1].toFixed(2)}). Arrow keys move it`;
      if (button.getAttribute("aria-label") !== label) button.setAttribute("aria-label", label);
      button.classList.toggle("own", kind === "weight" && index === header.label);
      // The same vectors appear in every panel: one set of tab stops is enough.
      button.tabIndex = i === 0 ? 0 : -1;
    }
  });
}

function createHandle(view, panel, kind, index) {
  const button = element("button", `lv-handle ${kind}`, panel.marks, { type: "button" });
  button.dataset.handle = handleId(kind, index);
  button.addEventListener("pointerdown", (event) => beginDrag(view, panel, button, kind, index, event));
  button.addEventListener("keydown", (event) => {
    const step = arrowStep(view, event);
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const [x, y] = positionOf(view, kind, index);
    const to = clampToExtent(view, x + step[0], y + step[1]);
    setLocal(view, kind, index, ...to);
    queueDrag(view, { kind, index, x: to[0], y: to[1], done: true });
  });
  return button;
}

function beginDrag(view, panel, button, kind, index, event) {
  if (event.button !== 0 || view.drag || !view.frame.header.interactive) return;
  event.preventDefault();
  button.focus({ preventScroll: true });
  button.setPointerCapture(event.pointerId);
  const original = positionOf(view, kind, index);
  const start = shownPosition(view, original);
  const at = pointerPosition(view, panel, event);
  const drag = { kind, index, sent: false, moved: false };
  view.drag = drag;
  hideCursor(view);
  view.root.classList.add("dragging");
  const over = new AbortController();
  const { signal } = over;
  const here = (e) => {
    const now = pointerPosition(view, panel, e);
    return clampToExtent(view, now.x + start[0] - at.x, now.y + start[1] - at.y);
  };
  const end = () => {
    over.abort();
    view.drag = null;
    view.root.classList.remove("dragging");
    if (view.root.dataset.quality === "draft") view.refineTimer = setTimeout(() => refine(view, 0), REFINE_MS);
  };
  const release = (e) => {
    if (e.pointerId !== event.pointerId) return;
    const to = e.type === "pointerup" ? here(e) : positionOf(view, kind, index);
    const { moved } = drag;
    end();
    if (!moved) return;
    setLocal(view, kind, index, ...to);
    sendDrag(view, { kind, index, x: to[0], y: to[1], done: true });
  };
  const giveUp = (e) => {
    if (e.key !== "Escape") return;
    e.preventDefault();
    e.stopPropagation();
    const { sent } = drag;
    view.queued = null;
    end();
    setLocal(view, kind, index, ...original);
    if (sent) sendDrag(view, { kind, index, x: original[0], y: original[1], done: true });
    else view.local.delete(handleId(kind, index));
  };
  button.addEventListener("pointermove", (e) => {
    if (e.pointerId !== event.pointerId) return;
    if (!drag.moved && Math.hypot(e.clientX - event.clientX, e.clientY - event.clientY) < 2) return;
    drag.moved = true;
    const [x, y] = here(e);
    setLocal(view, kind, index, x, y);
    queueDrag(view, { kind, index, x, y, done: false });
  }, { signal });
  button.addEventListener("pointerup", release, { signal });
  button.addEventListener("pointercancel", release, { signal });
  window.addEventListener("keydown", giveUp, { signal, capture: true });
}
