"""Two classifiers on the same samples: McNemar's test of those that only one of them gets right."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike

from lossviz.core.errors import MetricError
from lossviz.metrics import inputs


@dataclass(frozen=True)
class Paired:
    """The samples that change sides between a first and a second classifier, and the chance of that.

    samples: all that were compared. gained: wrong under the first, right under the second; lost: the other
    way round. exact, mid: two-sided p-values, in (0, 1], of the hypothesis that a sample that changes
    sides is as likely gained as lost.
    """

    samples: int
    gained: int
    lost: int
    exact: float
    mid: float

    @property
    def least(self) -> float:
        """The smallest mid-p that so many changes can have: 2^−n of n that all go one way, 1 of none."""
        return 0.5 ** (self.gained + self.lost)


def mcnemar(first: ArrayLike, second: ArrayLike) -> Paired:
    """McNemar's exact conditional test and its mid-p version, of which samples each classifier gets right.

    first, second: bool [N], of the same samples in one order. Of n samples that change sides, k one way and
    no more the other, exact p is the probability that chance parts n samples at least as unevenly, and mid-p
    the same with half of the ways that are just as uneven; 1 without changes. Mid-p keeps to its level and
    is less cautious (McNemar 1947; Fagerland, Lydersen and Laake 2013). Raises MetricError for anything but
    two equally long arrays.
    """
    before, after = inputs.plain("first", first), inputs.plain("second", second)
    if before.shape != after.shape or before.ndim != 1 or {before.dtype.kind, after.dtype.kind} != {"b"}:
        raise MetricError(
            "first and second must be bool [N], of the same samples; "
            f"got {before.dtype} {list(before.shape)} and {after.dtype} {list(after.shape)}"
        )
    gained, lost = int((~before & after).sum()), int((before & ~after).sum())
    changed, fewer = gained + lost, min(gained, lost)
    # Whole numbers: the powers of two of some thousand changes are beyond a float.
    there = tail = 1
    for i in range(fewer):
        there = there * (changed - i) // (i + 1)
        tail += there
    # Split in half, both tails are one.
    uneven = changed != 2 * fewer
    exact, same = (2 * tail, 2 * there) if uneven else (2**changed, there)
    mid = (2 * exact - same) / 2 ** (changed + 1) if changed else 1.0
    return Paired(len(before), gained, lost, exact / 2**changed, mid)
