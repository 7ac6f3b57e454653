"""The state of a chart while it is drawn, on screen or in print alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from lossviz.figures import levels
from lossviz.figures.axis import Array, Axis, Range
from lossviz.figures.label_layout import Side, sides
from lossviz.figures.panel import Entry, Mark, Panel, ValueScale, class_color
from lossviz.figures.roles import Color, color_code, text_code
from lossviz.figures.screen_theme import NAME
from lossviz.figures.text_width import text_width


@dataclass
class Drawing:
    """A chart being drawn.

    legend: the entries that its legend has. scales: the ends of the numbers shown as colours.
    """

    classes: Sequence[str]
    dark: bool
    legend: set[Entry]
    scales: dict[ValueScale, Range]
    named: set[Entry] = field(default_factory=set)

    def names(self, name: str, color: Color) -> bool:
        """True for the first artist of an entry of the legend: it stands there for all."""
        entry = (name, color)
        first = entry in self.legend and entry not in self.named
        self.named |= {entry} if first else set()
        return first


@dataclass
class PanelAxes:
    """The axes of one panel being drawn.

    ends: of x and y. rim: the height at the rim of a polar panel. pixels: about how wide and high it is.
    """

    drawing: Drawing
    panel: Panel
    ends: tuple[Range, Range]
    rim: float
    pixels: tuple[float, float]

    @property
    def x(self) -> Axis:
        return self.panel.x

    @property
    def y(self) -> Axis:
        return self.panel.y

    @property
    def dark(self) -> bool:
        return self.drawing.dark

    @property
    def foot(self) -> float:
        """The height that histograms stand on."""
        return self.ends[1][0] if self.y.log else 0.0

    def code(self, color: Color) -> str:
        """A colour as `#rrggbb` in this theme."""
        return color_code(color, self.dark)

    def text_code(self, color: Color) -> str:
        """A colour as `#rrggbb` that can be read as text."""
        return text_code(color, self.dark)

    def codes(
        self, color: Color, classes: Array | None, vivid: Sequence[int] | None = None
    ) -> str | list[str]:
        """One colour as `#rrggbb`, or with classes [n] one for each; vivid: those not muted."""
        if classes is None:
            return self.code(color)
        of = {int(k): self.code(class_color(int(k), vivid)) for k in np.unique(classes)}
        return [of[int(k)] for k in classes]

    def shows(self, x: float, y: float) -> bool:
        """True where the axes can show a place."""
        pairs = ((x, self.x), (y, self.y))
        return all(np.isfinite(at) and (at > 0 or not axis.log) for at, axis in pairs)

    def label_sides(
        self, points: Sequence[tuple[float, float]], mark: Mark, labels: Sequence[str]
    ) -> list[Side]:
        """A side for the label of each point of a mark, so that it covers no text and, if it can, no dot."""

        def at(x: float, y: float) -> tuple[float, float]:
            wide, high = self.pixels
            return self.x.share(x, self.ends[0]) * wide, self.y.share(y, self.ends[1]) * high

        others = [other for other in self.panel.marks if other is not mark]
        return sides(
            [at(*point) for point in points],
            [text_width(label, NAME) for label in labels],
            self.pixels,
            others=[at(*point) for other in others for point in other.points()],
            texts=[
                (*at(x, y), text_width(text, NAME), anchor)
                for other in others
                for x, y, text, anchor in other.notes()
            ],
        )


def dot_size(size: float | None, count: int) -> float:
    """The diameter of dots in pixels: smaller among many, so that they do not hide each other."""
    return size if size is not None else min(10.0, 6.0 * (500 / max(count, 30)) ** 0.22)


def scale_ends(marks: Sequence[Mark]) -> Range:
    """The ends of a scale that marks share, as places on it."""
    low, high = levels.shared_range([mark.scale_values for mark in marks])
    return (low, high) if low < high else (low - 0.5, low + 0.5)
