"""Uniform classification (paper 002): one threshold for all samples."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def positives_and_negatives(metrics: Array, labels: Array) -> tuple[Array, Array]:
    """The positive metric and the largest negative one of each sample: [N], [N].

    metrics: [N, K], the score of each class. labels: [N].
    """
    rows = np.arange(len(labels))
    positive = metrics[rows, labels]
    others = metrics.astype(float, copy=True)
    others[rows, labels] = -np.inf
    return positive, others.max(-1)


def best_threshold(positive: Array, negative: Array) -> tuple[float, float]:
    """(A_Uni, t*): the largest share with positive > t ≥ negative, and a t that reaches it.

    Each sample is right on the half-open interval [negative, positive); the ends are sorted and
    swept once, so the maximum is exact. Of the first best range of t the middle is reported; where
    no sample can be right, (0, NaN). 002 Section III.
    """
    usable = np.isfinite(positive) & np.isfinite(negative) & (negative < positive)
    starts, ends = np.sort(negative[usable]), np.sort(positive[usable])
    if not len(starts):
        return 0.0, float("nan")
    # Just at a start the intervals open there count, and those that end there no longer do.
    inside = np.searchsorted(starts, starts, "right") - np.searchsorted(ends, starts, "right")
    best = int(np.argmax(inside))
    low = starts[best]
    after = ends[np.searchsorted(ends, low, "right")]
    following = starts[np.searchsorted(starts, low, "right") :]
    high = min(after, following[0]) if len(following) else after
    return float(inside[best]) / len(positive), float((low + high) / 2)
