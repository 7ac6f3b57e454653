"""The page of a chart in print: places in pixels of its grid, texts, axes in three dimensions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patheffects import Stroke
from matplotlib.text import Text

from lossviz.figures import chart_inks, chart_scales, palette
from lossviz.figures.chart import Chart, Dots, Dots3
from lossviz.figures.chart_grid import Cell, Grid
from lossviz.figures.chart_room import NAME
from lossviz.figures.print import PrintFigure
from lossviz.figures.print_page import DPI
from lossviz.figures.print_text import FONT, settle

PIXELS = 130  # of the grid, an inch
POINT = 72 / PIXELS  # points, a pixel of the grid
MARKERS = {
    "circle": "o",
    "ring": "o",
    "square": "s",
    "diamond": "D",
    "triangle": "^",
    "cross": "X",
    "plus": "P",
    "star": "*",
}
Box = tuple[float, float, float, float]  # left, bottom, width, height in pixels


@dataclass
class Sheet:
    """A figure with the grid of a chart; all lengths are pixels of the grid."""

    chart: Chart
    grid: Grid
    dark: bool
    figure: Figure
    value_map: ListedColormap

    @classmethod
    def of(cls, chart: Chart, grid: Grid, dark: bool) -> Sheet:
        """An empty page."""
        figure = PrintFigure(
            figsize=(grid.width / PIXELS, grid.height / PIXELS),
            dpi=DPI,
            facecolor=palette.theme(dark).background,
        )
        FigureCanvasAgg(figure)
        return cls(chart, grid, dark, figure, ListedColormap(palette.loss_colors(256)))

    def x_of(self, share: float) -> float:
        """The place of a share of all plots."""
        return self.grid.margin["l"] + share * (
            self.grid.width - self.grid.margin["l"] - self.grid.margin["r"]
        )

    def y_of(self, share: float) -> float:
        """The place of a share of all plots."""
        return self.grid.margin["b"] + share * (
            self.grid.height - self.grid.margin["b"] - self.grid.margin["t"]
        )

    def box(self, cell: Cell, ends: tuple[chart_scales.Range, chart_scales.Range] | None = None) -> Box:
        """The plot of a cell; with ends, as large as equal scales allow, in its middle."""
        x, y = self.x_of(cell.x[0]), self.y_of(cell.y[0])
        wide, tall = self.x_of(cell.x[1]) - x, self.y_of(cell.y[1]) - y
        if ends is None:
            return x, y, wide, tall
        spans = [high - low for low, high in ends]
        unit = min(wide / spans[0], tall / spans[1])
        inner = (unit * spans[0], unit * spans[1])
        return x + (wide - inner[0]) / 2, y + (tall - inner[1]), inner[0], inner[1]

    def axes(self, box: Box, **options: Any) -> Axes:
        """Axes at a place."""
        x, y, wide, tall = box
        width, height = self.grid.width, self.grid.height
        place = (x / width, y / height, wide / width, tall / height)
        return self.figure.add_axes(place, **options)

    def text(
        self, x: float, y: float, text: str, size: float, color: str, halo: bool = False, **options: Any
    ) -> Text:
        """A line of text; size in pixels of the grid."""
        place = (x / self.grid.width, y / self.grid.height)
        options |= {"fontsize": size * POINT, "color": color, "family": FONT}
        if halo:
            # A text with an effect is drawn as curves, so the halo is one of its own.
            stroke = Stroke(linewidth=2.0, foreground=palette.casing(self.dark))
            self.figure.text(*place, text, path_effects=[stroke], **options)
        drawn = self.figure.text(*place, text, **options)
        settle(drawn)
        return drawn

    def width_of(self, text: Text) -> float:
        """The width of a text."""
        return text.get_window_extent().width * PIXELS / self.figure.dpi

    def move(self, text: Text, by: float) -> None:
        """Move a text to the right."""
        x, y = text.get_position()
        text.set_position((x + by / self.grid.width, y))


def points(
    sheet: Sheet, axes: Any, mark: Dots | Dots3, count: int, places: tuple[Any, ...], zorder: float
) -> None:
    """The points of a mark, finite ones only."""
    numbers = np.stack([np.asarray(p, dtype=np.float64) for p in places])
    good = np.asarray(np.isfinite(numbers).all(axis=0))
    colors: Any = chart_inks.colors(mark, sheet.dark)
    options: dict[str, Any] = {}
    if mark.values is not None:
        low, high = chart_scales.value_ends(sheet.chart, (mark.value_title, mark.value_spacing))
        colors = chart_scales.value_places(mark)
        good = good & np.isfinite(colors)
        options = {"cmap": sheet.value_map, "vmin": low, "vmax": high}
    many = isinstance(colors, list) or mark.values is not None
    size = (chart_scales.dot_size(mark, count) * POINT) ** 2
    symbols = np.array([mark.symbols] * len(good) if isinstance(mark.symbols, str) else mark.symbols)
    for symbol in dict.fromkeys(symbols.tolist()):
        own = good & (symbols == symbol)
        shown: Any = np.asarray(colors)[own] if many else colors
        look = {"c": shown, "edgecolors": palette.casing(sheet.dark), "linewidths": 0.25}
        if symbol == "ring":
            look = {"facecolors": "none", "edgecolors": shown, "linewidths": 0.9}
        axes.scatter(
            *(np.asarray(p)[own] for p in places),
            s=size,
            marker=MARKERS[symbol],
            alpha=0.65 if count > 3000 else 0.95,
            zorder=zorder,
            clip_on=False,
            rasterized=count > 3000,
            label=mark.name or None,
            **look,
            **(options if symbol != "ring" else {}),
        )


def solid(sheet: Sheet, cell: Cell) -> None:
    """Axes in three dimensions with their points."""
    from matplotlib.ticker import MaxNLocator
    from mpl_toolkits.mplot3d import Axes3D  # type: ignore[import-untyped]

    theme, panel = palette.theme(sheet.dark), cell.panel
    x, y, wide, tall = sheet.box(cell)
    axes: Any = sheet.axes((x, y, wide, tall), axes_class=Axes3D)
    axes.set_facecolor(theme.background)
    axes.view_init(elev=24, azim=45)
    axes.set_proj_type("ortho")
    axes.set_box_aspect((1, 1, 0.9), zoom=0.92)
    for name in "xyz":
        axis = getattr(axes, name + "axis")
        axis.set_pane_color((0, 0, 0, 0))
        axis.line.set(color=theme.muted, linewidth=0.6)
        axis._axinfo["grid"].update(color=theme.grid, linewidth=0.5)
        axis.set_tick_params(pad=-3, labelsize=11 * POINT, labelcolor=theme.muted, labelfontfamily=FONT)
        title = chart_scales.axis_title(getattr(panel, name))
        axis.set_label_text(title, fontsize=NAME * POINT, color=theme.text, family=FONT)
        axis.labelpad = -8
        axis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    count = chart_scales.dot_count(panel)
    for mark in panel.marks:
        if isinstance(mark, Dots3):
            for part in chart_inks.split(mark):
                points(sheet, axes, part, count, (part.x, part.y, part.z), 2)
