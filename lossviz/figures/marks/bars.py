"""Bars from zero."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lossviz.figures import palette
from lossviz.figures.axis import Array
from lossviz.figures.drawing import spacing_of
from lossviz.figures.panel import Mark, check_lengths
from lossviz.figures.roles import TEXT, Color
from lossviz.figures.screen_axes import bar_words, hover_texts, plain
from lossviz.figures.screen_theme import NAME

if TYPE_CHECKING:
    from lossviz.figures.print_axes import PrintAxes
    from lossviz.figures.screen_axes import ScreenAxes


@dataclass(frozen=True, eq=False)
class Bars(Mark):
    """Bars from 0 to heights [n] at places [n]; several in a panel stand side by side.

    errors: [n], drawn as ±. classes: int [n], class numbers, in place of one color. texts: written at the
    ends. horizontal: places on y, heights along x. vivid: the classes not muted; None is all.
    """

    at: Array
    heights: Array
    errors: Array | None = None
    color: Color = TEXT
    classes: Array | None = None
    name: str = ""
    horizontal: bool = False
    texts: tuple[str, ...] = ()
    hover: tuple[str, ...] = ()
    vivid: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        check_lengths(self, "at", "heights", "errors", "classes", "texts", "hover")

    def extent(self, axis: str) -> Iterator[tuple[Any, bool]]:
        if (axis == "x") != self.horizontal:
            half = spacing_of(self.at) / 2
            yield np.concatenate([self.at - half, self.at + half]), True
        else:
            errors = np.nan_to_num(self.errors) if self.errors is not None else 0
            yield np.concatenate([self.heights - errors, self.heights + errors]), False
            yield [0.0], True

    @property
    def texts_outside(self) -> tuple[str, ...]:
        return self.texts if self.horizontal else ()

    def screen(self, axes: ScreenAxes) -> None:
        along, across = ("x", "y") if self.horizontal else ("y", "x")
        own, other = getattr(axes, along), getattr(axes, across)
        offset, width = axes.side_by_side(self)
        options: dict[str, Any] = {
            along: self.heights,
            across: self.at,
            "orientation": "h" if self.horizontal else "v",
        }
        words = [own.number(height) for height in self.heights]
        if self.errors is not None:
            style = {"color": palette.theme(axes.dark).text, "thickness": 1.2, "width": 3}
            options["error_" + along] = {"array": self.errors, **style}
            errors = [own.number(error, 2) for error in self.errors]
            words = [f"{word} ± {error}" for word, error in zip(words, errors, strict=True)]
        if self.texts:
            options |= {"text": [plain(text) for text in self.texts], "textposition": "outside"}
            options |= {"textfont": {"size": NAME}, "cliponaxis": False}
        if own.title:
            words = [f"{own.title}: {word}" for word in words]
        axes.trace(
            self.name,
            self.color,
            type="bar",
            offset=offset,
            width=width,
            marker={"color": axes.codes(self), "line": {"width": 0}},
            **hover_texts(self.hover or bar_words(self.name, other, self.at, words)),
            **options,
        )

    def print(self, axes: PrintAxes) -> None:
        offset, width = axes.side_by_side(self)
        at, errors = self.at + offset, "xerr" if self.horizontal else "yerr"
        style = {"ecolor": palette.theme(axes.dark).text, "elinewidth": 0.7, "capsize": 1.5, "capthick": 0.7}
        draw = axes.axes.barh if self.horizontal else axes.axes.bar
        draw(
            at,
            self.heights,
            width,
            align="edge",
            color=axes.codes(self),
            linewidth=0,
            **({errors: self.errors, "error_kw": style} if self.errors is not None else {}),
            **axes.artist(self.name, self.color),
        )
        for place, height, text in zip(at + width / 2, self.heights, self.texts, strict=False):
            if self.horizontal:
                axes.note(height, place, text, shift=(5.0, 0.0))
            else:
                axes.note(place, height, text, anchor="center", shift=(0.0, 9.0))
