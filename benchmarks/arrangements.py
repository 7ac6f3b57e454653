"""The angles in lossviz.metrics.bounds.repulsion_table: `python -m benchmarks.arrangements [dimension ...]`.

For each dimension a line of "K:degrees", rounded down, as the module holds them.
Takes half an hour on two cores.
"""

from __future__ import annotations

import math
import sys
import time

from lossviz.metrics.bounds import codes

DIMENSIONS = (3, 4, 5, 6, 7, 8, 10, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)
MOST, GROWTH, SMALL, SECONDS = 1024, 1.2, 32, 1.5


def counts(dimension: int) -> list[int]:
    """The numbers of directions for which angles are looked for: beyond 2d they are not known."""
    found = list(range(2 * dimension + 1, SMALL + 1))
    at = float(max(SMALL, 2 * dimension) + 1)
    while at < MOST:
        found.append(round(at))
        at *= GROWTH
    return [*found, MOST]


def widest(classes: int, dimension: int) -> float:
    """The largest smallest angle that SECONDS of tries find, in degrees, rounded down."""
    begun, tries, angle = time.monotonic(), 1, 0.0
    while time.monotonic() - begun < SECONDS and tries < 200:
        angle = max(angle, codes.smallest_angle(codes.by_repulsion(classes, dimension, tries)))
        tries *= 3
    return math.floor(math.degrees(angle) * 1e3) / 1e3


def main() -> int:
    """Print the lines."""
    for dimension in map(int, sys.argv[1:] or DIMENSIONS):
        pairs = (f"{count}:{widest(count, dimension):.3f}" for count in counts(dimension))
        print(f"{dimension}  {' '.join(pairs)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
