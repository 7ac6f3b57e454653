// The frame of a plane: its edge, ticks, numbers, names and the origin.

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
