"""A straight line through a panel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from lossviz.figures.axis import Axis
from lossviz.figures.panel import Dash, Entry, Mark
from lossviz.figures.roles import MUTED, Color

if TYPE_CHECKING:
    from lossviz.figures.print_axes import PrintAxes
    from lossviz.figures.screen_axes import ScreenAxes


@dataclass(frozen=True)
class Rule(Mark):
    """A straight line through the panel: across "x" it is upright at x = at, across "y" level at y = at.

    The name stands outside the panel, at the line's end, clear of other names.
    """

    at: float
    across: Literal["x", "y"] = "x"
    color: Color = MUTED
    name: str = ""
    dash: Dash = "dashed"
    width: float = 1.5

    def extent(self, axis: str) -> Iterator[tuple[Any, bool]]:
        if axis == self.across:
            yield [self.at], False

    def legend(self, classes: Any) -> list[Entry]:
        return []

    def end_name(self, axis: Axis) -> float | None:
        return self.at if self.across == "y" else None

    def top_name(self) -> float | None:
        return self.at if self.across == "x" else None

    def screen(self, axes: ScreenAxes) -> None:
        along, across = ("x", "y") if self.across == "x" else ("y", "x")
        ends = {f"{along}0": self.at, f"{along}1": self.at, f"{across}0": 0, f"{across}1": 1}
        whole = {f"{across}ref": f"{across}{axes.number} domain"}
        style = axes.line_style(self.color, self.width, self.dash)
        axes.shape("line", **{f"{along}ref": along + axes.number, **whole, **ends}, line=style)

    def print(self, axes: PrintAxes) -> None:
        draw = axes.axes.axvline if self.across == "x" else axes.axes.axhline
        style = axes.line_style(self.color, self.width, self.dash)
        draw(self.at, **style, **axes.artist(self.name, self.color))
