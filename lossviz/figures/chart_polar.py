"""A polar panel as marks over the plane, so that both painters draw it alike."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lossviz.figures import levels
from lossviz.figures.chart import Array, Chart, Circle, Ink, Line, Mark, Note, Panel, PolarSteps, RoleInk
from lossviz.figures.chart_scales import Range, suffix

ENDS: tuple[Range, Range] = ((-1.24, 1.24), (-1.24, 1.24))
_ARC = math.radians(3)  # the longest straight piece of an arc


@dataclass(frozen=True, eq=False)
class Polygon:
    """A closed outline (x, y), both [n]."""

    x: Array
    y: Array
    ink: Ink
    name: str
    filled: bool


def rims(chart: Chart) -> list[float]:
    """The height that reaches the rim of each panel, shared where the chart shares y."""
    own = [_rim(panel) for panel in chart.panels]
    return [max(own)] * len(own) if chart.shared_y else own


def _rim(panel: Panel) -> float:
    if not panel.polar:
        return 0.0
    if panel.y.high is not None:
        return panel.y.high
    heights = [m.heights for m in panel.marks if isinstance(m, PolarSteps)]
    highest = levels.shared_range(heights)[1]
    if highest <= 0:
        return 0.0
    step = 2 * 10.0 ** (math.floor(math.log10(highest)) - 1)
    return step * math.ceil(highest / step - 1e-9)


def flat(panel: Panel, rim: float) -> list[Mark | Polygon]:
    """The marks of a polar panel with its grid, in units of the rim."""
    return [*_grid(panel, rim), *(_flat(mark, rim) for mark in panel.marks)]


def _flat(mark: Mark, rim: float) -> Mark | Polygon:
    if not isinstance(mark, PolarSteps):
        return mark
    x, y = outline(mark, rim)
    return Polygon(x, y, mark.ink, mark.name, mark.filled)


def outline(mark: PolarSteps, rim: float) -> tuple[Array, Array]:
    """The corners of a polar histogram with arcs in short straight pieces; `rim` has radius 1."""
    angles, radii = [], []
    for start, end, height in zip(mark.edges[:-1], mark.edges[1:], mark.heights, strict=True):
        arc = np.linspace(start, end, 2 + int((end - start) / _ARC))
        angles.append(arc)
        radii.append(np.full(len(arc), height / rim if rim > 0 and math.isfinite(height) else 0.0))
    angle, radius = np.concatenate(angles), np.concatenate(radii)
    x, y = radius * np.cos(angle), radius * np.sin(angle)
    whole = math.isclose(mark.edges[-1] - mark.edges[0], 2 * math.pi)
    return (x, y) if whole else (np.append(x, 0.0), np.append(y, 0.0))


def _grid(panel: Panel, rim: float) -> list[Mark]:
    ink = RoleInk("grid")
    marks: list[Mark] = [Circle(1.0, ink=RoleInk("border"))]
    for degrees in range(0, 180, 45):
        x, y = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        marks.append(Line(np.array([-x, x]), np.array([-y, y]), ink, width=1.0))
    if rim > 0:
        marks.append(Circle(0.5, ink=ink))
        at = math.radians(67.5)
        usual = [(share * rim, levels.number_text(share * rim, 3) + suffix(panel.y)) for share in (0.5, 1.0)]
        for height, text in panel.y.ticks or usual:
            place = height / rim * math.cos(at), height / rim * math.sin(at)
            marks.append(Note(*place, text, "center", RoleInk("muted")))
    for degrees in range(0, 360, 45):
        x, y = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        marks.append(Note(1.13 * x, 1.13 * y, f"{degrees}°", "center", RoleInk("muted")))
    return marks
