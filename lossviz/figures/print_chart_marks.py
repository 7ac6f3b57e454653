"""The marks of a chart as artists of matplotlib."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Circle as Round
from matplotlib.patches import FancyArrowPatch, Patch, Rectangle
from matplotlib.patheffects import Stroke, withStroke

from lossviz.figures import chart_inks, chart_matrix, chart_scales, palette
from lossviz.figures.chart import (
    Array,
    Arrows,
    Band,
    Bars,
    Circle,
    Dots,
    Ink,
    Line,
    Matrix,
    Note,
    Panel,
    Rule,
    Spans,
    Steps,
)
from lossviz.figures.chart_polar import Polygon
from lossviz.figures.chart_room import NAME
from lossviz.figures.print_chart_sheet import MARKERS, POINT, Sheet, points
from lossviz.figures.print_text import FONT

DASHES: dict[str, Any] = {"solid": "solid", "dashed": (0, (5, 2.5)), "dotted": (0, (1.2, 1.6))}
_SMALLEST = 8  # pixels of a text in a cell


@dataclass
class Pen:
    """Draws the marks of one panel. ends: of its axes; room: its width and height in pixels."""

    sheet: Sheet
    axes: Axes
    panel: Panel
    ends: tuple[chart_scales.Range, chart_scales.Range]
    room: tuple[float, float]
    layer: float = 2.0

    def next(self) -> float:
        """A layer above the last."""
        self.layer += 0.01
        return self.layer

    def color(self, ink: Ink) -> str:
        """The colour of an ink in this theme."""
        return chart_inks.color(ink, self.sheet.dark)


def line(pen: Pen, mark: Line) -> None:
    """A curve."""
    pen.axes.plot(
        mark.x,
        mark.y,
        color=pen.color(mark.ink),
        linewidth=mark.width * POINT,
        linestyle=DASHES[mark.dash],
        label=mark.name or None,
        zorder=pen.next(),
    )


def steps(pen: Pen, mark: Steps) -> None:
    """A histogram."""
    base = pen.ends[1][0] if pen.panel.y.spacing == "log" else 0.0
    x, y = chart_scales.outline(mark, base)
    color = pen.color(mark.ink)
    if mark.filled:
        alpha = 0.85 if mark.solid else 0.24
        pen.axes.fill_between(x, y, base, color=color, alpha=alpha, linewidth=0, zorder=pen.next())
    style = {"color": color, "linewidth": 0.8, "linestyle": DASHES[mark.dash]}
    pen.axes.plot(x, y, label=mark.name or None, zorder=pen.next(), **style)


def band(pen: Pen, mark: Band) -> None:
    """An area, in one piece for each stretch of finite numbers."""
    for part in chart_scales.finite_parts(mark.x, mark.low, mark.high):
        pen.axes.fill_between(
            mark.x[part],
            mark.low[part],
            mark.high[part],
            color=pen.color(mark.ink),
            alpha=0.2,
            linewidth=0,
            label=mark.name or None,
            zorder=pen.next(),
        )


def polygon(pen: Pen, mark: Polygon) -> None:
    """A polar histogram."""
    color = pen.color(mark.ink)
    if mark.filled:
        pen.axes.fill(mark.x, mark.y, color=color, alpha=0.28, linewidth=0, zorder=pen.next())
    x, y = np.append(mark.x, mark.x[:1]), np.append(mark.y, mark.y[:1])
    pen.axes.plot(x, y, color=color, linewidth=0.8, label=mark.name or None, zorder=pen.next())


def arrows(pen: Pen, mark: Arrows) -> None:
    """Arrows from the origin, above all points."""
    for part in chart_inks.split(mark, always=True):
        color = pen.color(part.ink)
        case = withStroke(linewidth=2.0, foreground=palette.casing(pen.sheet.dark))
        for i in np.flatnonzero(np.isfinite(part.x) & np.isfinite(part.y)):
            tip = (float(part.x[i]), float(part.y[i]))
            if tip == (0.0, 0.0):
                continue
            arrow = FancyArrowPatch(
                (0.0, 0.0),
                tip,
                arrowstyle="-|>",
                mutation_scale=6.5,
                shrinkA=0,
                shrinkB=0,
                linewidth=1.0,
                color=color,
                path_effects=[case],
                zorder=3,
            )
            pen.axes.add_patch(arrow)
            if part.labels:
                angle = math.atan2(tip[1], tip[0])
                shift = (12 * math.cos(angle), 12 * math.sin(angle))
                _note(pen, Note(*tip, part.labels[i], "center", part.ink), shift)


def rule(pen: Pen, mark: Rule) -> None:
    """A line from side to side; its name is written outside."""
    draw = pen.axes.axvline if mark.across == "x" else pen.axes.axhline
    draw(
        mark.at,
        color=pen.color(mark.ink),
        linewidth=mark.width * POINT,
        linestyle=DASHES[mark.dash],
        label=mark.name or None,
        zorder=pen.next(),
    )


def note(pen: Pen, mark: Note) -> None:
    """A text with a halo of the page's colour."""
    _note(pen, mark, (0.0, 0.0))


def _note(pen: Pen, mark: Note, shift: tuple[float, float]) -> None:
    placed = ((mark.x, pen.panel.x), (mark.y, pen.panel.y))
    if any(not math.isfinite(at) or (axis.spacing == "log" and at <= 0) for at, axis in placed):
        return
    halo = Stroke(linewidth=1.6, foreground=palette.casing(pen.sheet.dark))
    # A text with an effect is drawn as curves, so the halo is one of its own and the text stays text.
    for layer, effects in ((3.9, [halo]), (4.0, [])):
        pen.axes.annotate(
            mark.text,
            (mark.x, mark.y),
            xytext=(shift[0] * POINT, shift[1] * POINT),
            textcoords="offset points",
            ha=mark.anchor,
            va="center",
            fontsize=NAME * POINT,
            family=FONT,
            color=chart_inks.text_color(mark.ink, pen.sheet.dark),
            path_effects=effects,
            annotation_clip=False,
            zorder=layer,
        )


def circle(pen: Pen, mark: Circle) -> None:
    """A circle under the other marks."""
    pen.axes.add_patch(
        Round(
            (mark.x, mark.y),
            mark.radius,
            fill=False,
            edgecolor=pen.color(mark.ink),
            linewidth=0.7,
            linestyle=DASHES[mark.dash],
            zorder=1.5,
        )
    )


def dots(pen: Pen, mark: Dots) -> None:
    """Points, and their texts where they have some."""
    count = chart_scales.dot_count(pen.panel)
    for part in chart_inks.split(mark):
        points(pen.sheet, pen.axes, part, count, (part.x, part.y), pen.next())
    if mark.texts:
        sides = chart_scales.label_sides(pen.panel, mark, pen.ends, pen.room)
        for x, y, text, side in zip(mark.x, mark.y, mark.texts, sides, strict=True):
            _note(pen, Note(float(x), float(y), text, side.anchor), (side.dx, side.dy))


def spans(pen: Pen, mark: Spans) -> None:
    """Bars from low to high."""
    offset, width = chart_scales.side_by_side(pen.panel, mark)
    colors = chart_inks.colors(mark, pen.sheet.dark)
    _bars(pen, mark.name, mark.at + offset, mark.high - mark.low, width, colors, bottom=mark.low)


def bars(pen: Pen, mark: Bars) -> None:
    """Bars from zero, with their errors."""
    offset, width = chart_scales.side_by_side(pen.panel, mark)
    colors = chart_inks.colors(mark, pen.sheet.dark)
    options: dict[str, Any] = {}
    if mark.errors is not None:
        lines = {
            "ecolor": palette.theme(pen.sheet.dark).text,
            "elinewidth": 0.7,
            "capsize": 1.5,
            "capthick": 0.7,
        }
        options = {("xerr" if mark.horizontal else "yerr"): mark.errors, "error_kw": lines}
    _bars(pen, mark.name, mark.at + offset, mark.heights, width, colors, mark.horizontal, **options)
    for at, height, text in zip(mark.at + offset + width / 2, mark.heights, mark.texts, strict=False):
        tip, shift, anchor = (
            ((height, at), (5.0, 0.0), "left") if mark.horizontal else ((at, height), (0.0, 9.0), "center")
        )
        _note(pen, Note(float(tip[0]), float(tip[1]), text, anchor), shift)  # type: ignore[arg-type]


def _bars(
    pen: Pen,
    name: str,
    at: Array,
    lengths: Array,
    width: float,
    colors: Any,
    horizontal: bool = False,
    **options: Any,
) -> None:
    """Bars that start at `at`."""
    options |= {"color": colors, "align": "edge", "linewidth": 0, "label": name or None, "zorder": pen.next()}
    if horizontal:
        pen.axes.barh(at, lengths, width, **options)
    else:
        pen.axes.bar(at, lengths, width, **options)


def matrix(pen: Pen, mark: Matrix) -> None:
    """Cells with their texts where there is room, and frames around the boxed ones."""
    rows, columns = mark.values.shape
    dark, theme = pen.sheet.dark, palette.theme(pen.sheet.dark)
    colors = chart_matrix.cell_colors(mark, dark)
    rgb = np.array([[int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in colors], dtype=np.uint8)
    edges = [np.arange(n + 1) - 0.5 for n in (columns, rows)]
    gaps: dict[str, Any] = (
        {"edgecolors": theme.background, "linewidth": 0.5} if max(rows, columns) <= 40 else {}
    )
    pen.axes.pcolormesh(*edges, rgb.reshape(rows, columns, 3), zorder=1, **gaps)
    texts = chart_matrix.texts(mark)
    size = chart_matrix.text_size(texts, pen.room[0] / max(1, columns), pen.room[1] / max(1, rows), 12)
    if size >= _SMALLEST:
        inks = chart_matrix.text_colors(mark, dark)
        for i, text in enumerate(text for row in texts for text in row):
            style: dict[str, Any] = {"fontsize": size * POINT, "color": inks[i], "family": FONT}
            at = (i % columns, i // columns)
            pen.axes.text(*at, text, ha="center", va="center_baseline", zorder=3, **style)
    for r, c in mark.boxed:
        frame = Rectangle((c - 0.5, r - 0.5), 1, 1, fill=False, edgecolor=theme.text, linewidth=1.1, zorder=2)
        frame.set_clip_on(False)
        pen.axes.add_patch(frame)


def handle(entry: chart_inks.Entry, dark: bool) -> Any:
    """What stands before a name in the legend."""
    color = chart_inks.color(entry.ink, dark)
    if entry.look == "area":
        return Patch(facecolor=color, alpha=0.85, linewidth=0)
    if entry.look == "wash":
        return Patch(facecolor=(color, 0.24), edgecolor=color, linewidth=0.8)
    if entry.look == "dot":
        hollow = entry.symbol == "ring"
        return Line2D(
            [],
            [],
            linestyle="none",
            marker=MARKERS[entry.symbol],
            markersize=4,
            mfc="none" if hollow else color,
            mec=color,
            mew=0.9 if hollow else 0,
        )
    return Line2D([], [], color=color, linewidth=entry.width * POINT, linestyle=DASHES[entry.dash])


DRAW: dict[type, Callable[[Pen, Any], None]] = {
    Line: line,
    Steps: steps,
    Band: band,
    Polygon: polygon,
    Arrows: arrows,
    Rule: rule,
    Note: note,
    Circle: circle,
    Dots: dots,
    Bars: bars,
    Spans: spans,
    Matrix: matrix,
}
