"""One description of a chart, painted on screen by `screen_chart` and in print by `print_chart`.

>>> curve = Line(thresholds, 100 * accuracy, RunInk(0), "ArcFace")
>>> Chart((Panel((curve,), x=Axis("threshold t"), y=Axis("accuracy", "%")),), alt="Accuracy against t.")

A chart says what is drawn, with which numbers and in which role; the painters decide how that looks
in either theme. Nothing is computed from the data: histograms come binned, ranges as their ends.
All numbers are in the unit of their axis, as they are to be read: per cent as 0..100, angles on an
axis in degrees. What is not finite is not drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lossviz.core.errors import LossvizError
from lossviz.figures.chart_marks import (
    TEXT,
    Array,
    Arrows,
    Band,
    Bars,
    Circle,
    ClassInk,
    Dash,
    Dots,
    Dots3,
    Ink,
    Line,
    Mark,
    Matrix,
    Note,
    PolarSteps,
    Role,
    RoleInk,
    Rule,
    RunInk,
    Scale,
    Spans,
    Steps,
    Symbol,
)

__all__ = [
    "TEXT",
    "Array",
    "Arrows",
    "Axis",
    "Band",
    "Bars",
    "Chart",
    "Circle",
    "ClassInk",
    "Dash",
    "Dots",
    "Dots3",
    "Ink",
    "Line",
    "Mark",
    "Matrix",
    "Note",
    "Panel",
    "PolarSteps",
    "Role",
    "RoleInk",
    "Rule",
    "RunInk",
    "Scale",
    "Spans",
    "Steps",
    "Symbol",
]


@dataclass(frozen=True)
class Axis:
    """What an axis shows.

    title: without unit. unit: written behind numbers ("°", "%"), or any other unit, written behind
    the title. spacing: "category" puts `categories` at 0, 1, 2, … low, high: ends of the axis;
    None: from the marks. ticks: (place, text) in place of the usual ones; an empty text is a tick
    without a number.
    """

    title: str = ""
    unit: str = ""
    spacing: Literal["linear", "log", "category"] = "linear"
    low: float | None = None
    high: float | None = None
    ticks: tuple[tuple[float, str], ...] = ()
    categories: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.categories and self.spacing == "linear":
            object.__setattr__(self, "spacing", "category")
        if self.spacing == "log" and self.low is not None and self.low <= 0:
            raise LossvizError(f"chart: a log axis starts above 0; got low = {self.low:g}")


@dataclass(frozen=True, eq=False)
class Panel:
    """One pair of axes with its marks, drawn in this order.

    equal: one unit is equally long on both axes. polar: a disk whose rim has radius 1 for every mark
    but `PolarSteps`, whose heights reach the rim at y.high (or the highest of all). solid: three
    dimensions, for `Dots3`. note: the sample, as "n = 2,000".
    """

    marks: tuple[Mark, ...]
    title: str = ""
    x: Axis = Axis()
    y: Axis = Axis()
    z: Axis = Axis()
    equal: bool = False
    polar: bool = False
    solid: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "marks", tuple(self.marks))
        for kind, setting, on in ((PolarSteps, "polar", self.polar), (Dots3, "solid", self.solid)):
            if not on and any(isinstance(mark, kind) for mark in self.marks):
                raise LossvizError(f"chart: {kind.__name__} needs a panel with {setting}=True")
        if self.solid and not all(isinstance(mark, Dots3) for mark in self.marks):
            raise LossvizError("chart: a panel with solid=True holds Dots3 only")


@dataclass(frozen=True, eq=False)
class Chart:
    """Panels in a grid.

    alt: what the picture shows, in words, with its key values. columns: None: by number and width.
    shared_x, shared_y: the same ends on all panels, numbers only on the outer ones. height: pixels
    of a panel's plot on screen. legend: "ends": names of lines at their ends where they fit, the rest
    on top; "top"; "none". classes: the names of the classes, for marks with inks.
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
