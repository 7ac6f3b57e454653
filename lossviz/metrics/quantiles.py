"""Quantiles class by class: where most of a class lies, whatever a few of its samples do."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from lossviz.core.errors import MetricError
from lossviz.metrics import inputs
from lossviz.metrics.vectors import Array, rows_of_classes


def class_quantiles(values: ArrayLike, labels: ArrayLike, classes: int, shares: Sequence[float]) -> Array:
    """The quantiles of a number per sample for each class: float64 [K, Q].

    values: [N], finite. labels: [N]. shares: Q fractions in [0, 1]. Between two samples it is
    interpolated linearly, as numpy.quantile does; NaN for a class without samples.
    """
    given = inputs.values("values", values)
    if np.isnan(given).any():
        raise MetricError(f"values must be finite; {np.isnan(given).sum()} of {len(given)} are NaN")
    numbers = inputs.class_numbers("labels", labels, len(given), classes)
    wanted = inputs.values("shares", shares, "[Q]")
    if not ((wanted >= 0) & (wanted <= 1)).all():
        raise MetricError(f"shares must lie in [0, 1]; got {wanted.tolist()}")
    found = np.full((classes, len(wanted)), np.nan)
    for k, places in enumerate(rows_of_classes(numbers, classes)):
        if len(places):
            found[k] = np.quantile(given[places], wanted)
    return found
