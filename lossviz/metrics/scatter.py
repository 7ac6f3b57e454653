"""Scatter within and between classes, and the principal components of each class (paper 004)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lossviz.metrics import inputs
from lossviz.metrics.vectors import Array, chunks, mean, rows_of_classes, unit


@dataclass(frozen=True, eq=False)
class Scatter:
    """Mean squared distances: of features to their class mean, and of class means to the mean of all.

    within: tr(S_W)/N. between: tr(S_B)/N, each class weighted by its samples; within + between is the
    variance of all features. within_by_class: [K], the mean squared distance of a class to its mean;
    NaN without samples, 0 for one. In squared units of the features.
    """

    within: float
    between: float
    within_by_class: Array

    @property
    def total(self) -> float:
        """The variance of all features, summed over dimensions."""
        return self.within + self.between

    @property
    def ratio(self) -> float:
        """within / between: small for tight classes far apart. NaN where class means do not differ."""
        return self.within / self.between if self.between > 0 else float("nan")


def scatter(features: ArrayLike, labels: ArrayLike, classes: int, *, normalised: bool = False) -> Scatter:
    """Intra-class against inter-class scatter (004: "intra class variance").

    features: [N, d]. labels: [N]. normalised: scale each feature to length 1 first (zero stays zero);
    then within and between do not depend on the features' lengths, and their sum is at most 1.
    """
    rows, numbers = inputs.labelled(features, labels, classes)
    sizes = np.bincount(numbers, minlength=classes)
    inner = np.full(classes, np.nan)
    means = np.zeros((classes, rows.shape[1]))
    for k, places in enumerate(rows_of_classes(numbers, classes)):
        if len(places):
            own = _class_rows(rows, places, normalised)
            means[k] = mean(own)
            inner[k] = _mean_square(own, means[k])
    present = sizes > 0
    shares = sizes[present] / len(rows)
    first = means[present][0]
    centre = first + shares @ (means[present] - first)
    outer = ((means[present] - centre) ** 2).sum(1)
    return Scatter(float(shares @ inner[present]), float(shares @ outer), inner)


@dataclass(frozen=True, eq=False)
class Components:
    """The variance of each class along its own principal components, largest first.

    variances: [K, d], squared units of the features, divisor N; NaN for a class without samples.
    """

    variances: Array

    @property
    def shares(self) -> Array:
        """Each component's share of its class's variance: [K, d], rows sum to 1.

        NaN for a class without samples or without variance (one sample, constant features).
        """
        total = self.variances.sum(1, keepdims=True)
        return self.variances / np.where(total > 0, total, np.nan)

    @property
    def second(self) -> Array:
        """The variance along the second component: [K], what 004 calls the intra-class variance.

        NaN where d = 1 and for a class without samples.
        """
        return self._of_second(self.variances)

    @property
    def second_share(self) -> Array:
        """The share of variance along the second component: [K]; NaN where d = 1 or as in shares."""
        return self._of_second(self.shares)

    @staticmethod
    def _of_second(table: Array) -> Array:
        return table[:, 1] if table.shape[1] > 1 else np.full(len(table), np.nan)


def components(
    features: ArrayLike, labels: ArrayLike, classes: int, *, normalised: bool = False
) -> Components:
    """Principal components of each class (004, Figs. 7, 8).

    features: [N, d]. labels: [N]. In the plane the first component of a class of plain features
    mostly points away from the origin; the second is its spread across, which a loss on angles makes
    small. normalised: as in `scatter`; then a class is an arc, and the first component lies along it.
    """
    rows, numbers = inputs.labelled(features, labels, classes)
    dimension = rows.shape[1]
    variances = np.full((classes, dimension), np.nan)
    for k, places in enumerate(rows_of_classes(numbers, classes)):
        if not len(places):
            continue
        own = _class_rows(rows, places, normalised)
        centred = own - mean(own)
        # Whichever is smaller has the same eigenvalues but for zeros.
        gram = centred @ centred.T if len(places) < dimension else centred.T @ centred
        found = np.linalg.eigvalsh(gram / len(places))[::-1]
        variances[k] = 0.0
        variances[k, : len(found)] = np.maximum(found, 0.0)
    return Components(variances)


def _class_rows(rows: Array, places: Array, normalised: bool) -> Array:
    own = rows[places]
    return unit(own) if normalised else own.astype(np.float64)


def _mean_square(rows: Array, centre: Array) -> float:
    """The mean squared distance of rows to a point."""
    total = 0.0
    for part in chunks(*rows.shape):
        total += float(((rows[part] - centre) ** 2).sum())
    return total / len(rows)
