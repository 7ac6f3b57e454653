"""The bias that a perfectly trained bce-u learns, and where it separates (paper 002, Corollary 1).

Metrics lie between two bounds A < B; perfectly trained, every positive metric is B and every negative
one A. For the normalised losses A = −γ and B = γ.
"""

from __future__ import annotations

import math

import numpy as np

from lossviz.core.errors import MetricError


def learned_bias(classes: int, low: float, high: float) -> float:
    """The bias at which bce-u is least: log(((N−2)e^A + √((N−2)²e^{2A} + 4(N−1)e^{A+B})) / 2).

    classes: N ≥ 2; low, high: A < B, finite. Computed from logarithms, so that nothing overflows.
    With two classes it is the middle of A and B. It has the sign of 002 Eq. 40: subtracted from the
    metrics, hence itself the threshold. 002 Eq. 45.
    """
    _check(classes, low, high)
    if classes == 2:
        return low / 2 + high / 2
    # Both terms relative to e^A.
    first = math.log(classes - 2)
    second = math.log(4) + math.log(classes - 1) + (high - low)
    root = float(np.logaddexp(2 * first, second)) / 2
    return low + float(np.logaddexp(first, root)) - math.log(2)


def separates(classes: int, low: float, high: float) -> bool:
    """The learned bias is a unified threshold: 2 ≤ N < (e^{B−A} + 3)/2 (002 Eq. 42).

    Exactly then A < learned bias < B (up to rounding at the bound).
    """
    _check(classes, low, high)
    # e^{B−A} − 1 in place of e^{B−A}: with two classes any B > A will do, however close.
    reach = _expm1(high - low)
    spare = 2 * int(classes) - 4
    return spare < reach if math.isfinite(reach) else math.log(spare + 1) < high - low


def most_classes(low: float, high: float) -> int | float:
    """The largest N that the bounds allow (002 Eq. 42), at least 2; inf where B − A > 709.

    There e^{B−A} is more than a float holds.
    """
    _check(2, low, high)
    reach = _expm1(high - low)
    return (math.ceil(reach) - 1 + 4) // 2 if math.isfinite(reach) else math.inf


def least_gamma(classes: int) -> float:
    """The scale γ that a normalised bce-u must exceed to separate N classes: log(2N − 3)/2.

    002 Eq. 42 with A = −γ and B = γ; the bound itself is not enough. 0 for two classes.
    """
    _check(classes, 0.0, 1.0)
    return math.log(2 * classes - 3) / 2


def _expm1(number: float) -> float:
    try:
        return math.expm1(number)
    except OverflowError:
        return math.inf


def _check(classes: int, low: float, high: float) -> None:
    if isinstance(classes, bool) or not isinstance(classes, (int, np.integer)) or classes < 2:
        raise MetricError(f"the number of classes must be a whole number from 2 on; got {classes!r}")
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise MetricError(f"metrics must have a lower bound below an upper one; got {low!r} and {high!r}")
