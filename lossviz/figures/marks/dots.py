"""Points in two or three dimensions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from lossviz.core.errors import LossvizError
from lossviz.figures import palette
from lossviz.figures.axis import Array
from lossviz.figures.drawing import dot_size
from lossviz.figures.panel import (
    MOST_CLASSES,
    Entry,
    Mark,
    ValueScale,
    by_class,
    check_lengths,
    class_color,
    class_name,
)
from lossviz.figures.roles import TEXT, ClassColor, Color
from lossviz.figures.screen_axes import MOST_SVG_DOTS, hover_texts, template, value_words

if TYPE_CHECKING:
    from lossviz.figures.print_axes import PrintAxes
    from lossviz.figures.screen_axes import ScreenAxes

Symbol = Literal["circle", "ring", "square", "diamond", "triangle", "cross", "plus", "star"]
# Of plotly, of plotly in three dimensions (which has no triangle and no star), and of matplotlib.
_SYMBOLS: dict[Symbol, tuple[str, str, str]] = {
    "circle": ("circle", "circle", "o"),
    "ring": ("circle-open", "circle-open", "o"),
    "square": ("square", "square", "s"),
    "diamond": ("diamond", "diamond", "D"),
    "triangle": ("triangle-up", "diamond-open", "^"),
    "cross": ("x", "x", "X"),
    "plus": ("cross", "cross", "P"),
    "star": ("star", "square-open", "*"),
}


@dataclass(frozen=True, eq=False)
class Dots(Mark):
    """Points (x, y), all [n], in one color, in class colours or coloured by a number; z: in a solid panel.

    classes: int [n], class numbers. values: float [n], coloured from blue (low) to yellow (high) with a
    colour bar called value_title; dots with the same title share it. symbols: one, or one a point.
    texts: written beside the points, for a dozen at most. hover: the words at a point.
    size: diameter in pixels; None: by the number of points. vivid: the classes not muted.
    """

    x: Array
    y: Array
    color: Color = TEXT
    name: str = ""
    z: Array | None = None
    classes: Array | None = None
    values: Array | None = None
    value_title: str = ""
    value_spacing: Literal["linear", "log"] = "linear"
    symbols: Symbol | tuple[Symbol, ...] = "circle"
    texts: tuple[str, ...] = ()
    hover: tuple[str, ...] = ()
    size: float | None = None
    vivid: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        check_lengths(self, "x", "y", "z", "classes", "values", "texts", "hover")
        if self.classes is not None and self.values is not None:
            raise LossvizError(
                "chart: dots are coloured by class (classes) or by number (values), not by both"
            )
        if not isinstance(self.symbols, str) and len(self.symbols) != len(self.x):
            raise LossvizError(
                f"chart: symbols of Dots must be one, or one a point; "
                f"got {len(self.symbols)} for {len(self.x)} points"
            )

    @property
    def needs(self) -> Literal["", "polar", "solid"]:
        return "" if self.z is None else "solid"

    def extent(self, axis: str) -> Iterator[tuple[Any, bool]]:
        yield (self.x if axis == "x" else self.y), False

    def legend(self, classes: Sequence[str]) -> list[Entry]:
        if self.classes is not None:
            numbers = [int(k) for k in np.unique(self.classes)]
            return [(class_name(classes, k), class_color(k, self.vivid)) for k in numbers]
        return super().legend(classes) if self.values is None else []

    def points(self) -> list[tuple[float, float]]:
        return list(zip(self.x.tolist(), self.y.tolist(), strict=True))

    @property
    def value_scale(self) -> ValueScale | None:
        return None if self.values is None else (self.value_title, self.value_spacing)

    @property
    def scale_values(self) -> Array:
        values = np.asarray(self.values, dtype=np.float64)
        return values if self.value_spacing == "linear" else np.log10(np.where(values > 0, values, np.nan))

    def _groups(self) -> list[Dots]:
        """The dots of each class, each in one colour; all together without classes, or with many."""
        if self.classes is None or len(np.unique(self.classes)) > MOST_CLASSES:
            return [self]
        return [self._part(color, np.flatnonzero(rows)) for color, rows in by_class(self.classes, self.vivid)]

    def _part(self, color: Color, rows: Array) -> Dots:
        changes: dict[str, Any] = {"color": color, "classes": None}
        for name in ("x", "y", "z", "symbols", "texts", "hover"):
            given = getattr(self, name)
            if given is not None and len(given) and not isinstance(given, str):
                picked = np.asarray(given)[rows]
                changes[name] = tuple(picked.tolist()) if isinstance(given, tuple) else picked
        return replace(self, **changes)

    def _name(self, classes: Sequence[str]) -> str:
        """Dots of a class are named after it."""
        of_class = isinstance(self.color, ClassColor) and not self.name
        return class_name(classes, self.color.k) if of_class else self.name  # type: ignore[union-attr]

    def screen(self, axes: ScreenAxes) -> None:
        """One trace a class, so that the legend can hide one."""
        for part in self._groups():
            name = part._name(axes.drawing.classes)
            if part.z is None:
                gl = axes.drawing.gl
                options = {"type": "scattergl" if gl else "scatter", **axes.hover(name)}
                options |= {"x": axes.x.drawable(part.x), "y": axes.y.drawable(part.y)}
                options |= {} if gl else {"cliponaxis": False}
            else:
                words = [value_words(getattr(axes.panel, axis), axis) for axis in "xyz"]
                options = {"type": "scatter3d", "hovertemplate": template(name, *words)}
                options |= {"x": part.x, "y": part.y, "z": part.z}
            options |= {"mode": "markers", "marker": part._marker(axes), **hover_texts(part.hover)}
            axes.trace(name, part.color, **options)
        for x, y, text, side in self._texts(axes):
            axes.note(x, y, text, anchor=side.anchor, xshift=side.dx, yshift=side.dy)

    def _marker(self, axes: ScreenAxes) -> dict[str, Any]:
        count, solid = axes.panel.dots, self.z is not None
        hollow = self.symbols if isinstance(self.symbols, str) else ""
        codes = {name: both[solid] for name, both in _SYMBOLS.items()}
        marker: dict[str, Any] = {
            "size": (0.7 if solid else 1.0) * dot_size(self.size, count),
            "symbol": codes[self.symbols]
            if isinstance(self.symbols, str)
            else [codes[s] for s in self.symbols],
            "line": {"width": 1.5 if hollow == "ring" else 0.4, "color": palette.theme(axes.dark).casing},
            "opacity": 0.65 if count > MOST_SVG_DOTS else 0.9,
        }
        if (scale := self.value_scale) is not None:
            marker |= {"color": self.scale_values, "coloraxis": axes.color_axis(scale)}
        else:
            marker["color"] = axes.codes(self.color, self.classes, self.vivid)
            if hollow in ("ring", "cross", "plus"):
                marker["line"]["color"] = marker["color"]
        if solid:
            marker["line"] = {"width": 0}
        return marker

    def print(self, axes: PrintAxes) -> None:
        for part in self._groups():
            part._scatter(axes)

        def texts() -> None:
            for x, y, text, side in self._texts(axes):
                axes.note(x, y, text, anchor=side.anchor, shift=(side.dx, side.dy))

        axes.later.append(texts)

    def _scatter(self, axes: PrintAxes) -> None:
        """The finite points, by symbol."""
        from lossviz.figures.print_axes import POINT, value_map

        places = [self.x, self.y] if self.z is None else [self.x, self.y, self.z]
        numbers = np.stack([np.asarray(place, dtype=np.float64) for place in places])
        good = np.asarray(np.isfinite(numbers).all(axis=0))
        colors: Any = axes.codes(self.color, self.classes, self.vivid)
        options: dict[str, Any] = {}
        if (scale := self.value_scale) is not None:
            colors = self.scale_values
            good = good & np.isfinite(colors)
            low, high = axes.drawing.scales[scale]
            options = {"cmap": value_map(), "vmin": low, "vmax": high}
        count = axes.panel.dots
        many = count > MOST_SVG_DOTS
        symbols = np.array([self.symbols] * len(good) if isinstance(self.symbols, str) else self.symbols)
        for symbol in dict.fromkeys(symbols.tolist()):
            own = good & (symbols == symbol)
            shown: Any = colors if isinstance(colors, str) else np.asarray(colors)[own]
            style = {"c": shown, "edgecolors": palette.theme(axes.dark).casing, "linewidths": 0.25, **options}
            if symbol == "ring":
                style = {"facecolors": "none", "edgecolors": shown, "linewidths": 0.9}
            axes.axes.scatter(
                *(np.asarray(place)[own] for place in places),
                s=(POINT * dot_size(self.size, count)) ** 2,
                marker=_SYMBOLS[symbol][2],
                alpha=0.65 if many else 0.95,
                clip_on=False,
                rasterized=many,
                **style,
                **axes.artist(self._name(axes.drawing.classes), self.color),
            )

    def _texts(self, axes: ScreenAxes | PrintAxes) -> Iterator[tuple[float, float, str, Any]]:
        """The places of texts, and the side of its dot at which each stands."""
        if self.texts:
            sides = axes.label_sides(self.points(), self, self.texts)
            for (x, y), text, side in zip(self.points(), self.texts, sides, strict=True):
                yield x, y, text, side
