"""The edges of the bands of a field, and the numbers beside its colour bar.

The oracle of figures/canvas/bands.js, which chooses the same edges in the browser while something is dragged.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Literal

import numpy as np

from lossviz.core.text import number_text
from lossviz.figures.axis import Array

Spacing = Literal["linear", "log"]

BANDS = 14  # of a picture, unless it is told otherwise
FLOOR = 1e-6  # log bands reach down to this share of the highest loss
CORE = 1e-3  # with negative values: linear within this share of the largest magnitude
_TOO_NARROW = 1e-6  # relative; below this a range counts as one value
_ZERO_WIDTH = 1e-30  # half the width of the range around an exact zero


def shared_range(fields: Iterable[Any]) -> tuple[float, float]:
    """The lowest and highest finite value of fields, or of arrays; (0, 1) where there is none."""
    low, high = math.inf, -math.inf
    for field in fields:
        values = np.asarray(getattr(field, "z_yx", field), dtype=np.float64)
        finite = values[np.isfinite(values)]
        if finite.size:
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    return (low, high) if low <= high else (0.0, 1.0)


def band_edges(low: float, high: float, count: int = BANDS, spacing: Spacing = "linear") -> Array:
    """The edges of `count` bands, [count + 1], ascending, the ends exactly `low` and `high`.

    linear: equal steps. log depends on the range:
    - low > high·10⁻⁶: equal ratios.
    - 0 <= low <= high·10⁻⁶: losses of separable samples come as 10⁻⁴⁰ or 0 and would fill the bar
      with decades that nobody can see, so the lowest band is one from `low` to high·10⁻⁶ and the
      others have equal ratios; `ticks` writes "≤" there.
    - low < 0: equal steps of asinh(value / t), t = 10⁻³ of the larger magnitude: linear within ±t,
      logarithmic beyond on both sides.
    Where low and high are the same but for rounding, the edges run a millionth to either side.
    """
    _check(low, high, count, spacing)
    if _is_one_value(low, high):
        middle = low + (high - low) / 2
        around = max(abs(middle) * _TOO_NARROW, _ZERO_WIDTH)
        return np.linspace(middle - around, middle + around, count + 1)
    if spacing == "linear":
        edges = np.linspace(low, high, count + 1)
    elif low < 0:
        core = CORE * max(-low, high)
        edges = core * np.sinh(np.linspace(np.arcsinh(low / core), np.arcsinh(high / core), count + 1))
    elif low > FLOOR * high:
        edges = np.geomspace(low, high, count + 1)
    elif count == 1:
        edges = np.array([low, high])
    else:
        edges = np.concatenate([[low], np.geomspace(FLOOR * high, high, count)])
    edges[0], edges[-1] = low, high
    return np.asarray(edges)


def symmetric_edges(largest: float, count: int = 15, spacing: Spacing = "linear") -> Array:
    """Band edges from −largest to largest for a difference: mirrored about zero to the last bit.

    With an odd count the middle band holds zero, and the small differences around it.
    """
    edges = band_edges(-largest, largest, count, spacing)
    return np.asarray((edges - edges[::-1]) / 2)


def ticks(edges: Array, spacing: Spacing = "linear") -> list[tuple[float, str]]:
    """Round values within the edges of `band_edges` with their text, mostly four to six, ascending.

    A range of one value has one tick. With a band below the floor, the first is "≤ …".
    """
    low, high = float(edges[0]), float(edges[-1])
    if high - low <= 2.1 * max(_TOO_NARROW * max(abs(low), abs(high)), _ZERO_WIDTH):
        middle = low + (high - low) / 2
        value = 0.0 if abs(middle) < _ZERO_WIDTH else middle
        return [(value, number_text(value))]
    if spacing == "linear":
        return _linear_ticks(low, high)
    if low < 0:
        return _two_sided_ticks(low, high)
    floor = float(edges[1]) if len(edges) > 2 and low <= FLOOR * high else low
    found = log_ticks(floor, high)
    if floor > low:
        room = 10 ** (0.12 * math.log10(high / floor))
        found = [(floor, "≤ " + number_text(floor, 1)), *(t for t in found if t[0] > floor * room)]
    return found


def position(values: Any, edges: Array) -> Array:
    """The places of values on a bar whose bands are equally high: 0 at the low end, 1 at the high end."""
    return np.asarray(np.interp(values, edges, np.linspace(0, 1, len(edges))))


def _check(low: float, high: float, count: int, spacing: str) -> None:
    if not (math.isfinite(low) and math.isfinite(high)) or low > high:
        raise ValueError(
            f"levels: low and high must be finite with low <= high; got {low}, {high}"
            " (shared_range leaves out what is not finite)"
        )
    if count < 1:
        raise ValueError(f"levels: at least one band is needed; got count = {count}")
    if spacing not in ("linear", "log"):
        raise ValueError(f'levels: spacing must be "linear" or "log"; got {spacing!r}')


def _is_one_value(low: float, high: float) -> bool:
    return high - low <= max(1e-9 * max(abs(low), abs(high)), _ZERO_WIDTH)


def _misfit(count: int) -> float:
    """The distance of a number of ticks from five; three are a little worse than seven."""
    return abs(count - 5) + (0.5 if count < 4 else 0)


def _linear_ticks(low: float, high: float) -> list[tuple[float, str]]:
    """Multiples of 1, 2, 2.5 or 5 times a power of ten; the step that gives nearest to five."""
    rough = math.floor(math.log10(high - low))
    best: list[int] = []
    unit = 1.0
    for power in (rough, rough - 1):
        for factor in (5.0, 2.5, 2.0, 1.0):
            step = factor * 10.0**power
            slack = 1e-9 * (high - low)
            inside = range(math.ceil((low - slack) / step), math.floor((high + slack) / step) + 1)
            if _misfit(len(inside)) < _misfit(len(best)):
                best, unit = list(inside), step
    digits = max(1, math.ceil(math.log10(max(abs(low), abs(high)) / unit)) + 2)
    values = [float(f"{i * unit:.12g}") for i in best]
    return [(min(max(value, low), high), number_text(value, digits)) for value in values]


def log_ticks(low: float, high: float) -> list[tuple[float, str]]:
    """Powers of ten, thinned or with 2 and 5 between them; ordinary ticks within a decade or so."""
    if high / low < 12:
        return _linear_ticks(low, high)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    sets = [[m * 10.0**p for p in powers for m in ms] for ms in ((1, 2, 5), (1, 3))]
    sets += [[10.0**p for p in powers if p % every == 0] for every in range(1, max(2, len(powers)))]
    inside = [[float(f"{v:.6g}") for v in s if low * (1 - 1e-9) <= v <= high * (1 + 1e-9)] for s in sets]
    best = min(inside, key=lambda s: _misfit(len(s)))
    return [(min(max(v, low), high), number_text(v, 3)) for v in best]


def _two_sided_ticks(low: float, high: float) -> list[tuple[float, str]]:
    """Zero and powers of ten on both sides, outside the linear core."""
    largest = max(-low, high)
    powers = range(math.floor(math.log10(1.5 * CORE * largest)) + 1, math.floor(math.log10(largest)) + 1)
    sets = []
    for every in range(1, 4):
        outer = [10.0**p for p in powers if p % every == 0]
        both = [*(-v for v in reversed(outer)), 0.0, *outer]
        sets.append([float(f"{v:.6g}") for v in both if low <= v <= high])
    best = min(sets, key=lambda s: _misfit(len(s)))
    return [(v, number_text(v, 2)) for v in best] if len(best) > 2 else _linear_ticks(low, high)
