"""The largest negative metrics: what a threshold wrongly accepts, one by one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lossviz.metrics.scores import checked, negatives
from lossviz.metrics.vectors import chunks

Array = NDArray[Any]


def largest_negatives(metrics: ArrayLike, labels: ArrayLike, most: int) -> Array:
    """The `most` largest of all N(K − 1) negative metrics, descending; all of them if they are fewer.

    metrics: [N, K]; labels: [N]. A few rows at a time. Raises MetricError for what cannot be measured.
    """
    metrics, labels = checked(metrics, labels)
    count = min(most, len(labels) * (metrics.shape[1] - 1))
    best = np.empty(0, dtype=metrics.dtype)
    for rows in chunks(*metrics.shape):
        block = negatives(metrics, labels, rows, -np.inf).ravel()
        # The positives, as −inf, come last; each block has at most one of them a row.
        best = np.concatenate([best, block])
        if len(best) > count:
            best = np.partition(best, len(best) - count)[len(best) - count :] if count else best[:0]
    return np.sort(best)[::-1]
