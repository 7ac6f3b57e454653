"""A chart in print, with matplotlib's objects only: no pyplot, no global state.

>>> Path("thresholds.pdf").write_bytes(save(chart, "pdf"))
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from lossviz.figures import chart_inks, chart_polar, chart_room, chart_scales, palette
from lossviz.figures import print as printed
from lossviz.figures.chart import Axis, Chart
from lossviz.figures.chart_grid import Bar, Cell, end_names, grid_of
from lossviz.figures.chart_room import NAME, ROW, TEXT, per_row
from lossviz.figures.print import Format
from lossviz.figures.print_chart_marks import DRAW, Pen, handle
from lossviz.figures.print_chart_sheet import POINT, Box, Sheet, solid
from lossviz.figures.print_text import FONT

_TICK = 12
_MEDIUM, _WIDE = 640, 940  # pixels of the grid


def save(chart: Chart, kind: Format, dark: bool = False) -> bytes:
    """The chart as a png, svg or pdf file; the same chart gives the same bytes each time.

    The text of the chart is in the file: Description in png and svg, Subject in pdf. Raises
    ValueError for another kind.
    """
    buffer = io.BytesIO()
    printed.save(figure(chart, dark), buffer, kind, about=chart.alt)
    return buffer.getvalue()


def figure(chart: Chart, dark: bool = False) -> Figure:
    """The chart on a page of its own, 7.2 inches wide, or 4.9 with one column."""
    grid = grid_of(chart, _MEDIUM if chart_scales.columns(chart) == 1 else _WIDE)
    sheet = Sheet.of(chart, grid, dark)
    ends, rims = chart_scales.ranges(chart), chart_polar.rims(chart)
    for cell, own, rim in zip(grid.cells, ends, rims, strict=True):
        _panel(sheet, cell, chart_polar.ENDS if cell.panel.polar else own, rim)
    for scale, bar in grid.bars.items():
        _color_bar(sheet, scale, bar)
    _header(sheet)
    return sheet.figure


def _panel(sheet: Sheet, cell: Cell, ends: tuple[chart_scales.Range, chart_scales.Range], rim: float) -> None:
    panel = cell.panel
    if panel.solid:
        solid(sheet, cell)
        _title(sheet, cell, sheet.box(cell))
        return
    box = sheet.box(cell, ends) if cell.centred else sheet.box(cell)
    axes = sheet.axes(box)
    pen = Pen(sheet, axes, panel, ends, (box[2], box[3]))
    _axes(pen, cell)
    for mark in chart_polar.flat(panel, rim) if panel.polar else panel.marks:
        DRAW[type(mark)](pen, mark)
    _title(sheet, cell, box)
    if not panel.polar:
        _rule_names(sheet, cell, box, ends)
        _end_names(sheet, cell, box, ends)


def _axes(pen: Pen, cell: Cell) -> None:
    axes, panel, theme = pen.axes, pen.panel, palette.theme(pen.sheet.dark)
    axes.set_facecolor(theme.background)
    if panel.polar:
        axes.set(xlim=pen.ends[0], ylim=pen.ends[1])
        axes.set_axis_off()
        return
    for name, own, numbers in (("x", pen.ends[0], cell.numbers_x), ("y", pen.ends[1], cell.numbers_y)):
        _axis(axes, getattr(panel, name), cell, name, own, numbers, pen.sheet.dark)
    for side, spine in axes.spines.items():
        spine.set(linewidth=0.6, color=theme.muted, visible=side in ("left", "bottom"))
    axes.set_axisbelow(True)
    if cell.matrix is None:
        for name, one in (("x", axes.xaxis), ("y", axes.yaxis)):
            if not cell.categories(name):
                one.grid(color=theme.grid, linewidth=0.5)


def _axis(
    axes: Axes, axis: Axis, cell: Cell, name: str, ends: chart_scales.Range, numbers: bool, dark: bool
) -> None:
    theme = palette.theme(dark)
    low, high = ends
    categories = cell.categories(name)
    one = axes.xaxis if name == "x" else axes.yaxis
    if axis.spacing == "log":
        (axes.set_xscale if name == "x" else axes.set_yscale)("log")
    limits = (high, low) if categories and name == "y" else (low, high)
    (axes.set_xlim if name == "x" else axes.set_ylim)(limits)
    if categories:
        every = cell.every_x if name == "x" else cell.every_y
        marks = [(float(i), categories[i]) for i in range(0, len(categories), every)]
    else:
        unit = "" if axis.ticks else chart_scales.suffix(axis)
        marks = [(at, text + unit) for at, text in chart_scales.ticks(axis, ends)]
    one.set_major_locator(FixedLocator([at for at, _ in marks]))
    one.set_minor_locator(NullLocator())
    one.set_ticklabels([text for _, text in marks])
    axes.tick_params(
        axis=name,  # type: ignore[arg-type]
        length=0 if categories or not numbers else 2.5,
        width=0.6,
        pad=2,
        color=theme.muted,
        labelcolor=theme.muted,
        labelsize=_TICK * POINT,
        labelfontfamily=FONT,
        labelleft=numbers,
        labelbottom=numbers,
    )
    if name == "x" and cell.slanted and categories:
        for label in axes.get_xticklabels():
            label.set(rotation=40, ha="right", rotation_mode="anchor")
    lines = chart_room.x_title(cell.panel, cell.width) if name == "x" else [chart_scales.axis_title(axis)]
    title = "\n".join(lines)
    if numbers and title:
        set_title = axes.set_xlabel if name == "x" else axes.set_ylabel
        set_title(title, fontsize=NAME * POINT, color=theme.text, family=FONT, labelpad=3)


def _title(sheet: Sheet, cell: Cell, box: Box) -> None:
    """Title and sample above the panel, on the left, or over the middle of one of equal scales."""
    theme = palette.theme(sheet.dark)
    x, _, wide, _ = box
    y = box[1] + box[3] + 7 + ROW * cell.rule_rows
    lines: list[tuple[str, str, str]] = [(line, theme.text, "bold") for line in cell.title]
    beside = cell.panel.note if cell.note_beside and lines else ""
    if cell.panel.note and not beside:
        lines += [(line, theme.muted, "normal") for line in cell.note or [cell.panel.note]]
    for k, (text, color, weight) in enumerate(reversed(lines)):
        drawn = sheet.text(x, y + 19 * k, text, TEXT, color, weight=weight)
        after = sheet.width_of(drawn)
        if k == 0 and beside:
            note = sheet.text(x + after + 9, y, beside, NAME, theme.muted)
            if cell.centred:
                after += 9 + sheet.width_of(note)
                sheet.move(note, (wide - after) / 2)
        if cell.centred:
            sheet.move(drawn, (wide - after) / 2)


def _rule_names(sheet: Sheet, cell: Cell, box: Box, ends: Any) -> None:
    log = cell.panel.x.spacing == "log"
    for mark, row in cell.rules:
        share = chart_scales.in_range(mark.at, ends[0], log)
        color = chart_inks.text_color(mark.ink, sheet.dark)
        drawn = sheet.text(box[0], box[1] + box[3] + 5 + ROW * row, mark.name, NAME, color)
        wide = sheet.width_of(drawn)
        sheet.move(drawn, min(max(share * box[2] - wide / 2, 0.0), max(box[2] - wide, 0.0)))


def _end_names(sheet: Sheet, cell: Cell, box: Box, ends: Any) -> None:
    for mark, share in end_names(cell, ends[1], sheet.grid.ends):
        color = chart_inks.text_color(mark.ink, sheet.dark)
        beside = sheet.grid.ends
        x, y = box[0] + box[2] + (6 if beside else -3), box[1] + share * box[3]
        sheet.text(
            x,
            y + (0 if beside else 3),
            mark.name,
            NAME,
            color,
            ha="left" if beside else "right",
            va="center_baseline" if beside else "bottom",
            halo=not beside,
        )


def _color_bar(sheet: Sheet, scale: chart_scales.ValueScale, bar: Bar) -> None:
    theme = palette.theme(sheet.dark)
    low, high = chart_scales.value_ends(sheet.chart, scale)
    marks = chart_scales.value_ticks(sheet.chart, scale)
    x = sheet.x_of(bar.right_of.x[1]) + bar.shift
    bottom, top = (sheet.y_of(share) for share in bar.y)
    axes = sheet.axes((x, bottom, 13, top - bottom))
    shades = np.linspace(0, 1, 256)[:, None]
    axes.imshow(shades, cmap=sheet.value_map, aspect="auto", origin="lower", extent=(0, 1, low, high))
    axes.set_xticks([])
    axes.yaxis.tick_right()
    axes.set_yticks([at for at, _ in marks], [text for _, text in marks])
    axes.tick_params(
        length=2, width=0.6, pad=2, color=theme.muted, labelcolor=theme.muted, labelsize=_TICK * POINT
    )
    axes.tick_params(labelfontfamily=FONT)
    for spine in axes.spines.values():
        spine.set_visible(False)
    sheet.text(x, top + 6, scale[0], NAME, theme.text)


def _header(sheet: Sheet) -> None:
    """The title of the whole, and the legend under it."""
    chart, grid, theme = sheet.chart, sheet.grid, palette.theme(sheet.dark)
    if chart.title:
        sheet.text(grid.margin["l"], grid.height - 22, chart.title, 16, theme.text, weight="bold")
    entries = chart_inks.entries(chart, lines=not grid.ends) if chart.legend != "none" else []
    if not entries:
        return
    whole = grid.width - grid.margin["l"] - grid.margin["r"]
    columns = per_row([entry.name for entry in entries], whole)
    for row in range(0, len(entries), columns):
        shown = entries[row : row + columns]
        legend = sheet.figure.legend(
            [handle(entry, sheet.dark) for entry in shown],
            [entry.name for entry in shown],
            loc="upper left",
            bbox_to_anchor=(
                grid.margin["l"] / grid.width,
                1 - (grid.title + 8 + 20 * row / columns) / grid.height,
            ),
            ncols=len(shown),
            frameon=False,
            prop={"family": FONT, "size": NAME * POINT},
            labelcolor=theme.text,
            handlelength=1.6,
            handletextpad=0.5,
            columnspacing=1.4,
            borderpad=0,
            borderaxespad=0,
        )
        legend.set_label("legend")
