"""The curves component: small multiples of numbers over training, drawn in the browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from numpy.typing import NDArray

from lossviz.figures.levels import Spacing
from lossviz.figures.wire import message
from lossviz.ui.components import component

__all__ = ["Chart", "Line", "Mark", "encode", "mount"]

Array = NDArray[Any]
Unit = Literal["", "%", "°"]
Dash = Literal["solid", "dashed", "dotted"]


@dataclass(frozen=True, eq=False)
class Line:
    """A line of a chart: x, y [n] with x ascending; where y is not finite the line is broken.

    name: written at its end. run: id of its run. color: "#rrggbb", as given or, for a dark page,
    color_dark.
    """

    name: str
    x: Array
    y: Array
    color: str
    color_dark: str = ""
    dash: Dash = "solid"
    run: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError unless x and y have one length."""
        if self.x.ndim != 1 or self.x.shape != self.y.shape:
            raise ValueError(
                f"curves: {self.name}: x and y must be [n], of one length; "
                f"got {list(self.x.shape)} and {list(self.y.shape)}"
            )


@dataclass(frozen=True)
class Mark:
    """A place along x with a few words: the end of annealing, a fork."""

    x: float
    text: str


@dataclass(frozen=True, eq=False)
class Chart:
    """Lines over one x axis. unit "%": y holds fractions and is written in per cent.

    spacing: of the y axis; "log" leaves out values that are not above 0. low, high: values of y that the
    axis must include.
    """

    title: str
    lines: Sequence[Line]
    unit: Unit = ""
    spacing: Spacing = "linear"
    marks: Sequence[Mark] = ()
    low: float | None = None
    high: float | None = None


# Shows charts (`encode`). A click at x moves the pictures of the page to x, see README.md.
mount = component("curves", Path(__file__).parent)


def encode(
    charts: Sequence[Chart],
    *,
    frame: int = 0,
    x_title: str = "epoch",
    cursor: float | None = None,
    height: int = 150,
    presentation: bool = False,
    said: str = "",
    running: bool = False,
) -> bytes:
    """Charts as a message (lossviz.figures.wire).

    cursor: the x that the pictures of the page show, drawn as a line. height: of a chart in pixels. said: a
    line of text above the charts. running: more values will come.
    """
    header = {
        "frame": frame,
        "charts": list(charts),
        "x_title": x_title,
        "cursor": cursor,
        "height": height,
        "presentation": presentation,
        "said": said,
        "running": running,
    }
    return message(header)
