// Lines, arrows, crosses and texts that stand out from any fill: each is drawn in a casing first.

// The path of the context.
export function strokeCased(context, width, colour, casing, extra = 2.6) {
  context.strokeStyle = casing;
  context.lineWidth = width + extra;
  context.stroke();
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}

export function strokeLine(context, x0, y0, x1, y1) {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

export function paintDot(context, x, y, radius, { fill, stroke, width }) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = fill;
  context.fill();
  context.lineWidth = width;
  context.strokeStyle = stroke;
  context.stroke();
}

// From [x, y] along the unit vector [dx, dy]; head: its length; extra: how much wider the casing is.
export function paintArrow(context, [x, y], [dx, dy], length, { head, width, colour, casing, extra }) {
  const size = Math.min(head, length);
  const [tx, ty] = [x + dx * length, y + dy * length];
  const [bx, by] = [tx - dx * size * 0.85, ty - dy * size * 0.85];
  const half = size * 0.42;
  const shaft = new Path2D();
  shaft.moveTo(x, y);
  shaft.lineTo(bx, by);
  const tip = new Path2D();
  tip.moveTo(tx, ty);
  tip.lineTo(tx - dx * size - dy * half, ty - dy * size + dx * half);
  tip.lineTo(bx, by);
  tip.lineTo(tx - dx * size + dy * half, ty - dy * size - dx * half);
  tip.closePath();
  context.lineCap = "round";
  context.lineJoin = "round";
  context.strokeStyle = casing;
  context.lineWidth = width + extra;
  context.stroke(shaft);
  context.lineWidth = extra;
  context.stroke(tip);
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke(shaft);
  context.fillStyle = colour;
  context.fill(tip);
}

// The path of a mark "×".
export function traceCross(context, x, y, arm) {
  context.beginPath();
  context.moveTo(x - arm, y - arm);
  context.lineTo(x + arm, y + arm);
  context.moveTo(x - arm, y + arm);
  context.lineTo(x + arm, y - arm);
}

export function paintOriginCross(context, x, y, scale, theme) {
  const arm = 5 * scale;
  context.beginPath();
  context.moveTo(x - arm, y);
  context.lineTo(x + arm, y);
  context.moveTo(x, y - arm);
  context.lineTo(x, y + arm);
  context.lineCap = "butt";
  strokeCased(context, 1.3 * scale, theme.other, theme.casing, 1.6);
}

export function haloText(context, text, x, y, colour, casing, width) {
  context.lineJoin = "round";
  context.lineWidth = width;
  context.strokeStyle = casing;
  context.strokeText(text, x, y);
  context.fillStyle = colour;
  context.fillText(text, x, y);
}

// The edge of a plane and its ticks, at pixels `across` and `up`; the numbers' style is left set.
export function paintPlaneFrame(context, { theme, scale, alpha }, [width, height], across, up) {
  context.globalAlpha = alpha;
  context.strokeStyle = theme.text;
  context.lineWidth = 1;
  context.strokeRect(-0.5, -0.5, width + 1, height + 1);
  context.beginPath();
  for (const x of across.map((at) => Math.round(at) - 0.5)) {
    context.moveTo(x, height + 1);
    context.lineTo(x, height + 5);
  }
  for (const y of up.map((at) => Math.round(at) - 0.5)) {
    context.moveTo(-1, y);
    context.lineTo(-5, y);
  }
  context.stroke();
  context.globalAlpha = 0.9;
  context.fillStyle = theme.text;
  context.font = `${11 * scale}px ${theme.font}`;
}

// Of an axis, "z₁".
export const nameFont = (theme, scale) => `italic 600 ${12.5 * scale}px ${theme.font}`;

// Clear a canvas, and draw in CSS pixels from [left, top] on.
export function beginCanvas(context, dpr, left = 0, top = 0) {
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  context.setTransform(dpr, 0, 0, dpr, dpr * left, dpr * top);
}
