"""Arrows from the origin."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lossviz.figures import palette
from lossviz.figures.axis import Array
from lossviz.figures.panel import Mark, by_class, check_lengths
from lossviz.figures.roles import OTHER, Color

if TYPE_CHECKING:
    from lossviz.figures.print_axes import PrintAxes
    from lossviz.figures.screen_axes import ScreenAxes


@dataclass(frozen=True, eq=False)
class Arrows(Mark):
    """Arrows from the origin to (x, y), both [n]; labels are written beyond the tips.

    classes: int [n], class numbers, in place of one color. vivid: the classes not muted; None is all.
    """

    x: Array
    y: Array
    color: Color = OTHER
    name: str = ""
    classes: Array | None = None
    labels: tuple[str, ...] = ()
    vivid: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        check_lengths(self, "x", "y", "classes", "labels")

    def extent(self, axis: str) -> Iterator[tuple[Any, bool]]:
        yield 1.12 * np.append(self.x if axis == "x" else self.y, 0.0), False

    def _groups(self) -> Iterator[tuple[Color, Sequence[int]]]:
        """The arrows that can be drawn, by colour."""
        good = np.isfinite(self.x) & np.isfinite(self.y)
        parts = [(self.color, good)] if self.classes is None else by_class(self.classes, self.vivid)
        for color, rows in parts:
            yield color, np.flatnonzero(rows & good).tolist()

    def screen(self, axes: ScreenAxes) -> None:
        """Each with a casing, so that it is seen on points of any colour."""
        for color, rows in self._groups():
            start, gap = np.zeros(len(rows)), np.full(len(rows), np.nan)
            x, y = (np.stack([start, tips[rows], gap], axis=1).ravel() for tips in (self.x, self.y))
            code, casing = axes.code(color), palette.theme(axes.dark).casing
            for width, paint, name in ((4.0, casing, ""), (2.0, code, self.name)):
                heads = {"symbol": "arrow", "angleref": "previous", "color": paint, "opacity": 1}
                sizes = np.tile([0.0, 7.0 + 1.8 * width, 0.0], len(rows))
                axes.trace(
                    name,
                    self.color,
                    x=x,
                    y=y,
                    mode="lines+markers",
                    line={"color": paint, "width": width},
                    marker={**heads, "size": sizes, "line": {"width": 0}},
                    hoverinfo="skip",
                )
            for at_x, at_y, text, (right, up) in self._labels(rows):
                axes.note(at_x, at_y, text, color, "center", xshift=13 * right, yshift=13 * up)

    def print(self, axes: PrintAxes) -> None:
        from lossviz.figures.print_axes import arrow

        for color, rows in self._groups():
            code = axes.code(color)
            axes.axes.plot([], [], color=code, linewidth=1.0, **axes.artist(self.name, self.color))
            for i in rows:
                if self.x[i] or self.y[i]:
                    tip = float(self.x[i]), float(self.y[i])
                    axes.axes.add_patch(arrow(tip, code, 1.0, axes.dark, zorder=3))
            for x, y, text, (right, up) in self._labels(rows):
                axes.note(x, y, text, color, "center", (12 * right, 12 * up))

    def _labels(self, rows: Sequence[int]) -> Iterator[tuple[float, float, str, tuple[float, float]]]:
        """The tips with their labels, and the direction in which these stand beyond."""
        for i in rows if self.labels else ():
            angle = math.atan2(self.y[i], self.x[i])
            yield float(self.x[i]), float(self.y[i]), self.labels[i], (math.cos(angle), math.sin(angle))
