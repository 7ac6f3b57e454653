"""The places of the panels of a chart on the screen.

The height of a figure is fixed and its width is the page's, so heights are pixels, and what depends on the
width is worked out for a little less.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lossviz.figures.axis import Range
from lossviz.figures.chart import Chart, Panel
from lossviz.figures.panel_layout import PanelLayout, longest
from lossviz.figures.screen_theme import ROW

BAR = 76  # pixels of a colour bar with its numbers
KEY = 44  # pixels of a legend's line or dot, with air
_LEAST, _LEAST_PLOT = 190, 120  # pixels of a column, and of the plot in it
_STRETCH = 1.17  # how much wider than it is laid out for a figure may be shown


@dataclass
class Cell(PanelLayout):
    """The place of one panel. x, y: its plot, in shares of all plots."""

    x: Range = (0.0, 1.0)
    y: Range = (0.0, 1.0)

    @property
    def top(self) -> float:
        """Pixels above the plot."""
        lines = len(self.title) + (0 if self.beside else len(self.note))
        return 14 + 20 * lines + ROW * self.rule_rows

    @property
    def bottom(self) -> float:
        """Pixels below the plot, for the numbers and the title of x."""
        if not self.panel.flat:
            return 12.0
        if not self.numbers[0]:
            return 6.0
        title = 8 + ROW * len(self.x_title) if self.panel.x.title else 0
        return (14 + 0.64 * longest(self.panel.categories("x")) if self.slanted else 20.0) + 8 + title


@dataclass
class Grid:
    """The places of all panels.

    margin: pixels around all plots. ends: lines are named at their ends. height: pixels of the whole.
    title: pixels of it at the top. bars: pixels from the plots to the first colour bar.
    """

    cells: list[Cell]
    columns: int
    width: int
    height: int
    margin: dict[str, int]
    title: int
    ends: bool
    bars: float


def grid_of(chart: Chart, width: int) -> Grid:
    """The grid of a chart as wide as so many pixels, with as many columns as asked, or fewer where plots
    would be too narrow to be read."""
    asked, count = chart.usual_columns, len(chart.panels)
    for columns in range(min(asked, max(1, width // _LEAST)), 0, -1):
        even = -(-count // -(-count // columns))  # rows of about the same length
        grid = _grid(chart, width, asked if columns == asked else min(even, columns))
        if columns == 1 or grid.cells[0].width >= _LEAST_PLOT:
            break
    return grid


def _grid(chart: Chart, width: int, columns: int) -> Grid:
    named = chart.names_at_ends(columns, width)
    numbers = [
        (
            not chart.shared_x or i + columns >= len(chart.panels),
            not chart.shared_y or i % columns == 0 or panel.solid,
        )
        for i, panel in enumerate(chart.panels)
    ]
    left, right = [0.0] * columns, [0.0] * columns
    for i, panel in enumerate(chart.panels):
        left[i % columns] = max(left[i % columns], _left(panel, numbers[i][1], width))
        right[i % columns] = max(right[i % columns], _right(panel, named))
    bars = right[-1]
    right[-1] += BAR * len(chart.scales())
    gaps = [right[c] + left[c + 1] + 8 for c in range(columns - 1)]
    whole = width - left[0] - right[-1]
    plot = max(40.0, (whole - sum(gaps)) / columns)
    cells = []
    for i, (panel, ends) in enumerate(zip(chart.panels, chart.ends(), strict=True)):
        (x0, x1), (y0, y1) = ends
        needed = plot * _STRETCH * (y1 - y0) / (x1 - x0) if panel.square else math.inf
        cell = Cell(panel, plot, min(chart.height, needed), ends, numbers[i])
        start = (i % columns) * plot + sum(gaps[: i % columns])
        cell.x = (start / whole, min(1.0, (start + plot) / whole))
        cells.append(cell)
    title, legend = 30 if chart.title else 0, _legend(chart, whole, named)
    head, inner, foot = _stack(cells, columns)
    margin = {"l": round(left[0]), "r": round(right[-1]), "t": round(title + legend + head), "b": round(foot)}
    height = margin["t"] + round(inner) + margin["b"]
    return Grid(cells, columns, width, height, margin, title, named, bars)


def _stack(cells: list[Cell], columns: int) -> tuple[float, float, float]:
    """Set y of the cells; pixels above the first plots, of all plots, and below the last."""
    rows = [cells[i : i + columns] for i in range(0, len(cells), columns)]
    tops = [max(cell.top for cell in row) for row in rows]
    bottoms = [max(cell.bottom for cell in row) for row in rows]
    heights = [max(cell.height for cell in row) for row in rows]
    inner = sum(tops[1:]) + sum(bottoms[:-1]) + sum(heights)
    from_top = 0.0
    for r, row in enumerate(rows):
        for cell in row:
            cell.height = heights[r]
            cell.y = (max(0.0, 1 - (from_top + heights[r]) / inner), 1 - from_top / inner)
        from_top += heights[r] + bottoms[r] + (tops[r + 1] if r + 1 < len(rows) else 0)
    return tops[0], inner, bottoms[-1]


def names_width(panel: Panel, width: float) -> float:
    """Pixels for the names along y, in a chart of this width."""
    names = panel.categories("y") or tuple(text for _, text in panel.y.ticks)
    return min(160.0, max(36.0, 0.28 * width), longest(names) if names else 36.0)


def _left(panel: Panel, numbers: bool, width: float) -> float:
    """Pixels for the numbers and the title of y."""
    if not panel.flat or not numbers:
        return 8.0
    return names_width(panel, width) + 12 + (24 if panel.y.title else 0)


def _right(panel: Panel, lines: bool) -> float:
    """Pixels for the names at the ends of lines."""
    return 14 + longest([mark.name for mark, _ in panel.end_names(True)] if lines else [])


def _legend(chart: Chart, width: float, named: bool) -> int:
    """Pixels for the legend, in rows of this width."""
    names = [name for name, _ in chart.entries(lines=not named)]
    return 8 + 20 * -(-len(names) // per_row(names, width)) if names else 0


def per_row(names: Sequence[str], width: float) -> int:
    """The number of entries in a row of a legend; each takes the width of the widest."""
    return max(1, min(len(names), int(width // (longest(names) + KEY))))
