"""What the marks of a chart on the screen share: where they are put, how they are named, what they say."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lossviz.figures import chart_inks, chart_scales, levels
from lossviz.figures.chart import Array, Axis, Chart, Ink, Panel
from lossviz.figures.chart_room import NAME

Dict = dict[str, Any]
DASHES = {"solid": "solid", "dashed": "7px,4px", "dotted": "2px,3px"}
HOVER = "%{hovertext}<extra></extra>"
NOTE_SIZE = 13


@dataclass
class Sheet:
    """What is being drawn: the lists that plotly wants, and which names the legend has already.

    legend: (name, ink) of its entries. gl: dots by WebGL. room: pixels for the longest name in the legend.
    """

    chart: Chart
    dark: bool
    legend: set[tuple[str, Ink]]
    gl: bool
    room: float
    traces: list[Dict] = field(default_factory=list)
    shapes: list[Dict] = field(default_factory=list)
    annotations: list[Dict] = field(default_factory=list)
    named: set[tuple[str, Ink]] = field(default_factory=set)

    def color(self, ink: Ink) -> str:
        """The colour of an ink in this theme."""
        return chart_inks.color(ink, self.dark)

    def naming(self, name: str, ink: Ink) -> Dict:
        """How a trace is named; the first of its name stands in the legend."""
        key = (name, ink)
        first = key in self.legend and key not in self.named
        self.named |= {key} if first else set()
        shown = chart_scales.shortened(name, self.room, NAME) if first else name
        return {"name": plain(shown), "legendgroup": plain(name), "showlegend": first}


@dataclass
class Brush:
    """Draws the marks of one panel. number: of its axes, "" for the first, then "2", "3", …

    ends: of the axes. room: about how wide and exactly how high it is, in pixels.
    """

    sheet: Sheet
    panel: Panel
    number: str
    ends: tuple[chart_scales.Range, chart_scales.Range]
    room: tuple[float, float]

    @property
    def axes(self) -> Dict:
        """The names of the axes, for a trace."""
        return {"xaxis": "x" + self.number, "yaxis": "y" + self.number}

    @property
    def refs(self) -> Dict:
        """The names of the axes, for a shape or an annotation."""
        return {"xref": "x" + self.number, "yref": "y" + self.number}

    def scatter(self, x: Array, y: Array, ink: Ink, name: str, **options: Any) -> None:
        """A trace of lines or points."""
        trace = {"type": "scatter", "x": x, "y": y, **self.axes, **self.sheet.naming(name, ink), **options}
        self.sheet.traces.append(trace)

    def pointing(self, name: str) -> Dict:
        """What is said of a point; its name alone in a polar panel, where x and y have no meaning."""
        if self.panel.polar:
            return {"hoverinfo": "name" if name else "skip"}
        return {"hovertemplate": template(name, said(self.panel.x, "x"), said(self.panel.y, "y"))}


def plain(text: str) -> str:
    """A text that plotly shows as it is; <br> for its line breaks."""
    return html.escape(text, quote=False).replace("%{", "%&#123;").replace("\n", "<br>")


def said(axis: Axis, name: str) -> str:
    """A number of an axis in a hover text, with its title and unit."""
    unit = chart_scales.suffix(axis) or (f" {plain(axis.unit)}" if axis.unit else "")
    return f"{plain(axis.title) or name}: %{{{name}:.4~g}}{unit}"


def template(name: str, *texts: str) -> str:
    """The lines of a hover text under a name."""
    return "<br>".join([*([plain(name)] if name else []), *texts]) + "<extra></extra>"


def place_name(axis: Axis, at: float) -> str:
    """What stands at a place of an axis: a category, or a number with title and unit."""
    if axis.categories:
        i = round(float(at))
        return axis.categories[i] if 0 <= i < len(axis.categories) else ""
    number = levels.number_text(float(at)) + chart_scales.suffix(axis)
    return f"{axis.title}: {number}" if axis.title else number


def drawable(values: Array, axis: Axis) -> Array:
    """Values with gaps where a logarithmic axis cannot show them."""
    if axis.spacing != "log":
        return values
    numbers = values.astype(np.float64)
    return np.where(numbers > 0, numbers, np.nan)
