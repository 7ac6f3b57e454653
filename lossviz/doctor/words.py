"""Numbers as the doctor writes them."""

from __future__ import annotations

import math

from lossviz.feasibility.angles import Bounds
from lossviz.feasibility.margins import ANGLE, FACTOR


def degrees(angle: float) -> str:
    """An angle in radians, in degrees with up to two decimals."""
    return f"{math.degrees(angle):.2f}".rstrip("0").rstrip(".") + "°"


def number(value: float) -> str:
    """Three or four digits."""
    if math.isinf(value):
        return "∞"
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def percent(share: float) -> str:
    """A share; near 0 and 1 with the digits that tell it from them."""
    part = 100 * share
    if part > 99.9999:
        return "more than 99.9999 %"
    if part < 0.0001:
        return "less than 0.0001 %"
    digits = 4 if part > 99.99 or part < 0.01 else 2 if part > 99 or part < 1 else 1
    return f"{part:.{digits}f} %"


def margin(value: float, link: str) -> str:
    """A margin in its unit."""
    if link == ANGLE:
        return degrees(value)
    return f"{value:.0f}" if link == FACTOR else f"{value:.3f}".rstrip("0").rstrip(".")


def classes(count: int) -> str:
    """A number of classes."""
    return f"{count:,} classes" if count != 1 else "one class"


def apart(bound: Bounds) -> str:
    """How far apart directions can be: a number, or between which."""
    low, high = degrees(bound.low), degrees(bound.high)
    if low == high:
        return f"{low} apart"
    if bound.high - bound.low < math.radians(0.01):
        return f"{low} apart (to 0.01°)"
    return f"{low} apart for sure and {high} at the very most"
