"""A chart on the screen, with plotly.

>>> figure = draw(chart, dark=False)

Show it with `st.plotly_chart(figure, theme=None, config=screen.CONFIG)` and give the chart's alt as
the picture's text.
"""

from __future__ import annotations

import math
from typing import Any

import plotly.graph_objects as go

from lossviz.figures import levels, palette, screen_theme
from lossviz.figures.axis import Axis
from lossviz.figures.chart import Chart, Mark
from lossviz.figures.marks.polar import polar_grid
from lossviz.figures.panel_layout import every
from lossviz.figures.screen_axes import MOST_SVG_DOTS, Dict, ScreenAxes, ScreenDrawing, plain
from lossviz.figures.screen_grid import BAR, KEY, Cell, Grid, grid_of, names_width
from lossviz.figures.screen_theme import NAME, ROW, TEXT, WIDE
from lossviz.figures.text_width import shortened, text_width


def draw(chart: Chart, dark: bool = False, width: int = WIDE) -> go.Figure:
    """The chart as a figure of plotly, as wide as the page and of a fixed height.

    width: how many pixels the page has for it, or up to a sixth less; the number of columns and the room
    for names depend on it. The text of the chart is in layout.meta["alt"] of the figure.
    """
    grid = grid_of(chart, width)
    drawing = ScreenDrawing(
        chart.classes,
        dark,
        set(chart.entries(lines=not grid.ends)),
        chart.scales(),
        gl=sum(panel.dots for panel in chart.panels) > MOST_SVG_DOTS,
        legend_width=grid.width - grid.margin["l"] - KEY,
    )
    layout = screen_theme.layout(dark, grid.height, grid.margin)
    for i, (cell, rim) in enumerate(zip(grid.cells, chart.rims(), strict=True)):
        number = str(i + 1) if i else ""
        axes = ScreenAxes(drawing, cell.panel, cell.ends, rim, (cell.width, cell.height), number)
        _title(drawing, cell)
        if cell.panel.solid:
            layout["scene" + number] = _scene(cell, dark)
        else:
            layout["xaxis" + number] = _axis(chart, grid, i, "x", dark)
            layout["yaxis" + number] = _axis(chart, grid, i, "y", dark)
        for mark in [*(polar_grid(cell.panel.y, rim) if cell.panel.polar else ()), *cell.panel.marks]:
            mark.screen(axes)
        if cell.panel.flat:
            _names(drawing, axes, cell, grid.ends)
    layout |= _color_bars(drawing, grid)
    layout |= _header(chart, layout, grid, bool(drawing.legend))
    layout |= {
        "shapes": drawing.shapes,
        "annotations": drawing.annotations,
        "hovermode": "closest",
        "barmode": "overlay",
        "meta": {"alt": chart.alt},
    }
    # Plotly's own check of each property takes ten times as long as all the rest.
    return go.Figure(drawing.traces, layout, _validate=False)


def _title(drawing: ScreenDrawing, cell: Cell) -> None:
    """Title and sample on the left above the panel, or above the middle of one of equal scales."""
    muted = palette.theme(drawing.dark).muted
    texts = [f"<b>{plain(line)}</b>" for line in cell.title]
    notes = [f'<span style="color:{muted}">{plain(line)}</span>' for line in cell.note]
    if notes and cell.beside and texts:
        texts[-1] += "&nbsp;&nbsp; " + notes.pop()
    texts += notes
    if not texts:
        return
    middle = cell.panel.square
    drawing.annotations.append(
        {
            "text": "<br>".join(texts),
            "x": sum(cell.x) / 2 if middle else cell.x[0],
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


def _axis(chart: Chart, grid: Grid, i: int, name: str, dark: bool) -> Dict:
    cell, horizontal = grid.cells[i], name == "x"
    panel = cell.panel
    axis: Axis = getattr(panel, name)
    number = str(i + 1) if i else ""
    made = screen_theme.axis(dark)
    made |= {"domain": list(getattr(cell, name)), "anchor": ("y" if horizontal else "x") + number}
    if panel.square:
        made |= {"constrain": "domain", "constraintoward": "center" if horizontal else "top"}
        made |= {} if horizontal else {"scaleanchor": "x" + number, "scaleratio": 1}
    ends = cell.ends[not horizontal]
    if panel.polar:
        return made | {"visible": False, "range": list(ends), "fixedrange": True}
    first = next(k for k, one in enumerate(chart.panels) if one.flat)
    if (chart.shared_x if horizontal else chart.shared_y) and i != first:
        made["matches"] = name + (str(first + 1) if first else "")
    outer = cell.numbers[not horizontal]
    categories = panel.categories(name)
    low, high = (axis.place_on(end) for end in ends)
    made |= {
        "range": [high, low] if categories and not horizontal else [low, high],
        "type": "log" if axis.log else "linear",
        "showticklabels": outer,
        "ticks": "outside" if outer else "",
        "automargin": False,
        "zeroline": False,
        "ticksuffix": axis.suffix,
    }
    if outer:
        lines = cell.x_title if horizontal else [axis.label]
        made["title"] = made["title"] | {"text": "<br>".join(map(plain, lines))}
    return made | (_category_ticks(grid, cell, name) if categories else _ticks(grid, cell, axis, ends, name))


def _category_ticks(grid: Grid, cell: Cell, name: str) -> Dict:
    names = cell.panel.categories(name)
    places = range(0, len(names), cell.every(name))
    most = math.inf if name == "x" else names_width(cell.panel, grid.width)
    return {
        "tickvals": list(places),
        "ticktext": [plain(shortened(names[k], most, NAME)) for k in places],
        "tickangle": -40 if name == "x" and cell.slanted else 0,
        "showgrid": False,
        "ticksuffix": "",
        "ticks": "",
    }


def _ticks(grid: Grid, cell: Cell, axis: Axis, ends: Any, name: str) -> Dict:
    """The ticks of the axis itself; else plotly's own, parts of a turn on an axis of degrees."""
    most = cell.most_ticks(name, 6 if name == "y" or grid.columns > 1 else 9)
    if axis.ticks:
        found = [(at, plain(text)) for at, text in axis.ticks if ends[0] <= at <= ends[1]]
    elif axis.log:
        found = [(at, plain(text) + axis.suffix) for at, text in levels.log_ticks(*ends)]
    elif step := axis.degree_step(ends, min(7, most + 1)):
        return {"dtick": step, "tick0": 0}
    else:
        return {"nticks": most}
    if name == "x" and found:
        widest = max(text_width(text, NAME) for _, text in found)
        found = found[:: every(cell.width / len(found), widest + 8)]
    return {"tickvals": [at for at, _ in found], "ticktext": [text for _, text in found], "ticksuffix": ""}


def _scene(cell: Cell, dark: bool) -> Dict:
    theme, panel = palette.theme(dark), cell.panel
    scene: Dict = {"domain": {"x": list(cell.x), "y": list(cell.y)}}
    # Without perspective the size of the cube is what zooms.
    cube = {"aspectmode": "manual", "aspectratio": {"x": 1.15, "y": 1.15, "z": 1.0}}
    scene |= {"aspectmode": "data"} if panel.equal else cube
    for name in "xyz":
        axis: Axis = getattr(panel, name)
        scene[name + "axis"] = {
            "title": {"text": plain(axis.label), "font": {"size": TEXT, "color": theme.text}},
            "tickfont": {"size": 12, "color": theme.muted},
            "gridcolor": theme.grid,
            "zerolinecolor": theme.border,
            "linecolor": theme.border,
            "showbackground": False,
            "nticks": 5,
            "ticksuffix": axis.suffix,
        }
    scene["camera"] = {"eye": {"x": 1.35, "y": 1.35, "z": 0.9}, "projection": {"type": "orthographic"}}
    return scene


def _names(drawing: ScreenDrawing, axes: ScreenAxes, cell: Cell, beside: bool) -> None:
    """The names of marks outside the panel: above it in rows, and at its right side, moved apart.

    beside: there is room on the right; else names of level rules stand inside.
    """

    def add(mark: Mark, **place: Any) -> None:
        font = {"color": axes.text_code(mark.color), "size": NAME}
        drawing.annotations.append({"text": plain(mark.name), "showarrow": False, "font": font, **place})

    for mark, at, anchor, row in cell.rules:
        add(
            mark,
            x=axes.x.place_on(at),
            xref=axes.refs["xref"],
            xanchor=anchor,
            y=cell.y[1],
            yref="paper",
            yanchor="bottom",
            yshift=row * ROW,
        )
    ground = palette.translucent(palette.theme(drawing.dark).background, 0 if beside else 0.7)
    for mark, place in cell.end_names(beside):
        add(
            mark,
            x=cell.x[1],
            xref="paper",
            xanchor="left" if beside else "right",
            xshift=8 if beside else -4,
            y=cell.y[0] + (cell.y[1] - cell.y[0]) * place,
            yref="paper",
            yanchor="middle" if beside else "bottom",
            bgcolor=ground,
        )


def _color_bars(drawing: ScreenDrawing, grid: Grid) -> Dict:
    """The scales of numbers as colours, side by side to the right of all panels."""
    made = {}
    for i, ((title, spacing), (low, high)) in enumerate(drawing.scales.items()):
        ticks = levels.log_ticks(10**low, 10**high) if spacing == "log" else []
        log_ticks = [(math.log10(at), text) for at, text in ticks]
        bar = screen_theme.color_bar(plain(title), palette.theme(drawing.dark), log_ticks)
        bar |= {"x": 1, "xanchor": "left", "xpad": grid.bars + BAR * i - 4, "y": 0.5, "len": 1, "ypad": 0}
        made["coloraxis" + (str(i + 1) if i else "")] = {
            "colorscale": [[k / 31, color] for k, color in enumerate(palette.loss_colors(32))],
            "cmin": low,
            "cmax": high,
            "colorbar": bar,
        }
    return made


def _header(chart: Chart, layout: Dict, grid: Grid, legend: bool) -> Dict:
    """The title of the whole, and the legend under it, at the very top."""
    top = {"xref": "paper", "x": 0, "xanchor": "left", "yref": "container", "yanchor": "top"}
    title = {"text": f"<b>{plain(chart.title)}</b>", "font": {"size": 16}, "y": 1, "pad": {"t": 4}, **top}
    return {
        "showlegend": legend,
        "legend": layout["legend"]
        | top
        | {
            "orientation": "h",
            "y": 1 - grid.title / grid.height,
            "itemsizing": "constant",
            "traceorder": "normal",
            "tracegroupgap": 0,
        },
        **({"title": title} if chart.title else {}),
    }
