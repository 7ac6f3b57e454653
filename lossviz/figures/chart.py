"""One description of a chart, drawn on screen by `screen_chart` and in print by `print_chart`.

>>> curve = Line(thresholds, 100 * accuracy, RunColor(0), "ArcFace")
>>> Chart((Panel((curve,), x=Axis("threshold t"), y=Axis("accuracy", "%")),), alt="Accuracy against t.")

A chart holds marks (`lossviz.figures.marks`): data, numbers and colours by their meaning; marks draw
themselves in either theme. Nothing is computed from the data: histograms come binned, ranges as their
ends. All numbers are in the unit of their axis, as they are to be read: per cent as 0..100, angles on an
axis in degrees. What is not finite is not drawn.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Literal

from lossviz.core.errors import LossvizError
from lossviz.figures import marks
from lossviz.figures.axis import Array, Axis, Range
from lossviz.figures.drawing import scale_ends
from lossviz.figures.marks import *  # noqa: F403
from lossviz.figures.marks.polar import POLAR_ENDS, rim_of
from lossviz.figures.panel import MOST_CLASSES, Dash, Entry, Mark, Panel, ValueScale
from lossviz.figures.roles import MUTED, TEXT, ClassColor, Color, Role, RoleColor, RunColor
from lossviz.figures.screen_theme import LEAST_FOR_NAMES, NAME, ROW
from lossviz.figures.text_width import text_width

__all__ = [
    "MUTED",
    "TEXT",
    "Array",
    "Axis",
    "Chart",
    "ClassColor",
    "Color",
    "Dash",
    "Mark",
    "Panel",
    "Role",
    "RoleColor",
    "RunColor",
]
__all__ += marks.__all__


@dataclass(frozen=True, eq=False)
class Chart:
    """Panels in a grid.

    alt: the picture in words, with its key values. columns: None: by number and width.
    shared_x, shared_y: the same ends on all panels, numbers only on the outer ones. height: pixels
    of a panel's plot on screen. legend: "ends": names of lines at their ends where they fit, the rest
    on top; "top"; "none". classes: the names of the classes, for marks with classes.
    """

    panels: tuple[Panel, ...]
    alt: str
    columns: int | None = None
    shared_x: bool = False
    shared_y: bool = False
    title: str = ""
    height: int = 300
    legend: Literal["ends", "top", "none"] = "ends"
    classes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "panels", tuple(self.panels))
        if not self.panels:
            raise LossvizError("chart: at least one panel is needed; got none")
        if self.columns is not None and self.columns < 1:
            raise LossvizError(f"chart: columns must be at least 1; got {self.columns}")

    @property
    def usual_columns(self) -> int:
        """The columns of the grid: as asked, else by the number of panels."""
        count = len(self.panels)
        if self.columns is not None:
            return min(self.columns, count)
        return count if count <= 3 else 2 if count == 4 else 3 if count in (5, 6, 9) else 4

    def ends(self) -> list[tuple[Range, Range]]:
        """The ends of x and y for each panel, ascending, in the axis's unit; shared ones are equal."""
        of_axes = []
        for name, shared in (("x", self.shared_x), ("y", self.shared_y)):
            found = [panel.ends(name) for panel in self.panels]
            flat = [own for panel, own in zip(self.panels, found, strict=True) if panel.flat]
            if shared and flat:
                joint = min(low for low, _ in flat), max(high for _, high in flat)
                found = [joint if p.flat else own for p, own in zip(self.panels, found, strict=True)]
            of_axes.append(found)
        pairs = zip(self.panels, *of_axes, strict=True)
        return [POLAR_ENDS if panel.polar else (x, y) for panel, x, y in pairs]

    def rims(self) -> list[float]:
        """The height at the rim of each polar panel, shared where y is; 0 for other panels."""
        own = [rim_of(panel) if panel.polar else 0.0 for panel in self.panels]
        return [max(own)] * len(own) if self.shared_y else own

    def entries(self, lines: bool) -> list[Entry]:
        """The entries of the legend, each once, in the order of the marks.

        lines: also those with names at their ends. More than twelve classes are left out: the picture
        then says nothing by colour alone.
        """
        if self.legend == "none":
            return []
        found = dict.fromkeys(
            entry
            for panel in self.panels
            for mark in panel.marks
            if lines or not mark.label_at_end
            for entry in mark.legend(self.classes)
        )
        classes = sum(isinstance(color, ClassColor) for _, color in found)
        return [e for e in found if classes <= MOST_CLASSES or not isinstance(e[1], ClassColor)]

    def names_at_ends(self, columns: int, width: float) -> bool:
        """True where the names of lines fit beside the panels: wide enough, not too many, none twice."""
        names = [[m.name for m in panel.marks if m.name and m.label_at_end] for panel in self.panels]
        twice = any(set(a) & set(b) for a, b in itertools.combinations(names, 2))
        if self.legend != "ends" or width < LEAST_FOR_NAMES or twice:
            return False
        longest = max((text_width(name, NAME) for own in names for name in own), default=0.0)
        return longest <= 0.3 * width / columns and max(map(len, names)) * ROW <= self.height

    def scales(self) -> dict[ValueScale, Range]:
        """The scales of numbers that are shown as colours, with their ends as places on them."""
        marks = [mark for panel in self.panels for mark in panel.marks]
        scales = [scale for mark in marks if (scale := mark.value_scale) is not None]
        return {
            s: scale_ends([mark for mark in marks if mark.value_scale == s]) for s in dict.fromkeys(scales)
        }
