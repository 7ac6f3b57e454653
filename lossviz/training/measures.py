"""Measures of a run on its test images."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lossviz.losses.spec import LossSpec
from lossviz.metrics.bounds.angles import separation
from lossviz.metrics.bounds.margins import ANGLE, COSINE, FACTOR
from lossviz.metrics.bounds.room import Room
from lossviz.metrics.merging import Merged, merged_pairs
from lossviz.metrics.uniform import best_threshold, positives_and_negatives
from lossviz.metrics.vectors import Array, unit
from lossviz.training.config import RunConfig


def test_metrics(
    config: RunConfig,
    features: Array,
    labels: Array,
    losses: Array,
    logits: Array,
    weights: Array,
    shown: Array,
) -> dict[str, float]:
    """All measures on the test images at the end of an epoch.

    features: [N, d]. labels, losses: [N]. logits: [N, K], without margin. weights: [K, d]. shown: the
    places of the images among which merged classes are looked for.
    """
    metrics = accuracies(losses, logits, labels)
    room = room_of(config, len(weights))
    if room is not None:
        important = config.loss_params().get("important")
        metrics["margin_share"] = margin_share(features, labels, weights, room, important)
    spacing = separation(*weights.shape).low if len(weights) > 1 else 0.0
    pairs = merged_pairs(features[shown], labels[shown], logits[shown].argmax(-1), weights, spacing)
    return metrics | merged_metrics(pairs)


def accuracies(losses: Array, logits: Array, labels: Array) -> dict[str, float]:
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


def merged_metrics(pairs: Sequence[Merged]) -> dict[str, float]:
    """The number of merged pairs, and of the first, which are taken for each other most, its `Merged` by
    field: merged_first and merged_second (classes), merged_weights and so on."""
    worst = dataclasses.asdict(pairs[0]) if pairs else {}
    return {"merged_pairs": len(pairs), **{f"merged_{name}": value for name, value in worst.items()}}


def merged_pair(metrics: Mapping[str, Any], classes: int) -> Merged | None:
    """The pair of `merged_metrics`; None where none has merged, and in numbers of earlier versions."""
    values = {field.name: metrics.get(f"merged_{field.name}") for field in dataclasses.fields(Merged)}
    if not metrics.get("merged_pairs") or None in values.values():
        return None
    pair = Merged(**values)  # type: ignore[arg-type]
    return pair if {pair.first, pair.second} <= set(range(classes)) else None


def room_of(config: RunConfig, classes: int) -> Room | None:
    """The margin of a run against what its classes can have; None for a loss without one, or one class.

    The other classes of a loss that cares for some (CAMRI) need no room.
    """
    params = config.loss_params()
    if "margin" not in params or classes < 2:
        return None
    link = config.spec.param("margin").link
    if link not in (ANGLE, COSINE, FACTOR):
        return None  # free lengths leave room for any (hinge)
    chosen = params.get("important")
    cared = None if chosen is None else 1 if isinstance(chosen, int) else len(chosen)
    important = cared if cared is not None and cared < classes else None
    return Room(link, float(params["margin"]), classes, config.dimension, important)


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
