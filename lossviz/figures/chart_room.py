"""How much room the texts around a panel take, in pixels."""

from __future__ import annotations

from collections.abc import Sequence

from lossviz.figures import chart_inks, chart_scales
from lossviz.figures.chart import Bars, Chart, Line, Matrix, Panel, Rule

WIDE = 860  # pixels that a laptop has for a chart
LEAST_FOR_NAMES = 460  # pixels of a chart with names beside its lines
TEXT, NAME = 14, 13  # pixels: titles; names, numbers and notes
ROW = 18  # from one line of names to the next
KEY, KEY_TEXT = (
    44,
    0.86,
)  # a legend's line or dot, with air; its names, as a share of a width on the safe side
BAR = 76  # a colour bar with its numbers


def categories(panel: Panel, name: str) -> tuple[str, ...]:
    """The names along an axis: those of a matrix, or of the axis itself."""
    matrix = next((mark for mark in panel.marks if isinstance(mark, Matrix)), None)
    if matrix is not None:
        return matrix.column_names if name == "x" else matrix.row_names
    axis = panel.x if name == "x" else panel.y
    return axis.categories


def names(panel: Panel, width: float) -> float:
    """For the names along y, in a chart of this width."""
    found = categories(panel, "y") or tuple(text for _, text in panel.y.ticks)
    wide = max((chart_scales.text_width(name, NAME) for name in found), default=36.0)
    return min(160.0, max(36.0, 0.28 * width), wide)


def left(panel: Panel, numbers: bool, width: float) -> float:
    """For the numbers and the title of y."""
    if panel.polar or panel.solid or not numbers:
        return 8.0
    return names(panel, width) + 12 + (24 if panel.y.title else 0)


def right(panel: Panel, ends: bool) -> float:
    """For the names at the ends of lines and bars."""
    texts = [t for m in panel.marks if isinstance(m, Bars) and m.horizontal for t in m.texts]
    wide = max((chart_scales.text_width(text, NAME) for text in texts), default=0.0)
    if ends:
        named = [
            m.name
            for m in panel.marks
            if (isinstance(m, Line) and m.label_at_end) or (isinstance(m, Rule) and m.across == "y")
        ]
        wide = max([wide, *(chart_scales.text_width(name, NAME) for name in named if name)])
    return wide + 14


def x_title(panel: Panel, width: float) -> list[str]:
    """The title of x in lines that fit below a plot of this width; it may reach a little beyond."""
    return chart_scales.wrapped(chart_scales.axis_title(panel.x), width + 40, TEXT)


def bottom(panel: Panel, numbers: bool, slanted: bool, width: float) -> float:
    """For the numbers and the title of x."""
    if panel.polar or panel.solid:
        return 12.0
    if not numbers:
        return 6.0
    longest = max((chart_scales.text_width(name, NAME) for name in categories(panel, "x")), default=0.0)
    title = 8 + ROW * len(x_title(panel, width)) if panel.x.title else 0
    return (14 + 0.64 * longest if slanted else 20.0) + 8 + title


def legend(chart: Chart, width: float, ends: bool) -> int:
    """For the legend, in rows of this width."""
    names = [entry.name for entry in chart_inks.entries(chart, lines=not ends)]
    if not names or chart.legend == "none":
        return 0
    return 8 + 20 * -(-len(names) // per_row(names, width))


def per_row(names: Sequence[str], width: float) -> int:
    """How many entries of a legend stand in a row; each takes the width of the widest."""
    wide = KEY_TEXT * max(chart_scales.text_width(name, NAME) for name in names) + KEY
    return max(1, min(len(names), int(width // wide)))


def every(slot: float, needed: float) -> int:
    """Each how many-th name there is room for."""
    return next((n for n in (1, 2, 5, 10, 20, 25, 50, 100, 200, 500) if n * slot >= needed), 1000)
