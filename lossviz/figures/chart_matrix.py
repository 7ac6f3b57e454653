"""The colours and texts of a matrix, for both painters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lossviz.figures import chart_scales, levels, palette
from lossviz.figures.chart import Matrix, Scale


def ends(mark: Matrix) -> tuple[float, float]:
    """The values of the first and of the last colour."""
    low, high = levels.shared_range([mark.values])
    if mark.scale == "difference":
        largest = max(-low, high) or 1.0
        return -largest, largest
    if mark.scale == "share":
        return 0.0, 100.0
    if mark.scale == "counts":
        return 0.0, high or 1.0
    return (low, high) if low < high else (low, low + 1.0)


def colors(scale: Scale, dark: bool, count: int = 33) -> list[str]:
    """Colours from the lowest to the highest value; the page's own colour is nothing."""
    ground = palette.theme(dark).secondary_background
    shares = np.linspace(0, 1, count)
    if scale == "difference":
        below, above = (palette.difference_colors(3)[i] for i in (0, 2))
        sides = (above if share >= 0.5 else below for share in shares)
        return [palette.mixed(side, ground, abs(2 * s - 1)) for side, s in zip(sides, shares, strict=True)]
    full = palette.DARK.link if dark else palette.LIGHT.primary
    return [palette.mixed(full, ground, float(share)) for share in shares]


def texts(mark: Matrix) -> tuple[tuple[str, ...], ...]:
    """What the cells say."""
    if mark.texts is not None:
        return mark.texts
    return tuple(tuple(_text(float(value), mark.scale) for value in row) for row in mark.values)


def _text(value: float, scale: Scale) -> str:
    if not np.isfinite(value):
        return "–"
    if scale == "share":
        return f"{value:.1f}"
    if scale == "counts":
        return f"{value:,.0f}"
    sign = "+" if scale == "difference" and value > 0 else ""
    return sign + levels.number_text(value, 3)


def cell_colors(mark: Matrix, dark: bool) -> list[str]:
    """The colour of each cell, row by row; the page's own where the value is not finite."""
    found, (low, high) = colors(mark.scale, dark), ends(mark)
    shares = (np.asarray(mark.values, dtype=np.float64).ravel() - low) / (high - low)
    last = len(found) - 1
    ground = palette.theme(dark).background
    return [found[round(min(max(s, 0.0), 1.0) * last)] if np.isfinite(s) else ground for s in shares]


def text_colors(mark: Matrix, dark: bool) -> list[str]:
    """The colour of each cell's text, row by row: black or white, whichever stands out more."""
    inks = ("#000000", "#ffffff")
    best = {
        color: max(inks, key=lambda ink: palette.contrast(ink, color))
        for color in set(cell_colors(mark, dark))
    }
    return [best[color] for color in cell_colors(mark, dark)]


def text_size(shown: Sequence[Sequence[str]], width: float, height: float, largest: float) -> float:
    """The size at which all texts fit into cells of this width and height."""
    longest = max((chart_scales.text_width(text, 1.0) for row in shown for text in row), default=1.0)
    return min(largest, (width - 3) / max(longest, 0.5), (height - 2) / 1.15)
