// The frame of a plane: its edge, ticks, numbers, names and the origin.

const NAMES = ["z₁", "z₂", "z₃"];

function paintAxes(view, element_, panel) {
  const context = element_.context;
  const { side, scale } = view.layout;
  const { theme } = view;
  if (panel.dims === 3) return;
  const seen = windowOf(view, panel);
  const wanted = side < 110 ? 3 : 5;
  context.globalAlpha = 0.5;
  context.strokeStyle = theme.text;
  context.lineWidth = 1;
  context.strokeRect(-0.5, -0.5, side + 1, side + 1);
  if (!panel.points || nameless(panel)) {
    context.globalAlpha = 1;
    return; // numbers would promise an extent that is not known yet, or that means nothing
  }
  const [across, up] = panel.axes || NAMES;
  const ticks = [seen.x, seen.y].map((middle) => niceTicks(middle - seen.half, middle + seen.half, wanted));
  context.beginPath();
  for (const tick of ticks[0]) {
    const x = Math.round(toPixels(view, panel, [tick, 0])[0]) - 0.5;
    context.moveTo(x, side + 1);
    context.lineTo(x, side + 5);
  }
  for (const tick of ticks[1]) {
    const y = Math.round(toPixels(view, panel, [0, tick])[1]) - 0.5;
    context.moveTo(-1, y);
    context.lineTo(-5, y);
  }
  context.stroke();
  context.globalAlpha = 0.9;
  context.fillStyle = theme.text;
  context.font = `${11 * scale}px ${theme.font}`;
  context.textBaseline = "top";
  context.textAlign = "center";
  let taken = -Infinity;
  const room = side - Math.max(16 * scale, panel.axes ? nameWidth(context, across, theme, scale) + 8 : 0);
  for (const tick of ticks[0]) {
    const x = toPixels(view, panel, [tick, 0])[0];
    const half = context.measureText(tickText(tick)).width / 2;
    if (x - half < taken + 4 || x + half > room) continue;
    context.fillText(tickText(tick), x, side + 7);
    taken = x + half;
  }
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const tick of ticks[1]) {
    const y = toPixels(view, panel, [0, tick])[1];
    if (y > 19 * scale) context.fillText(tickText(tick), -7, Math.min(y, side - 3));
  }
  // A long name has no room beside the plane.
  if (panel.axes) context.textAlign = "left";
  axisName(context, up, panel.axes ? 5 * scale : -7, (panel.axes ? 10 : 7) * scale, theme, scale);
  context.textAlign = "right";
  context.textBaseline = "top";
  axisName(context, across, side, side + 6, theme, scale);
  context.globalAlpha = 1;
}

// Projected features whose places mean nothing have neither axes nor an origin.
function nameless(panel) {
  return !!panel.axes && !panel.axes.length;
}

function nameWidth(context, text, theme, scale) {
  const { font } = context;
  context.font = nameFont(theme, scale);
  const { width } = context.measureText(text);
  context.font = font;
  return width;
}

function nameFont(theme, scale) {
  return `italic 600 ${12.5 * scale}px ${theme.font}`;
}

function axisName(context, text, x, y, theme, scale) {
  context.font = nameFont(theme, scale);
  context.fillStyle = theme.text;
  context.fillText(text, x, y);
}

function paintOrigin(view, element_, panel) {
  const context = element_.context;
  const { scale, side } = view.layout;
  const { theme } = view;
  if (nameless(panel)) return;
  if (panel.dims === 3) {
    const names = panel.axes || NAMES;
    const ends = [[1, 0, 0], [0, 1, 0], [0, 0, 1]].map((axis) => axis.map((v) => v * 0.97 * panel.reach));
    const [ox, oy] = toPixels(view, panel, [0, 0, 0]);
    context.globalAlpha = 0.6;
    context.textAlign = "center";
    context.textBaseline = "middle";
    ends.forEach((end, axis) => {
      const [x, y] = toPixels(view, panel, end);
      context.beginPath();
      context.moveTo(ox, oy);
      context.lineTo(x, y);
      context.strokeStyle = theme.text;
      context.lineWidth = scale;
      context.stroke();
      const away = 9 / Math.max(1, Math.hypot(x - ox, y - oy));
      const within = (v, room) => Math.min(Math.max(v, room), side - room);
      const half = Math.max(9 * scale, nameWidth(context, names[axis], theme, scale) / 2 + 2);
      axisName(context, names[axis], within(x + (x - ox) * away, half), within(y + (y - oy) * away, 9 * scale), theme, scale);
    });
    context.globalAlpha = 1;
    return;
  }
  const [x, y] = toPixels(view, panel, [0, 0]);
  if (x < 0 || y < 0 || x > side || y > side) return;
  const arm = 5 * scale;
  context.beginPath();
  context.moveTo(x - arm, y);
  context.lineTo(x + arm, y);
  context.moveTo(x, y - arm);
  context.lineTo(x, y + arm);
  context.lineCap = "butt";
  strokeTwice(context, 1.3 * scale, theme.other, theme.casing, 1.6);
}
