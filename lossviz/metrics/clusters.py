"""Classes as clusters: silhouette, Calinski-Harabasz, trustworthiness (paper 000, Eqs. 7, 8)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lossviz.core.errors import MetricError
from lossviz.metrics import inputs
from lossviz.metrics.scatter import scatter
from lossviz.metrics.vectors import Array, class_means, mean, rows_of_classes

_MEGABYTES = 64  # for the distances that are held at once


@dataclass(frozen=True, eq=False)
class Silhouette:
    """The silhouette score of classes, and how many of the features it was measured on.

    value: the mean over samples, in [−1, 1]. by_class: [K], the mean of each class, NaN without
    samples. samples of `of` features were taken.
    """

    value: float
    by_class: Array
    samples: int
    of: int


def silhouette(
    features: ArrayLike, labels: ArrayLike, classes: int, *, most: int = 5_000, seed: int = 0
) -> Silhouette:
    """The silhouette score, Euclidean (Rousseeuw 1987; 000 Eq. 8).

    features: [N, d]. labels: [N]. Its time grows with N², so of more than `most` features a
    stratified sample is taken (at least two of each class, which for many classes is more); memory
    stays near 100 MB. A class of one sample counts 0, as in Rousseeuw's paper; features that are all
    the same give 0; with one class there is no nearest other one: NaN.
    """
    rows, numbers = inputs.labelled(features, labels, classes)
    chosen = stratified_sample(numbers, classes, most, seed)
    numbers = numbers[chosen]
    sizes = np.bincount(numbers, minlength=classes)
    by_class = np.full(classes, np.nan)
    of, count = len(rows), len(chosen)
    if np.count_nonzero(sizes) < 2:
        return Silhouette(float("nan"), by_class, count, of)
    scores = np.zeros(count)
    if sizes.max() > 1:
        kept = rows[chosen].astype(np.float64)
        # Distances are taken from squares; about the mean they lose the fewest digits.
        scores = _silhouettes(kept - mean(kept), numbers, sizes)
    for k, places in enumerate(rows_of_classes(numbers, classes)):
        if len(places):
            by_class[k] = scores[places].mean()
    return Silhouette(float(scores.mean()), by_class, count, of)


def _silhouettes(rows: Array, numbers: Array, sizes: Array) -> Array:
    """(b − a) / max(a, b) of each row: a and b are its mean distances to the rest of its class and to the
    nearest other class. rows: [N, d]. numbers: [N]. sizes: [K], of the classes.

    By numpy, since scikit-learn's takes 1.6 s to import, in every process that trains cells of a sweep.
    """
    squares, members = (rows**2).sum(1), np.eye(len(sizes))[numbers]
    scores = np.zeros(len(rows))
    for start in range(0, len(rows), step := max(1, _MEGABYTES * 2**17 // len(rows))):
        here = np.arange(start, min(start + step, len(rows)))
        distances = np.sqrt(np.maximum(squares[here, None] + squares - 2 * rows[here] @ rows.T, 0))
        distances[here - start, here] = 0
        sums, own = distances @ members, numbers[here]
        rest = sizes[own] - 1
        a = sums[here - start, own] / np.maximum(rest, 1)
        others = np.where(sizes > 0, sums / np.maximum(sizes, 1), np.inf)
        others[here - start, own] = np.inf
        b = others.min(1)
        largest = np.maximum(a, b)
        scores[here] = np.where((rest > 0) & (largest > 0), (b - a) / np.where(largest > 0, largest, 1), 0)
    return scores


def stratified_sample(labels: Array, classes: int, most: int, seed: int) -> Array:
    """Places of about `most` samples with the classes' shares kept: int64, rising.

    At least two of each class that has two. All places where there are no more than `most`.
    """
    if most < 1:
        raise MetricError(f"most must be at least 1; got {most}")
    total = len(labels)
    if total <= most:
        return np.arange(total)
    random = np.random.default_rng(seed)
    groups = rows_of_classes(labels, classes)
    shares = np.array([len(group) for group in groups]) * (most / total)
    taken = np.floor(shares).astype(np.int64)
    missing = most - int(taken.sum())
    taken[np.argsort(taken - shares, kind="stable")[:missing]] += 1
    parts = [
        random.choice(group, max(count, min(2, len(group))), replace=False)
        for group, count in zip(groups, taken.tolist(), strict=True)
        if len(group)
    ]
    return np.sort(np.concatenate(parts))


def calinski_harabasz(features: ArrayLike, labels: ArrayLike, classes: int) -> float:
    """The Calinski-Harabasz index: (tr S_B/(K−1)) / (tr S_W/(N−K)); above 0, larger is better.

    features: [N, d]. labels: [N]. K counts the classes with samples. Features that fall on their class
    means give infinity; NaN where nothing varies, for one class, and where no class has two samples.
    Calinski, Harabasz 1974.
    """
    rows, numbers = inputs.labelled(features, labels, classes)
    found = scatter(rows, numbers, classes)
    return _index(found.between, found.within, len(rows), found.within_by_class)


def calinski_harabasz_printed(features: ArrayLike, labels: ArrayLike, classes: int) -> float:
    """The index as 000 prints it in Eq. 7: with distances to class means, not their squares, below.

    It is no pure number: features twice as long have twice the index. Published values can be
    compared with this one only if they were computed as printed. Corners as in `calinski_harabasz`.
    """
    rows, numbers = inputs.labelled(features, labels, classes)
    found = scatter(rows, numbers, classes)
    means = class_means(rows, numbers, classes)
    distances = sum(
        float(np.linalg.norm(rows[places] - means[k], axis=1).sum())
        for k, places in enumerate(rows_of_classes(numbers, classes))
        if len(places)
    )
    return _index(found.between, distances / len(rows), len(rows), found.within_by_class)


def _index(between: float, within: float, samples: int, by_class: Array) -> float:
    present = int(np.count_nonzero(~np.isnan(by_class)))
    if present < 2 or samples == present or (between == 0 and within == 0):
        return float("nan")
    if within == 0:
        return float("inf")
    return between / within * (samples - present) / (present - 1)


@dataclass(frozen=True)
class Trust:
    """The trustworthiness of a projection, and how many of the features it was measured on.

    value: in [0, 1]. neighbours: how many are looked at. samples of `of` features were taken.
    """

    value: float
    neighbours: int
    samples: int
    of: int


def trustworthiness(
    features: ArrayLike,
    projection: ArrayLike,
    *,
    neighbours: int = 5,
    most: int = 2_000,
    seed: int = 0,
) -> Trust:
    """The share of neighbours in a projection that are neighbours among the features (Venna, Kaski 2001).

    features: [N, d]. projection: [N, 2 or 3]. 1 where all are; a random projection has about 0.5. By
    scikit-learn, whose memory grows with N² (100 MB for 2,000): of more than `most` features a random
    sample is taken, and neighbours are those in the sample, further apart than in the whole. NaN where
    all features, or all projected points, are the same: there are no neighbours then. Raises
    MetricError unless neighbours < samples / 2.
    """
    rows, flat = inputs.vectors("features", features), inputs.vectors("projection", projection)
    of = len(rows)
    if len(flat) != of:
        raise MetricError(f"features and projection must have one length; got {of} and {len(flat)}")
    if most < 1:
        raise MetricError(f"most must be at least 1; got {most}")
    samples = min(of, most)
    if not 1 <= neighbours < samples / 2:
        raise MetricError(
            f"neighbours must be at least 1 and less than half of the {samples} samples; got {neighbours}"
        )
    if samples < of:
        chosen = np.sort(np.random.default_rng(seed).choice(of, samples, replace=False))
        rows, flat = rows[chosen], flat[chosen]
    if (rows == rows[0]).all() or (flat == flat[0]).all():
        return Trust(float("nan"), neighbours, samples, of)
    from sklearn.manifold import trustworthiness as trust

    centred = [part.astype(np.float64) - mean(part) for part in (rows, flat)]
    return Trust(float(trust(*centred, n_neighbors=neighbours)), neighbours, samples, of)
