"""Metrics of samples and their labels: checked together, and walked a few rows at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from lossviz.core.errors import MetricError
from lossviz.metrics.inputs import class_numbers, vectors
from lossviz.metrics.vectors import Array


def floating(metrics: ArrayLike) -> Array:
    """metrics [N, K] as finite floating-point numbers, N and K at least 1; whole numbers as float64.

    Not copied where it is such an array; else MetricError.
    """
    found = vectors("metrics", metrics, "[N, K]")
    return found if found.dtype.kind == "f" else found.astype(np.float64)


def metrics_and_labels(metrics: ArrayLike, labels: ArrayLike) -> tuple[Array, Array]:
    """metrics [N, K] as finite floating-point numbers and labels int64 [N] in 0..K−1, else MetricError."""
    found = floating(metrics)
    return found, class_numbers("labels", labels, *found.shape)


def negatives(metrics: Array, labels: Array, rows: slice, fill: float) -> Array:
    """A copy of some rows in which the positive metric of each sample is `fill`."""
    kind = metrics.dtype if metrics.dtype.kind == "f" else np.float64
    block = metrics[rows].astype(kind, copy=True)
    block[np.arange(len(block)), labels[rows]] = fill
    return block


def curve_places(values: Array, most: int, always: Sequence[int]) -> Array:
    """At most `most` of the places of a curve over rising values: all if they fit, else a fair choice.

    Half of them are evenly spread over the places and half over the values, so that neither steep
    nor flat parts get lost; both ends and the places in `always` stay in any case.
    """
    if len(values) <= most:
        return np.arange(len(values))
    must = sorted({0, len(values) - 1, *always})
    half = (most - len(must)) // 2
    if half < 1:
        raise MetricError(f"a curve needs at least {len(must) + 2} points; got {most}")
    by_place = np.linspace(0, len(values) - 1, half).round().astype(int)
    by_value = np.searchsorted(values, np.linspace(values[0], values[-1], half))
    return np.unique(np.concatenate([must, by_place, by_value.clip(0, len(values) - 1)]))
