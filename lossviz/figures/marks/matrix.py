"""Numbers in cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from lossviz.core.errors import LossvizError
from lossviz.core.text import number_text
from lossviz.figures import levels, palette
from lossviz.figures.axis import Array
from lossviz.figures.panel import Entry, Mark
from lossviz.figures.screen_axes import HOVER, plain
from lossviz.figures.text_width import text_width

if TYPE_CHECKING:
    from lossviz.figures.print_axes import PrintAxes
    from lossviz.figures.screen_axes import ScreenAxes

Scale = Literal["counts", "share", "difference"]
_MOST_GAPS = 40  # rows or columns between which there are gaps


@dataclass(frozen=True, eq=False)
class Matrix(Mark):
    """Values [R, C] as coloured cells, row 0 on top, in a panel of its own.

    scale: "counts" from 0 to the highest value; "share" per cent, 0..100; "difference" centred at zero.
    texts: [R][C], in the cells; None: the values, while there is room. boxed: (row, column) of framed
    cells. The panel's axes give the titles only.
    """

    values: Array
    row_names: tuple[str, ...]
    column_names: tuple[str, ...]
    scale: Scale = "counts"
    texts: tuple[tuple[str, ...], ...] | None = None
    boxed: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        values = np.asarray(self.values)
        object.__setattr__(self, "values", values)
        shape = (len(self.row_names), len(self.column_names))
        if values.shape != shape:
            raise LossvizError(
                f"chart: a matrix of {shape[0]} rows and {shape[1]} columns needs as many values; "
                f"got {list(values.shape)}"
            )
        if self.texts is not None and (
            len(self.texts) != shape[0] or any(len(row) != shape[1] for row in self.texts)
        ):
            raise LossvizError(f"chart: the texts of a matrix must be {list(shape)}, as its values")

    def legend(self, classes: Sequence[str]) -> list[Entry]:
        return []

    def categories(self, axis: str) -> tuple[str, ...]:
        return self.column_names if axis == "x" else self.row_names

    @property
    def color_ends(self) -> tuple[float, float]:
        """The values of the first and of the last colour."""
        low, high = levels.shared_range([self.values])
        if self.scale == "difference":
            largest = max(-low, high) or 1.0
            return -largest, largest
        if self.scale == "share":
            return 0.0, 100.0
        return 0.0, high or 1.0

    def colors(self, dark: bool) -> list[str]:
        """Colours from the lowest to the highest value; the page's own colour is nothing."""
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

    def cell_colors(self, dark: bool) -> list[str]:
        """The colour of each cell, row by row; the page's own where the value is not finite."""
        found, (low, high) = self.colors(dark), self.color_ends
        shares = (np.asarray(self.values, dtype=np.float64).ravel() - low) / (high - low)
        last, ground = len(found) - 1, palette.theme(dark).background
        return [found[round(min(max(s, 0.0), 1.0) * last)] if np.isfinite(s) else ground for s in shares]

    def text_colors(self, dark: bool) -> list[str]:
        """The colour of each cell's text, row by row: black or white, whichever stands out more."""
        cells = self.cell_colors(dark)
        black, white = "#000000", "#ffffff"
        best = {
            c: black if palette.contrast(black, c) >= palette.contrast(white, c) else white
            for c in set(cells)
        }
        return [best[color] for color in cells]

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
        return ("+" if value > 0 else "") + number_text(value, 3)

    def _text_size(self, pixels: tuple[float, float], most: float) -> float:
        """The size at which all texts fit into their cells."""
        rows, columns = self.values.shape
        longest = max((text_width(text, 1.0) for row in self.cell_texts() for text in row), default=1.0)
        cell = pixels[0] / max(1, columns), pixels[1] / max(1, rows)
        return min(most, (cell[0] - 3) / max(longest, 0.5), (cell[1] - 2) / 1.15)

    def screen(self, axes: ScreenAxes) -> None:
        rows, columns = self.values.shape
        low, high = self.color_ends
        texts, colors = self.cell_texts(), self.colors(axes.dark)
        titles = [f"{axis.title}: " if axis.title else "" for axis in (axes.y, axes.x)]
        axes.trace(
            "",
            self.color,
            type="heatmap",
            x=list(range(columns)),
            y=list(range(rows)),
            z=self.values,
            zmin=low,
            zmax=high,
            colorscale=[[k / (len(colors) - 1), color] for k, color in enumerate(colors)],
            showscale=False,
            xgap=int(columns <= _MOST_GAPS),
            ygap=int(rows <= _MOST_GAPS),
            hovertext=[
                [plain(f"{titles[0]}{row}\n{titles[1]}{column}\n{text}") for column, text in named]
                for row, line in zip(self.row_names, texts, strict=True)
                for named in [list(zip(self.column_names, line, strict=True))]
            ],
            hovertemplate=HOVER,
        )
        if (size := self._text_size(axes.pixels, 13)) >= 10:
            axes.trace(
                "",
                self.color,
                mode="text",
                x=[c for _ in range(rows) for c in range(columns)],
                y=[r for r in range(rows) for _ in range(columns)],
                text=[plain(text) for row in texts for text in row],
                textfont={"size": size, "color": self.text_colors(axes.dark)},
                hoverinfo="skip",
            )
        frame = {"color": palette.theme(axes.dark).text, "width": 2}
        for r, c in self.boxed:
            axes.shape("rect", x0=c - 0.5, x1=c + 0.5, y0=r - 0.5, y1=r + 0.5, line=frame)

    def print(self, axes: PrintAxes) -> None:
        from matplotlib.colors import to_rgb
        from matplotlib.patches import Rectangle

        rows, columns = self.values.shape
        theme = palette.theme(axes.dark)
        rgb = np.array([to_rgb(color) for color in self.cell_colors(axes.dark)]).reshape(rows, columns, 3)
        edges = [np.arange(n + 1) - 0.5 for n in (columns, rows)]
        gaps = {"edgecolors": theme.background, "linewidth": 0.5} if max(rows, columns) <= _MOST_GAPS else {}
        axes.axes.pcolormesh(*edges, rgb, zorder=1, **gaps)
        for r, c in self.boxed:
            style: dict[str, Any] = {"edgecolor": theme.text, "linewidth": 1.1, "zorder": 2, "clip_on": False}
            axes.axes.add_patch(Rectangle((c - 0.5, r - 0.5), 1, 1, fill=False, **style))

        def texts() -> None:
            if (size := self._text_size(axes.pixels, 12)) >= 8:
                flat = [text for row in self.cell_texts() for text in row]
                for i, (text, color) in enumerate(zip(flat, self.text_colors(axes.dark), strict=True)):
                    axes.text_in_cell(i % columns, i // columns, text, size, color)

        axes.later.append(texts)
