"""Uniform classification (paper 002): one threshold for all samples.

A sample is right at a threshold t when positive > t ≥ its largest negative (Eq. 7). Thresholds are
compared in float64, whatever the metrics are kept in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lossviz.core.errors import MetricError
from lossviz.metrics.inputs import plain
from lossviz.metrics.scores import curve_places, floating, metrics_and_labels, negatives
from lossviz.metrics.vectors import Array, chunks, rows_of_classes


@dataclass(frozen=True, eq=False)
class UniformReport:
    """Three accuracies of the same metrics, always uniform ≤ class_wise ≤ sample_wise (002 Eq. 26).

    sample_wise: the share with positive > largest negative, each sample by a threshold of its own
    (Eq. 11). class_wise: with the best threshold of each class (Eq. 18). uniform: with the best
    threshold of all (Eq. 14). threshold: the middle of the range of thresholds that reach it.
    class_thresholds: [K], the same for each class alone. NaN where no sample can be right, and for a
    class without samples. Accuracies are fractions.
    """

    sample_wise: float
    class_wise: float
    uniform: float
    threshold: float
    class_thresholds: Array


def evaluate(metrics: ArrayLike, labels: ArrayLike) -> UniformReport:
    """A_SW, A_CW and A_Uni with their thresholds: exact, in O(NK + N log N), a few rows at a time.

    metrics: [N, K], the score of each class; labels: [N] in 0..K−1. With one class there is no
    negative metric: every sample is right, and a threshold is the smallest positive p less
    max(1, |p|). Raises MetricError for wrong shapes, labels out of range and metrics that are not
    finite. 002 Section III.
    """
    metrics, labels = metrics_and_labels(metrics, labels)
    positive, negative = positives_and_negatives(metrics, labels)
    count, threshold = _best(positive, negative)
    classes = rows_of_classes(labels, metrics.shape[1])
    by_class = [_best(positive[rows], negative[rows]) for rows in classes]
    return UniformReport(
        sample_wise=int((positive > negative).sum()) / len(labels),
        class_wise=sum(right for right, _ in by_class) / len(labels),
        uniform=count / len(labels),
        threshold=threshold,
        class_thresholds=np.array([t for _, t in by_class]),
    )


def positives_and_negatives(metrics: Array, labels: Array) -> tuple[Array, Array]:
    """The positive metric and the largest negative one of each sample: float64 [N], [N].

    metrics: [N, K], the score of each class. labels: [N]. Neither is checked; NaN and infinite
    metrics pass through. With one class the largest negative metric is −inf.
    """
    positive = metrics[np.arange(len(labels)), labels].astype(np.float64)
    negative = np.empty(len(labels))
    for rows in chunks(*metrics.shape):
        negative[rows] = negatives(metrics, labels, rows, -np.inf).max(-1)
    return positive, negative


def best_threshold(positive: Array, negative: Array) -> tuple[float, float]:
    """(A_Uni, t*): the largest share with positive > t ≥ negative, and a t that reaches it.

    Each sample is right on the half-open interval [negative, positive); the ends are sorted and
    swept once, so the maximum is exact. Of the range of optimal t the middle is reported, of several
    ranges with a gap between them that of the lowest; where no sample can be right, (0, NaN).
    Samples with NaN or an infinite positive metric are never right. 002 Section III.
    """
    positive, negative = plain("positive", positive), plain("negative", negative)
    count, threshold = _best(positive.astype(np.float64), negative.astype(np.float64))
    return count / max(1, len(positive)), threshold


def _best(positive: Array, negative: Array) -> tuple[int, float]:
    """(samples that are right, t*) for float64 arrays."""
    usable = np.isfinite(positive) & (negative < positive)
    starts, ends = np.sort(negative[usable]), np.sort(positive[usable])
    if not len(starts):
        return 0, float("nan")
    points = np.unique(np.concatenate([starts, ends]))
    right = open_at(starts, ends, points)
    best = int(np.argmax(right))
    fewer = np.flatnonzero(right[best:] < right[best])
    return int(right[best]), _middle(float(points[best]), float(points[best + fewer[0]]))


def open_at(starts: Array, ends: Array, at: Array) -> Array:
    """The number of half-open intervals that hold each of the numbers `at`; starts and ends are sorted."""
    found: Array = np.searchsorted(starts, at, "right") - np.searchsorted(ends, at, "right")
    return found


def _middle(low: float, high: float) -> float:
    """The middle of [low, high); low itself where no number lies between."""
    if low == -np.inf:
        # Clear of the end also for those who compare with float32 metrics.
        return high - max(1.0, abs(high))
    middle = low / 2 + high / 2
    return middle if low <= middle < high else low


def softmax(metrics: ArrayLike) -> Array:
    """The softmax of each row, [N, K], in the precision of the metrics (002 S.IV).

    Computed in float64, a few rows at a time. Where rounding would make another class equal to the
    largest, it is set one unit in the last place below, so a sample is sample-wise right after the
    softmax exactly when it was before; real ties stay ties.
    """
    metrics = floating(metrics)
    found = np.empty_like(metrics)
    for rows in chunks(*metrics.shape):
        below = metrics[rows].astype(np.float64)
        with np.errstate(over="ignore"):
            below -= below.max(-1, keepdims=True)
        shares = np.exp(below)
        shares /= shares.sum(-1, keepdims=True)
        found[rows] = shares
        top = found[rows].max(-1, keepdims=True)
        tied = (below < 0) & (found[rows] >= top)
        found[rows][tied] = np.broadcast_to(np.nextafter(top, top.dtype.type(0)), tied.shape)[tied]
    return found


@dataclass(frozen=True, eq=False)
class ThresholdCurve:
    """Shares of the samples as a step function of the threshold: fractions, [T] each.

    The values at thresholds[i] hold up to the next threshold, which is not included.
    accuracy: positive > t ≥ largest negative. positives_right: positive > t. negatives_right:
    t ≥ largest negative.
    """

    thresholds: Array
    accuracy: Array
    positives_right: Array
    negatives_right: Array


def curve(metrics: ArrayLike, labels: ArrayLike, most: int = 2000) -> ThresholdCurve:
    """The accuracy A_Uni(t) against the threshold (002 Eq. 13), exact at each threshold that is given.

    metrics: [N, K]; labels: [N]. All places where a share changes are given if they are at most
    `most`, with one place beyond either end; else a choice of them that keeps both ends of the best
    range. Raises MetricError as `evaluate`.
    """
    return curve_of(*positives_and_negatives(*metrics_and_labels(metrics, labels)), most)


def curve_of(positive: Array, negative: Array, most: int = 2000) -> ThresholdCurve:
    """The same from the positive and the largest negative metric of each sample, [N] each."""
    positive = plain("positive", positive).astype(np.float64)
    negative = plain("negative", negative).astype(np.float64)
    if not len(positive) or positive.shape != negative.shape or not np.isfinite(positive).all():
        raise MetricError(
            "a curve needs a finite positive and a largest negative metric of at least one sample; "
            f"got the shapes {list(positive.shape)} and {list(negative.shape)}"
        )
    points = np.unique(np.concatenate([positive, negative[np.isfinite(negative)]]))
    margin = 0.02 * points[-1] - 0.02 * points[0]
    first = min(points[0] - margin, np.nextafter(points[0], -np.inf))
    last = max(points[-1] + margin, np.nextafter(points[-1], np.inf))
    points = np.concatenate([[first], points, [last]])
    usable = negative < positive
    right = open_at(np.sort(negative[usable]), np.sort(positive[usable]), points)
    best = int(np.argmax(right))
    fewer = np.flatnonzero(right[best:] < right[best])
    places = curve_places(points, most, [best, best + int(fewer[0])] if len(fewer) else [best])
    points, count = points[places], len(positive)
    return ThresholdCurve(
        thresholds=points,
        accuracy=right[places] / count,
        positives_right=1 - np.searchsorted(np.sort(positive), points, "right") / count,
        negatives_right=np.searchsorted(np.sort(negative), points, "right") / count,
    )


@dataclass(frozen=True)
class AtThreshold:
    """The counts of what one threshold gets right and wrong.

    Of the samples, right + low_positive + high_negative + both = samples. low_positive: the positive
    metric is at or below the threshold and no negative above it, so that no class is accepted.
    high_negative: the positive metric is above and some negative too. both: the positive metric is
    below and some negative above. Of single metrics: true_accepts of `samples` positives and
    false_accepts of `negatives` negatives lie above.
    """

    threshold: float
    samples: int
    right: int
    low_positive: int
    high_negative: int
    both: int
    negatives: int
    true_accepts: int
    false_accepts: int

    @property
    def accuracy(self) -> float:
        """A_Uni(t), 002 Eq. 13."""
        return self.right / self.samples

    @property
    def true_accept_rate(self) -> float:
        """The share of positive metrics above the threshold."""
        return self.true_accepts / self.samples

    @property
    def false_accept_rate(self) -> float:
        """The share of negative metrics above the threshold; NaN with one class, which has none."""
        return self.false_accepts / self.negatives if self.negatives else float("nan")


def at(metrics: ArrayLike, labels: ArrayLike, threshold: float) -> AtThreshold:
    """The counts for a threshold among metrics [N, K] with labels [N].

    Infinite thresholds are allowed, NaN is not. Raises MetricError as `evaluate`.
    """
    metrics, labels = metrics_and_labels(metrics, labels)
    if not isinstance(threshold, (int, float, np.integer, np.floating)) or threshold != threshold:
        raise MetricError(f"a threshold must be a number; got {threshold!r}")
    # A float64 scalar of numpy: a plain float would be rounded to the precision of the metrics.
    limit = np.float64(threshold)
    positive, negative = positives_and_negatives(metrics, labels)
    passes, clean = positive > limit, negative <= limit
    above = sum(int(np.count_nonzero(metrics[rows] > limit)) for rows in chunks(*metrics.shape))
    return AtThreshold(
        threshold=float(threshold),
        samples=len(labels),
        right=int((passes & clean).sum()),
        low_positive=int((~passes & clean).sum()),
        high_negative=int((passes & ~clean).sum()),
        both=int((~passes & ~clean).sum()),
        negatives=metrics.size - len(labels),
        true_accepts=int(passes.sum()),
        false_accepts=above - int(passes.sum()),
    )
