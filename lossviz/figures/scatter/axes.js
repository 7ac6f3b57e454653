// The frame of a plane: its edge, ticks, numbers, names and the origin.

function paintAxes(view, element_, panel) {
  const context = element_.context;
  const { side, scale } = view.layout;
  const { theme } = view;
  if (panel.dims === 3) return;
  const seen = windowOf(view, panel);
  const wanted = side < 190 ? 3 : 5;
  context.globalAlpha = 0.5;
  context.strokeStyle = theme.text;
  context.lineWidth = 1;
  context.strokeRect(-0.5, -0.5, side + 1, side + 1);
  if (!panel.points) {
    context.globalAlpha = 1;
    return; // numbers would promise an extent that is not known yet
  }
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
  for (const tick of ticks[0]) {
    const x = toPixels(view, panel, [tick, 0])[0];
    const half = context.measureText(tickText(tick)).width / 2;
    if (x + half < side - 16 * scale) context.fillText(tickText(tick), x, side + 7);
  }
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const tick of ticks[1]) {
    const y = toPixels(view, panel, [0, tick])[1];
    if (y > 19 * scale) context.fillText(tickText(tick), -7, Math.min(y, side - 3));
  }
  axisName(context, "z₂", -7, 7 * scale, theme, scale);
  context.textBaseline = "top";
  axisName(context, "z₁", side, side + 6, theme, scale);
  context.globalAlpha = 1;
}

function axisName(context, text, x, y, theme, scale) {
  context.font = `italic 600 ${12.5 * scale}px ${theme.font}`;
  context.fillStyle = theme.text;
  context.fillText(text, x, y);
}

function paintOrigin(view, element_, panel) {
  const context = element_.context;
  const { scale, side } = view.layout;
  const { theme } = view;
  if (panel.dims === 3) {
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
      axisName(context, ["z₁", "z₂", "z₃"][axis], x + (x - ox) * away, y + (y - oy) * away, theme, scale);
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
