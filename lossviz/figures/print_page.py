"""The page of a print figure: where panels, texts, colour bars and the key stand.

Lengths are in inches, text and lines in points. All places are computed here rather than by a
layout engine, so the same fields give the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.legend_handler import HandlerPatch
from matplotlib.patches import FancyArrowPatch, Rectangle
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

from lossviz.figures import levels, palette
from lossviz.figures.axis import Array
from lossviz.figures.print_axes import tick_style
from lossviz.figures.print_text import FONT, prepare

DPI = 200
TITLE, NOTE, TICK = 9.5, 8.0, 7.5

# By the number of columns: twelve panels still fit a page.
_PLANE_WIDTH = {1: 3.6, 2: 2.75, 3: 2.25, 4: 1.85, 5: 1.65}


@dataclass
class Page:
    """A figure with a grid of square-celled panels, colour bars beside them and a key below."""

    figure: Figure
    count: int
    columns: int
    width: float
    height: float
    bottom: float
    plane: tuple[float, float]
    cell: tuple[float, float]
    gap: float
    shared: bool
    noted: Sequence[bool]
    dark: bool

    left, right, top = 0.52, 0.10, 0.08
    axis_height, key_row, key_column = 0.52, 0.165, 1.95
    bar_gap, bar_width, bar_texts = 0.07, 0.10, 0.50

    @classmethod
    def of(
        cls,
        count: int,
        columns: int | None,
        extent: tuple[float, ...],
        shared: bool,
        notes: Sequence[str],
        keys: int,
        dark: bool,
        figure_class: type[Figure] = Figure,
        below: Figure | None = None,
        plane: float | None = None,
    ) -> Page:
        """An empty page for `count` panels and `keys` entries of the key.

        columns: None for what suits the count. shared: one colour bar beside all panels. below: a figure that
        grows to hold the page under what it has, in place of a new one. plane: the width of a panel, in place
        of what suits the count.
        """
        columns = min(count, _columns(count) if columns is None else columns)
        if columns < 1:
            raise ValueError(f"contours: columns must be at least 1; got {columns}")
        rows = math.ceil(count / columns)
        wide = _PLANE_WIDTH.get(columns, 1.5) if plane is None else plane
        tall = wide * (extent[3] - extent[2]) / (extent[1] - extent[0])
        gap = 0.30 if shared else 0.16
        side = 0.0 if shared else cls.bar_gap + cls.bar_width + cls.bar_texts
        caption = 0.42 if any(notes) else 0.25
        cell = wide + side + gap, tall + caption + 0.16
        beside = cls.bar_gap + cls.bar_width + cls.bar_texts + 0.1 if shared else 0.0
        width = cls.left + columns * cell[0] - gap + beside + cls.right
        bottom = cls.axis_height + cls.key_row * math.ceil(keys / cls._key_columns(width, keys))
        height = cls.top + rows * cell[1] - 0.16 + bottom
        theme = palette.theme(dark)
        noted = [any(notes[row * columns : (row + 1) * columns]) for row in range(rows)]
        if below is None:
            figure = figure_class(figsize=(width, height), dpi=DPI, facecolor=theme.background)
            FigureCanvasAgg(figure)
        else:
            figure, own = below, height
            width, height = make_room_below(figure, width, height)
        page = cls(
            figure, count, columns, width, height, bottom, (wide, tall), cell, gap, shared, noted, dark
        )
        if below is not None:
            page.top += height - own
        return page

    @classmethod
    def _key_columns(cls, width: float, keys: int) -> int:
        return max(1, min(keys, int((width - cls.left) / cls.key_column)))

    def _corner(self, i: int) -> tuple[float, float]:
        """The lower left corner of a panel's plane."""
        row, column = divmod(i, self.columns)
        from_top = self.top + (row + 1) * self.cell[1] - 0.16
        return self.left + column * self.cell[0], self.height - from_top

    def _axes(self, x: float, y: float, wide: float, tall: float, **options: Any) -> Axes:
        box = (x / self.width, y / self.height, wide / self.width, tall / self.height)
        return self.figure.add_axes(box, **options)

    def panel(self, i: int, extent: tuple[float, ...], title: str, note: str) -> Axes:
        """The axes of panel `i` with its texts; the outer panels carry the numbers."""
        theme = palette.theme(self.dark)
        x, y = self._corner(i)
        axes = self._axes(x, y, *self.plane, label="panel")
        axes.set_facecolor(theme.secondary_background)
        axes.patch.set(hatch="////", edgecolor=theme.border, linewidth=0)  # seen where the loss is not finite
        axes.set(xlim=extent[:2], ylim=extent[2:], aspect="equal", anchor="SW")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10], integer=extent[1] - extent[0] > 4))
        outer_left, outer_below = i % self.columns == 0, i + self.columns >= self.count
        shown: dict[str, Any] = {"labelleft": outer_left, "labelbottom": outer_below}
        axes.tick_params(length=2.5, **shown, **tick_style(self.dark, TICK))
        for spine in axes.spines.values():
            spine.set(linewidth=0.6, color=theme.muted)
        style: dict[str, Any] = {"fontsize": NOTE, "color": theme.text, "family": FONT}
        if outer_below:
            axes.set_xlabel("z₁", labelpad=1, **style)
        if outer_left:
            axes.set_ylabel("z₂", labelpad=1, rotation=0, va="center", **style)
        above = y + self.plane[1] + 0.06
        limit = self.plane[0] + (
            self.gap - 0.08 if self.shared else self.bar_gap + self.bar_width + self.bar_texts
        )
        if note:
            self._text(x, above, note, NOTE, theme.muted, "normal", limit)
        if self.noted[i // self.columns]:
            above += 0.16  # titles of a row on one line, with a note or without
        self._text(x, above, title, TITLE, theme.text, "bold", limit)
        return axes

    def _text(
        self, x: float, y: float, text: str, size: float, color: str, weight: str, limit: float
    ) -> Text:
        """A line of text, set smaller where it would be wider than `limit`; never below 5.5 points."""
        drawn = self.figure.text(
            x / self.width, y / self.height, text, size=size, color=color, weight=weight, family=FONT
        )
        prepare(drawn)
        wide = drawn.get_window_extent().width / self.figure.dpi
        if wide > limit:
            drawn.set_fontsize(max(5.5, size * limit / wide))
        return drawn

    def bar(
        self, i: int, edges: Array, colors: Sequence[str], ticks: Sequence[tuple[float, str]], label: str
    ) -> None:
        """A colour bar of equally high bands, beside panel `i` or, if shared, beside all of them."""
        theme = palette.theme(self.dark)
        column = self.columns - 1 if self.shared else i % self.columns
        x = self.left + column * self.cell[0] + self.plane[0] + self.bar_gap
        y, tall = self._corner(i)[1], self.plane[1]
        if self.shared:
            x += 0.1
            whole = self._corner(0)[1] + self.plane[1] - self._corner(self.count - 1)[1]
            tall = min(whole, 3.4)
            y = self._corner(self.count - 1)[1] + (whole - tall) / 2
        axes = self._axes(x, y, self.bar_width, tall, label="bar")
        n = len(colors)
        for k, color in enumerate(colors):
            axes.add_patch(Rectangle((0, k / n), 1, 1 / n, facecolor=color, edgecolor=color, linewidth=0.2))
        axes.set(xlim=(0, 1), ylim=(0, 1), xticks=[])
        axes.yaxis.tick_right()
        axes.set_yticks(levels.position([value for value, _ in ticks], edges), [text for _, text in ticks])
        axes.tick_params(length=2, **tick_style(self.dark, TICK - 0.5))
        for spine in axes.spines.values():
            spine.set(linewidth=0.5, color=theme.muted)
        # Level with z₁ where the plane beside it has numbers.
        below = 11.0 if not self.shared and i + self.columns >= self.count else 2.5
        axes.set_xlabel(label, loc="left", fontsize=TICK, color=theme.muted, family=FONT, labelpad=below)

    def key(self, entries: Sequence[tuple[Any, str]]) -> None:
        """The meaning of the marks, in one row, or more on a narrow figure, under the panels."""
        theme = palette.theme(self.dark)
        legend = self.figure.legend(
            [handle for handle, _ in entries],
            [text for _, text in entries],
            loc="lower left",
            bbox_to_anchor=((self.left - 0.05) / self.width, 0.07 / self.height),
            ncols=self._key_columns(self.width, len(entries)),
            frameon=False,
            prop={"family": FONT, "size": TICK},
            labelcolor=theme.muted,
            handlelength=2.0,
            handletextpad=0.5,
            columnspacing=1.4,
            labelspacing=0.35,
            borderpad=0,
            borderaxespad=0,
            handler_map={FancyArrowPatch: HandlerPatch(patch_func=_arrow_handle)},
        )
        legend.set_label("key")


def make_room_below(figure: Figure, wide: float, tall: float) -> tuple[float, float]:
    """Make room of so many inches under all that a figure has; gives its new width and height."""
    old = figure.get_size_inches()
    width, height = max(float(old[0]), wide), float(old[1]) + tall

    def moved(x: float, y: float) -> tuple[float, float]:
        return x * old[0] / width, (y * old[1] + tall) / height

    for axes in figure.axes:
        box = axes.get_position(original=True)
        (x0, y0), (x1, y1) = moved(box.x0, box.y0), moved(box.x1, box.y1)
        axes.set_position((x0, y0, x1 - x0, y1 - y0))
    for text in figure.texts:
        text.set_position(moved(*text.get_position()))
    for legend in figure.legends:
        place = legend.get_bbox_to_anchor().transformed(figure.transFigure.inverted())
        legend.set_bbox_to_anchor(moved(place.x0, place.y0), transform=figure.transFigure)
    figure.set_size_inches(width, height)
    return width, height


def _columns(count: int) -> int:
    """Columns for a number of panels that fit a page."""
    if count <= 3:
        return count
    if count == 4:
        return 2
    return 3 if count in (5, 6, 9) else 4 if count <= 16 else 5


def _arrow_handle(
    legend: Any,
    orig_handle: Any,
    xdescent: float,
    ydescent: float,
    width: float,
    height: float,
    fontsize: float,
) -> FancyArrowPatch:
    """An arrow as wide as a handle of the key."""
    middle = height / 2 - ydescent
    return FancyArrowPatch(
        (-xdescent, middle),
        (width - xdescent, middle),
        arrowstyle="-|>",
        mutation_scale=7,
        shrinkA=0,
        shrinkB=0,
    )
