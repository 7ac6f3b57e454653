"""A chart on the screen, with plotly.

>>> figure = draw(chart, dark=False)

Show it with `st.plotly_chart(figure, theme=None, config=screen.CONFIG)` and give the chart's alt as
the picture's text.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import plotly.graph_objects as go

from lossviz.figures import chart_inks, chart_polar, chart_room, chart_scales, palette, screen_theme
from lossviz.figures import screen_chart_dots as dots
from lossviz.figures import screen_chart_marks as marks
from lossviz.figures.chart import (
    Arrows,
    Axis,
    Band,
    Bars,
    Chart,
    Circle,
    Dots,
    Dots3,
    Line,
    Matrix,
    Note,
    Panel,
    Rule,
    Spans,
    Steps,
)
from lossviz.figures.chart_grid import Cell, Grid, end_names, grid_of
from lossviz.figures.chart_polar import Polygon
from lossviz.figures.chart_room import NAME, ROW, TEXT, WIDE
from lossviz.figures.screen_chart_matrix import matrix
from lossviz.figures.screen_chart_sheet import Brush, Dict, Sheet, plain

_LEAST, _LEAST_PLOT = 190, 120  # pixels of a column, and of the plot in it
_STRETCH = 1.17  # how much wider than it is laid out for a figure may be shown
_DRAW: dict[type, Callable[[Brush, Any], None]] = {
    Line: marks.line,
    Steps: marks.steps,
    Band: marks.band,
    Polygon: marks.polygon,
    Arrows: marks.arrows,
    Rule: marks.rule,
    Note: marks.note,
    Circle: marks.circle,
    Dots: dots.dots,
    Dots3: dots.dots3,
    Bars: dots.bars,
    Spans: dots.spans,
}


def draw(chart: Chart, dark: bool = False, width: int = WIDE) -> go.Figure:
    """The chart as a figure of plotly, as wide as the page and of a fixed height.

    width: how many pixels the page has for it, or up to a sixth less; the number of columns and the room
    for names depend on it. The text of the chart is in layout.meta["alt"] of the figure.
    """
    grid = _grid(chart, width)
    entries = chart_inks.entries(chart, lines=not grid.ends) if chart.legend != "none" else []
    gl = sum(map(chart_scales.dot_count, chart.panels)) > dots.MOST_SVG_DOTS
    room = (grid.width - grid.margin["l"] - chart_room.KEY) / chart_room.KEY_TEXT
    sheet = Sheet(chart, dark, {(entry.name, entry.ink) for entry in entries}, gl, room)
    layout = screen_theme.layout(dark, grid.height, grid.margin)
    ends, rims = chart_scales.ranges(chart), chart_polar.rims(chart)
    for i, panel in enumerate(chart.panels):
        _panel(sheet, layout, grid, i, panel, chart_polar.ENDS if panel.polar else ends[i], rims[i])
    _color_bars(chart, layout, grid, dark)
    _header(chart, layout, grid, bool(entries))
    layout |= {
        "shapes": sheet.shapes,
        "annotations": sheet.annotations,
        "hovermode": "closest",
        "barmode": "overlay",
        "meta": {"alt": chart.alt},
    }
    # Plotly's own check of each property takes ten times as long as all the rest.
    return go.Figure(sheet.traces, layout, _validate=False)


def _grid(chart: Chart, width: int) -> Grid:
    """The grid with as many columns as asked, or fewer where plots would be too narrow to be read."""
    asked = chart_scales.columns(chart)
    for columns in range(min(asked, max(1, width // _LEAST)), 0, -1):
        even = -(-len(chart.panels) // -(-len(chart.panels) // columns))  # rows of about the same length
        grid = grid_of(replace(chart, columns=asked if columns == asked else even), width, _STRETCH)
        if columns == 1 or grid.cells[0].width >= _LEAST_PLOT:
            break
    return grid


def _panel(sheet: Sheet, layout: Dict, grid: Grid, i: int, panel: Panel, ends: Any, rim: float) -> None:
    number, cell = str(i + 1) if i else "", grid.cells[i]
    _title(sheet, panel, cell, grid)
    if panel.solid:
        layout["scene" + number] = _scene(panel, cell, sheet.dark)
    else:
        for name, own in zip("xy", ends, strict=True):
            layout[f"{name}axis{number}"] = _axis(sheet, panel, cell, grid, i, name, own)
    brush = Brush(sheet, panel, number, ends, (cell.width, cell.height))
    for mark in chart_polar.flat(panel, rim) if panel.polar else panel.marks:
        if isinstance(mark, Matrix):
            matrix(sheet, panel, mark, number, cell)
        else:
            _DRAW[type(mark)](brush, mark)
    if not (panel.solid or panel.polar):
        _rule_names(sheet, panel, number, cell, grid, ends)
        _end_names(sheet, panel, cell, grid, ends)


def _title(sheet: Sheet, panel: Panel, cell: Cell, grid: Grid) -> None:
    """Title and sample on the left above the panel, or above the middle of one of equal scales."""
    muted = palette.theme(sheet.dark).muted
    texts = [f"<b>{plain(line)}</b>" for line in cell.title]
    written = cell.note or ([panel.note] if panel.note else [])
    notes = [f'<span style="color:{muted}">{plain(line)}</span>' for line in written]
    if notes and cell.note_beside:
        texts[-1] += "&nbsp;&nbsp; " + notes[0]
    else:
        texts += notes
    if not texts:
        return
    middle = cell.centred
    sheet.annotations.append(
        {
            "text": "<br>".join(texts),
            "x": (cell.x[0] + cell.x[1]) / 2 if middle else cell.x[0],
            "xanchor": "center" if middle else "left",
            "align": "center" if middle else "left",
            "xref": "paper",
            "y": cell.y[1],
            "yref": "paper",
            "yanchor": "bottom",
            "yshift": 5 + cell.rule_rows * ROW,
            "showarrow": False,
            "font": {"size": TEXT},
        }
    )


def _axis(
    sheet: Sheet, panel: Panel, cell: Cell, grid: Grid, i: int, name: str, ends: chart_scales.Range
) -> Dict:
    axis: Axis = getattr(panel, name)
    other = "y" if name == "x" else "x"
    number = str(i + 1) if i else ""
    made = screen_theme.axis(sheet.dark) | {"domain": list(getattr(cell, name)), "anchor": other + number}
    first = (
        next(k for k, p in enumerate(sheet.chart.panels) if not (p.solid or p.polar))
        if not panel.polar
        else i
    )
    shared = (sheet.chart.shared_x, sheet.chart.shared_y)[name == "y"]
    if shared and not panel.polar and i != first:
        made["matches"] = name + (str(first + 1) if first else "")
    if (panel.equal or panel.polar) and name == "y":
        made |= {"scaleanchor": "x" + number, "scaleratio": 1}
    if panel.equal or panel.polar:
        made |= {"constrain": "domain", "constraintoward": "top" if name == "y" else "center"}
    if panel.polar:
        return made | {"visible": False, "range": list(ends), "fixedrange": True}
    log = axis.spacing == "log"
    down = name == "y" and (cell.matrix is not None or bool(axis.categories))
    low, high = (math.log10(ends[0]), math.log10(ends[1])) if log else ends
    outer = cell.numbers_x if name == "x" else cell.numbers_y
    made |= {
        "range": [high, low] if down else [low, high],
        "type": "log" if log else "linear",
        "showticklabels": outer,
        "ticks": "outside" if outer else "",
        "automargin": False,
        "zeroline": False,
        "showgrid": cell.matrix is None,
        "ticksuffix": chart_scales.suffix(axis),
    }
    if outer:
        lines = chart_room.x_title(panel, cell.width) if name == "x" else [chart_scales.axis_title(axis)]
        made["title"] = made["title"] | {"text": "<br>".join(map(plain, lines))}
    categories = axis.categories if cell.matrix is None else cell.categories(name)
    if categories:
        step = cell.every_x if name == "x" else cell.every_y
        places = range(0, len(categories), step)
        room = math.inf if name == "x" else chart_room.names(panel, grid.width)
        texts = [chart_scales.shortened(categories[k], room, NAME) for k in places]
        made |= {"tickvals": list(places), "ticktext": [plain(text) for text in texts]}
        made |= {"showgrid": False, "ticksuffix": "", "ticks": ""}
        made["tickangle"] = -40 if name == "x" and cell.slanted else 0
    elif axis.ticks or log:
        unit = "" if axis.ticks else chart_scales.suffix(axis)
        found = [(at, plain(text) + (unit if text else "")) for at, text in chart_scales.ticks(axis, ends)]
        if name == "x" and found:
            widest = max(chart_scales.text_width(text, NAME) for _, text in found)
            found = found[:: chart_room.every(cell.width / len(found), widest + 8)]
        made |= {"tickvals": [at for at, _ in found], "ticktext": [text for _, text in found]}
    else:
        most = 6 if name == "y" or grid.columns > 1 else 9
        if name == "x":
            wide = 36 + chart_scales.text_width(chart_scales.suffix(axis), NAME)
            most = min(most, max(2, int(cell.width // wide)))
        if axis.unit == "°" and (step_of := chart_scales.degree_step(ends, min(7, most + 1))):
            made |= {"dtick": step_of, "tick0": 0}
        else:
            made["nticks"] = most
    return made


def _scene(panel: Panel, cell: Cell, dark: bool) -> Dict:
    theme = palette.theme(dark)
    scene: Dict = {"domain": {"x": list(cell.x), "y": list(cell.y)}}
    # Without perspective the size of the cube is what zooms.
    cube = {"aspectmode": "manual", "aspectratio": {"x": 1.15, "y": 1.15, "z": 1.0}}
    scene |= {"aspectmode": "data"} if panel.equal else cube
    for name in "xyz":
        axis: Axis = getattr(panel, name)
        scene[name + "axis"] = {
            "title": {
                "text": plain(chart_scales.axis_title(axis)),
                "font": {"size": TEXT, "color": theme.text},
            },
            "tickfont": {"size": 12, "color": theme.muted},
            "gridcolor": theme.grid,
            "zerolinecolor": theme.border,
            "linecolor": theme.border,
            "showbackground": False,
            "nticks": 5,
            "ticksuffix": chart_scales.suffix(axis),
        }
    scene["camera"] = {"eye": {"x": 1.35, "y": 1.35, "z": 0.9}, "projection": {"type": "orthographic"}}
    return scene


def _rule_names(sheet: Sheet, panel: Panel, number: str, cell: Cell, grid: Grid, ends: Any) -> None:
    """The names of upright rules above the panel, in as many rows as they need."""
    log = panel.x.spacing == "log"
    for mark, row in cell.rules:
        at = math.log10(mark.at) if log else mark.at
        share = chart_scales.in_range(mark.at, ends[0], log)
        half = chart_scales.text_width(mark.name, NAME) / 2
        anchor = (
            "left" if share * cell.width < half else "right" if (1 - share) * cell.width < half else "center"
        )
        sheet.annotations.append(
            {
                "text": plain(mark.name),
                "x": at,
                "xref": "x" + number,
                "xanchor": anchor,
                "y": cell.y[1],
                "yref": "paper",
                "yanchor": "bottom",
                "yshift": row * ROW,
                "showarrow": False,
                "font": {"color": chart_inks.text_color(mark.ink, sheet.dark), "size": NAME},
            }
        )


def _end_names(sheet: Sheet, panel: Panel, cell: Cell, grid: Grid, ends: Any) -> None:
    """The names of lines and level rules at their right ends, moved apart where they would overlap."""
    beside = grid.ends
    for mark, place in end_names(cell, ends[1], beside):
        sheet.annotations.append(
            {
                "text": plain(mark.name),
                "x": cell.x[1],
                "xref": "paper",
                "xanchor": "left" if beside else "right",
                "xshift": 8 if beside else -4,
                "y": cell.y[0] + (cell.y[1] - cell.y[0]) * place,
                "yref": "paper",
                "yanchor": "middle" if beside else "bottom",
                "showarrow": False,
                "bgcolor": screen_theme.glass(palette.theme(sheet.dark).background, 0 if beside else 0.7),
                "font": {"color": chart_inks.text_color(mark.ink, sheet.dark), "size": NAME},
            }
        )


def _color_bars(chart: Chart, layout: Dict, grid: Grid, dark: bool) -> None:
    theme = palette.theme(dark)
    for i, scale in enumerate(chart_scales.value_scales(chart)):
        low, high = chart_scales.value_ends(chart, scale)
        places, texts = zip(*chart_scales.value_ticks(chart, scale), strict=True)
        bar = screen_theme.color_bar(plain(scale[0]), places, texts, theme)
        place = grid.bars[scale]
        bar |= {"x": place.right_of.x[1], "xanchor": "left", "xpad": place.shift - 4}
        bar |= {"y": sum(place.y) / 2, "len": place.y[1] - place.y[0], "ypad": 0}
        layout["coloraxis" + (str(i + 1) if i else "")] = {
            "colorscale": [[k / 31, color] for k, color in enumerate(palette.loss_colors(32))],
            "cmin": low,
            "cmax": high,
            "colorbar": bar,
        }


def _header(chart: Chart, layout: Dict, grid: Grid, legend: bool) -> None:
    """The title of the whole, and the legend under it, at the very top."""
    if chart.title:
        layout["title"] = {
            "text": f"<b>{plain(chart.title)}</b>",
            "font": {"size": 16},
            "x": 0,
            "xref": "paper",
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 4},
        }
    layout["showlegend"] = legend
    layout["legend"] = layout["legend"] | {
        "orientation": "h",
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "y": 1 - grid.title / grid.height,
        "yref": "container",
        "yanchor": "top",
        "itemsizing": "constant",
        "traceorder": "normal",
        "tracegroupgap": 0,
    }
