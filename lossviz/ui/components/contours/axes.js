// The frame of a plane: its edge, ticks, numbers, names and the origin.

import { niceTicks, tickText } from "../../figures/canvas/numbers.js";
import { nameFont, paintOriginCross, paintPlaneFrame } from "../../figures/canvas/strokes.js";
import { toPixels } from "./drawing.js";

export function paintAxes(view, element_, panel, i) {
  const { layout, theme } = view;
  const { planeWidth, planeHeight, scale, numbersLeft, numbersBelow } = layout;
  const [x0, x1, y0, y1] = view.frame.header.extent;
  const context = element_.overContext;
  const wanted = planeWidth < 160 ? 3 : 5;
  const ticksX = niceTicks(x0, x1, wanted);
  const ticksY = niceTicks(y0, y1, wanted);
  const across = ticksX.map((tick) => toPixels(view, tick, y0)[0]);
  const up = ticksY.map((tick) => toPixels(view, x0, tick)[1]);
  paintPlaneFrame(context, { theme, scale, alpha: 0.55 }, [planeWidth, planeHeight], across, up);
  if (numbersBelow[i]) {
    context.textAlign = "right";
    context.textBaseline = "top";
    const row = planeHeight + 7;
    const nameLeft = planeWidth - 14 * scale;
    axisName(context, "z₁", planeWidth + 2, row, theme, scale);
    context.textAlign = "center";
    ticksX.map(tickText).forEach((text, k) => {
      const half = context.measureText(text).width / 2;
      if (across[k] + half < nameLeft) context.fillText(text, Math.max(across[k], half - layout.lefts[i] + 2), row);
    });
  }
  if (numbersLeft[i]) {
    context.textAlign = "right";
    context.textBaseline = "middle";
    const nameTop = 8 * scale;
    axisName(context, "z₂", -6, nameTop - 2, theme, scale);
    context.textAlign = "right";
    ticksY.map(tickText).forEach((text, k) => {
      if (up[k] > nameTop + 11 * scale) context.fillText(text, -7, Math.min(up[k], planeHeight - 3));
    });
  }
  context.globalAlpha = 1;
  paintOriginCross(context, ...toPixels(view, 0, 0), scale, theme);
}

function axisName(context, text, x, y, theme, scale) {
  context.save();
  context.font = nameFont(theme, scale);
  context.fillText(text, x, y);
  context.restore();
}
