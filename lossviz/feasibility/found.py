"""Smallest angles of arrangements that were found by repulsion, for more than 2d directions.

Made by `python -m benchmarks.arrangements`. Lines "d  K:degrees …", rounded down.
"""

from __future__ import annotations

import math
from functools import lru_cache

_TEXT = """
3  7:77.869 8:74.858 9:70.528 10:66.146 11:63.434 12:63.434 24:43.690
"""


@lru_cache(maxsize=1)
def angles() -> dict[int, list[tuple[int, float]]]:
    """(K, radians) by dimension, K ascending."""
    read: dict[int, list[tuple[int, float]]] = {}
    for line in _TEXT.strip().splitlines():
        dimension, pairs = line.split(maxsplit=1)
        for pair in pairs.split():
            count, degrees = pair.split(":")
            read.setdefault(int(dimension), []).append((int(count), math.radians(float(degrees))))
    return read
