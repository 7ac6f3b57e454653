"""A histogram around a circle, and the grid of its panel."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from lossviz.figures import levels
from lossviz.figures.axis import Array, Axis, Range
from lossviz.figures.marks.circle import Circle
from lossviz.figures.marks.line import Line
from lossviz.figures.marks.note import Note
from lossviz.figures.palette import translucent
from lossviz.figures.panel import Mark, Panel, check_histogram
from lossviz.figures.roles import TEXT, Color, RoleColor

if TYPE_CHECKING:
    from lossviz.figures.print_axes import PrintAxes
    from lossviz.figures.screen_axes import ScreenAxes

POLAR_ENDS: tuple[Range, Range] = ((-1.24, 1.24), (-1.24, 1.24))
_ARC = math.radians(3)  # the longest straight piece of an arc


@dataclass(frozen=True, eq=False)
class PolarSteps(Mark):
    """A histogram around a circle, in a panel with polar=True.

    edges: [B + 1] radians, ascending, counter-clockwise from the right. heights: [B], along the radius.
    """

    edges: Array
    heights: Array
    color: Color = TEXT
    name: str = ""
    filled: bool = True

    def __post_init__(self) -> None:
        check_histogram(self)

    @property
    def needs(self) -> Literal["", "polar", "solid"]:
        return "polar"

    @property
    def radii(self) -> Array:
        return self.heights

    def outline(self, rim: float) -> tuple[Array, Array]:
        """The closed outline in the plane, arcs in short straight pieces; the height `rim` has radius 1."""
        angles, radii = [], []
        for start, end, height in zip(self.edges[:-1], self.edges[1:], self.heights, strict=True):
            arc = np.linspace(start, end, 2 + int((end - start) / _ARC))
            angles.append(arc)
            radii.append(np.full(len(arc), height / rim if rim > 0 and math.isfinite(height) else 0.0))
        angle, radius = np.concatenate(angles), np.concatenate(radii)
        x, y = radius * np.cos(angle), radius * np.sin(angle)
        if not math.isclose(self.edges[-1] - self.edges[0], 2 * math.pi):
            x, y = np.append(x, 0.0), np.append(y, 0.0)
        return np.append(x, x[:1]), np.append(y, y[:1])

    def screen(self, axes: ScreenAxes) -> None:
        x, y = self.outline(axes.rim)
        axes.trace(
            self.name,
            self.color,
            x=x,
            y=y,
            mode="lines",
            line=axes.line_style(self.color, 1.5),
            fill="toself" if self.filled else "none",
            fillcolor=translucent(axes.code(self.color), 0.3),
            hoveron="fills",
            hoverinfo="name" if self.name else "skip",
        )

    def print(self, axes: PrintAxes) -> None:
        x, y = self.outline(axes.rim)
        style = axes.line_style(self.color, 1.45)
        fill = (axes.code(self.color), 0.28 if self.filled else 0.0)
        label = axes.artist(self.name, self.color)
        axes.axes.fill(x, y, facecolor=fill, edgecolor=style.pop("color"), **style, **label)


def rim_of(panel: Panel) -> float:
    """The height that reaches the rim of a polar panel: the highest, rounded up to two digits."""
    if panel.y.high is not None:
        return panel.y.high
    highest = levels.shared_range([mark.radii for mark in panel.marks])[1]
    if not panel.polar or highest <= 0 or not any(len(mark.radii) for mark in panel.marks):
        return 0.0
    step = 2 * 10.0 ** (math.floor(math.log10(highest)) - 1)
    return step * math.ceil(highest / step - 1e-9)


def polar_grid(y: Axis, rim: float) -> list[Mark]:
    """The rim, the half-way circle with their heights, and spokes with their angles."""
    grid, muted = RoleColor("grid"), RoleColor("muted")
    marks: list[Mark] = [Circle(1.0, color=RoleColor("border"))]
    for degrees in range(0, 360, 45):
        x, y_ = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        if degrees < 180:
            marks.append(Line(np.array([-x, x]), np.array([-y_, y_]), grid, width=1.0))
        marks.append(Note(1.13 * x, 1.13 * y_, f"{degrees}°", "center", muted))
    if rim > 0:
        marks.append(Circle(0.5, color=grid))
        at = math.radians(67.5)
        for height, text in y.ticks or [(share * rim, y.number(share * rim, 3)) for share in (0.5, 1.0)]:
            place = height / rim * math.cos(at), height / rim * math.sin(at)
            marks.append(Note(*place, text, "center", muted))
    return marks
