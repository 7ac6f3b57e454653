"""A text in a panel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lossviz.figures.panel import Anchor, Entry, Mark
from lossviz.figures.roles import TEXT, Color

if TYPE_CHECKING:
    from lossviz.figures.print_axes import PrintAxes
    from lossviz.figures.screen_axes import ScreenAxes


@dataclass(frozen=True)
class Note(Mark):
    """A text at (x, y). anchor: which end of the text is there."""

    x: float
    y: float
    text: str
    anchor: Anchor = "left"
    color: Color = TEXT

    def extent(self, axis: str) -> Iterator[tuple[Any, bool]]:
        yield (self.x if axis == "x" else self.y), False

    def legend(self, classes: Sequence[str]) -> list[Entry]:
        return []

    def notes(self) -> list[tuple[float, float, str, Anchor]]:
        return [(self.x, self.y, self.text, self.anchor)]

    def screen(self, axes: ScreenAxes) -> None:
        axes.note(self.x, self.y, self.text, self.color, self.anchor)

    def print(self, axes: PrintAxes) -> None:
        axes.note(self.x, self.y, self.text, self.color, self.anchor)
