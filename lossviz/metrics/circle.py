"""Features in the plane as directions on the unit circle, and the gaps between classes (001 Fig. 2)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lossviz.core.errors import MetricError
from lossviz.metrics import inputs
from lossviz.metrics.vectors import Array, rows_of_classes, unit


def directions(vectors: ArrayLike) -> Array:
    """The direction of each vector in the plane: float64 [N], radians in (−π, π], from the x-axis.

    vectors: [N, 2], features or class weights. The zero vector has none: NaN.
    """
    rows = _plane(vectors)
    x, y = rows[:, 0].astype(np.float64), rows[:, 1].astype(np.float64)
    found = np.arctan2(y, x)
    # −0 below the negative x-axis would give −π for the direction that is π
    found[found == -math.pi] = math.pi
    found[(x == 0) & (y == 0)] = np.nan
    return found


def mean_directions(features: ArrayLike, labels: ArrayLike, classes: int) -> Array:
    """The mean direction of each class: float64 [K], radians in (−π, π].

    features: [N, 2]. labels: [N]. Features are normalised first, as in 001 Fig. 2, so that each
    counts the same; the mean is that of points on the circle, not of angles. NaN for a class without
    samples and where directions cancel (the mean is shorter than 10⁻¹²).
    """
    rows = _plane(features)
    numbers = inputs.class_numbers("labels", labels, len(rows), classes)
    circle = unit(rows)
    means = np.zeros((classes, 2))
    for k, places in enumerate(rows_of_classes(numbers, classes)):
        if len(places):
            means[k] = circle[places].mean(0)
    means[np.hypot(means[:, 0], means[:, 1]) < 1e-12] = 0.0
    return directions(means)


@dataclass(frozen=True, eq=False)
class Gaps:
    """The angular gaps around the circle between classes that are neighbours there.

    order: the classes with a direction, counter-clockwise from −π. gaps[i]: from order[i] to the next,
    radians; they sum to 2π. before, after: [K], the gap of a class on its clockwise and its
    counter-clockwise side; NaN for a class without direction. A class alone on the circle has 2π on
    both sides; classes in one direction have a gap 0 and the order of their numbers.
    """

    order: Array
    gaps: Array
    before: Array
    after: Array

    @property
    def mean(self) -> float:
        """2π over the number of classes on the circle; NaN without any."""
        return 2 * math.pi / len(self.order) if len(self.order) else float("nan")

    @property
    def relative(self) -> Array:
        """The mean of a class's two gaps over the mean gap: [K]; 1 where classes lie evenly.

        Above 1 the class has more room than the mean class: what 001 Fig. 2 shows of CAMRI's class 3.
        `angular.against_others` sets it beside the other classes.
        """
        return (self.before + self.after) / 2 / self.mean


def gaps(direction: ArrayLike) -> Gaps:
    """Gaps between neighbouring classes around the circle.

    direction: [K] radians, one of each class, of its weight or its mean feature (`directions`,
    `mean_directions`); NaN: none. Any turn of 2π may be added.
    """
    given = inputs.values("direction", direction, "[K]")
    present = np.flatnonzero(~np.isnan(given))
    turned = np.mod(given[present] + math.pi, 2 * math.pi)
    order = np.argsort(turned, kind="stable")
    found = np.diff(turned[order], append=turned[order][:1] + 2 * math.pi)
    before, after = np.full(len(given), np.nan), np.full(len(given), np.nan)
    before[present[order]] = np.roll(found, 1)
    after[present[order]] = found
    return Gaps(present[order], found, before, after)


def _plane(vectors: ArrayLike) -> Array:
    rows = inputs.vectors("vectors", vectors, "[N, 2]")
    if rows.shape[1] != 2:
        raise MetricError(f"directions are of vectors in the plane [N, 2]; got d = {rows.shape[1]}")
    return rows
