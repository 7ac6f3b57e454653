"""What a run measures on its test images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossviz.losses.spec import LossSpec
from lossviz.metrics.bounds.margins import ANGLE, COSINE
from lossviz.metrics.bounds.room import Room
from lossviz.metrics.uniform import best_threshold, positives_and_negatives
from lossviz.metrics.vectors import unit

Array = NDArray[Any]


def test_metrics(losses: Array, logits: Array, labels: Array) -> dict[str, float]:
    """test_loss, test_accuracy, balanced_accuracy, recall_k, uniform_accuracy and its threshold.

    losses: [N]. logits: [N, K], without margin. labels: [N]. Accuracies are fractions; the recall of
    a class without test images is left out.
    """
    right = logits.argmax(-1) == labels
    sizes = np.bincount(labels, minlength=logits.shape[1])
    hits = np.bincount(labels[right], minlength=logits.shape[1])
    recall = {k: float(hits[k] / sizes[k]) for k in range(logits.shape[1]) if sizes[k]}
    share, threshold = best_threshold(*positives_and_negatives(logits, labels))
    return {
        "test_loss": float(losses.mean(dtype=np.float64)),
        "test_accuracy": float(right.mean()),
        "balanced_accuracy": float(np.mean(list(recall.values()))),
        "uniform_accuracy": share,
        "threshold": threshold,
        **{f"recall_{k}": value for k, value in recall.items()},
    }


def margin_share(features: Array, labels: Array, weights: Array, room: Room, important: Any = None) -> float:
    """The share of samples that have the margin of `room`; NaN without samples that are to have it.

    θ_y + m < θ_j, cosθ_j < cosθ_y − m or mθ_y < θ_j for every other class j. features: [N, d]. labels: [N].
    weights: [K, d]. important: the class or classes that have a margin (CAMRI); None for all.
    """
    if important is not None:
        asked = np.isin(labels, np.atleast_1d(important))
        features, labels = features[asked], labels[asked]
    if not len(labels):
        return float("nan")
    cosines = np.clip(unit(features) @ unit(weights).T, -1, 1)
    at = np.arange(len(labels)), labels
    own = cosines[at]
    cosines[at] = -np.inf
    nearest = cosines.max(1)
    if room.link == COSINE:
        has = nearest < own - room.value
    elif room.link == ANGLE:
        has = np.arccos(own) + room.value < np.arccos(nearest)
    else:
        has = room.value * np.arccos(own) < np.arccos(nearest)
    return float(has.mean())


def head_metrics(spec: LossSpec, bias: Array | None, params: Mapping[str, Any]) -> dict[str, float]:
    """The bias or biases, and the values of the parameters that training moves."""
    moved = {move.name: float(params[move.name]) for move in spec.anneals if move.name in params}
    if bias is None:
        return moved
    if len(bias) == 1:
        return {**moved, "bias": float(bias[0])}
    return {**moved, **{f"bias_{k}": float(value) for k, value in enumerate(bias)}}
