"""The test images of a run folder, checked: pages index by their labels and count by their classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossviz.runs.files import is_number
from lossviz.training.images import Points
from lossviz.training.snapshot import Snapshot

Array = NDArray[Any]


def from_arrays(arrays: Mapping[str, Array], facts: Mapping[str, Any]) -> Points:
    """Make the points from arrays and facts; ValueError, KeyError or TypeError if these do not fit."""
    pixels, labels, indices = (arrays[name] for name in ("pixels", "labels", "indices"))
    classes = facts["classes"]
    if not isinstance(classes, list) or not classes or not all(isinstance(name, str) for name in classes):
        raise ValueError(f"classes must be a list of names; got {classes!r:.40}")
    for name, array in (("labels", labels), ("indices", indices)):
        if array.shape != pixels.shape[:1] or not np.issubdtype(array.dtype, np.integer):
            raise ValueError(
                f"{name} must be a whole number for each of {pixels.shape[:1]} images; "
                f"got {array.dtype} {array.shape}"
            )
    if pixels.ndim != 4 or not len(pixels):
        raise ValueError(f"pixels must be [P, C, H, W]; got {pixels.shape}")
    if not 0 <= labels.min() <= labels.max() < len(classes):
        raise ValueError(f"labels must lie in 0..{len(classes) - 1}; got {labels.min()} to {labels.max()}")
    counts, total = facts.get("train_counts"), facts.get("test_count")
    if counts is not None and (len(_numbers("train_counts", counts)) != len(classes) or min(counts) < 0):
        raise ValueError(
            f"train_counts must be a count for each of {len(classes)} classes; got {counts!r:.40}"
        )
    if total is not None:
        _numbers("test_count", [total])
    rest = {name: facts.get(name) for name in ("mean", "std")}
    return Points(
        pixels=pixels,
        labels=labels,
        indices=indices,
        classes=tuple(classes),
        data_found=str(facts["data_found"]),
        train_counts=None if counts is None else tuple(counts),
        test_count=total,
        **{name: None if v is None else tuple(_numbers(name, v)) for name, v in rest.items()},
    )


def agree(shot: Snapshot, points: Points) -> None:
    """Raise ValueError unless a snapshot has features of these points and a weight for each class."""
    features, weights = shot.features, shot.weights
    if features.ndim != 2 or len(features) > len(points.labels):
        raise ValueError(f"features {features.shape} of {len(points.labels)} points")
    if weights.shape != (len(points.classes), features.shape[1]):
        raise ValueError(
            f"weights {weights.shape} of {len(points.classes)} classes in {features.shape[1]} dimensions"
        )


def _numbers(name: str, values: Any) -> list[Any]:
    if not isinstance(values, list) or not all(is_number(value) for value in values):
        raise ValueError(f"{name} must be numbers; got {values!r:.40}")
    return values
