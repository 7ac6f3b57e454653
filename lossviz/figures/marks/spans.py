"""Bars from a low to a high end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lossviz.figures.axis import Array
from lossviz.figures.drawing import spacing_of
from lossviz.figures.panel import Mark, check_lengths
from lossviz.figures.roles import TEXT, Color
from lossviz.figures.screen_axes import bar_words, hover_texts

if TYPE_CHECKING:
    from lossviz.figures.print_axes import PrintAxes
    from lossviz.figures.screen_axes import ScreenAxes


@dataclass(frozen=True, eq=False)
class Spans(Mark):
    """Vertical bars from low to high, all [n], at places of x; several in a panel stand side by side.

    classes: int [n], class numbers, in place of one color. vivid: the classes not muted; None is all.
    """

    at: Array
    low: Array
    high: Array
    color: Color = TEXT
    name: str = ""
    classes: Array | None = None
    vivid: tuple[int, ...] | None = None
    hover: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_lengths(self, "at", "low", "high", "classes", "hover")

    def extent(self, axis: str) -> Iterator[tuple[Any, bool]]:
        if axis == "x":
            half = spacing_of(self.at) / 2
            yield np.concatenate([self.at - half, self.at + half]), True
        else:
            yield np.concatenate([self.low, self.high]), False

    def screen(self, axes: ScreenAxes) -> None:
        offset, width = axes.side_by_side(self)
        words = [
            f"{axes.y.number(a)} to {axes.y.number(b)}" for a, b in zip(self.low, self.high, strict=True)
        ]
        axes.trace(
            self.name,
            self.color,
            type="bar",
            x=self.at,
            y=self.high - self.low,
            base=self.low,
            offset=offset,
            width=width,
            marker={"color": axes.codes(self), "line": {"width": 0}},
            **hover_texts(self.hover or bar_words(self.name, axes.x, self.at, words)),
        )

    def print(self, axes: PrintAxes) -> None:
        offset, width = axes.side_by_side(self)
        axes.axes.bar(
            self.at + offset,
            self.high - self.low,
            width,
            bottom=self.low,
            align="edge",
            color=axes.codes(self),
            linewidth=0,
            **axes.artist(self.name, self.color),
        )
