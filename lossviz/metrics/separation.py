"""The distance between positive and negative metrics (paper 002, Figs. 2 and 3).

Type I negatives of class i are c_j(x), j ≠ i, of its own samples; type II are c_i(x) of the samples
of all others (002 Section IV.C). Every function takes the metrics as they are: for the pictures
without bias that is `metrics`, with bias the logits. The paper's pictures leave out samples that are
taken for another class: `right_only` does so here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from lossviz.core.errors import MetricError
from lossviz.metrics.inputs import plain, values
from lossviz.metrics.scores import metrics_and_labels, negatives
from lossviz.metrics.uniform import positives_and_negatives
from lossviz.metrics.vectors import Array, chunks

Kind = Literal["I", "II"]


@dataclass(frozen=True, eq=False)
class ClassRanges:
    """Positive and negative metrics of each class: [K] each, NaN where a class has none.

    counts: samples of each class. kind: the type of the negatives, "I" or "II". With one class there
    are no negatives; type II negatives of a class do not need samples of its own.
    """

    kind: Kind
    counts: Array
    positive_min: Array
    positive_mean: Array
    positive_max: Array
    negative_min: Array
    negative_mean: Array
    negative_max: Array

    @property
    def lowest_positive(self) -> tuple[float, float]:
        """Mean and standard deviation over the classes of their smallest positive metric.

        The red line of 002 Figs. 2 and 3. The deviation is that of the classes that have samples,
        divided by their number; (NaN, NaN) if there is none.
        """
        return _over_classes(self.positive_min)

    @property
    def highest_negative(self) -> tuple[float, float]:
        """The same of the largest negative metric of each class: the blue line."""
        return _over_classes(self.negative_max)


def ranges(metrics: ArrayLike, labels: ArrayLike, kind: Kind = "I", right_only: bool = False) -> ClassRanges:
    """Smallest, mean and largest positive and negative metric of each class (002 Figs. 2 and 3).

    metrics: [N, K]; labels: [N]. kind: negatives of type "I" or "II". right_only: only samples with
    positive > largest negative. Raises MetricError for what cannot be measured.
    """
    _check_kind(kind)
    metrics, labels = metrics_and_labels(metrics, labels)
    classes = metrics.shape[1]
    use = sample_mask(metrics, labels, right_only)
    counts = np.bincount(labels[use], minlength=classes)
    positive = metrics[np.arange(len(labels)), labels].astype(np.float64)[use]
    highest, lowest, total = np.full(classes, -np.inf), np.full(classes, np.inf), np.zeros(classes)
    for rows in chunks(*metrics.shape):
        own = labels[rows][use[rows]]
        if not len(own):
            continue
        # Each row goes to its class, or each column to its class.
        axis, places = (1, own) if kind == "I" else (0, np.arange(classes))
        for collect, into, neutral in (
            (np.maximum, highest, -np.inf),
            (np.minimum, lowest, np.inf),
            (np.add, total, 0.0),
        ):
            block = negatives(metrics, labels, rows, neutral)[use[rows]]
            collect.at(into, places, collect.reduce(block, axis=axis, dtype=np.float64))
    sizes = counts * (classes - 1) if kind == "I" else counts.sum() - counts
    least, mean, most = _by_class(positive, labels[use], classes)
    return ClassRanges(
        kind=kind,
        counts=counts,
        positive_min=least,
        positive_mean=mean,
        positive_max=most,
        negative_min=np.where(sizes > 0, lowest, np.nan),
        negative_mean=_mean(total, sizes),
        negative_max=np.where(sizes > 0, highest, np.nan),
    )


@dataclass(frozen=True)
class Overlap:
    """The overlap of positive and negative metrics: from the smallest positive to the largest negative.

    width = high − low; below zero it is a gap, and the data are uniformly classified by every
    threshold in it (002 Eq. 12). Shares of the samples: positives_inside with positive ≤ high,
    negatives_inside with a largest negative ≥ low, samples_inside with one or the other. With one
    class there are no negatives: high and width are NaN, the shares 0.
    """

    low: float
    high: float
    width: float
    positives_inside: float
    negatives_inside: float
    samples_inside: float
    samples: int


def overlap(metrics: ArrayLike, labels: ArrayLike, right_only: bool = False) -> Overlap:
    """The overlap region of 002 Fig. 2; of no samples (none is right) all is NaN.

    metrics: [N, K]; labels: [N]. right_only as in `ranges`.
    """
    metrics, labels = metrics_and_labels(metrics, labels)
    positive, negative = positives_and_negatives(metrics, labels)
    if right_only:
        right = positive > negative
        positive, negative = positive[right], negative[right]
    if not len(positive):
        nothing = float("nan")
        return Overlap(nothing, nothing, nothing, nothing, nothing, nothing, 0)
    low, high = float(positive.min()), float(negative.max())
    inside, reaching = positive <= high, negative >= low
    return Overlap(
        low=low,
        high=high if metrics.shape[1] > 1 else float("nan"),
        width=high - low if metrics.shape[1] > 1 else float("nan"),
        positives_inside=float(inside.mean()),
        negatives_inside=float(reaching.mean()),
        samples_inside=float((inside | reaching).mean()),
        samples=len(positive),
    )


@dataclass(frozen=True, eq=False)
class ClassMetrics:
    """The metrics of one class: positive [n], type_one [n · (K − 1)], type_two [N − n]."""

    positive: Array
    type_one: Array
    type_two: Array


def of_class(metrics: ArrayLike, labels: ArrayLike, number: int, right_only: bool = False) -> ClassMetrics:
    """The positive metrics and both types of negative ones of one class (002 Fig. 3)."""
    metrics, labels = metrics_and_labels(metrics, labels)
    if not isinstance(number, (int, np.integer)) or not 0 <= number < metrics.shape[1]:
        raise MetricError(f"a class must be a number in 0..{metrics.shape[1] - 1}; got {number!r}")
    use = sample_mask(metrics, labels, right_only)
    mine, others = use & (labels == number), use & (labels != number)
    own = metrics[mine]
    return ClassMetrics(
        positive=own[:, number],
        type_one=np.delete(own, number, axis=1).ravel(),
        type_two=metrics[others, number],
    )


def shares_at(
    metrics: ArrayLike, labels: ArrayLike, thresholds: ArrayLike, kind: Kind = "I", right_only: bool = False
) -> tuple[Array, Array]:
    """The share of each class's positives above its threshold and of its negatives at or below it.

    metrics: [N, K]; labels: [N]; thresholds: one number or [K], as the learned biases stand for.
    Two arrays [K] of fractions, NaN where a class has no such metrics and where its threshold is NaN.
    002 Fig. 3: the biases of bce-d split positives from type II negatives, not from type I.
    """
    _check_kind(kind)
    metrics, labels = metrics_and_labels(metrics, labels)
    classes = metrics.shape[1]
    limits = _limits(thresholds, classes)
    use = sample_mask(metrics, labels, right_only)
    positive = metrics[np.arange(len(labels)), labels].astype(np.float64)[use]
    above = np.bincount(labels[use], weights=positive > limits[labels[use]], minlength=classes)
    below = np.zeros(classes)
    for rows in chunks(*metrics.shape):
        block, own = negatives(metrics, labels, rows, np.inf)[use[rows]], labels[rows][use[rows]]
        if kind == "I":
            np.add.at(below, own, np.count_nonzero(block <= limits[own][:, None], axis=1))
        else:
            below += np.count_nonzero(block <= limits, axis=0)
    counts = np.bincount(labels[use], minlength=classes)
    sizes = counts * (classes - 1) if kind == "I" else counts.sum() - counts
    said = ~np.isnan(limits)
    return _mean(above, counts * said), _mean(below, sizes * said)


def largest_negatives(metrics: ArrayLike, labels: ArrayLike, most: int) -> Array:
    """The `most` largest of all N(K − 1) negative metrics, descending; all of them if they are fewer.

    metrics: [N, K]; labels: [N]. A few rows at a time. Raises MetricError for what cannot be measured.
    """
    metrics, labels = metrics_and_labels(metrics, labels)
    count = min(most, len(labels) * (metrics.shape[1] - 1))
    best = np.empty(0, dtype=metrics.dtype)
    for rows in chunks(*metrics.shape):
        block = negatives(metrics, labels, rows, -np.inf).ravel()
        # The positives, as −inf, come last; each block has at most one of them a row.
        best = np.concatenate([best, block])
        if len(best) > count:
            best = np.partition(best, len(best) - count)[len(best) - count :] if count else best[:0]
    return np.sort(best)[::-1]


def sample_mask(metrics: Array, labels: Array, right_only: bool) -> Array:
    """Give the mask of the samples counted, bool [N]: all, or those with positive > largest negative."""
    if not right_only:
        return np.ones(len(labels), bool)
    positive, negative = positives_and_negatives(metrics, labels)
    right: Array = positive > negative
    return right


def _limits(thresholds: ArrayLike, classes: int) -> Array:
    given = values("thresholds", np.atleast_1d(plain("thresholds", thresholds)))
    if len(given) not in (1, classes):
        raise MetricError(
            f"thresholds must be one number or one for each of {classes} classes; got {len(given)}"
        )
    return np.broadcast_to(given, (classes,))


def _check_kind(kind: str) -> None:
    if kind not in ("I", "II"):
        raise MetricError(f'negatives are of type "I" or "II"; got {kind!r}')


def _by_class(numbers: Array, labels: Array, classes: int) -> tuple[Array, Array, Array]:
    """Smallest, mean and largest of the numbers of each class; NaN for a class without."""
    least, most = np.full(classes, np.inf), np.full(classes, -np.inf)
    np.minimum.at(least, labels, numbers)
    np.maximum.at(most, labels, numbers)
    counts = np.bincount(labels, minlength=classes)
    mean = _mean(np.bincount(labels, weights=numbers, minlength=classes), counts)
    return np.where(counts > 0, least, np.nan), mean, np.where(counts > 0, most, np.nan)


def _mean(total: Array, counts: Array) -> Array:
    return np.where(counts > 0, total / np.maximum(counts, 1), np.nan)


def _over_classes(numbers: Array) -> tuple[float, float]:
    there = numbers[~np.isnan(numbers)]
    return (float(there.mean()), float(there.std())) if len(there) else (float("nan"), float("nan"))
