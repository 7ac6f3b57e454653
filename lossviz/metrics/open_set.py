"""Open sets (paper 002, Section III.E): samples of unknown classes, rejected by one threshold.

The response to a sample is its largest metric, or another score of its metrics; it is accepted if the
response is above the threshold and rejected if it is at or below. Known samples are those of classes
trained on, unknown all others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from lossviz.core.errors import MetricError
from lossviz.metrics.inputs import plain
from lossviz.metrics.scores import curve_places, floating, negatives
from lossviz.metrics.vectors import Array, chunks

Response = Literal["metric", "softmax", "energy"]


def responses(metrics: ArrayLike, kind: Response = "metric") -> Array:
    """The response to each sample: float64 [N] of metrics [N, K].

    "metric": the largest metric (002 III.E). "softmax": the largest softmax probability p (Hendrycks and
    Gimpel 2017), as its log odds log(p/(1−p)), which keeps apart and in order what would round to 1; inf
    with one class. "energy": log Σ exp of the metrics, the negative free energy at temperature 1 (Liu et
    al. 2020).
    """
    metrics = floating(metrics)
    if kind not in get_args(Response):
        raise MetricError(f"a response must be one of {', '.join(get_args(Response))}; got {kind!r}")
    top = metrics.max(1).astype(np.float64)
    if kind == "metric":
        return top
    others = np.empty(len(metrics))
    for rows in chunks(*metrics.shape):
        below = negatives(metrics, metrics.argmax(1), rows, -np.inf).astype(np.float64)
        # With one class no other metric is there: its log of a sum is −inf.
        others[rows] = np.logaddexp.reduce(below - top[rows, None], axis=1)
    return -others if kind == "softmax" else top + np.logaddexp(0.0, others)


@dataclass(frozen=True, eq=False)
class Roc:
    """True against false accepts as the threshold falls: [T] each, from (0, 0) to (1, 1).

    thresholds: falling; the last is −inf, which accepts all. true_accept: the share of the known
    samples above the threshold; false_accept: that of the unknown ones.
    """

    thresholds: Array
    true_accept: Array
    false_accept: Array


def roc(known: ArrayLike, unknown: ArrayLike, most: int | None = None) -> Roc:
    """The receiver operating characteristic, exact; equal responses are one step.

    known: [N] and unknown: [M], the responses. most: give at most so many points, each exact and
    spread over the curve. Raises MetricError for no samples and responses that are not finite.
    """
    known, unknown = _sorted("known", known), _sorted("unknown", unknown)
    thresholds = np.concatenate([[-np.inf], np.unique(np.concatenate([known, unknown]))])
    accepted, wrong = _above(known, thresholds), _above(unknown, thresholds)
    if most is not None:
        # Along the curve both shares fall, so their sum orders its points.
        places = curve_places(-(accepted / len(known) + wrong / len(unknown)), most, [])
        thresholds, accepted, wrong = thresholds[places], accepted[places], wrong[places]
    return Roc(
        thresholds=thresholds[::-1],
        true_accept=accepted[::-1] / len(known),
        false_accept=wrong[::-1] / len(unknown),
    )


def auroc(known: ArrayLike, unknown: ArrayLike) -> float:
    """The area under the ROC curve: how often a known sample responds more than an unknown one.

    The Mann-Whitney statistic over all pairs, ties count ½: 0.5 where nothing is told apart.
    """
    known, unknown = _sorted("known", known), _sorted("unknown", unknown)
    below = int(np.searchsorted(unknown, known, "left").sum())
    not_above = int(np.searchsorted(unknown, known, "right").sum())
    return (below + not_above) / (2 * len(known) * len(unknown))


def aupr(known: ArrayLike, unknown: ArrayLike) -> float:
    """The area under precision against recall, known samples being the positive ones: average precision.

    Precision: the share of known samples among those above a threshold, weighted with the recall that each
    threshold adds. Where nothing is told apart it is the share of the known among all.
    """
    known, unknown = _sorted("known", known), _sorted("unknown", unknown)
    curve = roc(known, unknown)
    hits, misses = curve.true_accept[1:] * len(known), curve.false_accept[1:] * len(unknown)
    return float((np.diff(curve.true_accept) * hits / (hits + misses)).sum())


def fpr_at_tpr(known: ArrayLike, unknown: ArrayLike, tpr: float = 0.95) -> tuple[float, float]:
    """(false accepts, threshold) where at least the share `tpr` of the known samples is accepted.

    Of all such thresholds the largest response is taken, which accepts the fewest unknown samples;
    −inf where all known samples must pass and one of them responds least of all. tpr: in (0, 1].
    """
    if not 0 < tpr <= 1:
        raise MetricError(f"the share of known samples must lie above 0 and at most at 1; got {tpr!r}")
    curve = roc(known, unknown)
    place = int(np.argmax(curve.true_accept >= tpr))
    return float(curve.false_accept[place]), float(curve.thresholds[place])


@dataclass(frozen=True)
class Rates:
    """Shares and counts of the known and of the unknown samples that one threshold accepts."""

    threshold: float
    true_accept: float
    false_accept: float
    known_accepted: int
    known: int
    unknown_accepted: int
    unknown: int


def rates(known: ArrayLike, unknown: ArrayLike, threshold: float) -> Rates:
    """The known and unknown samples that a threshold accepts; at or below it they are rejected."""
    known, unknown = _sorted("known", known), _sorted("unknown", unknown)
    if np.isnan(threshold):
        raise MetricError("a threshold must be a number; got nan")
    accepted, wrong = (int(_above(part, threshold)) for part in (known, unknown))
    return Rates(
        threshold=float(threshold),
        true_accept=accepted / len(known),
        false_accept=wrong / len(unknown),
        known_accepted=accepted,
        known=len(known),
        unknown_accepted=wrong,
        unknown=len(unknown),
    )


def _above(ordered: Array, thresholds: Any) -> Array:
    """The number of the sorted numbers above each threshold."""
    found: Array = len(ordered) - np.searchsorted(ordered, thresholds, "right")
    return found


def _sorted(name: str, responses: ArrayLike) -> Array:
    found = plain(f"the responses to {name} samples", responses)
    if found.dtype.kind not in "fiu" or found.ndim != 1 or not len(found):
        raise MetricError(
            f"the responses to {name} samples must be numbers, at least one; got {found.dtype} {found.shape}"
        )
    found = found.astype(np.float64)
    if not np.isfinite(found).all():
        raise MetricError(f"the responses to {name} samples must be finite; got NaN or infinity")
    return np.sort(found)
