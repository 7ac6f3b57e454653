"""Bars from zero, or from a base."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lossviz.figures import palette
from lossviz.figures.axis import Array
from lossviz.figures.panel import Mark, check_lengths
from lossviz.figures.roles import TEXT, Color
from lossviz.figures.screen_axes import hover_texts, plain
from lossviz.figures.screen_theme import NAME

if TYPE_CHECKING:
    from lossviz.figures.drawing import PanelAxes
    from lossviz.figures.print_axes import PrintAxes
    from lossviz.figures.screen_axes import ScreenAxes


@dataclass(frozen=True, eq=False)
class Bars(Mark):
    """Upright bars at places [n] of x, from base [n], or 0, to heights [n].

    Several at the same places of a panel stand side by side. errors: [n], drawn as ±. classes: int [n],
    class numbers, in place of one color. texts: written at the ends. hover: the words at a bar.
    """

    at: Array
    heights: Array
    color: Color = TEXT
    name: str = ""
    base: Array | None = None
    errors: Array | None = None
    classes: Array | None = None
    texts: tuple[str, ...] = ()
    hover: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_lengths(self, "at", "heights", "base", "errors", "classes", "texts", "hover")

    def extent(self, axis: str) -> Iterator[tuple[Any, bool]]:
        if axis == "x":
            half = _spacing(self.at) / 2
            yield np.concatenate([self.at - half, self.at + half]), True
        else:
            errors = 0 if self.errors is None else np.nan_to_num(self.errors)
            yield np.concatenate([self.heights - errors, self.heights + errors]), False
            yield ([0.0], True) if self.base is None else (self.base, False)

    def _place(self, axes: PanelAxes) -> tuple[float, float]:
        """The beginning of a bar, measured from its place, and its width."""
        bars = [mark for mark in axes.panel.marks if isinstance(mark, Bars)]
        beside = [mark for mark in bars if np.isin(mark.at, self.at).any() or mark is self]
        slot = min(_spacing(mark.at) for mark in bars)
        width = 0.8 * slot / len(beside)
        return next(i for i, mark in enumerate(beside) if mark is self) * width - 0.4 * slot, width

    def _words(self, axes: PanelAxes) -> tuple[str, ...]:
        """The name, the place and the height of each bar."""
        words = [axes.y.number(height) for height in self.heights]
        if self.base is not None:
            words = [f"{axes.y.number(low)} to {high}" for low, high in zip(self.base, words, strict=True)]
        if self.errors is not None:
            errors = [axes.y.number(error, 2) for error in self.errors]
            words = [f"{word} ± {error}" for word, error in zip(words, errors, strict=True)]
        title = f"{axes.y.title}: " if axes.y.title and self.base is None else ""
        lines = [(self.name, axes.x.place(at), title + word) for at, word in zip(self.at, words, strict=True)]
        return tuple("\n".join(filter(None, own)) for own in lines)

    def screen(self, axes: ScreenAxes) -> None:
        offset, width = self._place(axes)
        options: dict[str, Any] = {
            "marker": {"color": axes.codes(self.color, self.classes), "line": {"width": 0}}
        }
        if self.errors is not None:
            style = {"color": palette.theme(axes.dark).text, "thickness": 1.2, "width": 3}
            options["error_y"] = {"array": self.errors, **style}
        if self.texts:
            options |= {"text": [plain(text) for text in self.texts], "textposition": "outside"}
            options |= {"textfont": {"size": NAME}, "cliponaxis": False}
        if self.base is not None:
            options["base"] = self.base
        heights = self.heights if self.base is None else self.heights - self.base
        options |= hover_texts(self.hover or self._words(axes))
        axes.trace(
            self.name, self.color, type="bar", x=self.at, y=heights, offset=offset, width=width, **options
        )

    def print(self, axes: PrintAxes) -> None:
        offset, width = self._place(axes)
        at, base = self.at + offset, 0.0 if self.base is None else self.base
        options: dict[str, Any] = {
            "color": axes.codes(self.color, self.classes),
            "align": "edge",
            "linewidth": 0,
        }
        if self.errors is not None:
            style = {"elinewidth": 0.7, "capsize": 1.5, "capthick": 0.7}
            options |= {"yerr": self.errors, "error_kw": {"ecolor": palette.theme(axes.dark).text, **style}}
        label = axes.artist(self.name, self.color)
        axes.axes.bar(at, self.heights - base, width, base, **options, **label)
        for place, height, text in zip(at + width / 2, self.heights, self.texts, strict=False):
            axes.note(place, height, text, anchor="center", shift=(0.0, 9.0))


def _spacing(at: Array) -> float:
    """The distance between neighbouring places; 1 for a single one."""
    places = np.unique(at[np.isfinite(at)])
    return float(np.diff(places).min()) if len(places) > 1 else 1.0
