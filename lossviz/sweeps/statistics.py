"""Statistics of values over seeds: mean and spread, and how many seeds would tell two means apart."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

# Two means differ if they are further apart than so many standard errors of their difference (95 %).
ERRORS = 1.96


@dataclass(frozen=True)
class Sample:
    """Values over seeds. mean: NaN without any. sd: with n − 1; NaN for fewer than two."""

    n: int
    mean: float
    sd: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Sample:
        """The sample of those values that are finite."""
        kept = [float(value) for value in values if math.isfinite(value)]
        n = len(kept)
        mean = math.fsum(kept) / n if n else math.nan
        square = math.fsum((value - mean) ** 2 for value in kept)
        return cls(n, mean, math.sqrt(square / (n - 1)) if n > 1 else math.nan)


def more_seeds(a: Sample, b: Sample) -> float:
    """The number of seeds beyond those at hand that would tell the means of two samples apart, if means and
    spreads stay: the least n of each with 1.96·√(2s²/n) < |difference|, s² the mean of the two variances.

    0: they are told apart. Infinite: the means are equal. NaN: the spread is not known, for want of a second
    seed.
    """
    variance, apart = (a.sd**2 + b.sd**2) / 2, abs(a.mean - b.mean)
    if not math.isfinite(variance) or not math.isfinite(apart):
        return math.nan
    if apart == 0:
        return math.inf
    least = math.floor(2 * variance * (ERRORS / apart) ** 2) + 1
    return float(max(0, least - min(a.n, b.n)))
