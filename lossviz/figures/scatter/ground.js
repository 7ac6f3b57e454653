// What lies behind the points: a loss in bands with isolines, or the classes' regions.

const GROUND_PX = 480; // more would not be seen of a grid of about a hundred nodes

// The shared fill and isolines look for their grid in a view of their own.
function groundView(view, panel, width, height) {
  const [nx, ny] = panel.grid;
  const own = (view.groundView ??= {});
  own.frame = { header: { nx, ny } };
  own.layout = { pixelWidth: width, pixelHeight: height };
  own.theme = view.theme;
  return own;
}

function paintGround(view, element_, panel) {
  if (!panel.field && !panel.regions) return;
  const { side, dpr } = view.layout;
  const context = element_.context;
  const [x0, x1, y0, y1] = panel.extent;
  const [left, top] = toPixels(view, panel, [x0, y1]);
  const [right, bottom] = toPixels(view, panel, [x1, y0]);
  renderGround(view, element_, panel);
  context.imageSmoothingEnabled = true;
  context.drawImage(element_.ground, left, top, right - left, bottom - top);
  context.save();
  context.translate(left, top);
  context.beginPath();
  if (panel.field) {
    const grid = { grid: panel.field, levels: Float64Array.from(panel.levels) };
    traceIsolines(context, groundView(view, panel, right - left, bottom - top), grid, 1);
    context.strokeStyle = view.theme.isoline;
    context.lineWidth = side > 600 ? 0.8 : Math.min(0.7, 1 / dpr);
    context.stroke();
  }
  context.restore();
}

// Once for each grid and theme; zooming and panning draw the same pixels again.
function renderGround(view, element_, panel) {
  const size = Math.min(GROUND_PX, view.layout.pixelSide);
  const id = `${size},${view.theme.dark}`;
  const source = panel.field || panel.regions;
  if (element_.groundOf === source && element_.groundId === id) return;
  element_.groundOf = source;
  element_.groundId = id;
  resizeCanvas(element_.ground, size, size);
  const own = groundView(view, panel, size, size);
  const samples = samplesFor(own, size, size);
  if (panel.field) {
    const colours = view.frame.header.colours.loss;
    const levels = Float64Array.from(panel.levels);
    fillPixels(own, { grid: panel.field, hasGaps: panel.hasGaps, levels, colours }, samples, 8);
  } else fillRegions(view, panel, samples);
  element_.ground.getContext("2d").putImageData(samples.image, 0, 0);
}

// The class with most of the four nodes around a pixel, by their bilinear shares;
// where two regions meet, a thin line.
function fillRegions(view, panel, samples) {
  const [nx, ny] = panel.grid;
  const { regions, classes } = panel;
  const { across, down, pixels } = samples;
  const [br, bg, bb] = hexColour(canvasColour(view.theme.background));
  const own = view.theme.dark ? 0.34 : 0.3;
  const palette = view.frame.header.colours.classes;
  const colours = classes.map((_, k) => {
    const [r, g, b] = hexColour(palette[k % palette.length]);
    const mixed = [r * own + br * (1 - own), g * own + bg * (1 - own), b * own + bb * (1 - own)];
    return pack(...mixed.map(Math.round));
  });
  const line = view.theme.dark ? pack(150, 154, 162) : pack(122, 126, 134);
  const width = across.index.length;
  const height = down.index.length;
  const chosen = (view.chosen ??= new Uint8Array(GROUND_PX * GROUND_PX));
  for (let y = 0; y < height; y++) {
    const source = height - 1 - y; // row 0 of the grid is the lowest z2
    const below = down.index[source] * nx;
    const above = ny > 1 ? below + nx : below;
    const fy = down.fraction[source];
    for (let x = 0; x < width; x++) {
      const i = across.index[x];
      const a = regions[below + i], b = regions[below + i + 1], c = regions[above + i], d = regions[above + i + 1];
      let best = a;
      if (a !== b || b !== c || c !== d) {
        const fx = across.fraction[x];
        const shares = [(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy];
        const nodes = [a, b, c, d];
        let most = -1;
        for (let n = 0; n < 4; n++) {
          let sum = 0;
          for (let m = 0; m < 4; m++) if (nodes[m] === nodes[n]) sum += shares[m];
          if (sum > most) {
            most = sum;
            best = nodes[n];
          }
        }
      }
      const at = y * width + x;
      chosen[at] = best;
      const edge = (x > 0 && chosen[at - 1] !== best) || (y > 0 && chosen[at - width] !== best);
      pixels[at] = edge ? line : colours[best];
    }
  }
}

// Any CSS colour as the canvas writes it: #rrggbb or rgba(...).
function canvasColour(colour) {
  const context = measuringContext();
  context.fillStyle = "#ffffff";
  context.fillStyle = colour;
  return context.fillStyle;
}
