"""The largest smallest angle θ*(K, d) between K directions in d dimensions, or its bounds."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from lossviz.core.errors import MetricError
from lossviz.metrics.bounds import repulsion_table


@dataclass(frozen=True)
class Bounds:
    """A value between low and high, and where either end comes from; equal ends: it is known."""

    low: float
    high: float
    low_source: str
    high_source: str

    @property
    def exact(self) -> bool:
        return self.low == self.high


SIMPLEX = "simplex"
RANKIN = "Rankin 1955"
EVEN = "evenly spaced"
FOUND = "an arrangement found by repulsion"
COVERING = "covering by caps"
CAPS = "caps that do not overlap"
FEJES_TOTH = "Fejes Tóth 1943"
LEVENSHTEIN = "Levenshtein 1979"
TAMMES = "proved for the sphere (Tammes problem)"

# Proved optima in 3-D, degrees, rounded up: Schütte and van der Waerden 1951 (7, 8, 9), Danzer 1986
# (10, 11), Musin and Tarasov 2012 and 2015 (13, 14), Robinson 1961 (24). 12 is Fejes Tóth's bound.
_PROVED = {
    7: 77.8696, 8: 74.8586, 9: 70.5288, 10: 66.1469, 11: 63.4350, 13: 57.1368, 14: 55.6706, 24: 43.6908,
}  # fmt: skip


@lru_cache(maxsize=65536)
def separation(classes: int, dimension: int) -> Bounds:
    """θ*(K, d) in radians: the largest angle that all pairs of K unit vectors in R^d can reach.

    classes: K ≥ 2; dimension: d ≥ 1; MetricError otherwise. Known for d = 2 (2π/K), K ≤ d + 1
    (arccos(−1/(K−1)), the simplex) and K ≤ 2d (a right angle, Rankin 1955). Beyond, from below: an
    arrangement that was found, or, where none was looked for, covering: while K − 1 caps of radius θ
    leave a point free, a K-th direction has room there. From above: caps of radius θ/2 do not overlap;
    Levenshtein's bound; in 3-D Fejes Tóth's and what was proved for single K.
    """
    _check(classes, dimension)
    if classes <= dimension + 1 or (dimension == 1 and classes == 2):
        return _known(math.acos(-1 / (classes - 1)), SIMPLEX)
    if dimension == 1:
        return _known(0.0, "two directions only")
    if dimension == 2:
        return _known(2 * math.pi / classes, EVEN)
    if classes <= 2 * dimension:
        return _known(math.pi / 2, RANKIN)
    low = max((_found(classes, dimension), FOUND), (cap_angle(1 / (classes - 1), dimension), COVERING))
    high = min(_from_above(classes, dimension))
    return Bounds(low[0], high[0], low[1], high[1])


def _known(angle: float, source: str) -> Bounds:
    return Bounds(angle, angle, source, source)


def _found(classes: int, dimension: int) -> float:
    """Of the arrangements that were found, the widest with at least K directions in at most d dimensions.

    Not that of the next K alone: for 22 directions in 7-D less was found than for 23, of which 22 are a part.
    """
    fits = (
        angle
        for size, pairs in repulsion_table.angles().items()
        if size <= dimension
        for count, angle in pairs
        if count >= classes
    )
    return max(fits, default=0.0)


def _from_above(classes: int, dimension: int) -> list[tuple[float, str]]:
    bounds = [(2 * cap_angle(1 / classes, dimension), CAPS), (levenshtein(classes, dimension), LEVENSHTEIN)]
    if dimension == 3:
        bounds.append((fejes_toth(classes), FEJES_TOTH))
        proved = [degrees for count, degrees in _PROVED.items() if count <= classes]
        bounds += [(math.radians(degrees), TAMMES) for degrees in proved]
    return bounds


def cap_angle(share: float, dimension: int) -> float:
    """The angle (radians) of the cap that has this share of the unit sphere in R^d.

    The share within an angle θ of a point is ½ I_{sin²θ}((d−1)/2, ½) up to a right angle (S. Li 2011, Eq. 1),
    with I the regularised incomplete beta function; beyond it 1 less that of the opposite cap.
    """
    if share > 0.5:
        return math.pi - cap_angle(1 - share, dimension)
    from scipy.special import betaincinv

    return math.asin(math.sqrt(float(betaincinv((dimension - 1) / 2, 0.5, 2 * share))))


def fejes_toth(classes: int) -> float:
    """No K ≥ 3 points on the sphere are all farther apart: arccos((cot²ω − 1)/2), ω = Kπ/(6(K−2)).

    L. Fejes Tóth, 1943; reached for K = 3, 4, 6, 12.
    """
    omega = classes * math.pi / (6 * (classes - 2))
    return math.acos((1 / math.tan(omega) ** 2 - 1) / 2)


def levenshtein(classes: int, dimension: int) -> float:
    """An angle that K > 2d directions cannot all exceed, from Levenshtein's third polynomial.

    With cosines of at most x, 0 ≤ x ≤ (√(d+3) − 1)/(d + 2), there are at most
    d(1 − x)(2 + (d + 1)x)/(1 − dx²) directions. For more than that allows: π/2.
    """

    def most(x: float) -> float:
        return dimension * (1 - x) * (2 + (dimension + 1) * x) / (1 - dimension * x * x)

    low, high = 0.0, (math.sqrt(dimension + 3) - 1) / (dimension + 2)
    if not most(low) < classes:
        return math.pi / 2
    if most(high) < classes:
        return math.acos(high)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if most(middle) < classes else (low, middle)
    return math.acos(low)


def largest_count(fits: Callable[[int], bool], most: int) -> int:
    """The largest K from 2 to `most` that fits, where all fewer do; 0 if not even two."""
    low, high = 1, most + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low if low > 1 else 0


def _check(classes: int, dimension: int) -> None:
    if isinstance(classes, bool) or classes != int(classes) or classes < 2:
        raise MetricError(f"the number of classes must be a whole number from 2 on; got {classes!r}")
    if isinstance(dimension, bool) or dimension != int(dimension) or dimension < 1:
        raise MetricError(f"the dimension must be a whole number from 1 on; got {dimension!r}")
