"""What a convolution makes of one image under each run, and which image that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossviz.core.errors import ReadingError
from lossviz.readings import layers
from lossviz.readings.reading import Reading
from lossviz.runs import Run

Array = NDArray[Any]
STRONGEST = 6


@dataclass(frozen=True, eq=False)
class Maps:
    """The maps of one layer for one image under one run.

    mean: [h, w], over all maps. strongest: [n, h, w], those with the largest sums. count: of all maps.
    layer: its name. predicted: the class that the image is taken for.
    """

    name: str
    layer: str
    mean: Array
    strongest: Array
    count: int
    predicted: str


def of_class(readings: Sequence[Reading], chosen: int) -> int:
    """The class chosen, else the one with the fewest training images."""
    classes = len(readings[0].classes)
    if 0 <= chosen < classes:
        return chosen
    counts = readings[0].train_counts
    return classes - 1 if counts is None else int(np.argmin(counts))


def places(reading: Reading, k: int) -> Array:
    """The images shown in training that are of class k, those that this run gets wrong first."""
    own = np.flatnonzero(reading.labels == k)
    wrong = reading.predictions[own] != k
    return own[np.argsort(~wrong, kind="stable")]


def maps_of(run: Run, reading: Reading, place: int, layer: str, epoch: float | None) -> Maps:
    """The maps of a run's layer ("": the end of the trunk) for one of the images shown in training."""
    known = [each.name for each in layers.layers(run) if each.maps]
    if not known:
        raise ReadingError(f"{reading.name}: its network has no layer with maps")
    name = layer if layer in known else ""
    made = layers.feature_maps(run, [place], name, epoch)[0]
    order = np.argsort(-made.sum((1, 2)), kind="stable")[:STRONGEST]
    predicted = reading.classes[int(reading.predictions[place])]
    return Maps(reading.name, name or known[-1], made.mean(0), made[order], len(made), predicted)


def choices(run: Run) -> list[str]:
    """The layers of a run's network that make maps, in order."""
    return [each.name for each in layers.layers(run) if each.maps]
