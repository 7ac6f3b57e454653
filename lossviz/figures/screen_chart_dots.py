"""Points and bars of a chart as traces of plotly."""

from __future__ import annotations

from typing import Any

from lossviz.figures import chart_inks, chart_scales, levels, palette
from lossviz.figures.chart import Axis, Bars, ClassInk, Dots, Dots3, Note, Spans
from lossviz.figures.screen_chart_marks import note
from lossviz.figures.screen_chart_sheet import (
    HOVER,
    NOTE_SIZE,
    Brush,
    Dict,
    drawable,
    place_name,
    plain,
    said,
    template,
)

MOST_SVG_DOTS = 3000  # beyond, dots are drawn by WebGL
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
# What three dimensions have not got stands in by something else that is not taken.
SOLID_SYMBOLS = SYMBOLS | {"triangle": "diamond-open", "star": "square-open"}


def dots(brush: Brush, mark: Dots) -> None:
    """Points, with one trace a class so that the legend can hide one."""
    for part in chart_inks.split(mark):
        name = _name(brush, part)
        trace = {
            "type": "scattergl" if brush.sheet.gl else "scatter",
            "x": drawable(part.x, brush.panel.x),
            "y": drawable(part.y, brush.panel.y),
            "mode": "markers",
            "marker": _marker(brush, part, SYMBOLS, 1.0),
            **({} if brush.sheet.gl else {"cliponaxis": False}),
            **brush.axes,
            **brush.sheet.naming(name, part.ink),
            **brush.pointing(name),
        }
        brush.sheet.traces.append(trace | _hover(part.hover))
    if mark.texts:
        sides = chart_scales.label_sides(brush.panel, mark, brush.ends, brush.room)
        for x, y, text, side in zip(mark.x, mark.y, mark.texts, sides, strict=True):
            shift = {"xshift": side.dx, "yshift": side.dy}
            note(brush, Note(float(x), float(y), text, side.anchor), **shift)


def dots3(brush: Brush, mark: Dots3) -> None:
    """Points in three dimensions."""
    for part in chart_inks.split(mark):
        name = _name(brush, part)
        axes = {axis: said(getattr(brush.panel, axis), axis) for axis in "xyz"}
        trace = {
            "type": "scatter3d",
            "x": part.x,
            "y": part.y,
            "z": part.z,
            "mode": "markers",
            "marker": _marker(brush, part, SOLID_SYMBOLS, 0.7) | {"line": {"width": 0}},
            "scene": "scene" + brush.number,
            **brush.sheet.naming(name, part.ink),
            "hovertemplate": template(name, *axes.values()),
        }
        brush.sheet.traces.append(trace | _hover(part.hover))


def _name(brush: Brush, mark: Dots | Dots3) -> str:
    """Dots of a class are named after it."""
    if isinstance(mark.ink, ClassInk) and not mark.name:
        return chart_inks.class_name(brush.sheet.chart, mark.ink.k)
    return mark.name


def _hover(texts: tuple[str, ...]) -> Dict:
    return {"hovertext": [plain(text) for text in texts], "hovertemplate": HOVER} if texts else {}


def _marker(brush: Brush, mark: Dots | Dots3, known: dict[str, str], scale: float) -> Dict:
    symbols, count = mark.symbols, chart_scales.dot_count(brush.panel)
    one = isinstance(symbols, str)
    marker: Dict = {
        "size": scale * chart_scales.dot_size(mark, count),
        "symbol": known[symbols] if isinstance(symbols, str) else [known[s] for s in symbols],
        "line": {
            "width": 1.5 if one and symbols == "ring" else 0.4,
            "color": palette.casing(brush.sheet.dark),
        },
        "opacity": 0.65 if count > MOST_SVG_DOTS else 0.9,
    }
    if mark.values is None:
        color = chart_inks.colors(mark, brush.sheet.dark)
        if one and symbols in ("ring", "cross", "plus"):
            marker["line"] = marker["line"] | {"color": color}
        return marker | {"color": color}
    axis = chart_scales.value_scales(brush.sheet.chart).index((mark.value_title, mark.value_spacing))
    return marker | {
        "color": chart_scales.value_places(mark),
        "coloraxis": "coloraxis" + (str(axis + 1) if axis else ""),
    }


def spans(brush: Brush, mark: Spans) -> None:
    """Bars from low to high."""
    unit = chart_scales.suffix(brush.panel.y)
    number = levels.number_text
    told = [f"{number(a)}{unit} to {number(b)}{unit}" for a, b in zip(mark.low, mark.high, strict=True)]
    _bar(brush, mark, brush.panel.x, told, x=mark.at, base=mark.low, y=mark.high - mark.low)


def bars(brush: Brush, mark: Bars) -> None:
    """Bars from zero, with their errors."""
    along, across = ("x", "y") if mark.horizontal else ("y", "x")
    own, other = getattr(brush.panel, along), getattr(brush.panel, across)
    sides: Dict = {along: mark.heights, across: mark.at, "orientation": "h" if mark.horizontal else "v"}
    unit = chart_scales.suffix(own)
    told = [levels.number_text(value) + unit for value in mark.heights]
    if mark.errors is not None:
        lines = {"color": palette.theme(brush.sheet.dark).text, "thickness": 1.2, "width": 3}
        sides["error_" + along] = {"array": mark.errors, **lines}
        errors = [levels.number_text(error, 2) + unit for error in mark.errors]
        told = [f"{value} ± {error}" for value, error in zip(told, errors, strict=True)]
    if mark.texts:
        sides |= {"text": [plain(text) for text in mark.texts], "textposition": "outside"}
        sides |= {"textfont": {"size": NOTE_SIZE}, "cliponaxis": False}
    if own.title:
        told = [f"{own.title}: {text}" for text in told]
    _bar(brush, mark, other, told, **sides)


def _bar(brush: Brush, mark: Bars | Spans, axis: Axis, told: list[str], **options: Any) -> None:
    offset, width = chart_scales.side_by_side(brush.panel, mark)
    places = [place_name(axis, at) for at in mark.at]
    texts = ["\n".join(filter(None, (mark.name, *pair))) for pair in zip(places, told, strict=True)]
    brush.sheet.traces.append(
        {
            "type": "bar",
            "offset": offset,
            "width": width,
            "marker": {"color": chart_inks.colors(mark, brush.sheet.dark), "line": {"width": 0}},
            **_hover(mark.hover or tuple(texts)),
            **brush.axes,
            **brush.sheet.naming(mark.name, mark.ink),
            **options,
        }
    )
