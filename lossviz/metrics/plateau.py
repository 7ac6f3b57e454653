"""The plateau: the thresholds that are nearly as good as the best one (paper 002, Eq. 13 and 14).

The accuracy as a function of the threshold is a step function, often flat about its maximum: the single
number t* looks more exact than the samples allow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lossviz.core.errors import MetricError
from lossviz.metrics.inputs import plain
from lossviz.metrics.uniform import open_at
from lossviz.metrics.vectors import Array


@dataclass(frozen=True, eq=False)
class Plateau:
    """The thresholds at which at most `lose` samples fewer are right than at the best: exact.

    ranges: float64 [R, 2], half-open [from, to), ascending, with worse thresholds between them; none
    where no sample can be right. −inf, inf: no end. Of several with worse thresholds between them `low`
    and `high` are the outer ends.
    """

    lose: int
    ranges: Array

    @property
    def low(self) -> float:
        """The lowest of them; NaN without any."""
        return float(self.ranges[0, 0]) if len(self.ranges) else float("nan")

    @property
    def high(self) -> float:
        """The end of the highest range, which itself is not as good; NaN without any."""
        return float(self.ranges[-1, 1]) if len(self.ranges) else float("nan")

    def holds(self, threshold: float) -> bool:
        return bool(((self.ranges[:, 0] <= threshold) & (threshold < self.ranges[:, 1])).any())

    def around(self, threshold: float) -> tuple[float, float]:
        """The range that holds a threshold; (NaN, NaN) where none does."""
        held = (self.ranges[:, 0] <= threshold) & (threshold < self.ranges[:, 1])
        return tuple(self.ranges[held][0].tolist()) if held.any() else (float("nan"), float("nan"))


def plateau(positive: ArrayLike, negative: ArrayLike, lose: int) -> Plateau:
    """The thresholds t at which as many samples have positive > t ≥ negative as at the best, but for `lose`.

    positive, negative: [N], the positive metric and the largest negative one of each sample (−inf with
    one class). lose: a whole number from 0 on; MetricError otherwise. As in `best_threshold`, samples
    with NaN or an infinite positive metric are never right. O(N log N).
    """
    positive, negative = plain("positive", positive), plain("negative", negative)
    if isinstance(lose, bool) or not isinstance(lose, (int, np.integer)) or lose < 0:
        raise MetricError(f"a number of samples must be whole and at least 0; got {lose!r}")
    positive, negative = positive.astype(np.float64), negative.astype(np.float64)
    usable = np.isfinite(positive) & (negative < positive)
    starts, ends = np.sort(negative[usable]), np.sort(positive[usable])
    if not len(starts):
        return Plateau(int(lose), np.empty((0, 2)))
    # Before the first place nothing is right, and nothing from the last on.
    points = np.unique(np.concatenate([[-np.inf], starts, ends]))
    right = open_at(starts, ends, points)
    good = np.concatenate([[False], right >= right.max() - lose, [False]])
    begins = np.flatnonzero(good[1:] & ~good[:-1])
    stops = np.flatnonzero(good[:-1] & ~good[1:])
    places = np.append(points, np.inf)
    return Plateau(int(lose), np.stack([places[begins], places[stops]], axis=1))
