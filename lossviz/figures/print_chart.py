"""A chart in print, with matplotlib's objects only: no pyplot, no global state.

>>> Path("thresholds.pdf").write_bytes(save(chart, "pdf"))

Matplotlib lays it out: the axes take the room that their texts leave. Only what stands clear of other texts
(names of lines, rules and points) is placed here, once the sizes are known.
"""

from __future__ import annotations

from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PathCollection
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator, NullLocator

from lossviz.core.text import number_text
from lossviz.figures import levels, palette, print_text
from lossviz.figures import print as printed
from lossviz.figures.axis import Axis, Range
from lossviz.figures.chart import Chart
from lossviz.figures.drawing import Drawing
from lossviz.figures.marks.polar import polar_grid
from lossviz.figures.print import Format, PrintFigure
from lossviz.figures.print_axes import (
    PIXELS,
    POINT,
    PrintAxes,
    style_solid,
    text_with_halo,
    tick_style,
    value_map,
)
from lossviz.figures.print_page import DPI
from lossviz.figures.print_text import FONT
from lossviz.figures.screen_theme import NAME, ROW, TEXT
from lossviz.figures.text_width import text_width

_NARROW, _WIDE = 640, 940  # pixels of a figure with one column, with more
_TICK = 12


def save(chart: Chart, kind: Format, dark: bool = False) -> bytes:
    """The chart as a png, svg or pdf file; the same chart gives the same bytes each time.

    The text of the chart is in the file: Description in png and svg, Subject in pdf. Raises
    ValueError for another kind.
    """
    return printed.encoded(figure(chart, dark), kind, chart.alt)


def figure(chart: Chart, dark: bool = False) -> Figure:
    """The chart on a page of its own, 7.2 inches wide, or 4.9 with one column."""
    columns = chart.usual_columns
    return _Page(chart, dark, _NARROW if columns == 1 else _WIDE, columns).figure


class _Page:
    """A chart on its way to paper; lengths are pixels."""

    def __init__(self, chart: Chart, dark: bool, width: int, columns: int) -> None:
        self.chart, self.width, self.columns, self.theme = chart, width, columns, palette.theme(dark)
        self.rows = -(-len(chart.panels) // columns)
        self.figure: Figure = PrintFigure(dpi=DPI, facecolor=self.theme.background, layout="constrained")
        FigureCanvasAgg(self.figure)
        self._resize((chart.height + 80) * self.rows)
        self.names_beside = chart.names_at_ends(columns, width)
        self.drawing = Drawing(
            chart.classes, dark, set(chart.entries(lines=not self.names_beside)), chart.scales()
        )
        grid, self.ends, self.rims = self.figure.add_gridspec(self.rows, columns), chart.ends(), chart.rims()
        self.panels = [self._panel(i, grid[i // columns, i % columns]) for i in range(len(chart.panels))]
        self._legend()
        self._color_bars()
        self._lay_out()

    def _resize(self, height: float) -> None:
        self.figure.set_size_inches(self.width / PIXELS, height / PIXELS)

    def _panel(self, i: int, place: Any) -> PrintAxes:
        chart, panel = self.chart, self.chart.panels[i]
        kind: dict[str, Any] = {"projection": "3d"} if panel.solid else {}
        plot = (self.width / self.columns - 60, float(chart.height))
        outer = i + self.columns >= len(chart.panels), i % self.columns == 0
        numbers = outer[0] or not chart.shared_x, outer[1] or not chart.shared_y
        axes = self.figure.add_subplot(place, **kind)
        own = PrintAxes(self.drawing, panel, self.ends[i], self.rims[i], plot, axes, numbers)
        frame(own)
        for mark in [*(polar_grid(panel.y, own.rim) if panel.polar else ()), *panel.marks]:
            mark.print(own)
        return own

    def _lay_out(self) -> None:
        """Let matplotlib lay out the page, with plots as high as asked; then move names apart."""
        names = [(own, self._end_names(own)) for own in self.panels]
        self._settle()
        for own in self.panels:
            self._title(own)
        self._settle()
        more = max(self._height(own) - self._size(own, any_scales=True)[1] for own in self.panels)
        self._resize(self.figure.bbox.height * PIXELS / DPI + self.rows * more)
        self._settle()
        self.figure.set_layout_engine("none")
        for own, labels in names:
            own.pixels = self._size(own)
            places = own.layout(own.pixels).end_names(self.names_beside)
            for texts, (_, share) in zip(labels, places, strict=True):
                for text in texts:
                    text.xy = (1, share)
            for draw in own.later:
                draw()
        print_text.prepare_figure(self.figure)

    def _settle(self) -> None:
        print_text.prepare_figure(self.figure)
        self.figure.draw_without_rendering()

    def _size(self, own: PrintAxes, any_scales: bool = False) -> tuple[float, float]:
        """Width and height of a plot, or those that it could have with any scales."""
        wide, high = own.axes.get_position(original=any_scales).size
        return wide * self.width, high * self.figure.bbox.height * PIXELS / DPI

    def _height(self, own: PrintAxes) -> float:
        """The height that a plot should have: no more than equal scales can use."""
        if not own.panel.square:
            return self.chart.height
        (x0, x1), (y0, y1) = own.ends
        return min(self.chart.height, self._size(own, any_scales=True)[0] * (y1 - y0) / (x1 - x0))

    def _text(
        self, own: PrintAxes, at: tuple[float, float], shift: tuple[float, float], text: str, **options: Any
    ) -> Any:
        """A text at a share of a panel's width and height."""
        style = {"family": FONT, "fontsize": NAME * POINT, "annotation_clip": False, **options}
        offset = shift[0] * POINT, shift[1] * POINT
        return own.axes.annotate(
            text, at, xycoords="axes fraction", xytext=offset, textcoords="offset points", **style
        )

    def _title(self, own: PrintAxes) -> None:
        """Title and sample above the panel, on the left, or over the middle of one of equal scales; names of
        upright rules between them and the plot."""
        layout, square = own.layout(self._size(own)), own.panel.square
        for mark, at, anchor, row in layout.rules:
            place, color = (own.x.share(at, own.ends[0]), 1), own.text_code(mark.color)
            self._text(own, place, (0, 6 + ROW * row), mark.name, color=color, ha=anchor, va="baseline")
        up, muted = 7 + ROW * layout.rule_rows, self.theme.muted
        lines = [(line, self.theme.text, "bold", TEXT) for line in layout.title]
        if layout.beside and layout.note and not square:
            self._text(own, (0, 1), (layout.note_at, up), layout.note[0], color=muted, va="baseline")
        else:
            lines += [(line, muted, "normal", NAME) for line in layout.note]
        for k, (text, color, weight, size) in enumerate(reversed(lines)):
            style: dict[str, Any] = {"color": color, "weight": weight, "fontsize": size * POINT}
            x, anchor = (0.5, "center") if square else (0.0, "left")
            self._text(own, (x, 1), (0, up + 19 * k), text, ha=anchor, va="baseline", **style)

    def _end_names(self, own: PrintAxes) -> list[list[Any]]:
        """The names at the right side, in the middle for now; inside the plot, with a halo, where there is no
        room beside it."""
        made = []
        for mark, _ in own.layout(own.pixels).end_names(self.names_beside):
            color = own.text_code(mark.color)
            if self.names_beside:
                made.append([self._text(own, (1, 0.5), (6, 0), mark.name, color=color, va="center_baseline")])
                continue
            style: dict[str, Any] = {"ha": "right", "va": "bottom", "fontsize": NAME * POINT, "zorder": 4}
            style |= {"xycoords": "axes fraction", "color": color}
            shift = (-3 * POINT, 3 * POINT)
            made.append(text_with_halo(own.axes, mark.name, (1, 0.5), shift, own.dark, **style))
        return made

    def _legend(self) -> None:
        """The title of the whole, and the legend under it, read along its rows."""
        pairs = [zip(*own.axes.get_legend_handles_labels(), strict=True) for own in self.panels]
        found = [pair for own in pairs for pair in own]
        order = [name for name, _ in self.chart.entries(lines=not self.names_beside)]
        found.sort(key=lambda pair: order.index(pair[1]))
        if not found and not self.chart.title:
            return
        longest = max((text_width(name, NAME) for _, name in found), default=1.0)
        columns = max(1, min(len(found), int((self.width - 40) // (longest + 50))))
        read = [found[i] for column in range(columns) for i in range(column, len(found), columns)]
        legend = self.figure.legend(
            [handle for handle, _ in read],
            [name for _, name in read],
            loc="outside upper left",
            ncols=columns,
            title=self.chart.title or None,
            title_fontproperties={"family": FONT, "size": 16 * POINT, "weight": "bold"},
            alignment="left",
            frameon=False,
            prop={"family": FONT, "size": NAME * POINT},
            labelcolor=self.theme.text,
            handlelength=1.6,
            handletextpad=0.5,
            columnspacing=1.4,
            borderpad=0,
        )
        legend.get_title().set_color(self.theme.text)
        for handle in legend.legend_handles:
            if isinstance(handle, PathCollection):
                handle.set_sizes([16])

    def _color_bars(self) -> None:
        for scale, (low, high) in self.drawing.scales.items():
            norm = LogNorm(10**low, 10**high) if scale[1] == "log" else Normalize(low, high)
            users = [own.axes for own in self.panels if any(m.value_scale == scale for m in own.panel.marks)]
            bar = self.figure.colorbar(
                ScalarMappable(norm, value_map()), ax=users, aspect=22, pad=0.02, panchor=False
            )
            bar.outline.set_visible(False)
            bar.ax.set_title(scale[0], fontsize=NAME * POINT, color=self.theme.text, family=FONT, loc="left")
            bar.ax.yaxis.set_minor_locator(NullLocator())
            bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number_text(value, 3)))
            bar.ax.tick_params(**tick_style(self.drawing.dark, _TICK * POINT), length=2)


def frame(own: PrintAxes) -> None:
    """The axes themselves."""
    axes, panel, theme = own.axes, own.panel, palette.theme(own.dark)
    axes.set_facecolor(theme.background)
    if panel.solid:
        axes.view_init(elev=24, azim=45)
        axes.set_box_aspect((1, 1, 0.9), zoom=0.92)
        style_solid(axes, [axis.label for axis in (panel.x, panel.y, panel.z)], own.dark, NAME * POINT)
        return
    axes.set(xlim=own.ends[0], ylim=own.ends[1])
    if panel.square:
        axes.set_aspect("equal", adjustable="box", anchor="N")
    if panel.polar:
        axes.set_axis_off()
        return
    _axis(own, "x", axes.xaxis, own.ends[0])
    _axis(own, "y", axes.yaxis, own.ends[1])
    for side, spine in axes.spines.items():
        spine.set(linewidth=0.6, color=theme.muted, visible=side in ("left", "bottom"))
    axes.set_axisbelow(True)


def _axis(own: PrintAxes, name: str, one: Any, ends: Range) -> None:
    """The scale, ticks and title of one of matplotlib's axes."""
    axis: Axis = getattr(own.panel, name)
    layout, theme = own.layout(own.pixels), palette.theme(own.dark)
    names, numbers = own.panel.categories(name), own.numbers[name == "y"]
    if axis.log:
        own.axes.set(**{f"{name}scale": "log"})
        one.set_minor_locator(NullLocator())
    if names:
        step = layout.every(name)
        one.set_ticks(range(0, len(names), step), names[::step])
        if name == "y":
            own.axes.set_ylim(ends[1], ends[0])
        elif layout.slanted:
            for label in one.get_ticklabels():
                label.set(rotation=40, ha="right", rotation_mode="anchor")
    elif axis.ticks or axis.log:
        suffix = "" if axis.ticks else axis.suffix
        found = axis.ticks or levels.log_ticks(*ends)
        shown = [(at, text + suffix) for at, text in found if ends[0] <= at <= ends[1]]
        one.set_ticks([at for at, _ in shown], [text for _, text in shown])
    else:
        most = layout.most_ticks(name, 5)
        turn = axis.degree_step(ends, most + 1)
        one.set_major_locator(MultipleLocator(turn) if turn else MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]))
        one.set_major_formatter(FuncFormatter(lambda value, _: axis.number(value)))
    if not names:
        one.grid(color=theme.grid, linewidth=0.5)
    style = tick_style(own.dark, _TICK * POINT) | {"labelleft" if name == "y" else "labelbottom": numbers}
    one.set_tick_params(length=0 if names or not numbers else 2.5, **style)
    if numbers and axis.label:
        text = "\n".join(layout.x_title) if name == "x" else axis.label
        one.set_label_text(text, fontsize=NAME * POINT, color=theme.text, family=FONT)
