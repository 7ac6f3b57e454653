"""Numbers as the doctor writes them."""

from __future__ import annotations

import math

from lossviz.metrics.bounds.angles import Bounds
from lossviz.metrics.bounds.room import degrees


def classes(count: int) -> str:
    """A number of classes."""
    return f"{count:,} classes" if count != 1 else "one class"


def apart(bound: Bounds) -> str:
    """The angle that directions can be apart: a number, or a range."""
    low, high = degrees(bound.low), degrees(bound.high)
    if bound.high - bound.low < math.radians(0.01):
        return f"{high} apart"
    return f"{low} apart for sure and {high} at the very most"
