"""Bounds on γ: those with which a normalised BCE with a learned bias puts one threshold between own and
other classes.

Paper 002's Corollary 1 lets every negative cosine be −1. K > 2 directions cannot all be opposite each
other; what they can be moves the bound.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from lossviz.metrics import corollary
from lossviz.metrics.bounds import codes
from lossviz.metrics.bounds.angles import Bounds, largest_count, separation
from lossviz.metrics.vectors import Array


def least_gamma(classes: int, dimension: int, look: bool = True) -> Bounds:
    """The γ that must be exceeded so that the learned bias separates, features on their class weights.

    Not less than (K−1)/K · log(2K−3), twice Corollary 1 for many classes: the softplus's slope is convex
    there, and the mean cosine of pairs at least −1/(K−1); enough for K ≤ d + 1. Enough always is
    log(2K−3)/(1 − cosθ*); less where the threshold of an arrangement at hand is computed.
    look: as in `scales.probability`. Both are derived as 002 Eq. 42 is.
    """
    needed = (classes - 1) / classes * math.log(2 * classes - 3)
    if classes <= dimension + 1:
        return Bounds(needed, needed, "simplex", "simplex")
    apart = separation(classes, dimension)
    enough = math.log(2 * classes - 3) / (1 - math.cos(apart.low)), "every pair at the smallest angle"
    if classes <= codes.MOST_FOUND and (look or codes.optimal(classes, dimension) is not None):
        enough = min(enough, (_of_arrangement(classes, dimension), "an arrangement at hand"))
    return Bounds(needed, max(needed, enough[0]), "mean cosine", enough[1])


def nearest(classes: int, dimension: int) -> tuple[float, float]:
    """(at least, surely reached): the smallest that the largest cosine of two of K directions can be.

    Corollary 1 lets it be −1; it is −1/(K−1) for K ≤ d + 1 and cos(2π/K) in the plane. Features on their
    class weights have negative metrics up to γ times it, and positive ones at γ.
    """
    apart = separation(classes, dimension)
    # Of a right angle the cosine is 0, not what rounding leaves of it.
    return round(math.cos(apart.high), 15), round(math.cos(apart.low), 15)


def learned_bias(classes: int, dimension: int, gammas: Array) -> Array | None:
    """The bias at which bce-nu is least, features on class weights that lie as far apart as is known.

    gammas: [G] positive. [G], with the sign of 002 Eq. 40: itself the threshold. None where no arrangement
    is at hand (beyond d + 1 directions, more than codes.MOST_FOUND). Directions that were not known are
    looked for, once, which takes up to some seconds.
    """
    gammas = np.asarray(gammas, dtype=np.float64)
    if classes <= dimension + 1:
        low = -1 / (classes - 1)
        return np.array([corollary.learned_bias(classes, g * low, g) for g in gammas.tolist()])
    if _arranged(classes, dimension) is None:
        return None
    # The slope of the loss in b rises from below 0 at `lows` to above 0 at `highs`.
    lows, highs = -gammas - 1, gammas + math.log(classes) + 1
    for _ in range(60):
        middle = lows / 2 + highs / 2
        rising = slope(classes, dimension, gammas, middle) > 0
        lows, highs = np.where(rising, lows, middle), np.where(rising, middle, highs)
    return np.asarray(lows / 2 + highs / 2)


def slope(classes: int, dimension: int, gammas: Array, biases: Array) -> Array:
    """The slope of bce-nu in its bias, a sample: [G] for gammas and biases [G]; NaN where there is none.

    How strongly training draws the bias: below 0 upwards, above 0 downwards. Features as for `learned_bias`.
    """
    gammas, biases = (np.asarray(values, dtype=np.float64) for values in (gammas, biases))
    cosines = _arranged(classes, dimension)
    if cosines is None:
        return np.full(gammas.shape, np.nan)
    others = _sigmoid(gammas[:, None] * cosines.ravel() - biases[:, None]).sum(1) / len(cosines)
    return np.asarray(_sigmoid(biases - gammas) - others)


@lru_cache(maxsize=64)
def _arranged(classes: int, dimension: int) -> Array | None:
    """Cosines to the other class weights [K, K−1], or [1, K−1] where each sees the same; None: unknown."""
    if classes <= dimension + 1:
        return np.full((1, classes - 1), -1 / (classes - 1))
    if classes > codes.MOST_FOUND:
        return None
    points = codes.best(classes, dimension)
    return np.asarray((points @ points.T)[~np.eye(classes, dtype=bool)].reshape(classes, classes - 1))


def most_classes(gamma: float, dimension: int, most: int) -> int:
    """The largest K up to `most` for which γ is surely enough; at least 2."""
    return max(2, largest_count(lambda count: gamma > least_gamma(count, dimension, look=False).high, most))


@lru_cache(maxsize=256)
def _of_arrangement(classes: int, dimension: int) -> float:
    """The γ from which on the best bias of the arrangement lies above all negatives and below γ."""
    found = _arranged(classes, dimension)
    assert found is not None
    cosines = found.ravel()

    def separates(gamma: float) -> bool:
        # The slope of the loss in b, at the positives and at the largest negative.
        at_positives = classes / 2 - _sigmoid(gamma * (cosines - 1)).sum()
        top = cosines.max()
        at_negatives = classes * _sigmoid(gamma * (top - 1)) - _sigmoid(gamma * (cosines - top)).sum()
        return bool(at_positives > 0 > at_negatives)

    low, high = 0.0, 1.0
    while not separates(high):
        low, high = high, 2 * high
        if high > 1e9:
            return math.inf
    while high - low > 1e-9 * high:
        middle = (low + high) / 2
        low, high = (low, middle) if separates(middle) else (middle, high)
    return high


def _sigmoid(values: np.typing.ArrayLike) -> Array:
    return np.asarray(np.exp(-np.logaddexp(0.0, -np.asarray(values, dtype=np.float64))))
