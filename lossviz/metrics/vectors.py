"""Vectors and their classes: directions, sizes, means. Nothing here checks what it is given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

CHUNK = 2_000_000  # numbers worked on at once, so that a temporary array stays near 16 MB


def chunks(rows: int, width: int) -> Iterator[slice]:
    """Slices that cut `rows` rows of `width` numbers into parts of about CHUNK numbers."""
    step = max(1, CHUNK // max(width, 1))
    for start in range(0, rows, step):
        yield slice(start, min(start + step, rows))


def unit(vectors: Array) -> Array:
    """Rows scaled to length 1 as float64: [N, d]; the zero vector stays zero.

    Divided by the largest entry first: neither 10⁻²⁰⁰ nor 10²⁰⁰ leaves the range when squared.
    """
    rows = vectors.astype(np.float64)
    largest = np.abs(rows).max(1, keepdims=True, initial=0.0)
    rows /= np.where(largest == 0, 1.0, largest)
    length = np.sqrt(np.einsum("nd,nd->n", rows, rows))[:, None]
    return rows / np.where(length == 0, 1.0, length)


def mean_of_finite(values: Array) -> float:
    """The mean of what is neither NaN nor infinite; NaN where nothing is."""
    there = values[np.isfinite(values)]
    return float(there.mean()) if len(there) else float("nan")


def rows_of_classes(labels: Array, classes: int) -> list[Array]:
    """The places of each class among the labels, in order: K arrays, empty ones among them."""
    order = np.argsort(labels, kind="stable")
    ends = np.cumsum(np.bincount(labels, minlength=classes))
    return np.split(order, ends[:-1])


def mean(rows: Array) -> Array:
    """The mean of rows as float64: [d]. Equal rows have exactly themselves as their mean.

    Summed as differences to the first row; a plain sum of equal numbers is rounded, and constant
    features would show a spread of 10⁻³².
    """
    first = rows[0].astype(np.float64)
    return first + (rows - first).mean(0)


def class_means(features: Array, labels: Array, classes: int) -> Array:
    """The mean feature of each class: float64 [K, d], NaN for a class without samples."""
    means = np.full((classes, features.shape[1]), np.nan)
    for k, places in enumerate(rows_of_classes(labels, classes)):
        if len(places):
            means[k] = mean(features[places])
    return means
