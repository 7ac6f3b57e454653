"""The metrics that are held against thresholds, and where the learned bias lies among them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from lossviz import losses
from lossviz.metrics import uniform
from lossviz.metrics.uniform import UniformReport
from lossviz.readings.identity_cache import once
from lossviz.readings.reading import Array, Reading


def lacks(reading: Reading) -> str:
    """The reason why thresholds cannot be looked for; "" where they can."""
    if reading.metrics is None:
        return (
            "it holds features without weights, so there are no metrics; put metrics [N, K], or weights "
            "[K, d] beside the features, into the file"
        )
    if not (np.isfinite(reading.metrics).all() and np.isfinite(reading.logits).all()):
        return (
            "some metrics are not finite: training ran away; read an earlier epoch, or train at a lower rate"
        )
    return ""


def biased(reading: Reading, softmax: bool = False) -> Array:
    """The metrics with the learned bias [N, K], as the paper compares them with t*; or their softmax."""
    if not softmax:
        return reading.logits
    return once("softmax", (reading.logits,), lambda: uniform.softmax(reading.logits))


def plain(reading: Reading) -> Array:
    """The metrics without bias [N, K]."""
    assert reading.metrics is not None
    return reading.metrics


def report(reading: Reading, softmax: bool = False) -> UniformReport:
    """A_SW, A_CW, A_Uni, t* and t_i* of the metrics with the learned bias."""
    scores = biased(reading, softmax)
    return once("report", (scores, reading.labels), lambda: uniform.evaluate(scores, reading.labels))


def sides(reading: Reading, softmax: bool = False) -> tuple[Array, Array]:
    """The positive metric and the largest negative one of each sample, with the learned bias."""
    scores = biased(reading, softmax)
    return once(
        "sides", (scores, reading.labels), lambda: uniform.positives_and_negatives(scores, reading.labels)
    )


def acts(reading: Reading) -> bool:
    """True if predictions are made with a learned bias.

    Where it acts on the loss alone (bce-di), the metrics are the same with and without.
    """
    return reading.thresholds is not None and not np.array_equal(plain(reading), reading.logits)


def learns(reading: Reading) -> bool:
    """True if the learned bias acts and is learned as a threshold: under BCE, which holds each metric against
    it. A softmax looks at differences of metrics alone, and leaves a common bias where it is. The loss of a
    file is not known: its bias counts."""
    return acts(reading) and (not reading.loss_key or losses.get(reading.loss_key).learns_threshold)


def learned(readings: Sequence[Reading]) -> bool:
    """True if any of these has a learned bias, on the metrics or on the loss alone."""
    return any(reading.thresholds is not None for reading in readings)


def bias_on(reading: Reading, with_bias: bool) -> Array | None:
    """The place of the learned bias on metrics with or without it: [1] or [K], or None without one."""
    if reading.thresholds is None:
        return None
    if with_bias and acts(reading):
        return np.zeros_like(reading.thresholds)
    return reading.thresholds


def widened(values: Iterable[float], share: float = 0.03) -> tuple[float, float]:
    """From the smallest to the largest value, with a share of the width as room on either side."""
    found = list(values)
    low, high = min(found), max(found)
    room = max(share * (high - low), 1e-3 * max(abs(low), abs(high), 1.0))
    return low - room, high + room


def ends(metrics: Array) -> tuple[float, float]:
    """The smallest and the largest of the metrics."""
    return once("ends", (metrics,), lambda: (float(metrics.min()), float(metrics.max())))
