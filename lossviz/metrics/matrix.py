"""The metric matrix of one sample per class (paper 002, S.I): who dominates what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lossviz.core.errors import MetricError
from lossviz.metrics.inputs import plain
from lossviz.metrics.scores import metrics_and_labels
from lossviz.metrics.vectors import Array, rows_of_classes

PICKS = ("first", "median", "random")


@dataclass(frozen=True, eq=False)
class MetricMatrix:
    """E[i, j] = c_i(x^(j)): row i is a class, column j the sample of class j (002 Eq. S.1).

    matrix: float64 [K, K]; the column of a class without samples is NaN. indices: [K], which sample
    stands for each class, −1 for none. A class without samples is left out of what follows: its own
    marks are False, and the others are judged by the columns that are there.

    column_dominant: [K], whether E[j, j] is the largest of column j: sample j is told from all other
    classes. row_dominant: [K], whether E[i, i] is the largest of row i: class i takes its own sample
    before any other. globally_dominant: [K], whether E[i, i] exceeds every entry off the diagonal.
    Larger always means strictly larger.
    """

    matrix: Array
    indices: Array
    column_dominant: Array
    row_dominant: Array
    globally_dominant: Array

    @property
    def present(self) -> Array:
        """The classes that have a sample: bool [K]."""
        there: Array = self.indices >= 0
        return there

    @property
    def sample_wise(self) -> bool:
        """These samples are sample-wise classified: every column is dominated."""
        return bool(self.column_dominant[self.present].all())

    @property
    def uniform(self) -> bool:
        """One threshold classifies these samples: smallest diagonal > largest other entry."""
        return bool(self.globally_dominant[self.present].all())

    @property
    def breaks_column(self) -> Array:
        """The entries off the diagonal that reach the diagonal of their column: bool [K, K]."""
        return self._off_diagonal() & (self.matrix >= np.diag(self.matrix))

    @property
    def breaks_global(self) -> Array:
        """The entries off the diagonal that reach the smallest diagonal entry: bool [K, K]."""
        return self._off_diagonal() & (self.matrix >= np.diag(self.matrix)[self.present].min())

    def _off_diagonal(self) -> Array:
        return ~np.eye(len(self.matrix), dtype=bool)


def metric_matrix(
    metrics: ArrayLike, labels: ArrayLike, pick: str | Sequence[int] | Array = "median", seed: int = 0
) -> MetricMatrix:
    """The metric matrix of N samples, one for each class.

    metrics: [N, K]; labels: [N]. pick says which sample stands for its class: "first"; "median", the
    one with the (lower) median positive metric, the earliest of equal ones; "random", drawn by seed
    as in the paper; or the indices of samples of different classes, in any order. Raises MetricError
    for what cannot be measured, indices out of range and two samples of one class. 002 S.I.
    """
    metrics, labels = metrics_and_labels(metrics, labels)
    indices = _chosen(metrics, labels, pick, seed)
    classes, present = metrics.shape[1], indices >= 0
    matrix = np.full((classes, classes), np.nan)
    matrix[:, present] = metrics[indices[present]].T
    diagonal, others = np.diag(matrix), matrix.copy()
    others[:, ~present] = -np.inf
    np.fill_diagonal(others, -np.inf)
    return MetricMatrix(
        matrix=matrix,
        indices=indices,
        column_dominant=diagonal > others.max(0),
        row_dominant=diagonal > others.max(1),
        globally_dominant=diagonal > others.max(),
    )


def _chosen(metrics: Array, labels: Array, pick: str | Sequence[int] | Array, seed: int) -> Array:
    """The sample of each class, −1 for none: int64 [K]."""
    found = np.full(metrics.shape[1], -1)
    if isinstance(pick, str):
        if pick not in PICKS:
            raise MetricError(f"pick must be one of {', '.join(PICKS)}, or indices; got {pick!r}")
        draw = np.random.default_rng(seed)
        for k, rows in enumerate(rows_of_classes(labels, metrics.shape[1])):
            if len(rows):
                found[k] = _one(rows, metrics[rows, k], pick, draw)
        return found
    given = plain("indices of samples", pick)
    if given.dtype.kind not in "iu" or given.ndim != 1 or not len(given):
        raise MetricError(f"indices of samples must be whole numbers; got {given.dtype} {given.shape}")
    if given.min() < 0 or given.max() >= len(labels):
        came = next(int(n) for n in given if not 0 <= n < len(labels))
        raise MetricError(f"indices of samples must lie in 0..{len(labels) - 1}; got {came}")
    own = labels[given]
    if len(np.unique(own)) < len(own):
        twice = int(np.flatnonzero(np.bincount(own) > 1)[0])
        raise MetricError(f"a metric matrix takes one sample of each class; got several of class {twice}")
    found[own] = given
    return found


def _one(rows: Array, positive: Array, pick: str, draw: np.random.Generator) -> int:
    if pick == "first":
        return int(rows[0])
    if pick == "random":
        return int(draw.choice(rows))
    return int(rows[np.argsort(positive, kind="stable")[(len(rows) - 1) // 2]])
