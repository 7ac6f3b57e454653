"""An area between two curves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lossviz.figures.axis import Array
from lossviz.figures.palette import translucent
from lossviz.figures.panel import Mark, check_lengths, finite_parts
from lossviz.figures.roles import TEXT, Color

if TYPE_CHECKING:
    from lossviz.figures.print_axes import PrintAxes
    from lossviz.figures.screen_axes import ScreenAxes


@dataclass(frozen=True, eq=False)
class Band(Mark):
    """An area between low and high over x, all [n]: mean ± standard deviation, say."""

    x: Array
    low: Array
    high: Array
    color: Color = TEXT
    name: str = ""

    def __post_init__(self) -> None:
        check_lengths(self, "x", "low", "high")

    def extent(self, axis: str) -> Iterator[tuple[Any, bool]]:
        yield (self.x, True) if axis == "x" else (np.concatenate([self.low, self.high]), False)

    def screen(self, axes: ScreenAxes) -> None:
        """One outline for each stretch of finite numbers."""
        for part in finite_parts(self.x, self.low, self.high):
            axes.trace(
                self.name,
                self.color,
                x=np.concatenate([self.x[part], self.x[part][::-1]]),
                y=np.concatenate([self.low[part], self.high[part][::-1]]),
                mode="lines",
                line={"width": 0},
                fill="toself",
                fillcolor=translucent(axes.code(self.color), 0.2),
                hoverinfo="skip",
            )

    def print(self, axes: PrintAxes) -> None:
        for part in finite_parts(self.x, self.low, self.high):
            axes.axes.fill_between(
                self.x[part],
                self.low[part],
                self.high[part],
                color=axes.code(self.color),
                alpha=0.2,
                linewidth=0,
                **axes.artist(self.name, self.color),
            )
