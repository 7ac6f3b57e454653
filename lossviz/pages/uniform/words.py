"""Numbers and names as they are written on the page."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lossviz.core.text import fixed, listed, number_text, percent
from lossviz.readings.images import note
from lossviz.readings.reading import Reading

__all__ = ["images", "listed", "number", "percent", "points", "rounded", "same", "unit_of", "unit_within"]


def number(value: float) -> str:
    """Three digits, with a minus sign as in print; "none" for what is not there."""
    return "none" if math.isnan(value) else number_text(value, 3)


def unit_of(width: float) -> float:
    """The unit of the last digit that a range of this width determines: the largest power of ten of at most
    half of it. NaN for a range without end or width."""
    return 10.0 ** math.floor(math.log10(width / 2)) if 0 < width < math.inf else math.nan


def unit_within(value: float, low: float, high: float) -> float:
    """The unit of the last digit of a number in [low, high), so small that it stays there when rounded."""
    unit = unit_of(high - low)
    while unit > 1e-9 * abs(value) and not low <= _to(value, unit) < high:
        unit /= 10
    return unit


def rounded(value: float, unit: float) -> str:
    """A number up to the digit of a unit; in three digits where the unit is NaN."""
    if not math.isfinite(unit) or not math.isfinite(value):
        return number(value)
    return fixed(_to(value, unit), max(0, -round(math.log10(unit))))


def _to(value: float, unit: float) -> float:
    """The nearest multiple of a unit, halves away from zero."""
    return math.copysign(math.floor(abs(value) / unit + 0.5), value) * unit


def points(share: float) -> str:
    """A difference of shares in percentage points."""
    text = fixed(100 * share)
    return f"{text} point" if text == "1.0" else f"{text} points"


def same(readings: Sequence[Reading]) -> bool:
    """True if the runs are judged by the same images, of one epoch."""
    first = readings[0]
    return all(
        (r.of, r.images) == (first.of, first.images) and np.array_equal(r.labels, first.labels)
        for r in readings
    )


def images(readings: Sequence[Reading]) -> str:
    """The images that the runs are judged by: how many, of how many, which part, which epoch."""
    alike = same(readings) or len({reading.of for reading in readings}) > 1
    return note(readings) + ("" if alike else " (not the same ones for each run)")
