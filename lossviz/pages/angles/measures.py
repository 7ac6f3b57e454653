"""The angles of a reading, and how compact its classes are, each measured once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lossviz.metrics import angular, circle, collapse, scatter, vectors
from lossviz.metrics.angular import ClassSpread, OwnAndOther
from lossviz.metrics.circle import Gaps
from lossviz.metrics.collapse import Collapse
from lossviz.metrics.scatter import Components, Scatter
from lossviz.readings import images
from lossviz.readings.identity_cache import once
from lossviz.readings.reading import NONE, Array, Reading


def lacks(reading: Reading) -> str:
    """The reason why there are no angles; "" where there are."""
    if reading.features is None:
        return (
            "it holds metrics without features, so there are no angles; put features [N, d] and, for angles "
            "to class weights, weights [K, d] into the file"
        )
    if reading.weights is not None and not np.isfinite(reading.weights).all():
        return (
            "some class weights are not finite: training ran away; read an earlier epoch, or train at a "
            "lower rate"
        )
    return ""


def features_of(reading: Reading) -> Array:
    """The features, [N, d]; `lacks` has said that they are there."""
    assert reading.features is not None
    return reading.features


def in_plane(reading: Reading) -> bool:
    """True if features have directions on a circle, d = 2."""
    return reading.dimension == 2


def judges(reading: Reading) -> bool:
    """True if it is known which images are recognised."""
    return reading.metrics is not None


def recognised(reading: Reading) -> Array:
    """The images that are taken for their own class: bool [N]; all if no predictions are known."""
    predictions = reading.predictions
    return (predictions == reading.labels) | (predictions == NONE)


def sample(reading: Reading, right: bool = False) -> str:
    """The images that are measured, in words."""
    if not (right and judges(reading)):
        return reading.of
    return f"{int(recognised(reading).sum()):,} recognised of {reading.of}"


def samples(readings: Sequence[Reading], right: bool = False) -> str:
    """The images that are measured of several readings: once where they are told alike."""
    return images.note(readings, lambda reading: sample(reading, right))


def class_sizes(readings: Sequence[Reading], right: bool = False) -> tuple[int, int]:
    """The fewest and the most images that a class with images has under any of the readings."""
    counts = np.concatenate([angles(reading, right).spread.count for reading in readings])
    counts = counts[counts > 0]
    return (int(counts.min()), int(counts.max())) if len(counts) else (0, 0)


def a_class(readings: Sequence[Reading], right: bool = False) -> str:
    """The number of images of a class that are measured: "200 images a class", "35 to 37 images a class"."""
    least, most = class_sizes(readings, right)
    return f"{least:,} images a class" if least == most else f"{least:,} to {most:,} images a class"


def towards(reading: Reading) -> str:
    """The direction to which the angle of a feature is measured, in words."""
    return "the own class weight" if reading.weights is not None else "the mean of the own class"


@dataclass(frozen=True, eq=False)
class Angles:
    """The angles of a reading, in radians.

    labels, own, other: [n], of each image, as in `angular.own_and_other`. spread: of own, class by
    class. direction: [n]; weights, means: [K], directions on the circle; None unless d = 2, weights
    also None without class weights.
    """

    labels: Array
    own: Array
    other: Array
    spread: ClassSpread
    direction: Array | None
    weights: Array | None
    means: Array | None

    @property
    def nearer(self) -> float:
        """The share of images that are nearer to another weight than to their own."""
        return float((self.other < self.own).mean())


def angles(reading: Reading, right: bool = False) -> Angles:
    """Angles to class weights or, where there are none, to class means. right: of recognised images."""
    return once(("angles", right), _arrays(reading), lambda: _angles(reading, right))


def _angles(reading: Reading, right: bool) -> Angles:
    features, labels = _kept(reading, right)
    classes = len(reading.classes)
    if reading.weights is not None:
        found = angular.own_and_other(features, reading.weights, labels)
    else:
        found = _to_means(features, labels, classes)
    flat = in_plane(reading)
    return Angles(
        labels,
        found.own,
        found.other,
        angular.spread(found.own, labels, classes),
        circle.directions(features) if flat else None,
        circle.directions(reading.weights) if flat and reading.weights is not None else None,
        circle.mean_directions(features, labels, classes) if flat else None,
    )


def _to_means(features: Array, labels: Array, classes: int) -> OwnAndOther:
    """Angles to the means of normalised features; a class without images has none, and is never nearest."""
    means = vectors.class_means(vectors.unit(features), labels, classes)
    present = np.flatnonzero(~np.isnan(means[:, 0]))
    return angular.own_and_other(features, means[present], np.searchsorted(present, labels))


def class_directions(found: Angles) -> Array:
    """The directions of class weights or, where there are none, of mean features: [K]."""
    directions = found.weights if found.weights is not None else found.means
    assert directions is not None
    return directions


def quantiles(reading: Reading, shares: tuple[float, ...], right: bool = False) -> Array:
    """Quantiles of the own angle of each class: [K, Q]."""
    found = angles(reading, right)
    classes = len(reading.classes)
    return once(
        ("quantiles", shares, right),
        _arrays(reading),
        lambda: angular.class_quantiles(found.own, found.labels, classes, shares),
    )


def gaps(reading: Reading, between: str, right: bool = False) -> Gaps:
    """Gaps around the circle between class weights or between mean features; d = 2."""
    found = angles(reading, right)
    direction = found.means if between == "means" else class_directions(found)
    assert direction is not None
    return circle.gaps(direction)


def against(reading: Reading, important: Sequence[int], right: bool = False) -> angular.AgainstOthers:
    """The standard deviation of the own angle, important classes against the others (001 Table II)."""
    return angular.against_others(angles(reading, right).spread.deviation, important)


@dataclass(frozen=True, eq=False)
class Compact:
    """Scatter within and between classes, and the principal components of each class."""

    scatter: Scatter
    components: Components


def compact(reading: Reading, normalised: bool, right: bool = False) -> Compact:
    """The compactness of classes. normalised: of features of length 1."""

    def measured() -> Compact:
        features, labels = _kept(reading, right)
        given = (features, labels, len(reading.classes))
        return Compact(
            scatter.scatter(*given, normalised=normalised), scatter.components(*given, normalised=normalised)
        )

    return once(("compact", normalised, right), _arrays(reading), measured)


def collapsed(reading: Reading) -> Collapse:
    """The measures of neural collapse."""
    predictions = reading.predictions if judges(reading) else None
    return once(
        "collapse",
        _arrays(reading),
        lambda: collapse.collapse(
            features_of(reading),
            reading.labels,
            len(reading.classes),
            weights=reading.weights,
            predictions=predictions,
        ),
    )


def _arrays(reading: Reading) -> tuple[Array, ...]:
    return features_of(reading), reading.labels, reading.logits


def _kept(reading: Reading, right: bool) -> tuple[Array, Array]:
    features, labels = features_of(reading), reading.labels
    if not right:
        return features, labels
    kept = recognised(reading)
    return features[kept], labels[kept]
