"""Where the panels of a chart stand, in pixels from the top and in shares of all plots.

On the screen the height of a figure is fixed and its width is the page's, so heights are exact and
what depends on the width is worked out for a little less. In print a pixel is a fixed length.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from lossviz.figures import chart_room, chart_scales, label_layout
from lossviz.figures.chart import Chart, Line, Matrix, Panel, Rule
from lossviz.figures.chart_room import BAR, NAME, ROW, TEXT
from lossviz.figures.chart_scales import Range


@dataclass
class Cell:
    """The place of one panel.

    x, y: its plot, in shares of all plots. note: the lines below the title, if it is not beside it.
    width, height: of the plot in pixels. rules: the upright ones with the row of their name above the
    plot. every_x, every_y: each how many-th category is written. numbers_x, numbers_y: whether the axes
    have numbers. slanted: categories along x are.
    """

    panel: Panel
    width: float
    height: float
    title: list[str]
    note: list[str]
    note_beside: bool
    rules: list[tuple[Rule, int]]
    numbers_x: bool
    numbers_y: bool
    every_x: int
    every_y: int
    slanted: bool
    matrix: Matrix | None
    x: Range = (0.0, 1.0)
    y: Range = (0.0, 1.0)

    @property
    def rule_rows(self) -> int:
        """Rows of names above the plot."""
        return 1 + max((row for _, row in self.rules), default=-1)

    @property
    def centred(self) -> bool:
        """Whether the plot may be narrower than its place, so that texts stand over its middle."""
        return self.panel.equal or self.panel.polar

    def categories(self, name: str) -> tuple[str, ...]:
        """The names along an axis."""
        return chart_room.categories(self.panel, name)

    @property
    def top(self) -> float:
        """Pixels above the plot."""
        return 14 + 20 * len([*self.title, *self.note]) + ROW * self.rule_rows

    @property
    def bottom(self) -> float:
        """Pixels below the plot."""
        return chart_room.bottom(self.panel, self.numbers_x, self.slanted, self.width)


@dataclass
class Bar:
    """The place of a colour bar: pixels to the right of a plot, and its ends on y in shares."""

    right_of: Cell
    shift: float
    y: Range


@dataclass
class Grid:
    """The places of all panels. margin: pixels around all plots. ends: lines are named at their ends.

    height: pixels of the whole. title, legend: pixels at the top.
    """

    cells: list[Cell]
    columns: int
    width: int
    height: int
    margin: dict[str, int]
    title: int
    legend: int
    ends: bool
    bars: dict[chart_scales.ValueScale, Bar] = field(default_factory=dict)


def grid_of(chart: Chart, width: int, stretch: float = 1.0) -> Grid:
    """The grid of a chart as wide as this many pixels.

    stretch: by how much it may turn out wider; panels of equal scales are as high
    as that needs, at most as high as the others.
    """
    columns = chart_scales.columns(chart)
    ends = _names_at_ends(chart, columns, width)
    count = range(len(chart.panels))
    numbers_y = [not chart.shared_y or i % columns == 0 or chart.panels[i].solid for i in count]
    numbers_x = [not chart.shared_x or i + columns >= len(chart.panels) for i in count]
    left, right = [0.0] * columns, [0.0] * columns
    for i, panel in enumerate(chart.panels):
        left[i % columns] = max(left[i % columns], chart_room.left(panel, numbers_y[i], width))
        right[i % columns] = max(right[i % columns], chart_room.right(panel, ends))
    lanes = _lanes(chart, columns)
    names = list(right)
    for column in range(columns):
        right[column] += BAR * (1 + max((lane for c, lane in lanes.values() if c == column), default=-1))
    gaps = [right[c] + left[c + 1] + 8 for c in range(columns - 1)]
    whole = width - left[0] - right[-1]
    plot = max(40.0, (whole - sum(gaps)) / columns)
    reaches = chart_scales.ranges(chart)
    cells = []
    for i, panel in enumerate(chart.panels):
        tall = min(chart.height, _needed(panel, plot * stretch, reaches[i]))
        cell = _cell(panel, plot, tall, reaches[i][0], numbers_x[i], numbers_y[i])
        start = (i % columns) * plot + sum(gaps[: i % columns])
        cell.x = (start / whole, min(1.0, (start + plot) / whole))
        cells.append(cell)
    title, legend = 30 if chart.title else 0, chart_room.legend(chart, whole, ends)
    head, inner, foot = _stack(cells, columns)
    margin = {"l": round(left[0]), "r": round(right[-1]), "t": round(title + legend + head), "b": round(foot)}
    height = margin["t"] + round(inner) + margin["b"]
    grid = Grid(cells, columns, width, height, margin, title, legend, ends)
    for scale, (column, lane) in lanes.items():
        own = [cells[i] for i in _users(chart, scale) if i % columns == column]
        y = (min(cell.y[0] for cell in own), max(cell.y[1] for cell in own))
        grid.bars[scale] = Bar(own[0], names[column] + BAR * lane, y)
    return grid


def end_names(cell: Cell, ends: Range, lines: bool) -> list[tuple[Line | Rule, float]]:
    """The level rules and lines with a name at their right end, and how high up the panel it stands, 0..1.

    ends: of y. lines: False where lines are named in the legend. Names are moved apart.
    """
    log = cell.panel.y.spacing == "log"
    named: list[tuple[Line | Rule, float | None]] = []
    for mark in cell.panel.marks:
        if isinstance(mark, Rule) and mark.across == "y" and mark.name:
            named.append((mark, mark.at))
        elif lines and isinstance(mark, Line) and mark.name and mark.label_at_end:
            named.append((mark, chart_scales.last_finite(mark.y, log)))
    found = [(mark, chart_scales.in_range(at, ends, log)) for mark, at in named if at is not None]
    wanted = [min(max(share, 0.0), 1.0) * cell.height for _, share in found]
    places = label_layout.spread_apart(wanted, ROW, cell.height)
    return [(mark, place / cell.height) for (mark, _), place in zip(found, places, strict=True)]


def _stack(cells: list[Cell], columns: int) -> tuple[float, float, float]:
    """Sets y of the cells; pixels above the first plots, of all plots, and below the last."""
    rows = [cells[i : i + columns] for i in range(0, len(cells), columns)]
    tops = [max(cell.top for cell in row) for row in rows]
    bottoms = [max(cell.bottom for cell in row) for row in rows]
    heights = [max(cell.height for cell in row) for row in rows]
    inner = sum(tops[1:]) + sum(bottoms[:-1]) + sum(heights)
    from_top = 0.0
    for r, row in enumerate(rows):
        tall = heights[r]
        for cell in row:
            cell.height = tall
            cell.y = (max(0.0, 1 - (from_top + tall) / inner), 1 - from_top / inner)
        from_top += tall + bottoms[r] + (tops[r + 1] if r + 1 < len(rows) else 0)
    return tops[0], inner, bottoms[-1]


def _needed(panel: Panel, plot: float, ends: tuple[Range, Range]) -> float:
    """The height that a panel can use."""
    if panel.polar:
        return plot
    (x0, x1), (y0, y1) = ends
    return plot * (y1 - y0) / (x1 - x0) if panel.equal else math.inf


def _names_at_ends(chart: Chart, columns: int, width: int) -> bool:
    """Whether the names of lines fit beside the panels: wide enough, not too many names, none twice."""
    names = [
        [m.name for m in panel.marks if isinstance(m, Line) and m.name and m.label_at_end]
        for panel in chart.panels
    ]
    if chart.legend != "ends" or width < chart_room.LEAST_FOR_NAMES or chart_scales.same_everywhere(names):
        return False
    longest = max((chart_scales.text_width(name, NAME) for own in names for name in own), default=0.0)
    return longest <= 0.3 * width / columns and max(map(len, names)) * ROW <= chart.height


def _cell(panel: Panel, plot: float, height: float, x: Range, numbers_x: bool, numbers_y: bool) -> Cell:
    title = chart_scales.wrapped(panel.title, plot, TEXT * 1.06)
    last = chart_scales.text_width(title[-1], TEXT * 1.06) if title else plot
    upright = [m for m in panel.marks if isinstance(m, Rule) and m.across == "x" and m.name]
    places = [plot * chart_scales.in_range(m.at, x, panel.x.spacing == "log") for m in upright]
    wide = [chart_scales.text_width(m.name, NAME) for m in upright]
    # A name that would leave the panel ends, or begins, at its rule.
    middles = [
        at + half if at < half else at - half if plot - at < half else at
        for at, half in zip(places, (w / 2 for w in wide), strict=True)
    ]
    rows = chart_scales.rows_for(middles, wide)
    along, down = (chart_room.categories(panel, name) for name in "xy")
    slot = plot / max(1, len(along))
    longest = max((chart_scales.text_width(name, NAME) for name in along), default=0.0)
    slanted = longest > slot - 4 and longest > 30
    beside = last + chart_scales.text_width(panel.note, TEXT) + 14 <= plot
    return Cell(
        panel,
        plot,
        height,
        title=title,
        note=[] if beside else chart_scales.wrapped(panel.note, plot, TEXT),
        note_beside=beside,
        rules=list(zip(upright, rows, strict=True)),
        numbers_x=numbers_x,
        numbers_y=numbers_y,
        every_x=chart_room.every(slot, 20.0 if slanted else longest + 6),
        every_y=chart_room.every(height / max(1, len(down)), 15.0),
        slanted=slanted,
        matrix=next((m for m in panel.marks if isinstance(m, Matrix)), None),
    )


def _users(chart: Chart, scale: chart_scales.ValueScale) -> list[int]:
    """The panels whose dots are coloured by a scale."""
    alone = [replace(chart, panels=(panel,)) for panel in chart.panels]
    return [i for i, one in enumerate(alone) if scale in chart_scales.value_scales(one)]


def _lanes(chart: Chart, columns: int) -> dict[chart_scales.ValueScale, tuple[int, int]]:
    """The column beside which each colour bar stands, that of its panels or the last, and its lane there."""
    found: dict[chart_scales.ValueScale, tuple[int, int]] = {}
    taken: set[tuple[int, int, int]] = set()
    for scale in chart_scales.value_scales(chart):
        users = _users(chart, scale)
        column = max(i % columns for i in users)
        rows = range(min(users) // columns, max(users) // columns + 1)
        lane = next(n for n in range(len(taken) + 1) if not any((column, n, r) in taken for r in rows))
        taken |= {(column, lane, r) for r in rows}
        found[scale] = (column, lane)
    return found
