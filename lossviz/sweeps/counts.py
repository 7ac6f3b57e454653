"""Counts that stand for the embedding of a cell whose features are too many numbers to send."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from lossviz import losses
from lossviz.losses import ClassState
from lossviz.metrics import angular, confusion
from lossviz.metrics.histograms import histograms
from lossviz.metrics.uniform import best_threshold, positives_and_negatives
from lossviz.readings.scores import class_scores
from lossviz.sweeps.plan import Cell
from lossviz.sweeps.results import Result

Array = NDArray[Any]
# As figures/cells/counting.js has them: bins of angles, in degrees, and of metrics.
ANGLE_EDGES = np.arange(0.0, 181.0, 2.0)
METRIC_BINS = 60


def places(cell: Cell, result: Result) -> dict[str, Any]:
    """The counts of a cell: angles by class [K, B] to the own and to the nearest other class weight, the
    confusion matrix [K, K], positive and negative metrics [B] between the ends, the best threshold."""
    classes = len(result.weights)
    scores = logits(cell, result)
    angles = angular.own_and_other(result.features, result.weights, result.labels)
    found: dict[str, Any] = {"dimension": result.weights.shape[1]}
    for name, values in (("own", angles.own), ("other", angles.other)):
        counted = angular.histogram(np.degrees(values), result.labels, classes, ANGLE_EDGES)
        found[name] = counted.astype(np.uint16)
    found["confusion"] = confusion.confusion(result.labels, scores.argmax(1), classes).astype(np.uint16)
    if np.isfinite(scores).all():
        bars = histograms(scores, result.labels, METRIC_BINS)
        share, threshold = best_threshold(*positives_and_negatives(scores, result.labels))
        found |= {
            "ends": [float(bars.edges[0]), float(bars.edges[-1])],
            "positive": bars.positive_counts.astype(np.uint16),
            "negative": bars.negative_counts.astype(np.uint32),
            "best": [threshold, share] if np.isfinite(threshold) else None,
        }
    return found


def logits(cell: Cell, result: Result) -> Array:
    """The scores by which the network of a cell decides, float32 [P, K]."""
    spec = losses.get(cell.config.loss)
    bias = None if result.bias is None else torch.from_numpy(np.array(result.bias))
    state = ClassState(
        torch.from_numpy(np.array(result.weights)),
        bias if bias is None or len(bias) > 1 else bias[0],
        None if result.centers is None else torch.from_numpy(np.array(result.centers)),
    )
    params = {**cell.config.loss_params(), **result.params}
    features = torch.from_numpy(np.array(result.features, np.float32))
    return class_scores(spec, features, None, state, params)["logits"]
