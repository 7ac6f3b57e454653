"""The marks of a chart as traces, shapes and annotations of plotly, in plain dictionaries."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lossviz.figures import chart_inks, chart_scales, levels, palette
from lossviz.figures.chart import (
    Array,
    Arrows,
    Axis,
    Band,
    Bars,
    Chart,
    Circle,
    Dots,
    Dots3,
    Ink,
    Line,
    Note,
    Panel,
    Rule,
    Spans,
    Steps,
)
from lossviz.figures.chart_polar import Polygon
from lossviz.figures.screen_theme import glass

Trace = dict[str, Any]
DASHES = {"solid": "solid", "dashed": "7px,4px", "dotted": "2px,3px"}
SYMBOLS = {
    "circle": "circle",
    "ring": "circle-open",
    "square": "square",
    "diamond": "diamond",
    "triangle": "triangle-up",
    "cross": "x",
    "plus": "cross",
    "star": "star",
}
MOST_SVG_DOTS = 3000  # beyond, dots are drawn by WebGL
NOTE_SIZE = 13


@dataclass
class Sheet:
    """What is being drawn: the lists that plotly wants, and which names the legend has already."""

    chart: Chart
    dark: bool
    legend: set[tuple[str, Ink]]
    traces: list[Trace] = field(default_factory=list)
    shapes: list[Trace] = field(default_factory=list)
    annotations: list[Trace] = field(default_factory=list)
    named: set[tuple[str, Ink]] = field(default_factory=set)
    gl: bool = False

    def color(self, ink: Ink) -> str:
        """The colour of an ink in this theme."""
        return chart_inks.color(ink, self.dark)

    def naming(self, name: str, ink: Ink) -> Trace:
        """How a trace is named; the first of its name stands in the legend."""
        key = (name, ink)
        first = key in self.legend and key not in self.named
        self.named |= {key} if first else set()
        return {"name": plain(name), "legendgroup": plain(name), "showlegend": first}


@dataclass
class Brush:
    """Draws the marks of one panel. `ends`: of its axes; `number`: "" for the first, "2", "3", …"""

    sheet: Sheet
    panel: Panel
    number: str
    ends: tuple[chart_scales.Range, chart_scales.Range]

    def draw(self, mark: Any) -> None:
        """One mark."""
        for part in chart_inks.split(mark):
            getattr(self, "_" + type(part).__name__.lower())(part)

    @property
    def axes(self) -> Trace:
        """The names of the axes, for a trace."""
        return {"xaxis": "x" + self.number, "yaxis": "y" + self.number}

    @property
    def refs(self) -> Trace:
        """The names of the axes, for a shape or an annotation."""
        return {"xref": "x" + self.number, "yref": "y" + self.number}

    def _scatter(self, x: Array, y: Array, ink: Ink, name: str, **options: Any) -> None:
        trace = {"type": "scatter", "x": x, "y": y, **self.axes, **self.sheet.naming(name, ink), **options}
        self.sheet.traces.append(trace)

    def _line(self, mark: Line) -> None:
        self._scatter(
            mark.x,
            _drawable(mark.y, self.panel.y),
            mark.ink,
            mark.name,
            mode="lines",
            line={"color": self.sheet.color(mark.ink), "dash": DASHES[mark.dash], "width": mark.width},
            **self._pointing(mark.name),
        )

    def _steps(self, mark: Steps) -> None:
        base = self.ends[1][0] if self.panel.y.spacing == "log" else 0.0
        x, y = chart_scales.outline(mark, base)
        color = self.sheet.color(mark.ink)
        middles = np.repeat((mark.edges[1:] + mark.edges[:-1]) / 2, 2)
        self._scatter(
            x,
            np.maximum(y, base) if self.panel.y.spacing == "log" else y,
            mark.ink,
            mark.name,
            mode="lines",
            line={"color": color, "width": 1.5, "dash": DASHES[mark.dash]},
            fill="tozeroy" if mark.filled else "none",
            fillcolor=glass(color, 0.28 if self.sheet.dark else 0.22),
            customdata=np.concatenate([middles[:1], middles, middles[-1:]]),
            hovertemplate=_lines(mark.name, _said(self.panel.x, "customdata"), _said(self.panel.y, "y")),
        )

    def _band(self, mark: Band) -> None:
        for part in chart_scales.finite_parts(mark.x, mark.low, mark.high):
            self._scatter(
                np.concatenate([mark.x[part], mark.x[part][::-1]]),
                np.concatenate([mark.low[part], mark.high[part][::-1]]),
                mark.ink,
                mark.name,
                mode="lines",
                line={"width": 0},
                fill="toself",
                fillcolor=glass(self.sheet.color(mark.ink), 0.2),
                hoverinfo="skip",
            )

    def _polygon(self, mark: Polygon) -> None:
        color = self.sheet.color(mark.ink)
        self._scatter(
            np.append(mark.x, mark.x[:1]),
            np.append(mark.y, mark.y[:1]),
            mark.ink,
            mark.name,
            mode="lines",
            line={"color": color, "width": 1.5},
            fill="toself" if mark.filled else "none",
            fillcolor=glass(color, 0.3 if self.sheet.dark else 0.25),
            hoveron="fills",
            hoverinfo="name" if mark.name else "skip",
        )

    def _spans(self, mark: Spans) -> None:
        unit = chart_scales.suffix(self.panel.y)
        number = levels.number_text
        said = [f"{number(a)}{unit} to {number(b)}{unit}" for a, b in zip(mark.low, mark.high, strict=True)]
        self._bar(mark, self.panel.x, said, x=mark.at, base=mark.low, y=mark.high - mark.low)

    def _bars(self, mark: Bars) -> None:
        along, across = ("x", "y") if mark.horizontal else ("y", "x")
        sides: Trace = {along: mark.heights, across: mark.at, "orientation": "h" if mark.horizontal else "v"}
        own, other = getattr(self.panel, along), getattr(self.panel, across)
        unit = chart_scales.suffix(own)
        said = [levels.number_text(value) + unit for value in mark.heights]
        if mark.errors is not None:
            bars = {"color": palette.theme(self.sheet.dark).text, "thickness": 1.2, "width": 3}
            sides["error_" + along] = {"array": mark.errors, **bars}
            errors = [levels.number_text(error, 2) + unit for error in mark.errors]
            said = [f"{value} ± {error}" for value, error in zip(said, errors, strict=True)]
        if mark.texts:
            sides |= {"text": [plain(text) for text in mark.texts], "textposition": "outside"}
            sides |= {"textfont": {"size": NOTE_SIZE}, "cliponaxis": False}
        if own.title:
            said = [f"{own.title}: {text}" for text in said]
        self._bar(mark, other, said, **sides)

    def _bar(self, mark: Bars | Spans, axis: Axis, said: list[str], **options: Any) -> None:
        offset, width = chart_scales.side_by_side(self.panel, mark)
        places = [place_name(axis, at) for at in mark.at]
        told = ["\n".join(filter(None, (mark.name, *pair))) for pair in zip(places, said, strict=True)]
        self.sheet.traces.append(
            {
                "type": "bar",
                "offset": offset,
                "width": width,
                "marker": {"color": self.sheet.color(mark.ink), "line": {"width": 0}},
                "hovertext": [plain(text) for text in mark.hover or told],
                "hovertemplate": HOVER,
                **self.axes,
                **self.sheet.naming(mark.name, mark.ink),
                **options,
            }
        )

    def _dots(self, mark: Dots) -> None:
        entry = self._dot_name(mark)
        trace = {
            "type": "scattergl" if self.sheet.gl else "scatter",
            "x": _drawable(mark.x, self.panel.x),
            "y": _drawable(mark.y, self.panel.y),
            "mode": "markers",
            "marker": self._marker(mark, size_of(mark, self._count())),
            "cliponaxis": False,
            **self.axes,
            **self.sheet.naming(entry, mark.ink),
            **self._pointing(entry),
        }
        if self.sheet.gl:
            trace.pop("cliponaxis")
        if mark.hover:
            trace |= {"hovertext": [plain(text) for text in mark.hover], "hovertemplate": HOVER}
        self.sheet.traces.append(trace)
        for x, y, text in zip(mark.x, mark.y, mark.texts, strict=False):
            if text and math.isfinite(x) and math.isfinite(y):
                self._note(Note(float(x), float(y), text), xshift=7, yshift=9)

    def _dots3(self, mark: Dots3) -> None:
        entry = self._dot_name(mark)
        marker = self._marker(mark, 0.7 * size_of(mark, self._count()))
        marker["line"] = {"width": 0}
        trace = {
            "type": "scatter3d",
            "x": mark.x,
            "y": mark.y,
            "z": mark.z,
            "mode": "markers",
            "marker": marker,
            "scene": "scene" + self.number,
            **self.sheet.naming(entry, mark.ink),
            "hovertemplate": _lines(
                entry, *(_said(getattr(self.panel, name), name) for name in ("x", "y", "z"))
            ),
        }
        if mark.hover:
            trace |= {"hovertext": [plain(text) for text in mark.hover], "hovertemplate": HOVER}
        self.sheet.traces.append(trace)

    def _dot_name(self, mark: Dots | Dots3) -> str:
        """Dots of a class are named after it."""
        if isinstance(mark.ink, chart_inks.ClassInk) and not mark.name:
            return chart_inks.class_name(self.sheet.chart, mark.ink.k)
        return mark.name

    def _count(self) -> int:
        return sum(len(mark.x) for mark in self.panel.marks if isinstance(mark, (Dots, Dots3)))

    def _marker(self, mark: Dots | Dots3, size: float) -> Trace:
        symbols = mark.symbols
        known = SYMBOLS if isinstance(mark, Dots) else SYMBOLS | {"triangle": "diamond-open", "star": "cross"}
        marker: Trace = {
            "size": size,
            "symbol": known[symbols] if isinstance(symbols, str) else [known[s] for s in symbols],
            "line": {"width": 0.4, "color": palette.casing(self.sheet.dark)},
            "opacity": 0.6 if self._count() > MOST_SVG_DOTS else 0.9,
        }
        if mark.values is None:
            color = self.sheet.color(mark.ink)
            hollow = {"ring", "cross", "plus"} & ({symbols} if isinstance(symbols, str) else set(symbols))
            if hollow and isinstance(symbols, str):
                marker["line"] = {"width": 1.4 if symbols == "ring" else 0, "color": color}
            return marker | {"color": color}
        values = np.asarray(mark.values, dtype=np.float64)
        if mark.value_spacing == "log":
            values = np.log10(np.where(values > 0, values, np.nan))
        axis = value_scales(self.sheet.chart).index((mark.value_title, mark.value_spacing))
        return marker | {"color": values, "coloraxis": "coloraxis" + (str(axis + 1) if axis else "")}

    def _arrows(self, mark: Arrows) -> None:
        good = np.flatnonzero(np.isfinite(mark.x) & np.isfinite(mark.y))
        if not len(good):
            return
        gap = np.full(len(good), np.nan)
        x, y = (np.stack([np.zeros(len(good)), tips[good], gap], axis=1).ravel() for tips in (mark.x, mark.y))
        color, casing = self.sheet.color(mark.ink), palette.casing(self.sheet.dark)
        for width, paint in ((4.0, casing), (2.0, color)):
            heads = np.tile([0.0, 7.0 + 1.8 * width, 0.0], len(good))
            self._scatter(
                x,
                y,
                mark.ink,
                mark.name if paint == color else "",
                mode="lines+markers",
                line={"color": paint, "width": width},
                marker={
                    "symbol": "arrow",
                    "angleref": "previous",
                    "size": heads,
                    "color": paint,
                    "opacity": 1,
                },
                hoverinfo="skip",
            )
        ink = chart_inks.text_color(mark.ink, self.sheet.dark)
        for i in good if mark.labels else ():
            angle = math.atan2(mark.y[i], mark.x[i])
            beyond = {"xshift": 13 * math.cos(angle), "yshift": 13 * math.sin(angle)}
            note = Note(float(mark.x[i]), float(mark.y[i]), mark.labels[i], "center")
            self._note(note, **beyond, font={"color": ink, "size": NOTE_SIZE})

    def _rule(self, mark: Rule) -> None:
        along, across = ("x", "y") if mark.across == "x" else ("y", "x")
        self.sheet.shapes.append(
            {
                "type": "line",
                f"{along}ref": along + self.number,
                f"{across}ref": f"{across}{self.number} domain",
                f"{along}0": mark.at,
                f"{along}1": mark.at,
                f"{across}0": 0,
                f"{across}1": 1,
                "line": {
                    "color": self.sheet.color(mark.ink),
                    "width": mark.width,
                    "dash": DASHES[mark.dash],
                },
            }
        )

    def _note(self, mark: Note, **options: Any) -> None:
        x, y = (math.log10(at) if axis.spacing == "log" else at for at, axis in self._placed(mark))
        self.sheet.annotations.append(
            {
                "text": plain(mark.text),
                "x": x,
                "y": y,
                **self.refs,
                "xanchor": mark.anchor,
                "yanchor": "middle",
                "showarrow": False,
                "font": {"color": chart_inks.text_color(mark.ink, self.sheet.dark), "size": NOTE_SIZE},
                **options,
            }
        )

    def _placed(self, mark: Note) -> list[tuple[float, Axis]]:
        return [(mark.x, self.panel.x), (mark.y, self.panel.y)]

    def _circle(self, mark: Circle) -> None:
        self.sheet.shapes.append(
            {
                "type": "circle",
                **self.refs,
                "x0": mark.x - mark.radius,
                "x1": mark.x + mark.radius,
                "y0": mark.y - mark.radius,
                "y1": mark.y + mark.radius,
                "line": {"color": self.sheet.color(mark.ink), "width": 1.2, "dash": DASHES[mark.dash]},
                "layer": "below",
            }
        )

    def _pointing(self, name: str) -> Trace:
        """What is said of a point; nothing in a polar panel, where x and y have no meaning."""
        if self.panel.polar:
            return {"hoverinfo": "name" if name else "skip"}
        return {"hovertemplate": _lines(name, _said(self.panel.x, "x"), _said(self.panel.y, "y"))}


HOVER = "%{hovertext}<extra></extra>"


def plain(text: str) -> str:
    """A text that plotly shows as it is; <br> for its line breaks."""
    return html.escape(text, quote=False).replace("%{", "% {").replace("\n", "<br>")


def place_name(axis: Axis, at: float) -> str:
    """What stands at a place of an axis: a category, or a number with title and unit."""
    if axis.categories:
        i = round(float(at))
        return axis.categories[i] if 0 <= i < len(axis.categories) else ""
    number = levels.number_text(float(at)) + chart_scales.suffix(axis)
    return f"{axis.title}: {number}" if axis.title else number


def size_of(mark: Dots | Dots3, count: int) -> float:
    """The diameter of dots in pixels: smaller where there are many, so that they do not hide each other."""
    return mark.size if mark.size is not None else min(10.0, 6.0 * (500 / max(count, 30)) ** 0.22)


def value_scales(chart: Chart) -> list[tuple[str, str]]:
    """The scales of numbers that colour dots, each once."""
    dots = (m for panel in chart.panels for m in panel.marks if isinstance(m, (Dots, Dots3)))
    return list(dict.fromkeys((m.value_title, m.value_spacing) for m in dots if m.values is not None))


def value_range(chart: Chart, scale: tuple[str, str]) -> tuple[float, float]:
    """The lowest and highest number of one scale."""
    dots = (m for panel in chart.panels for m in panel.marks if isinstance(m, (Dots, Dots3)))
    found = [
        np.asarray(m.values, dtype=np.float64) for m in dots if (m.value_title, m.value_spacing) == scale
    ]
    low, high = levels.shared_range([v[v > 0] if scale[1] == "log" else v for v in found])
    return (low, high) if scale[1] == "linear" or low > 0 else (0.1, 1.0)


def _said(axis: Axis, name: str) -> str:
    """A number of an axis in a hover text, with its title and unit."""
    unit = chart_scales.suffix(axis) or (f" {plain(axis.unit)}" if axis.unit else "")
    return f"{plain(axis.title) or name}: %{{{name}:.4~g}}{unit}"


def _lines(*texts: str) -> str:
    first, *others = texts
    return "<br>".join([*([plain(first)] if first else []), *(t for t in others if t)]) + "<extra></extra>"


def _drawable(values: Array, axis: Axis) -> Array:
    """Values with gaps where they cannot be drawn."""
    values = np.asarray(values)
    if axis.spacing != "log":
        return values
    values = values.astype(np.float64)
    return np.where(values > 0, values, np.nan)
