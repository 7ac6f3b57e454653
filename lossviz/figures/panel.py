"""A panel: one pair of axes with its marks; and what every mark declares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from lossviz.core.errors import LossvizError
from lossviz.figures.axis import Array, Axis, Range
from lossviz.figures.roles import TEXT, ClassColor, Color

Dash = str  # "solid", "dashed", "dotted", or pixels of line and gap: "8px,4px"
Anchor = Literal["left", "center", "right"]
Entry = tuple[str, Color]  # of a legend
ValueScale = tuple[str, str]  # title and spacing of numbers that are shown as colours
MOST_CLASSES = 12  # in a legend; with more the picture says nothing by colour alone
_WORDS = ("texts", "hover", "labels")
_PLAIN = Axis()


class Mark:
    """A thing drawn in a panel: a class in a file of its own under `figures/marks`.

    A mark is a frozen dataclass of its data that draws itself twice, with plotly (`screen`) and with
    matplotlib (`print`), and tells the layout what else it needs. The defaults need nothing.
    """

    name: str = ""
    color: Color = TEXT
    label_at_end: bool = False

    def screen(self, axes: Any) -> None:
        """Add traces, shapes and annotations of plotly to a `ScreenAxes`."""
        raise NotImplementedError

    def print(self, axes: Any) -> None:
        """Add artists to the matplotlib axes of a `PrintAxes`."""
        raise NotImplementedError

    @property
    def needs(self) -> Literal["", "polar", "solid"]:
        """The kind of panel that the mark can only be drawn in."""
        return ""

    def extent(self, axis: str) -> Iterator[tuple[Any, bool]]:
        """Values that must be within an axis ("x" or "y"), and whether it may end right there."""
        yield from ()

    def legend(self, classes: Sequence[str]) -> list[Entry]:
        """The entries of the mark; classes: the names of the classes."""
        return [(self.name, self.color)] if self.name else []

    def categories(self, axis: str) -> tuple[str, ...]:
        """The names that the mark puts along an axis."""
        return ()

    def end_name(self, axis: Axis) -> float | None:
        """The height of the mark at the right side, where its name stands outside; None without one."""
        return None

    def top_name(self) -> float | None:
        """The place on x at which the mark's name stands above the panel; None without one."""
        return None

    @property
    def value_scale(self) -> ValueScale | None:
        """The scale of the numbers that the mark shows as colours."""
        return None

    @property
    def scale_values(self) -> Array:
        """Those numbers as places on their scale: log₁₀ on a logarithmic one, NaN where there is none."""
        return np.array([])

    def points(self) -> list[tuple[float, float]]:
        """Points that labels should not cover."""
        return []

    def notes(self) -> list[tuple[float, float, str, Anchor]]:
        """Texts that labels should not cover: place, text, and which of its ends is there."""
        return []

    @property
    def radii(self) -> Array:
        """Heights along the radius of a polar panel."""
        return np.array([])


@dataclass(frozen=True, eq=False)
class Panel:
    """One pair of axes with its marks, drawn in this order.

    equal: one unit is equally long on both axes. polar: a disk whose rim has radius 1 for every mark
    but `PolarSteps`, whose heights reach the rim at y.high (or the highest of all). solid: three
    dimensions, for `Dots` with z. note: the sample, as "n = 2,000".
    """

    marks: tuple[Mark, ...]
    title: str = ""
    x: Axis = _PLAIN
    y: Axis = _PLAIN
    z: Axis = _PLAIN
    equal: bool = False
    polar: bool = False
    solid: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "marks", tuple(self.marks))
        for mark in self.marks:
            if mark.needs and not getattr(self, mark.needs):
                raise LossvizError(f"chart: {type(mark).__name__} needs a panel with {mark.needs}=True")
            if self.solid and mark.needs != "solid":
                raise LossvizError("chart: a panel with solid=True holds Dots with z only")

    @property
    def flat(self) -> bool:
        """True where the axes x and y are seen."""
        return not (self.polar or self.solid)

    @property
    def square(self) -> bool:
        """True where it may be narrower than its place, so that texts stand over its middle."""
        return self.equal or self.polar

    def categories(self, name: str) -> tuple[str, ...]:
        """The names along an axis: those of a mark, or of the axis itself."""
        of_marks = next((found for mark in self.marks if (found := mark.categories(name))), ())
        axis: Axis = getattr(self, name)
        return of_marks or axis.categories

    def ends(self, name: str) -> Range:
        """The ends of an axis, ascending, in its unit."""
        if self.categories(name):
            return -0.5, len(self.categories(name)) - 0.5
        needed = [(values, tight) for mark in self.marks for values, tight in mark.extent(name)]
        axis: Axis = getattr(self, name)
        return axis.ends(
            [np.asarray(values) for values, tight in needed if not tight],
            [np.asarray(values) for values, tight in needed if tight],
        )

    @property
    def dots(self) -> int:
        return sum(len(mark.points()) for mark in self.marks)

    def end_names(self, lines: bool) -> list[tuple[Mark, float]]:
        """Marks whose names stand at the right side, with their heights.

        lines: False where names of lines stand in the legend.
        """
        named = [(m, m.end_name(self.y)) for m in self.marks if m.name and (lines or not m.label_at_end)]
        return [(mark, at) for mark, at in named if at is not None]

    def top_names(self) -> list[tuple[Mark, float]]:
        """Marks whose names stand above the panel, with their places on x."""
        named = [(m, m.top_name()) for m in self.marks if m.name]
        return [(mark, at) for mark, at in named if at is not None]


def check_lengths(mark: Any, *names: str) -> None:
    """Make arrays [n] of the fields named; those with a default may be left out. LossvizError else."""
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


def check_histogram(mark: Any) -> None:
    """Make arrays of edges [B + 1] and heights [B]; LossvizError where they do not match."""
    check_lengths(mark, "edges")
    check_lengths(mark, "heights")
    if len(mark.edges) != len(mark.heights) + 1:
        raise LossvizError(
            f"chart: {type(mark).__name__} needs one edge more than heights; "
            f"got {len(mark.edges)} edges and {len(mark.heights)} heights"
        )


def class_name(classes: Sequence[str], k: int) -> str:
    """The name of class `k`."""
    return classes[k] if k < len(classes) else f"class {k}"


def finite_parts(*arrays: Array) -> list[slice]:
    """The stretches where all of the arrays [n] are finite."""
    good = np.isfinite(np.stack([np.asarray(a, dtype=np.float64) for a in arrays])).all(axis=0)
    steps = np.diff(np.concatenate([[0], good.astype(int), [0]]))
    return [slice(a, b) for a, b in zip(np.flatnonzero(steps == 1), np.flatnonzero(steps == -1), strict=True)]


def class_color(k: int, vivid: Sequence[int] | None) -> ClassColor:
    """The colour of class `k`; muted where only others are vivid. None: all are."""
    return ClassColor(k, muted=vivid is not None and k not in vivid)


def by_class(classes: Array, vivid: Sequence[int] | None) -> list[tuple[ClassColor, Array]]:
    """The colour of each of the classes [n] and where it is, bool [n]; muted classes first, to lie below."""
    colors = [class_color(int(k), vivid) for k in np.unique(classes)]
    return [(c, classes == c.k) for c in sorted(colors, key=lambda c: (not c.muted, c.k))]
