"""A circle under the other marks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lossviz.figures.panel import Dash, Mark
from lossviz.figures.roles import MUTED, Color

if TYPE_CHECKING:
    from lossviz.figures.print_axes import PrintAxes
    from lossviz.figures.screen_axes import ScreenAxes


@dataclass(frozen=True)
class Circle(Mark):
    """A circle about (x, y), under the other marks."""

    radius: float = 1.0
    x: float = 0.0
    y: float = 0.0
    color: Color = MUTED
    dash: Dash = "solid"

    def extent(self, axis: str) -> Iterator[tuple[Any, bool]]:
        centre = self.x if axis == "x" else self.y
        yield [centre - self.radius, centre + self.radius], False

    def screen(self, axes: ScreenAxes) -> None:
        axes.shape(
            "circle",
            x0=self.x - self.radius,
            x1=self.x + self.radius,
            y0=self.y - self.radius,
            y1=self.y + self.radius,
            line=axes.line_style(self.color, 1.2, self.dash),
            layer="below",
        )

    def print(self, axes: PrintAxes) -> None:
        from matplotlib.patches import Circle as Patch

        style = axes.line_style(self.color, 1.25, self.dash)
        axes.axes.add_patch(Patch((self.x, self.y), self.radius, fill=False, zorder=1.5, **style))
