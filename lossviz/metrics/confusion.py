"""The confusion matrix and what is read off it: recall, precision, balanced accuracy, differences.

`counts` is always [K, K]: rows are true classes, columns predicted ones. Means of several runs are
counts too, so numbers need not be whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lossviz.core.errors import MetricError
from lossviz.metrics import inputs
from lossviz.metrics.vectors import Array, mean_of_finite


def confusion(labels: ArrayLike, predictions: ArrayLike, classes: int) -> Array:
    """The number of samples of one class taken for another: int64 [K, K], [true, predicted].

    labels, predictions: [N], whole numbers in 0..K−1.
    """
    labels = inputs.plain("labels", labels)
    samples = labels.size
    if not samples:
        raise MetricError("labels must hold at least one sample; got none")
    true = inputs.class_numbers("labels", labels, samples, classes)
    predicted = inputs.class_numbers("predictions", predictions, samples, classes)
    return np.bincount(true * classes + predicted, minlength=classes * classes).reshape(classes, classes)


def shares(counts: ArrayLike) -> Array:
    """Each row as shares of its class: [K, K], rows sum to 1; NaN for a class without samples."""
    table = _counts(counts)
    return _ratio(table, table.sum(1, keepdims=True))


def recall(counts: ArrayLike) -> Array:
    """The share of each class that is recognised: [K] (003: N_ii / Σ_j N_ij); NaN without samples."""
    table = _counts(counts)
    return _ratio(np.diag(table), table.sum(1))


def precision(counts: ArrayLike) -> Array:
    """The share right among what is taken for a class: [K]; NaN for a class never predicted."""
    table = _counts(counts)
    return _ratio(np.diag(table), table.sum(0))


def f1(counts: ArrayLike) -> Array:
    """The harmonic mean of recall and precision: [K], 2TP/(2TP + FP + FN).

    0 for a class that is never predicted rightly; NaN for one that neither occurs nor is predicted.
    """
    table = _counts(counts)
    return _ratio(2 * np.diag(table), table.sum(0) + table.sum(1))


def accuracy(counts: ArrayLike) -> float:
    """The share of all samples that is right (000 Eq. 6); NaN without samples."""
    table = _counts(counts)
    total = float(table.sum())
    return float(np.trace(table)) / total if total else float("nan")


def balanced_accuracy(counts: ArrayLike) -> float:
    """The mean recall over the classes that have samples (003 Eq. 6); NaN without any."""
    return mean_of_finite(recall(counts))


@dataclass(frozen=True, eq=False)
class Difference:
    """The change from one run's confusion matrix to another's, as counts and as shares of rows.

    counts, shares: [K, K], the second run less the first. Rows of shares sum to 0, and those of counts
    too where both runs saw the same samples. On the diagonal of shares is the gain in recall.
    """

    counts: Array
    shares: Array


def difference(first: ArrayLike, second: ArrayLike) -> Difference:
    """The second run's confusion matrix less the first's (001 Fig. 4: CAMRI less cross-entropy)."""
    before, after = _counts(first), _counts(second)
    if before.shape != after.shape:
        raise MetricError(f"both runs must have the same classes; got {len(before)} and {len(after)} of them")
    return Difference(after - before, shares(after) - shares(before))


@dataclass(frozen=True, eq=False)
class ImportantRecall:
    """Recalls of several important classes together: the question that 001 leaves open.

    classes, recalls: the important classes and the recall of each. mean, minimum, minimum_class: over
    those with samples. others: the mean recall of all other classes, what it may have cost. NaN and
    class −1 where there is none.
    """

    classes: tuple[int, ...]
    recalls: Array
    mean: float
    minimum: float
    minimum_class: int
    others: float


def important_recall(counts: ArrayLike, important: int | Sequence[int]) -> ImportantRecall:
    """Mean and least recall of the important classes, beside the mean recall of the others."""
    every = recall(counts)
    classes = inputs.important_classes(important, len(every))
    own = every[list(classes)]
    measured = [k for k in classes if not np.isnan(every[k])]
    lowest = min(measured, key=lambda k: every[k]) if measured else -1
    rest = np.delete(every, list(classes))
    least = float(every[lowest]) if measured else float("nan")
    return ImportantRecall(classes, own, mean_of_finite(own), least, lowest, mean_of_finite(rest))


@dataclass(frozen=True)
class SizeGroup:
    """Classes of like size in the training set, and how well they are recognised.

    classes: largest first. smallest, largest: their training images. recall: the mean over those with
    test samples (NaN without). samples: their test samples. low, high: the Wilson interval at 95 % of
    the share right among these samples, which on a balanced test set is the mean recall.
    """

    classes: tuple[int, ...]
    smallest: int
    largest: int
    recall: float
    samples: float
    low: float
    high: float


def recall_by_size(
    counts: ArrayLike, sizes: ArrayLike, *, groups: int = 3, edges: Sequence[int] | None = None
) -> tuple[SizeGroup, ...]:
    """Recall of classes grouped by their number of training images (003), largest first.

    sizes: [K], images of each class in the training set that was used. At most `groups` groups of
    about as many classes each; classes of one size stay together, so a step imbalance has two groups.
    edges: own limits instead, rising; (20, 100) makes below 20, 20 to 99, and 100 or more.
    """
    table = _counts(counts)
    training = inputs.plain("sizes", sizes)
    if training.shape != (len(table),) or training.dtype.kind not in "iu" or training.min() < 0:
        raise MetricError(
            f"sizes must be {len(table)} whole numbers, 0 or more, one for each class; "
            f"got {training.dtype} {training.shape}"
        )
    if edges is not None and list(edges) != sorted(set(edges)):
        raise MetricError(f"edges must rise; got {list(edges)}")
    if groups < 1:
        raise MetricError(f"groups must be at least 1; got {groups}")
    if edges is None:
        place = _even_groups(training, groups)
    else:
        place = len(edges) - np.searchsorted(np.asarray(edges), training, "right")
    return tuple(_size_group(table, training, np.flatnonzero(place == g)) for g in np.unique(place))


def _even_groups(sizes: Array, groups: int) -> Array:
    """The group of each class, 0 for the largest: [K]; equal sizes are in one group."""
    distinct, inverse, classes = np.unique(-sizes, return_inverse=True, return_counts=True)
    if len(distinct) <= groups:
        return inverse
    middle = np.cumsum(classes) - classes / 2
    return np.floor(groups * middle / len(sizes)).astype(np.int64)[inverse]


def _size_group(table: Array, sizes: Array, members: Array) -> SizeGroup:
    members = members[np.argsort(-sizes[members], kind="stable")]
    hits, samples = float(np.diag(table)[members].sum()), float(table[members].sum())
    low, high = _interval(hits, samples)
    return SizeGroup(
        tuple(members.tolist()),
        int(sizes[members].min()),
        int(sizes[members].max()),
        mean_of_finite(recall(table)[members]),
        samples,
        low,
        high,
    )


def wilson(hits: ArrayLike, totals: ArrayLike, confidence: float = 0.95) -> tuple[Array, Array]:
    """The Wilson interval of shares hits/totals: (low, high), [K] each, in [0, 1]; NaN for 0 of 0.

    Unlike hits/totals ± z·deviation it stays within 0 and 1 and has a width at 0 and at 1. It counts the
    chance of drawing the test images only, not that of training again. Wilson 1927.
    """
    found, among = inputs.values("hits", hits, "[K]"), inputs.values("totals", totals, "[K]")
    if found.shape != among.shape or not ((found >= 0) & (found <= among)).all():
        raise MetricError("hits and totals must have one length, with 0 ≤ hits ≤ totals")
    if not 0 < confidence < 1:
        raise MetricError(f"confidence must lie between 0 and 1; got {confidence:g} (in percent?)")
    from scipy.stats import binomtest

    ends = np.full((2, len(found)), np.nan)
    for k, (right, of) in enumerate(zip(found, among, strict=True)):
        if not (right.is_integer() and of.is_integer()):
            raise MetricError(f"hits and totals must be whole numbers; got {right:g} of {of:g}")
        if of:
            interval = binomtest(int(right), int(of)).proportion_ci(confidence, method="wilson")
            ends[:, k] = interval.low, interval.high
    return ends[0], ends[1]


def recall_interval(counts: ArrayLike, confidence: float = 0.95) -> tuple[Array, Array]:
    """The Wilson interval of each class's recall: (low, high), [K] each; NaN without samples."""
    table = _counts(counts)
    return wilson(np.diag(table), table.sum(1), confidence)


def accuracy_interval(counts: ArrayLike) -> tuple[float, float]:
    """The Wilson interval of the share of all samples that is right; NaN without samples."""
    table = _counts(counts)
    return _interval(np.trace(table), table.sum())


def important_interval(counts: ArrayLike, important: Sequence[int]) -> tuple[float, float]:
    """The Wilson interval of the share right among the samples of the important classes; NaN without any."""
    table, rows = _counts(counts), list(important)
    return _interval(np.diag(table)[rows].sum(), table[rows].sum())


def _interval(hits: float, total: float) -> tuple[float, float]:
    low, high = wilson([float(hits)], [float(total)])
    return float(low[0]), float(high[0])


def imbalance_ratio(sizes: ArrayLike) -> float:
    """ρ = N_1/N_K: the largest class over the smallest that has images (003); NaN without any."""
    present = inputs.values("sizes", sizes, "[K]")
    present = present[present > 0]
    return float(present.max() / present.min()) if len(present) else float("nan")


def _counts(counts: ArrayLike) -> Array:
    table = inputs.vectors("counts", counts, "[K, K]")
    if table.shape[0] != table.shape[1] or (table < 0).any():
        raise MetricError(f"counts must be [K, K], 0 or more; got shape {table.shape}, least {table.min()}")
    return table


def _ratio(above: Array, below: Array) -> Array:
    """above / below as float64, NaN where below is 0."""
    return above / np.where(below > 0, below, np.nan)
