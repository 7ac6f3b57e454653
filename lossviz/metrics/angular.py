"""Angles between features and class weights: how tight a class is, how far the others are.

Papers 001 (Eq. 8, Table II) and 004. Angles are radians in [0, π], float64. For features in the
plane see `circle`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lossviz.core.errors import MetricError
from lossviz.metrics import inputs
from lossviz.metrics.vectors import Array, chunks, rows_of_classes, unit


def angles(features: ArrayLike, weights: ArrayLike) -> Array:
    """θ_k between each feature and each class weight: float64 [N, K], radians (001 Eq. 8).

    features: [N, d]. weights: [K, d]. Right to about 10⁻¹⁵ also near 0 and π. A zero vector, feature
    or weight, has no direction: its cosine counts as 0, so θ = π/2, as in the losses.
    Raises MetricError for wrong shapes and for values that are not finite.
    """
    rows, columns = inputs.against(features, weights)
    towards = unit(columns)
    found = np.empty((len(rows), len(columns)))
    for part in chunks(len(rows), sum(columns.shape)):
        found[part] = _between(unit(rows[part]), towards)
    return found


def _between(left: Array, right: Array) -> Array:
    """Angles between unit vectors [n, d] and [K, d]: [n, K]."""
    cos = left @ right.T
    theta = np.arccos(np.clip(cos, -1.0, 1.0))
    # Here the arc cosine loses digits (half of them at ±1); the half-angle formula does not.
    rows, columns = np.nonzero(np.abs(cos) > 0.99)
    for part in chunks(len(rows), left.shape[1]):
        a, b = left[rows[part]], right[columns[part]]
        halves = np.arctan2(np.linalg.norm(a - b, axis=1), np.linalg.norm(a + b, axis=1))
        theta[rows[part], columns[part]] = 2 * halves
    return theta


@dataclass(frozen=True, eq=False)
class OwnAndOther:
    """The angle of each feature to its own class weight and to the nearest other one, in radians.

    own, other: float64 [N]. other_class: int64 [N], the class of the nearest other weight, the lowest
    number of several. With one class there is no other: NaN and −1.
    """

    own: Array
    other: Array
    other_class: Array

    @property
    def margin(self) -> Array:
        """other − own: [N], positive where a feature is nearer to its own class weight."""
        return self.other - self.own


def own_and_other(features: ArrayLike, weights: ArrayLike, labels: ArrayLike) -> OwnAndOther:
    """Angles to the own and the nearest other class weight; never holds all N × K angles.

    features: [N, d]. weights: [K, d]. labels: [N]. Zero vectors as in `angles`.
    """
    rows, columns = inputs.against(features, weights)
    classes = len(columns)
    numbers = inputs.class_numbers("labels", labels, len(rows), classes)
    towards = unit(columns)
    own, other = np.empty(len(rows)), np.full(len(rows), np.nan)
    other_class = np.full(len(rows), -1, dtype=np.int64)
    for part in chunks(len(rows), sum(columns.shape)):
        theta = _between(unit(rows[part]), towards)
        places = np.arange(len(theta))
        own[part] = theta[places, numbers[part]]
        if classes > 1:
            theta[places, numbers[part]] = np.inf
            other_class[part] = theta.argmin(1)
            other[part] = theta[places, other_class[part]]
    return OwnAndOther(own, other, other_class)


@dataclass(frozen=True, eq=False)
class ClassSpread:
    """The number of values of each class, their mean and their standard deviation: [K] each.

    A class without samples has count 0, mean and deviation NaN; one sample has deviation 0.
    """

    count: Array
    mean: Array
    deviation: Array


def spread(own: ArrayLike, labels: ArrayLike, classes: int) -> ClassSpread:
    """Mean and standard deviation of a number per sample, class by class: 001 Table II.

    own: [N], for the table the angle to the own weight in radians (`own_and_other(...).own`). The
    paper does not print the divisor of the deviation; it is N here, as in NumPy and TensorFlow.
    With n test images of a class the other convention gives √(n/(n−1)) times as much.
    """
    given = _plain("own", own)
    numbers = inputs.class_numbers("labels", labels, len(given), classes)
    count = np.bincount(numbers, minlength=classes)
    mean, deviation = np.full(classes, np.nan), np.full(classes, np.nan)
    for k, places in enumerate(rows_of_classes(numbers, classes)):
        if len(places):
            # differences to the first value: equal values have exactly the deviation 0
            from_first = given[places] - given[places[0]]
            mean[k] = given[places[0]] + from_first.mean()
            deviation[k] = from_first.std()
    return ClassSpread(count, mean, deviation)


def class_quantiles(values: ArrayLike, labels: ArrayLike, classes: int, shares: Sequence[float]) -> Array:
    """The quantiles of a number per sample for each class: float64 [K, Q].

    values: [N], finite. labels: [N]. shares: Q fractions in [0, 1]. Between two samples it is
    interpolated linearly, as numpy.quantile does; NaN for a class without samples.
    """
    given = _plain("values", values)
    numbers = inputs.class_numbers("labels", labels, len(given), classes)
    wanted = inputs.values("shares", shares, "[Q]")
    if not ((wanted >= 0) & (wanted <= 1)).all():
        raise MetricError(f"shares must lie in [0, 1]; got {wanted.tolist()}")
    found = np.full((classes, len(wanted)), np.nan)
    for k, places in enumerate(rows_of_classes(numbers, classes)):
        if len(places):
            found[k] = np.quantile(given[places], wanted)
    return found


@dataclass(frozen=True, eq=False)
class AgainstOthers:
    """A number of the important classes beside the same number of the others: a column of Table II.

    classes, values: the important classes and their numbers. mean: over them. minimum, median,
    minimum_class: of all other classes. ratio: mean / minimum; below 1 the important classes have less
    than every other. Classes with NaN are left out. NaN: a number without any class, and ratio where
    minimum is 0. minimum_class is −1 without others.
    """

    classes: tuple[int, ...]
    values: Array
    mean: float
    minimum: float
    median: float
    minimum_class: int
    ratio: float


def against_others(values: ArrayLike, important: int | Sequence[int]) -> AgainstOthers:
    """The important classes against minimum and median of the others (001 Table II).

    values: [K], one number of each class, NaN where it has none; for the table the standard
    deviation of the angle (`spread(...).deviation`).
    """
    given = inputs.values("values", values, "[K]")
    classes = inputs.important_classes(important, len(given))
    others = [k for k in range(len(given)) if k not in classes and not np.isnan(given[k])]
    own = given[list(classes)]
    mean = float(own[~np.isnan(own)].mean()) if not np.isnan(own).all() else float("nan")
    if not others:
        nan = float("nan")
        return AgainstOthers(classes, own, mean, nan, nan, -1, nan)
    minimum_class = min(others, key=lambda k: given[k])
    minimum = float(given[minimum_class])
    ratio = mean / minimum if minimum != 0 else float("nan")
    return AgainstOthers(classes, own, mean, minimum, float(np.median(given[others])), minimum_class, ratio)


def histogram(values: ArrayLike, labels: ArrayLike, classes: int, edges: ArrayLike) -> Array:
    """The number of values of each class between neighbouring edges: int64 [K, B].

    values: [N], angles or directions; NaN is counted nowhere. edges: [B + 1], rising. A value on an
    edge belongs to the bin above it, on the last edge to the last bin; what lies outside is not
    counted.
    """
    given = inputs.values("values", values)
    numbers = inputs.class_numbers("labels", labels, len(given), classes)
    limits = inputs.values("edges", edges, "[B + 1]")
    if len(limits) < 2 or not (np.diff(limits) > 0).all():
        raise MetricError(f"edges must be at least 2 rising numbers; got {limits.tolist()}")
    bins = len(limits) - 1
    place = np.searchsorted(limits, given, "right") - 1
    place[given == limits[-1]] = bins - 1
    inside = (place >= 0) & (place < bins)  # NaN is sorted behind the last edge
    cells = numbers[inside] * bins + place[inside]
    return np.bincount(cells, minlength=classes * bins).reshape(classes, bins)


def _plain(name: str, given: ArrayLike) -> Array:
    found = inputs.values(name, given)
    if np.isnan(found).any():
        raise MetricError(f"{name} must be finite; {np.isnan(found).sum()} of {len(found)} are NaN")
    return found
