"""The marks of a chart and their inks; `lossviz.figures.chart` gives them all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lossviz.core.errors import LossvizError

Array = NDArray[Any]
Role = Literal[
    "own", "other", "boundary", "text", "muted", "border", "grid", "positive", "negative", "difference"
]
Dash = Literal["solid", "dashed", "dotted"]
Symbol = Literal["circle", "ring", "square", "diamond", "triangle", "cross", "plus", "star"]
Scale = Literal["counts", "share", "number", "difference"]
_WORDS = ("texts", "hover", "labels")


@dataclass(frozen=True)
class ClassInk:
    """The colour of class `k`, the same in every picture; muted where other classes matter more."""

    k: int
    muted: bool = False


@dataclass(frozen=True)
class RunInk:
    """The colour of the `n`-th run, counted from 0; keep a run's number from picture to picture."""

    n: int


@dataclass(frozen=True)
class RoleInk:
    """A colour by its meaning; positive and negative are the metrics of the own and of other classes."""

    role: Role


Ink = ClassInk | RunInk | RoleInk
TEXT = RoleInk("text")


@dataclass(frozen=True, eq=False)
class Line:
    """A curve through (x, y), both [n], with its name at its right end or in the legend.

    width: pixels on screen. label_at_end: False sends the name to the legend.
    """

    x: Array
    y: Array
    ink: Ink = TEXT
    name: str = ""
    dash: Dash = "solid"
    width: float = 2.0
    label_at_end: bool = True

    def __post_init__(self) -> None:
        _equally_long(self, "x", "y")


@dataclass(frozen=True, eq=False)
class Steps:
    """A histogram: edges [B + 1] ascending, heights [B]; filled ones show what is below, unless solid."""

    edges: Array
    heights: Array
    ink: Ink = TEXT
    name: str = ""
    filled: bool = True
    dash: Dash = "solid"
    solid: bool = False

    def __post_init__(self) -> None:
        _steps(self)


@dataclass(frozen=True, eq=False)
class Band:
    """An area between low and high over x, all [n]: mean ± standard deviation, say."""

    x: Array
    low: Array
    high: Array
    ink: Ink = TEXT
    name: str = ""

    def __post_init__(self) -> None:
        _equally_long(self, "x", "low", "high")


@dataclass(frozen=True, eq=False)
class Spans:
    """Vertical bars from low to high, all [n], at places of x; several in a panel stand side by side.

    inks: int [n], class numbers, in place of one ink. vivid: the classes not muted; None is all.
    """

    at: Array
    low: Array
    high: Array
    ink: Ink = TEXT
    name: str = ""
    inks: Array | None = None
    vivid: tuple[int, ...] | None = None
    hover: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _equally_long(self, "at", "low", "high", "inks", "hover")


@dataclass(frozen=True, eq=False)
class Dots:
    """Points (x, y), both [n], in one ink, in class colours or coloured by a number.

    inks: int [n], class numbers. values: float [n], coloured from blue (low) to yellow (high) with a
    colour bar called value_title; dots with the same title share it. symbols: one, or one a point.
    texts: written beside the points, for a dozen at most. hover: what is said when pointed at.
    size: diameter in pixels; None: by the number of points. vivid: the classes not muted.
    """

    x: Array
    y: Array
    ink: Ink = TEXT
    name: str = ""
    inks: Array | None = None
    values: Array | None = None
    value_title: str = ""
    value_spacing: Literal["linear", "log"] = "linear"
    symbols: Symbol | tuple[Symbol, ...] = "circle"
    texts: tuple[str, ...] = ()
    hover: tuple[str, ...] = ()
    size: float | None = None
    vivid: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        _equally_long(self, "x", "y", "inks", "values", "texts", "hover")
        _dots(self)


@dataclass(frozen=True, eq=False)
class Dots3:
    """Points (x, y, z), all [n], in a panel with solid=True; otherwise as `Dots`."""

    x: Array
    y: Array
    z: Array
    ink: Ink = TEXT
    name: str = ""
    inks: Array | None = None
    values: Array | None = None
    value_title: str = ""
    value_spacing: Literal["linear", "log"] = "linear"
    symbols: Symbol | tuple[Symbol, ...] = "circle"
    hover: tuple[str, ...] = ()
    size: float | None = None
    vivid: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        _equally_long(self, "x", "y", "z", "inks", "values", "hover")
        _dots(self)


@dataclass(frozen=True, eq=False)
class Bars:
    """Bars from 0 to heights [n] at places [n]; several in a panel stand side by side.

    errors: [n], drawn as ±. inks: int [n], class numbers, in place of one ink. texts: written at the
    ends. horizontal: places on y, heights along x. vivid: the classes not muted; None is all.
    """

    at: Array
    heights: Array
    errors: Array | None = None
    ink: Ink = TEXT
    inks: Array | None = None
    name: str = ""
    horizontal: bool = False
    texts: tuple[str, ...] = ()
    hover: tuple[str, ...] = ()
    vivid: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        _equally_long(self, "at", "heights", "errors", "inks", "texts", "hover")


@dataclass(frozen=True, eq=False)
class Arrows:
    """Arrows from the origin to (x, y), both [n]; labels are written beyond the tips.

    inks: int [n], class numbers, in place of one ink. vivid: the classes not muted; None is all.
    """

    x: Array
    y: Array
    ink: Ink = RoleInk("other")
    name: str = ""
    inks: Array | None = None
    labels: tuple[str, ...] = ()
    vivid: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        _equally_long(self, "x", "y", "inks", "labels")


@dataclass(frozen=True)
class Rule:
    """A straight line through the panel: across "x" it is upright at x = at, across "y" level at y = at.

    The name stands outside the panel, at the line's end, clear of other names.
    """

    at: float
    across: Literal["x", "y"] = "x"
    ink: Ink = RoleInk("muted")
    name: str = ""
    dash: Dash = "dashed"
    width: float = 1.5


@dataclass(frozen=True, eq=False)
class Matrix:
    """Values [R, C] as coloured cells, row 0 on top, in a panel of its own.

    scale: "counts" and "number" from the lowest to the highest value, counts from 0; "share" per cent,
    0..100; "difference" centred at zero. texts: [R][C], what the cells say; None: the value, while
    there is room. boxed: (row, column) of framed cells. The panel's axes give the titles only.
    """

    values: Array
    row_names: tuple[str, ...]
    column_names: tuple[str, ...]
    scale: Scale = "counts"
    texts: tuple[tuple[str, ...], ...] | None = None
    boxed: tuple[tuple[int, int], ...] = ()
    value_title: str = ""

    def __post_init__(self) -> None:
        values = np.asarray(self.values)
        object.__setattr__(self, "values", values)
        shape = (len(self.row_names), len(self.column_names))
        if values.shape != shape:
            raise LossvizError(
                f"chart: a matrix of {shape[0]} rows and {shape[1]} columns needs as many values; "
                f"got {list(values.shape)}"
            )
        if self.texts is not None and (
            len(self.texts) != shape[0] or any(len(row) != shape[1] for row in self.texts)
        ):
            raise LossvizError(f"chart: the texts of a matrix must be {list(shape)}, as its values")


@dataclass(frozen=True)
class Note:
    """A text at (x, y). anchor: which end of the text is there."""

    x: float
    y: float
    text: str
    anchor: Literal["left", "center", "right"] = "left"
    ink: Ink = TEXT


@dataclass(frozen=True)
class Circle:
    """A circle about (x, y)."""

    radius: float = 1.0
    x: float = 0.0
    y: float = 0.0
    ink: Ink = RoleInk("muted")
    dash: Dash = "solid"


@dataclass(frozen=True, eq=False)
class PolarSteps:
    """A histogram around a circle, in a panel with polar=True.

    edges: [B + 1] radians, ascending, counter-clockwise from the right. heights: [B], along the radius.
    """

    edges: Array
    heights: Array
    ink: Ink = TEXT
    name: str = ""
    filled: bool = True

    def __post_init__(self) -> None:
        _steps(self)


Mark = Line | Steps | Band | Spans | Dots | Dots3 | Bars | Arrows | Rule | Matrix | Note | Circle | PolarSteps


def _equally_long(mark: Any, *names: str) -> None:
    """Makes arrays of the fields named; those with a default may be left out."""
    lengths = {}
    for name in names:
        given = getattr(mark, name)
        if given is None or (name in _WORDS and not given):
            continue
        if name not in _WORDS:
            given = np.asarray(given)
            if given.ndim != 1:
                raise LossvizError(
                    f"chart: {name} of {type(mark).__name__} must be [n]; got {list(given.shape)}"
                )
            object.__setattr__(mark, name, given)
        lengths[name] = len(given)
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {count}" for name, count in lengths.items())
        raise LossvizError(f"chart: the arrays of {type(mark).__name__} must be equally long; got {told}")


def _steps(mark: Any) -> None:
    _equally_long(mark, "edges")
    _equally_long(mark, "heights")
    if len(mark.edges) != len(mark.heights) + 1:
        raise LossvizError(
            f"chart: {type(mark).__name__} needs one edge more than heights; "
            f"got {len(mark.edges)} edges and {len(mark.heights)} heights"
        )


def _dots(mark: Any) -> None:
    if mark.inks is not None and mark.values is not None:
        raise LossvizError("chart: dots are coloured by class (inks) or by number (values), not by both")
    if not isinstance(mark.symbols, str) and len(mark.symbols) != len(mark.x):
        raise LossvizError(
            f"chart: symbols must be one, or one a point; got {len(mark.symbols)} for {len(mark.x)} points"
        )
