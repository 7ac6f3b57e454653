"""The highest probability of the own class that a scale s allows a softmax over s cosθ.

Features lie on their class weights, so the own cosine is 1, or less by the margin. What the other
classes add, Σ_{j≠y} exp(s cosθ_yj), is bounded for the class that has it worst.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from lossviz.metrics.bounds import codes
from lossviz.metrics.bounds.angles import EVEN, RANKIN, SIMPLEX, Bounds, largest_count, separation
from lossviz.metrics.vectors import Array

LEAST_SCALE, MOST_SCALE = 0.05, 4096.0
_STEPS = 2001
_GRID = tuple(np.geomspace(LEAST_SCALE, MOST_SCALE, 120).tolist())


def probability(classes: int, dimension: int, scale: float, own: float = 1.0, look: bool = True) -> Bounds:
    """The highest probability of the own class that all K classes can have, between 0 and 1.

    own: the own cosine with its margin: cos m, or 1 − m. look: whether an arrangement may be looked for,
    which takes up to some seconds for K beyond 2d, and K up to codes.MOST_FOUND.
    """
    others = log_others(classes, dimension, scale, look)
    low, high = (1 / (1 + math.exp(min(700.0, e - scale * own))) for e in (others.high, others.low))
    return Bounds(low, high, others.high_source, others.low_source)


def least_loss(classes: int, dimension: int, scale: float, own: float = 1.0) -> float:
    """The loss that the class that has it worst cannot fall below: −log of the highest probability."""
    gap = log_others(classes, dimension, scale, look=False).low - scale * own
    return max(0.0, gap) + math.log1p(math.exp(-abs(gap)))


def log_others(classes: int, dimension: int, scale: float, look: bool = True) -> Bounds:
    """log Σ_{j≠y} exp(s cosθ_yj) of the class that has it worst, in the best arrangement.

    Known for the simplex, for even spacing in the plane and for K = 2d: these are optimal for every
    such sum (Cohn and Kumar 2007). Elsewhere not less than: the mean cosine of pairs is at least
    −1/(K−1), and exp is convex; for K ≥ 2d the mean over pairs that 2d directions reach; the mean over
    the whole sphere, as exp(s t) is positive definite. Not more than: what an arrangement that was found
    has, every pair at θ*, or the better half of 2K directions drawn at random.
    """
    angle = separation(classes, dimension)
    if angle.low_source == SIMPLEX:
        known = math.log(classes - 1) - scale / (classes - 1)
        return Bounds(known, known, SIMPLEX, SIMPLEX)
    if angle.low_source == EVEN:
        known = _log_even(classes, scale)
        return Bounds(known, known, EVEN, EVEN)
    if classes == 2 * dimension:
        known = float(np.logaddexp(-scale, math.log(2 * dimension - 2)))
        return Bounds(known, known, RANKIN, RANKIN)
    low = [(math.log(classes - 1) - scale / (classes - 1), "mean cosine")]
    if classes > 2 * dimension:
        pair = np.logaddexp(-scale, math.log(2 * dimension - 2)) - math.log(2 * dimension - 1)
        low.append((math.log(classes - 1) + float(pair), "pairs among 2d directions"))
    sphere = log_mean(dimension, scale)
    spare = math.log(classes) + sphere - scale
    if spare > 1e-9:
        low.append((scale + math.log(math.expm1(spare)), "mean over the sphere"))
    high = [
        (math.log(classes - 1) + scale * math.cos(angle.low), "every pair at the smallest angle"),
        (math.log(2 * (2 * classes - 1)) + sphere, "directions drawn at random"),
    ]
    if look and 2 * dimension < classes <= codes.MOST_FOUND:
        cosines = _cosines(classes, dimension)
        high.append((float(np.logaddexp.reduce(scale * cosines, axis=1).max()), "an arrangement found"))
    best, worst = max(low), min(high)
    return Bounds(best[0], max(best[0], worst[0]), best[1], worst[1])


def least_scale(
    classes: int, dimension: int, target: float, own: float = 1.0, look: bool = True, refine: bool = True
) -> tuple[float, float]:
    """(necessary, sufficient): the least scales at which the probability can, and surely does, reach target.

    inf where none up to MOST_SCALE does. In the simplex and without margin both are
    (K−1)/K · log((K−1)P/(1−P)). refine: to 10⁻⁶, else to about a percent.
    """
    # p ≥ P is log Σ − s·own ≤ log((1−P)/P).
    level = math.log((1 - target) / target)

    def first(end: str, gaps: Array) -> float:
        places = np.flatnonzero(gaps <= level)
        if not len(places):
            return math.inf
        place = int(places[0])
        if place == 0:
            return LEAST_SCALE
        low, high = _GRID[place - 1], _GRID[place]
        if not refine:
            share = (gaps[place - 1] - level) / (gaps[place - 1] - gaps[place])
            return float(low * (high / low) ** share)
        while high / low > 1 + 1e-6:
            middle = math.sqrt(low * high)
            gap = getattr(log_others(classes, dimension, middle, look), end) - middle * own
            low, high = (low, middle) if gap <= level else (middle, high)
        return float(high)

    lows, highs = _gaps(classes, dimension, own, look)
    return first("low", lows), first("high", highs)


@lru_cache(maxsize=1024)
def _gaps(classes: int, dimension: int, own: float, look: bool) -> tuple[Array, Array]:
    """log Σ − s·own on the grid of scales: from below and from above."""
    found = [log_others(classes, dimension, scale, look) for scale in _GRID]
    return (
        np.array([f.low for f in found]) - own * np.array(_GRID),
        np.array([f.high for f in found]) - own * np.array(_GRID),
    )


def fewest_dimensions(classes: int, target: float, scale: float, most: int) -> int:
    """The smallest d ≥ 2 up to `most` in which the probability surely reaches target; 0 if none does."""
    # From K − 1 on nothing changes: the simplex has room.
    for dimension in range(2, min(most, max(2, classes - 1)) + 1):
        if probability(classes, dimension, scale, look=False).low >= target:
            return dimension
    return 0


def most_classes(dimension: int, target: float, scale: float, most: int) -> int:
    """The largest K up to `most` that surely reaches target, as all fewer do; 0 if not even two."""
    return largest_count(lambda k: probability(k, dimension, scale, look=False).low >= target, most)


@lru_cache(maxsize=4096)
def log_mean(dimension: int, scale: float) -> float:
    """log of the mean of exp(s cosθ) over the sphere in d ≥ 2 dimensions."""
    theta = (np.arange(_STEPS) + 0.5) * math.pi / _STEPS
    weight = (dimension - 2) * np.log(np.sin(theta))
    return float(np.logaddexp.reduce(weight + scale * np.cos(theta)) - np.logaddexp.reduce(weight))


def _log_even(classes: int, scale: float) -> float:
    """log of the sum over the others of K directions evenly spaced on a circle.

    Of more than s of them the sum over all is K times the mean over the circle, to the last digit.
    """
    if classes > MOST_SCALE:
        whole = math.log(classes) + log_mean(2, scale)
        return whole + math.log(-math.expm1(scale - whole))
    turn = 2 * math.pi * np.arange(1, classes) / classes
    return float(np.logaddexp.reduce(scale * np.cos(turn)))


@lru_cache(maxsize=64)
def _cosines(classes: int, dimension: int) -> Array:
    """The cosines [K, K] of an arrangement that was looked for; −inf for a class with itself."""
    points = codes.by_repulsion(classes, dimension)
    cosines = np.asarray(points @ points.T)
    np.fill_diagonal(cosines, -np.inf)
    return cosines
