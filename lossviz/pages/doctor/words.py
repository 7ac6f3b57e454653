"""Numbers as the doctor writes them."""

from __future__ import annotations

import math

from lossviz.core import text
from lossviz.metrics.bounds.angles import Bounds
from lossviz.metrics.bounds.room import degrees


def number(value: float) -> str:
    """Three digits, or whole from 1,000 on."""
    if math.isinf(value):
        return "∞"
    return text.fixed(value, 0, thousands=True) if value >= 1000 else f"{value:.3g}"


def percent(share: float) -> str:
    """A share; near 0 and 1 with the digits that tell it from them."""
    part = 100 * share
    if part > 99.9999:
        return "more than 99.9999 %"
    if part < 0.0001:
        return "less than 0.0001 %"
    return text.percent(share, 4 if part > 99.99 or part < 0.01 else 2 if part > 99 or part < 1 else 1)


def classes(count: int) -> str:
    """A number of classes."""
    return f"{count:,} classes" if count != 1 else "one class"


def apart(bound: Bounds) -> str:
    """How far apart directions can be: a number, or between which."""
    low, high = degrees(bound.low), degrees(bound.high)
    if bound.high - bound.low < math.radians(0.01):
        return f"{high} apart"
    return f"{low} apart for sure and {high} at the very most"
