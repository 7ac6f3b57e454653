"""95 % intervals (Wilson) of what a confusion matrix says: int64 [K, K], [true, predicted]."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lossviz.core.text import fixed
from lossviz.metrics import confusion

Interval = tuple[float, float]


def of_accuracy(table: Any) -> Interval:
    """Of the share of all images that is right; NaN without images."""
    return _wilson(np.trace(table), np.sum(table))


def of_recall(table: Any, important: Sequence[int]) -> Interval:
    """Of the share right among the images of the important classes; NaN without images."""
    rows = list(important)
    return _wilson(np.diag(table)[rows].sum(), table[rows].sum())


def _wilson(right: Any, of: Any) -> Interval:
    low, high = confusion.wilson([float(right)], [float(of)])
    return float(low[0]), float(high[0])


def text(ends: Interval) -> str:
    """ "98.9 to 99.4", in per cent."""
    low, high = ends
    return f"{fixed(100 * low)} to {fixed(100 * high)}"
