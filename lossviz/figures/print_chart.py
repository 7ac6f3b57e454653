"""A chart in print, with matplotlib's objects only: no pyplot, no global state.

>>> Path("thresholds.pdf").write_bytes(save(chart, "pdf"))

Matplotlib lays it out: the axes take the room that their texts leave. Only what stands clear of other texts
(names of lines, rules and points) is placed here, once the sizes are known.
"""

from __future__ import annotations

import io
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PathCollection
from matplotlib.colors import ListedColormap, LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.patheffects import Stroke
from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator, NullLocator

from lossviz.core.text import number_text
from lossviz.figures import label_layout, levels, palette, print_text
from lossviz.figures import print as printed
from lossviz.figures.axis import Axis
from lossviz.figures.chart import Chart, Mark
from lossviz.figures.drawing import Drawing
from lossviz.figures.marks.polar import polar_grid
from lossviz.figures.print import Format, PrintFigure
from lossviz.figures.print_axes import PIXELS, POINT, PrintAxes
from lossviz.figures.print_page import DPI
from lossviz.figures.print_text import FONT
from lossviz.figures.screen_grid import every, most_ticks
from lossviz.figures.screen_theme import BOLD, NAME, ROW, TEXT
from lossviz.figures.text_width import text_width, wrapped

_NARROW, _WIDE = 640, 940  # pixels of a figure with one column, with more
_TICK = 12


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
        self.value_map = ListedColormap(palette.loss_colors(256))
        grid = self.figure.add_gridspec(self.rows, columns)
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
        own = PrintAxes(
            self.drawing,
            panel,
            chart.ends()[i],
            chart.rims()[i],
            plot,
            self.figure.add_subplot(place, **kind),
            self.value_map,
        )
        outer = i + self.columns >= len(chart.panels), i % self.columns == 0
        _frame(own, (outer[0] or not chart.shared_x, outer[1] or not chart.shared_y))
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
        more = max(self._height(own) - self._slot(own)[1] for own in self.panels)
        self._resize(self.figure.bbox.height * PIXELS / DPI + self.rows * more)
        self._settle()
        self.figure.set_layout_engine("none")
        for own, labels in names:
            own.pixels = self._size(own)
            shares = [min(max(own.y.share(at, own.ends[1]), 0.0), 1.0) for _, at, _ in labels]
            places = label_layout.spread_apart(
                [share * own.pixels[1] for share in shares], ROW, own.pixels[1]
            )
            for (_, _, texts), at in zip(labels, places, strict=True):
                for text in texts:
                    text.xy = (1, at / own.pixels[1])
            for draw in own.later:
                draw()
        print_text.settled(self.figure)

    def _settle(self) -> None:
        print_text.settled(self.figure)
        self.figure.draw_without_rendering()

    def _size(self, own: PrintAxes) -> tuple[float, float]:
        """Width and height of a plot."""
        wide, high = own.axes.get_position().size
        return wide * self.width, high * self.figure.bbox.height * PIXELS / DPI

    def _slot(self, own: PrintAxes) -> tuple[float, float]:
        """Width and height that a plot could have with any scales."""
        wide, high = own.axes.get_position(original=True).size
        return wide * self.width, high * self.figure.bbox.height * PIXELS / DPI

    def _height(self, own: PrintAxes) -> float:
        """The height that a plot should have: no more than equal scales can use."""
        if not own.panel.square:
            return self.chart.height
        (x0, x1), (y0, y1) = own.ends
        return min(self.chart.height, self._slot(own)[0] * (y1 - y0) / (x1 - x0))

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
        panel, width = own.panel, self._size(own)[0]
        rows = self._rule_names(own, width) if panel.flat else 0
        up = 7 + ROW * rows
        title = wrapped(panel.title, width, BOLD)
        note = wrapped(panel.note, width, NAME)
        last = text_width(title[-1], BOLD) if title else width
        x, anchor = (0.5, "center") if panel.square else (0.0, "left")
        if note and not panel.square and last + text_width(panel.note, NAME) + 14 <= width:
            self._text(own, (0, 1), (last + 10, up), panel.note, color=self.theme.muted, va="baseline")
            note = []
        lines = [(line, self.theme.text, "bold", TEXT) for line in title]
        lines += [(line, self.theme.muted, "normal", NAME) for line in note]
        for k, (text, color, weight, size) in enumerate(reversed(lines)):
            style = {"color": color, "weight": weight, "fontsize": size * POINT, "ha": anchor}
            self._text(own, (x, 1), (0, up + 19 * k), text, va="baseline", **style)

    def _rule_names(self, own: PrintAxes, width: float) -> int:
        """The names of upright rules in rows above the plot; gives the number of rows."""
        found = own.panel.top_names()
        places = [width * own.x.share(at, own.ends[0]) for _, at in found]
        anchors, rows = label_layout.rows_above(
            places, [text_width(mark.name, NAME) for mark, _ in found], width
        )
        for (mark, _), place, anchor, row in zip(found, places, anchors, rows, strict=True):
            style = {"color": own.text_code(mark.color), "ha": anchor, "va": "baseline"}
            self._text(own, (place / width, 1), (0, 6 + ROW * row), mark.name, **style)
        return 1 + max(rows, default=-1)

    def _end_names(self, own: PrintAxes) -> list[tuple[Mark, float, list[Any]]]:
        """The names at the right side, in the middle for now; inside the plot, with a halo, where there is no
        room beside it."""
        made = []
        for mark, at in own.panel.end_names(self.names_beside) if own.panel.flat else ():
            color = own.text_code(mark.color)
            if self.names_beside:
                texts = [self._text(own, (1, 0.5), (6, 0), mark.name, color=color, va="center_baseline")]
            else:
                # A text with an effect is drawn as curves, so the halo is one of its own.
                halo = Stroke(linewidth=2.0, foreground=palette.casing(own.dark))
                style = {"color": color, "ha": "right", "va": "bottom", "zorder": 4}
                texts = [
                    self._text(own, (1, 0.5), (-3, 3), mark.name, path_effects=effects, **style)
                    for effects in ([halo], [])
                ]
            made.append((mark, at, texts))
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
                ScalarMappable(norm, self.value_map), ax=users, aspect=22, pad=0.02, panchor=False
            )
            bar.outline.set_visible(False)
            bar.ax.set_title(scale[0], fontsize=NAME * POINT, color=self.theme.text, family=FONT, loc="left")
            bar.ax.yaxis.set_minor_locator(NullLocator())
            bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number_text(value, 3)))
            bar.ax.tick_params(**_ticks(self.theme), length=2)


def _ticks(theme: palette.Theme) -> dict[str, Any]:
    return {
        "width": 0.6,
        "pad": 2,
        "color": theme.muted,
        "labelcolor": theme.muted,
        "labelsize": _TICK * POINT,
        "labelfontfamily": FONT,
    }


def _frame(own: PrintAxes, numbers: tuple[bool, bool]) -> None:
    """The axes themselves. numbers: whether x and y have some."""
    axes, panel, theme = own.axes, own.panel, palette.theme(own.dark)
    axes.set_facecolor(theme.background)
    if panel.solid:
        _solid(own)
        return
    axes.set(xlim=own.ends[0], ylim=own.ends[1])
    if panel.square:
        axes.set_aspect("equal", adjustable="box", anchor="N")
    if panel.polar:
        axes.set_axis_off()
        return
    for name, shown in zip("xy", numbers, strict=True):
        _axis(own, name, shown)
    for side, spine in axes.spines.items():
        spine.set(linewidth=0.6, color=theme.muted, visible=side in ("left", "bottom"))
    axes.set_axisbelow(True)


def _axis(own: PrintAxes, name: str, numbers: bool) -> None:
    axes, panel, theme = own.axes, own.panel, palette.theme(own.dark)
    axis: Axis = getattr(panel, name)
    horizontal = name == "x"
    one, ends, length = (
        axes.xaxis if horizontal else axes.yaxis,
        own.ends[not horizontal],
        own.pixels[not horizontal],
    )
    names = panel.categories(name)
    if axis.log:
        (axes.set_xscale if name == "x" else axes.set_yscale)("log")
        one.set_minor_locator(NullLocator())
    if names:
        longest = max(text_width(text, _TICK) for text in names)
        slanted = name == "x" and longest > max(30, length / len(names) - 4)
        step = every(length / len(names), 15.0 if name == "y" else 20.0 if slanted else longest + 6)
        one.set_ticks(range(0, len(names), step), names[::step])
        if slanted:
            for label in axes.get_xticklabels():
                label.set(rotation=40, ha="right", rotation_mode="anchor")
        if name == "y":
            axes.set_ylim(ends[1], ends[0])
    elif axis.ticks or axis.log:
        suffix = "" if axis.ticks else axis.suffix
        found = axis.ticks or levels.log_ticks(*ends)
        shown = [(at, text + suffix) for at, text in found if ends[0] <= at <= ends[1]]
        one.set_ticks([at for at, _ in shown], [text for _, text in shown])
    else:
        most = most_ticks(axis, length, 5) if name == "x" else 5
        turn = axis.degree_step(ends, most + 1)
        one.set_major_locator(MultipleLocator(turn) if turn else MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]))
        one.set_major_formatter(FuncFormatter(lambda value, _: axis.number(value)))
    if not names:
        one.grid(color=theme.grid, linewidth=0.5)
    axes.tick_params(
        axis=name,
        length=0 if names or not numbers else 2.5,
        labelleft=numbers,
        labelbottom=numbers,
        **_ticks(theme),
    )
    if numbers and axis.label:
        text = "\n".join(wrapped(axis.label, length + 40, NAME)) if name == "x" else axis.label
        style: dict[str, Any] = {"fontsize": NAME * POINT, "color": theme.text, "family": FONT}
        one.set_label_text(text, **style)


def _solid(own: PrintAxes) -> None:
    """Axes in three dimensions."""
    axes: Any = own.axes
    theme = palette.theme(own.dark)
    axes.view_init(elev=24, azim=45)
    axes.set_proj_type("ortho")
    axes.set_box_aspect((1, 1, 0.9), zoom=0.92)
    for name in "xyz":
        axis = getattr(axes, name + "axis")
        axis.set_pane_color((0, 0, 0, 0))
        axis.line.set(color=theme.muted, linewidth=0.6)
        axis._axinfo["grid"].update(color=theme.grid, linewidth=0.5)
        axis.set_tick_params(pad=-3, labelsize=11 * POINT, labelcolor=theme.muted, labelfontfamily=FONT)
        label = getattr(own.panel, name).label
        axis.set_label_text(label, fontsize=NAME * POINT, color=theme.text, family=FONT)
        axis.labelpad = -8
        axis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
