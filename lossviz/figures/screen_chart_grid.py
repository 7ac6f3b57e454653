"""Where the panels of a chart stand on the screen, in pixels and in shares of the figure.

The height of a figure is fixed, its width is the page's: heights are exact, and what depends on the
width is worked out for a usual one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lossviz.figures import chart_inks, chart_scales
from lossviz.figures.chart import Chart, Line, Matrix, Panel, Rule
from lossviz.figures.screen_chart_marks import value_scales
from lossviz.figures.screen_theme import TEXT

WIDE, NARROW = 940, 350  # pixels
NAME, TICK = 13, 13
_ROW = 18
_BAR = 76  # pixels of a colour bar with its numbers


@dataclass
class Cell:
    """The place of one panel. x, y: its plot, in shares of all plots; width, height: in pixels."""

    x: tuple[float, float]
    y: tuple[float, float]
    width: float
    height: float
    title: list[str]
    note_beside: bool
    rules: list[tuple[Rule, int]]
    numbers_x: bool
    numbers_y: bool
    every_x: int
    every_y: int
    slanted: bool
    centred: bool
    matrix: Matrix | None

    @property
    def rule_rows(self) -> int:
        """Rows of names above the panel."""
        return 1 + max((row for _, row in self.rules), default=-1)

    def names(self, axis: str) -> tuple[str, ...]:
        """The names along an axis of the matrix."""
        assert self.matrix is not None
        return self.matrix.column_names if axis == "x" else self.matrix.row_names


@dataclass
class Grid:
    """The places of all panels. ends: whether lines are named at their ends."""

    cells: list[Cell]
    columns: int
    height: int
    margin: dict[str, int]
    title_height: int
    ends: bool


def grid_of(chart: Chart, narrow: bool) -> Grid:
    """The grid of a chart."""
    columns = chart_scales.columns(chart, narrow)
    rows = [list(range(i, min(i + columns, len(chart.panels)))) for i in range(0, len(chart.panels), columns)]
    width = NARROW if narrow else WIDE
    ends = _names_at_ends(chart, columns, width, narrow)
    numbers_y = [
        not chart.shared_y or i % columns == 0 or panel.solid for i, panel in enumerate(chart.panels)
    ]
    numbers_x = [not chart.shared_x or i + columns >= len(chart.panels) for i in range(len(chart.panels))]
    left = [_left(panel, numbers_y[i]) for i, panel in enumerate(chart.panels)]
    right = [_right(panel, ends) for panel in chart.panels]
    by_column = [[k for k in range(len(chart.panels)) if k % columns == c] for c in range(columns)]
    lefts = [max(left[k] for k in column) for column in by_column]
    rights = [max(right[k] for k in column) for column in by_column]
    bars = _BAR * len(value_scales(chart))
    gaps = [rights[c] + lefts[c + 1] + 8 for c in range(columns - 1)]
    outer = lefts[0] + rights[-1] + bars
    plot = (width - outer - sum(gaps)) / columns
    whole = width - outer
    starts = [c * plot + sum(gaps[:c]) for c in range(columns)]
    spans = [(start / whole, (start + plot) / whole) for start in starts]
    cells, tops, bottoms = [], [], []
    reaches = chart_scales.ranges(chart)
    for i, panel in enumerate(chart.panels):
        cell = _cell(panel, plot, chart.height, reaches[i][0], numbers_x[i], numbers_y[i])
        cell.x = spans[i % columns]
        cells.append(cell)
    for row in rows:
        tops.append(max(_top(cells[i], chart.panels[i]) for i in row))
        bottoms.append(max(_bottom(chart, cells[i], chart.panels[i]) for i in row))
    return _placed(chart, cells, columns, rows, tops, bottoms, width, (lefts[0], rights[-1] + bars), ends)


def _placed(
    chart: Chart,
    cells: list[Cell],
    columns: int,
    rows: Sequence[Sequence[int]],
    tops: Sequence[float],
    bottoms: Sequence[float],
    width: int,
    sides: tuple[float, float],
    ends: bool,
) -> Grid:
    """Sets the heights, from the top down."""
    title = 30 if chart.title else 0
    legend = _legend_height(chart, width, ends)
    head, foot = title + legend + tops[0], bottoms[-1]
    inner = sum(tops[1:]) + sum(bottoms[:-1]) + chart.height * len(rows)
    from_top = 0.0
    for r, row in enumerate(rows):
        for i in row:
            cells[i].y = (max(0.0, 1 - (from_top + chart.height) / inner), 1 - from_top / inner)
        from_top += chart.height + bottoms[r] + (tops[r + 1] if r + 1 < len(rows) else 0)
    margin = {"l": round(sides[0]), "r": round(sides[1]), "t": round(head), "b": round(foot)}
    return Grid(cells, columns, round(head + inner + foot), margin, title, ends)


def _names_at_ends(chart: Chart, columns: int, width: int, narrow: bool) -> bool:
    """Whether the names of lines fit beside the panels: not too long, not too many, none twice."""
    names = [
        [m.name for m in panel.marks if isinstance(m, Line) and m.name and m.label_at_end]
        for panel in chart.panels
    ]
    if chart.legend != "ends" or narrow or chart_scales.same_everywhere(names):
        return False
    longest = max((chart_scales.text_width(name, NAME) for own in names for name in own), default=0.0)
    most = max(map(len, names))
    return longest <= 0.3 * width / columns and most * _ROW <= chart.height


def _left(panel: Panel, numbers: bool) -> float:
    """Pixels for the numbers and the title of y."""
    if panel.polar or panel.solid:
        return 8.0
    names = next((m.row_names for m in panel.marks if isinstance(m, Matrix)), panel.y.categories)
    wide = min(150.0, max((chart_scales.text_width(name, TICK) for name in names), default=36.0))
    return (wide + 12 + (24 if panel.y.title else 0)) if numbers else 8.0


def _right(panel: Panel, ends: bool) -> float:
    """Pixels for names at the ends of lines."""
    if not ends:
        return 14.0
    named = [
        m.name
        for m in panel.marks
        if (isinstance(m, Line) and m.label_at_end) or (isinstance(m, Rule) and m.across == "y")
    ]
    wide = max((chart_scales.text_width(name, NAME) for name in named if name), default=0.0)
    return wide + 14


def _cell(
    panel: Panel, plot: float, height: float, x: chart_scales.Range, numbers_x: bool, numbers_y: bool
) -> Cell:
    title = chart_scales.wrapped(panel.title, plot, TEXT * 1.06)
    beside = bool(title) and (
        chart_scales.text_width(title[-1], TEXT * 1.06) + chart_scales.text_width(panel.note, TEXT) + 14
        <= plot
    )
    upright = [m for m in panel.marks if isinstance(m, Rule) and m.across == "x" and m.name]
    log = panel.x.spacing == "log"
    places = [plot * chart_scales.in_range(m.at, x, log) for m in upright]
    rows = chart_scales.rows_for(places, [chart_scales.text_width(m.name, NAME) for m in upright])
    found = next((m for m in panel.marks if isinstance(m, Matrix)), None)
    names = found.column_names if found else panel.x.categories
    slot = plot / max(1, len(names))
    longest = max((chart_scales.text_width(name, TICK) for name in names), default=0.0)
    slanted = longest > slot - 4 and longest > 30
    every_x = _every(slot, 16.0 if slanted else longest + 6)
    down = len(found.row_names if found else panel.y.categories)
    return Cell(
        x=(0.0, 1.0),
        y=(0.0, 1.0),
        width=plot,
        height=height,
        title=title,
        note_beside=beside,
        rules=list(zip(upright, rows, strict=True)),
        numbers_x=numbers_x,
        numbers_y=numbers_y,
        every_x=every_x,
        every_y=_every(height / max(1, down), 15.0),
        slanted=slanted,
        centred=panel.equal or panel.polar,
        matrix=found,
    )


def _every(slot: float, needed: float) -> int:
    """Each how many-th name there is room for."""
    return next((n for n in (1, 2, 5, 10, 20, 25, 50, 100, 200, 500) if n * slot >= needed), 1000)


def _top(cell: Cell, panel: Panel) -> float:
    lines = len(cell.title) + bool(panel.note and not cell.note_beside)
    return 14 + 20 * lines + _ROW * cell.rule_rows


def _bottom(chart: Chart, cell: Cell, panel: Panel) -> float:
    if panel.polar or panel.solid:
        return 12.0
    if not cell.numbers_x:
        return 4.0
    names = cell.names("x") if cell.matrix is not None else panel.x.categories
    longest = max((chart_scales.text_width(name, TICK) for name in names), default=0.0)
    texts = 14 + 0.64 * longest if cell.slanted else 20.0
    return texts + 8 + (26 if panel.x.title else 0)


def _legend_height(chart: Chart, width: int, ends: bool) -> float:
    """Pixels of the legend, in rows as wide as the figure."""
    if chart.legend == "none":
        return 0.0
    names = [entry.name for entry in chart_inks.entries(chart, lines=not ends)]
    if not names:
        return 0.0
    # Plotly gives every entry the width of the widest.
    wide = max(chart_scales.text_width(name, NAME) for name in names) + 46
    rows = -(-len(names) // max(1, int(width // wide)))
    return 8.0 + 20 * rows
