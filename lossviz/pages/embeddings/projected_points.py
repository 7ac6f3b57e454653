"""Places of samples in the picture: the features themselves, PCA, or a projection that a job kept."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np

from lossviz.figures.scatter.panel import CLASSES
from lossviz.readings.identity_cache import once
from lossviz.readings.projection import cached
from lossviz.readings.projection.cached import Projection
from lossviz.readings.reading import NONE, Array, Reading

THEMSELVES = "features"


@dataclass(frozen=True, eq=False)
class ProjectedPoints:
    """The samples of a reading that are shown, and where they stand.

    projection: its method is a key of `embed.TITLES`, or THEMSELVES where nothing is projected.
    """

    reading: Reading
    projection: Projection

    @property
    def points(self) -> Array:
        """float32 [n, 2 or 3]."""
        return self.projection.points

    @property
    def places(self) -> Array:
        """The samples' places in the reading, int64 [n]."""
        return self.projection.places

    @property
    def mark(self) -> bytes:
        """A key of the samples and their places in the picture."""
        return hashlib.blake2b(self.places.tobytes() + self.points.tobytes(), digest_size=16).digest()

    @property
    def labels(self) -> Array:
        return self.reading.labels[self.places]

    @property
    def predictions(self) -> Array | None:
        """The predicted classes, [n], or None where nobody predicts."""
        found = self.reading.predictions[self.places]
        return None if (found == NONE).any() else found

    @property
    def wrong(self) -> Array:
        """The samples that are taken for another class: bool [n]; none where nobody predicts."""
        taken = self.predictions
        return np.zeros(len(self.places), dtype=bool) if taken is None else taken != self.labels

    @property
    def how(self) -> str:
        """The method in words: "PCA, 41 % of the variance"."""
        return self.projection.of.partition("; ")[2]

    @property
    def sample(self) -> str:
        """The samples in words: "2,000 of 10,000 test images, epoch 8"."""
        return cached.count_text(len(self.places), self.reading)


def lacks(reading: Reading) -> str:
    """The reason why there is nothing to place; "" where there is."""
    if reading.features is None:
        return "it holds metrics without features; put an array features [N, d] into the file"
    if not np.isfinite(reading.features).all(1).any():
        return (
            "none of its features is finite: training ran away; read an earlier epoch, or train at a lower "
            "rate"
        )
    return ""


def flat(reading: Reading, dimension: int) -> bool:
    """True if the features are a picture themselves: nothing is to be projected."""
    return reading.dimension <= dimension


def at_once(reading: Reading, dimension: int, count: int) -> ProjectedPoints:
    """The features themselves where they are flat, else their principal components; at most `count`.

    Samples whose features are not finite are left out.
    """
    features = cached.features_of(reading)
    key = ("at once", dimension, count)
    return ProjectedPoints(
        reading, once(key, (features, reading.labels), lambda: _made(reading, dimension, count))
    )


def _made(reading: Reading, dimension: int, count: int) -> Projection:
    features = cached.features_of(reading)
    places = cached.sample(reading, count)
    places = places[np.isfinite(features[places]).all(1)]
    if not flat(reading, dimension):
        return cached.pca(reading, dimension, places)
    points = features[places]
    if points.shape[1] == 1:
        points = np.concatenate([points, np.zeros_like(points)], axis=1)
    of = f"{cached.count_text(len(places), reading)}; the features themselves, d = {reading.dimension}"
    return Projection(points, places, THEMSELVES, of)


def aligned(projected: Sequence[ProjectedPoints]) -> tuple[list[ProjectedPoints], str]:
    """The samples that all readings share, in one order, and the reason if that is not possible.

    Runs on one data set number its images alike; files do not say which images theirs are.
    """
    found = list(projected)
    first = found[0].reading if found else None
    if first is None or len(found) < 2:
        return found, ""
    asked = [(p.reading.part, p.reading.classes, p.reading.data) for p in found]
    if any(each != asked[0] for each in asked):
        return found, "The runs are shown on different images."
    if any(p.reading.indices is None for p in found):
        return found, ""
    numbers = [np.asarray(p.reading.indices)[p.places] for p in found]
    common = reduce(np.intersect1d, numbers)
    if not len(common):
        return found, (
            "The runs have no image in common, since their seeds differ; choose all test images to see the "
            "same."
        )
    made = []
    for each, own in zip(found, numbers, strict=True):
        order = np.argsort(own, kind="stable")
        made.append(_part(each, order[np.searchsorted(own, common, sorter=order)]))
    if any((p.labels != made[0].labels).any() for p in made):
        return found, "The runs number their images differently: their data sets are not the same."
    return made, ""


def few_classes(projected: ProjectedPoints) -> tuple[ProjectedPoints, str]:
    """The samples of the most frequent of very many classes, and a sentence on it."""
    count = len(projected.reading.classes)
    if count <= CLASSES:
        return projected, ""
    sizes = np.bincount(projected.labels, minlength=count)
    kept = np.argsort(-sizes, kind="stable")[: CLASSES - 1]
    told = f"{projected.reading.name}: of its {count:,} classes the {len(kept)} with most samples are shown."
    return _part(projected, np.flatnonzero(np.isin(projected.labels, kept))), told


def _part(projected: ProjectedPoints, rows: Array) -> ProjectedPoints:
    if len(rows) == len(projected.places) and (np.diff(rows) == 1).all():
        return projected
    kept = projected.projection
    return replace(projected, projection=replace(kept, points=kept.points[rows], places=kept.places[rows]))
