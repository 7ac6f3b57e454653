"""Neural collapse (Papyan, Han, Donoho 2020): how far features have fallen onto their class means.

At the end of training, and with balanced classes, features fall onto their class means (NC1), the
means become a simplex, equally long and pairwise at the cosine −1/(K−1) (NC2), the class weights take
the same shape (NC3), and prediction becomes the nearest class mean (NC4).

A simplex of K vectors needs d ≥ K − 1 dimensions: in the plane there is one for K ≤ 3 only. Below
that, equal lengths and the mean cosine −1/(K−1) can still be had, but not equal cosines; the least
standard deviation that is then possible is `least_deviation(K, d)`. In the plane K means spread evenly
on the circle have just that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lossviz.core.errors import MetricError
from lossviz.metrics import inputs
from lossviz.metrics.vectors import Array, chunks, class_means, mean, rows_of_classes, unit

_NAN = float("nan")


@dataclass(frozen=True)
class Shape:
    """The distances of K vectors from a simplex (NC2); each number goes to 0.

    norms: standard deviation of their lengths over the mean length. cosines: standard deviation of
    the cosines of all pairs. off_simplex: mean of |cosine + 1/(K−1)| over the pairs. NaN for fewer
    than two vectors, and norms where all are zero; a zero vector has cosine 0.
    """

    norms: float
    cosines: float
    off_simplex: float


@dataclass(frozen=True)
class Collapse:
    """The measures of neural collapse over the classes that have samples.

    within: NC1, tr(Σ_W Σ_B⁺)/K. means, weights: NC2 of the centred class means and of the class
    weights as they are. self_duality: NC3, ‖W/‖W‖ − M/‖M‖‖ with Frobenius norms, in [0, 2] (the
    paper's Fig. 5 shows its square). disagreement: NC4, the share of samples whose prediction is not
    the class of the nearest class mean. classes: those with samples. dimension: d.
    NaN for what was not given or has no answer: fewer than two classes, equal class means (NC1,
    NC2, NC3), all weights zero (NC3).
    """

    within: float
    means: Shape
    weights: Shape
    self_duality: float
    disagreement: float
    classes: int
    dimension: int

    @property
    def simplex_fits(self) -> bool:
        """A simplex of so many classes has room in d dimensions: d ≥ K − 1."""
        return self.dimension >= self.classes - 1


def collapse(
    features: ArrayLike,
    labels: ArrayLike,
    classes: int,
    *,
    weights: ArrayLike | None = None,
    predictions: ArrayLike | None = None,
) -> Collapse:
    """Measures NC1 to NC4.

    features: [N, d]. labels: [N]. weights: [K, d], for NC2 of the weights and NC3. predictions: [N],
    for NC4. The paper's sets are balanced; on others every class counts the same: the global mean is
    the mean of the class means, Σ_W the mean of the class covariances. Weights of classes without
    samples are left out. A class of one sample adds nothing to Σ_W, so NC1 is low on small sets.
    """
    rows, numbers = inputs.labelled(features, labels, classes)
    groups = rows_of_classes(numbers, classes)
    present = np.array([k for k in range(classes) if len(groups[k])])
    means = class_means(rows, numbers, classes)[present]
    centre = mean(means)
    centred = means - centre
    shape, weights_shape, duality = _shape(centred), Shape(_NAN, _NAN, _NAN), _NAN
    if weights is not None:
        _, given = inputs.against(rows[:1], weights)
        if len(given) != classes:
            raise MetricError(f"weights must have a row for each of {classes} classes; got {len(given)}")
        of_present = given[present].astype(np.float64)
        weights_shape, duality = _shape(of_present), _self_duality(of_present, centred)
    disagreement = _NAN
    if predictions is not None:
        predicted = inputs.class_numbers("predictions", predictions, len(rows), classes)
        disagreement = float((present[_nearest(rows, centre, centred)] != predicted).mean())
    within = _within(rows, [groups[k] for k in present], means, centre)
    return Collapse(within, shape, weights_shape, duality, disagreement, len(present), rows.shape[1])


def _within(rows: Array, groups: list[Array], means: Array, centre: Array) -> float:
    """tr(Σ_W Σ_B⁺)/K, from the axes of the class means: no d × d matrix is made or inverted.

    With M = U S Vᵀ the centred means as rows, Σ_B = V S² Vᵀ/K; so the trace is K times the sum of
    Σ_W's variance along each axis of V over its S².
    """
    centred = means - centre
    _, lengths, axes = np.linalg.svd(centred, full_matrices=False)
    # Class means are rounded to their own size, not to the size of their differences.
    size = max(float(lengths.max()), float(np.abs(means).max()) * math.sqrt(means.size))
    kept = lengths > size * max(means.shape) * np.finfo(np.float64).eps
    if not kept.any():
        return _NAN
    along = np.zeros(int(kept.sum()))
    for places, own in zip(groups, means, strict=True):
        for part in chunks(len(places), rows.shape[1]):
            off = (rows[places[part]] - own) @ axes[kept].T
            along += np.einsum("nr,nr->r", off, off) / len(places)
    return float((along / len(groups) / lengths[kept] ** 2).sum())


def _shape(vectors: Array) -> Shape:
    """NC2 of vectors [K, d]."""
    count = len(vectors)
    if count < 2:
        return Shape(_NAN, _NAN, _NAN)
    lengths = np.linalg.norm(vectors, axis=1)
    if not lengths.any():
        return Shape(_NAN, _NAN, _NAN)
    directions = unit(vectors)
    cosines = (directions @ directions.T)[np.triu_indices(count, 1)]
    return Shape(
        norms=float(lengths.std() / lengths.mean()),
        cosines=float(cosines.std()),
        off_simplex=float(np.abs(cosines + 1 / (count - 1)).mean()),
    )


def _self_duality(weights: Array, centred: Array) -> float:
    """‖W/‖W‖ − M/‖M‖‖ (NC3)."""
    of_weights, of_means = np.linalg.norm(weights), np.linalg.norm(centred)
    if of_weights == 0 or of_means == 0:
        return _NAN
    return float(np.linalg.norm(weights / of_weights - centred / of_means))


def _nearest(rows: Array, centre: Array, centred: Array) -> Array:
    """The place of the nearest class mean for each feature: [N]; the first of several."""
    squares = np.einsum("kd,kd->k", centred, centred)
    found = np.empty(len(rows), dtype=np.int64)
    for part in chunks(len(rows), sum(centred.shape)):
        found[part] = (squares - 2 * ((rows[part] - centre) @ centred.T)).argmin(1)
    return found


def least_deviation(classes: int, dimension: int) -> float:
    """The least standard deviation of the cosines of K vectors of one length whose sum is zero.

    0 where a simplex fits, d ≥ K − 1 (and for K < 2, where there are no pairs). Else
    √((K−d)/(d(K−1)) − 1/(K−1)²): the mean of the squared cosines cannot be less than
    (K−d)/(d(K−1)) (Welch 1974), and their mean is −1/(K−1).
    """
    if classes < 1 or dimension < 1:
        raise MetricError(f"classes and dimension must be at least 1; got {classes} and {dimension}")
    if dimension >= classes - 1:
        return 0.0
    squares = (classes - dimension) / (dimension * (classes - 1))
    return math.sqrt(squares - 1 / (classes - 1) ** 2)
