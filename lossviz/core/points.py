"""Points of the plane as text, in a link and in a box of coordinates."""

from __future__ import annotations

import math
from collections.abc import Iterable

from lossviz.core.errors import SettingError

Point = tuple[float, float]
# The largest coordinate of a class weight, a centre or the start of a descent.
POINT_LIMIT = 100.0


def exact_text(value: float) -> str:
    """The shortest text that reads back as the same number."""
    short = f"{float(value):.10g}"
    return short if float(short) == float(value) else repr(float(value))


def rounded(value: float, digits: int = 4) -> float:
    """A coordinate as it is kept and written: `digits` decimals, no negative zero."""
    return round(float(value), digits) + 0.0


def parse_points(name: str, text: str, count: int, limit: float) -> tuple[Point, ...]:
    """'0,1; -0.87,-0.5' (or one point a line) as `count` points with coordinates in [−limit, limit].

    SettingError in the name of the setting.
    """
    parts = [part for part in text.replace("\n", ";").split(";") if part.strip()]
    points = []
    for part in parts:
        numbers, came = part.replace(",", " ").split(), part.strip()[:40]
        if len(numbers) != 2:
            raise SettingError(f"{name}: each point needs two numbers, as in '0.5, -1'; got {came!r}")
        try:
            x, y = (float(number) for number in numbers)
        except ValueError:
            x = y = math.nan
        if not (abs(x) <= limit and abs(y) <= limit):  # NaN neither
            limits = f"[{-limit:g}, {limit:g}]"
            raise SettingError(f"{name}: each coordinate must be a number in {limits}; got {came!r}")
        points.append((rounded(x), rounded(y)))
    if len(points) != count:
        expected = "one point" if count == 1 else f"{count} points, one a class"
        raise SettingError(f"{name} must be {expected}; got {len(points)}")
    return tuple(points)


def points_lines(points: Iterable[Point]) -> str:
    """Points as text, one a line, as `parse_points` reads them."""
    return "\n".join(f"{exact_text(x)}, {exact_text(y)}" for x, y in points)


def points_text(points: Iterable[Point]) -> str:
    """Points as text in a URL."""
    return ";".join(f"{exact_text(x)},{exact_text(y)}" for x, y in points)
