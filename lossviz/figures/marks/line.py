"""A curve."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lossviz.figures.axis import Array, Axis
from lossviz.figures.panel import Dash, Mark, check_lengths
from lossviz.figures.roles import TEXT, Color

if TYPE_CHECKING:
    from lossviz.figures.print_axes import PrintAxes
    from lossviz.figures.screen_axes import ScreenAxes


@dataclass(frozen=True, eq=False)
class Line(Mark):
    """A curve through (x, y), both [n], with its name at its right end or in the legend.

    width: pixels on screen. label_at_end: False sends the name to the legend. silent: says nothing under the
    pointer, where its places are no numbers.
    """

    x: Array
    y: Array
    color: Color = TEXT
    name: str = ""
    dash: Dash = "solid"
    width: float = 2.0
    label_at_end: bool = True
    silent: bool = False

    def __post_init__(self) -> None:
        check_lengths(self, "x", "y")

    def extent(self, axis: str) -> Iterator[tuple[Any, bool]]:
        yield (self.x, True) if axis == "x" else (self.y, False)

    def end_name(self, axis: Axis) -> float | None:
        heights = axis.drawable(self.y)
        finite = heights[np.isfinite(heights)]
        return float(finite[-1]) if self.label_at_end and len(finite) else None

    def screen(self, axes: ScreenAxes) -> None:
        style = axes.line_style(self.color, self.width, self.dash)
        heights = axes.y.drawable(self.y)
        hover = {"hoverinfo": "skip"} if self.silent else axes.hover(self.name)
        axes.trace(self.name, self.color, x=self.x, y=heights, mode="lines", line=style, **hover)

    def print(self, axes: PrintAxes) -> None:
        style = axes.line_style(self.color, self.width, self.dash)
        axes.axes.plot(self.x, self.y, **style, **axes.artist(self.name, self.color))
