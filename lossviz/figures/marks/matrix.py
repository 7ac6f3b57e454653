"""Numbers in cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from lossviz.core.errors import LossvizError
from lossviz.core.text import number_text
from lossviz.figures import levels, palette
from lossviz.figures.axis import Array, Range
from lossviz.figures.panel import Entry, Mark, ValueScale
from lossviz.figures.screen_axes import HOVER, plain
from lossviz.figures.text_width import text_width

if TYPE_CHECKING:
    from lossviz.figures.print_axes import PrintAxes
    from lossviz.figures.screen_axes import ScreenAxes

Scale = Literal["counts", "share", "difference", "values"]
_HATCHES = 3  # strokes across a hatched cell
_MOST_GAPS = 40  # rows or columns between which there are gaps


@dataclass(frozen=True, eq=False)
class Matrix(Mark):
    """Values [R, C] as coloured cells, row 0 on top, in a panel of its own.

    scale: "counts" from 0 to the highest value; "share" per cent, 0..100; "difference" centred at zero;
    "values" from blue (low) to yellow (high) with a colour bar called value_title, which matrices with the
    same title share. texts: [R][C], in the cells; None: the values, while there is room. hover: [R][C], what
    is said at a cell in place of its text. boxed, hatched: (row, column) of framed and of hatched cells. The
    panel's axes give the titles only.
    """

    values: Array
    row_names: tuple[str, ...]
    column_names: tuple[str, ...]
    scale: Scale = "counts"
    texts: tuple[tuple[str, ...], ...] | None = None
    boxed: tuple[tuple[int, int], ...] = ()
    value_title: str = ""
    hover: tuple[tuple[str, ...], ...] | None = None
    hatched: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        values = np.asarray(self.values)
        object.__setattr__(self, "values", values)
        shape = (len(self.row_names), len(self.column_names))
        if values.shape != shape:
            raise LossvizError(
                f"chart: a matrix of {shape[0]} rows and {shape[1]} columns needs as many values; "
                f"got {list(values.shape)}"
            )
        for texts in (self.texts, self.hover):
            if texts is not None and (len(texts) != shape[0] or any(len(row) != shape[1] for row in texts)):
                raise LossvizError(f"chart: the texts of a matrix must be {list(shape)}, as its values")

    def legend(self, classes: Sequence[str]) -> list[Entry]:
        return []

    def categories(self, axis: str) -> tuple[str, ...]:
        return self.column_names if axis == "x" else self.row_names

    @property
    def value_scale(self) -> ValueScale | None:
        return (self.value_title, "linear") if self.scale == "values" else None

    @property
    def scale_values(self) -> Array:
        return np.asarray(self.values, dtype=np.float64).ravel()

    @property
    def color_ends(self) -> tuple[float, float]:
        """The values of the first and of the last colour, of a matrix by itself."""
        low, high = levels.shared_range([self.values])
        if self.scale == "values":
            return (low, high) if low < high else (low - 0.5, low + 0.5)
        if self.scale == "difference":
            largest = max(-low, high) or 1.0
            return -largest, largest
        if self.scale == "share":
            return 0.0, 100.0
        return 0.0, high or 1.0

    def colors(self, dark: bool) -> list[str]:
        """Colours from the lowest to the highest value; the page's own colour is nothing."""
        if self.scale == "values":
            return palette.loss_colors(33)
        ground = palette.theme(dark).secondary_background
        shares = np.linspace(0, 1, 33)
        if self.scale == "difference":
            below, above = (palette.difference_colors(3)[i] for i in (0, 2))
            sides = (above if share >= 0.5 else below for share in shares)
            return [
                palette.mixed(side, ground, abs(2 * s - 1)) for side, s in zip(sides, shares, strict=True)
            ]
        full = palette.DARK.link if dark else palette.LIGHT.primary
        return [palette.mixed(full, ground, float(share)) for share in shares]

    def cell_colors(self, dark: bool, ends: Range | None = None) -> list[str]:
        """The colour of each cell, row by row; the page's own where the value is not finite. ends: of the
        scale, where it is shared."""
        found, (low, high) = self.colors(dark), ends or self.color_ends
        shares = (np.asarray(self.values, dtype=np.float64).ravel() - low) / (high - low)
        last, ground = len(found) - 1, palette.theme(dark).background
        return [found[round(min(max(s, 0.0), 1.0) * last)] if np.isfinite(s) else ground for s in shares]

    def text_colors(self, dark: bool, ends: Range | None = None) -> list[str]:
        """The colour of each cell's text, row by row: black or white, whichever stands out more."""
        cells = self.cell_colors(dark, ends)
        black, white = "#000000", "#ffffff"
        best = {
            c: black if palette.contrast(black, c) >= palette.contrast(white, c) else white
            for c in set(cells)
        }
        return [best[color] for color in cells]

    @staticmethod
    def hatch_color(dark: bool) -> str:
        """The colour of the strokes of hatched cells: that of the page, on which cells stand."""
        return palette.theme(dark).background

    def cell_texts(self) -> tuple[tuple[str, ...], ...]:
        """The texts in the cells."""
        if self.texts is not None:
            return self.texts
        return tuple(tuple(self._text(float(value)) for value in row) for row in self.values)

    def _text(self, value: float) -> str:
        if not np.isfinite(value):
            return "–"
        if self.scale == "share":
            return f"{value:.1f}"
        if self.scale == "counts":
            return f"{value:,.0f}"
        return ("+" if value > 0 and self.scale == "difference" else "") + number_text(value, 3)

    def _text_size(self, pixels: tuple[float, float], most: float) -> float:
        """The size at which all texts fit into their cells."""
        rows, columns = self.values.shape
        longest = max((text_width(text, 1.0) for row in self.cell_texts() for text in row), default=1.0)
        cell = pixels[0] / max(1, columns), pixels[1] / max(1, rows)
        return min(most, (cell[0] - 3) / max(longest, 0.5), (cell[1] - 2) / 1.15)

    def _ends(self, axes: ScreenAxes | PrintAxes) -> Range:
        """The values of the first and of the last colour in a chart."""
        return self.color_ends if self.value_scale is None else axes.drawing.scales[self.value_scale]

    def _strokes(self) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
        """The strokes of hatched cells, each from its lower left to its upper right end: (x, x), (y, y)."""
        for r, c in self.hatched:
            for k in range(1 - _HATCHES, _HATCHES):
                # Rising to the right: r − y = (x − c) − shift, inside a cell of side 1.
                shift = k / _HATCHES
                left, right = max(-0.5, -0.5 + shift), min(0.5, 0.5 + shift)
                yield (c + left, c + right), (r - left + shift, r - right + shift)

    def screen(self, axes: ScreenAxes) -> None:
        rows, columns = self.values.shape
        low, high = self._ends(axes)
        texts, colors = self.cell_texts(), self.colors(axes.dark)
        titles = [f"{axis.title}: " if axis.title else "" for axis in (axes.y, axes.x)]
        scale: dict[str, Any] = {
            "zmin": low,
            "zmax": high,
            "colorscale": [[k / (len(colors) - 1), color] for k, color in enumerate(colors)],
            "showscale": False,
        }
        if self.value_scale is not None:
            scale = {"coloraxis": axes.color_axis(self.value_scale)}
        axes.trace(
            "",
            self.color,
            type="heatmap",
            x=list(range(columns)),
            y=list(range(rows)),
            z=self.values,
            **scale,
            hoverongaps=True,
            xgap=int(columns <= _MOST_GAPS),
            ygap=int(rows <= _MOST_GAPS),
            hovertext=[
                [plain(f"{titles[0]}{row}\n{titles[1]}{column}\n{text}") for column, text in named]
                for row, line in zip(self.row_names, self.hover or texts, strict=True)
                for named in [list(zip(self.column_names, line, strict=True))]
            ],
            hovertemplate=HOVER,
        )
        frame = {"color": palette.theme(axes.dark).text, "width": 2}
        if self.hatched:
            strokes = [
                (x, y) for xs, ys in self._strokes() for x, y in [*zip(xs, ys, strict=True), (None, None)]
            ]
            hatch = {"color": self.hatch_color(axes.dark), "width": 1}
            x, y = map(list, zip(*strokes, strict=True))
            axes.trace("", self.color, mode="lines", x=x, y=y, line=hatch, hoverinfo="skip")
        if (size := self._text_size(axes.pixels, 13)) >= 10:
            axes.trace(
                "",
                self.color,
                mode="text",
                x=[c for _ in range(rows) for c in range(columns)],
                y=[r for r in range(rows) for _ in range(columns)],
                text=[plain(text) for row in texts for text in row],
                textfont={"size": size, "color": self.text_colors(axes.dark, (low, high))},
                hoverinfo="skip",
            )
        for r, c in self.boxed:
            axes.shape("rect", x0=c - 0.5, x1=c + 0.5, y0=r - 0.5, y1=r + 0.5, line=frame)

    def print(self, axes: PrintAxes) -> None:
        from matplotlib.colors import to_rgb
        from matplotlib.patches import Rectangle

        rows, columns = self.values.shape
        theme, ends = palette.theme(axes.dark), self._ends(axes)
        rgb = np.array([to_rgb(color) for color in self.cell_colors(axes.dark, ends)])
        rgb = rgb.reshape(rows, columns, 3)
        edges = [np.arange(n + 1) - 0.5 for n in (columns, rows)]
        gaps = {"edgecolors": theme.background, "linewidth": 0.5} if max(rows, columns) <= _MOST_GAPS else {}
        axes.axes.pcolormesh(*edges, rgb, zorder=1, **gaps)
        for xs, ys in self._strokes():
            axes.axes.plot(xs, ys, color=self.hatch_color(axes.dark), linewidth=0.5, zorder=1.5)
        for r, c in self.boxed:
            style: dict[str, Any] = {"edgecolor": theme.text, "linewidth": 1.1, "zorder": 2, "clip_on": False}
            axes.axes.add_patch(Rectangle((c - 0.5, r - 0.5), 1, 1, fill=False, **style))

        def texts() -> None:
            if (size := self._text_size(axes.pixels, 12)) >= 8:
                flat = [text for row in self.cell_texts() for text in row]
                for i, (text, color) in enumerate(zip(flat, self.text_colors(axes.dark, ends), strict=True)):
                    axes.text_in_cell(i % columns, i // columns, text, size, color)

        axes.later.append(texts)
