"""When two classes have merged: they share one direction, and their samples are taken for each other.

One definition for trained runs, the flow and what is said of either. A network that has not learned yet
confuses classes too, but these lie anywhere: merged ones lie on each other. Whether they may still part is
a second question, answered by the loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lossviz.metrics.confusion import confusion
from lossviz.metrics.vectors import Array, class_means, unit

# Of the angle θ* that class weights can have between them: half-way from a class to its boundary.
NEAR = 1 / 4
TAKEN = 1 / 10  # of the samples of the two, as a share
FALL = 1 / 20  # a loss falls while it loses this share in the last epoch


@dataclass(frozen=True)
class Merged:
    """Two classes that share a direction. weights, means: radians between their class weights, and between
    the mean directions of their samples. taken: the share of one that is taken for the other, the mean of
    both ways, among samples taken for either: ½ is a coin toss."""

    first: int
    second: int
    weights: float
    means: float
    taken: float


def merged_pairs(
    features: Array, labels: Array, predictions: Array, weights: Array, spacing: float
) -> list[Merged]:
    """The pairs of classes that share a direction, those taken for each other most first.

    features: [N, d]. labels, predictions: [N], in 0..K−1. weights: [K, d]. spacing: θ*(K, d), radians.
    A pair counts where both its class weights and its mean features, each feature at length 1 first, are
    less than a quarter of θ* apart, and at least a tenth of its samples are taken for the other.
    """
    classes = len(weights)
    if not len(labels) or not np.isfinite(features).all():
        return []
    counts = confusion(labels, predictions, classes)
    means = np.nan_to_num(class_means(unit(features), labels, classes))
    of_weights, of_means = _angles(weights), _angles(means)
    right = counts.diagonal()[:, None]
    taken = counts / np.maximum(1, right + counts)
    taken = (taken + taken.T) / 2
    near = (np.maximum(of_weights, of_means) < NEAR * spacing) & (taken >= TAKEN)
    found = [
        Merged(i, j, float(of_weights[i, j]), float(of_means[i, j]), float(taken[i, j]))
        for i, j in np.argwhere(np.triu(near, 1)).tolist()
        if counts[i].any() and counts[j].any()
    ]
    return sorted(found, key=lambda pair: -pair.taken)


def still_falls(losses: Sequence[float]) -> bool | None:
    """The mean loss of the last epoch is a twentieth below that of the one before.

    losses: of epochs under the same loss, in order. None of fewer than two: nobody knows.
    """
    return None if len(losses) < 2 else losses[-2] - losses[-1] > FALL * abs(losses[-2])


def _angles(vectors: Array) -> Array:
    """The angle (radians) of each pair of rows: [K, K]."""
    rows = unit(vectors)
    return np.arccos(np.clip(rows @ rows.T, -1, 1))
