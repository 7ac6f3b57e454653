"""A histogram."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lossviz.figures.axis import Array
from lossviz.figures.palette import translucent
from lossviz.figures.panel import Dash, Mark, check_histogram
from lossviz.figures.roles import TEXT, Color
from lossviz.figures.screen_axes import template, value_words

if TYPE_CHECKING:
    from lossviz.figures.print_axes import PrintAxes
    from lossviz.figures.screen_axes import ScreenAxes


@dataclass(frozen=True, eq=False)
class Steps(Mark):
    """A histogram: edges [B + 1] ascending, heights [B]; filled ones show what is below, unless solid."""

    edges: Array
    heights: Array
    color: Color = TEXT
    name: str = ""
    filled: bool = True
    dash: Dash = "solid"
    solid: bool = False

    def __post_init__(self) -> None:
        check_histogram(self)

    def extent(self, axis: str) -> Iterator[tuple[Any, bool]]:
        if axis == "x":
            yield self.edges, True
        else:
            yield self.heights, False
            yield [0.0], True

    def screen(self, axes: ScreenAxes) -> None:
        """A staircase from the axis to the axis; pointed at, a bin says its middle."""
        middles = np.repeat((self.edges[1:] + self.edges[:-1]) / 2, 2)
        axes.trace(
            self.name,
            self.color,
            x=np.repeat(self.edges, 2),
            y=np.concatenate([[axes.foot], np.repeat(self.heights, 2), [axes.foot]]),
            mode="lines",
            line=axes.line_style(self.color, 1.5, self.dash),
            fill="tozeroy" if self.filled else "none",
            fillcolor=translucent(axes.code(self.color), 0.85 if self.solid else 0.28 if axes.dark else 0.22),
            customdata=np.concatenate([middles[:1], middles, middles[-1:]]),
            hovertemplate=template(self.name, value_words(axes.x, "customdata"), value_words(axes.y, "y")),
        )

    def print(self, axes: PrintAxes) -> None:
        fill = (axes.code(self.color), (0.85 if self.solid else 0.24) if self.filled else 0.0)
        style = axes.line_style(self.color, 1.45, self.dash)
        axes.axes.stairs(
            self.heights,
            self.edges,
            baseline=axes.foot,
            fill=True,
            facecolor=fill,
            edgecolor=style.pop("color"),
            **style,
            **axes.artist(self.name, self.color),
        )
