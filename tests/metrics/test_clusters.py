"""Cluster scores against scikit-learn, plain loops of the printed formulas, and their corners."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sklearn.metrics
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from lossviz.core.errors import MetricError
from lossviz.metrics import clusters


def digits(count: int = 1797) -> tuple[np.ndarray, np.ndarray]:
    images, labels = load_digits(return_X_y=True)
    return images[:count].astype(np.float32), labels[:count]


def loop_silhouette(rows: np.ndarray, labels: np.ndarray) -> list[float]:
    """000 Eq. 8, one sample after the other."""
    found = []
    for i, label in enumerate(labels):
        own = [math.dist(rows[i], rows[j]) for j in range(len(rows)) if labels[j] == label and j != i]
        if not own:
            found.append(0.0)
            continue
        others = [
            np.mean([math.dist(rows[i], rows[j]) for j in range(len(rows)) if labels[j] == k])
            for k in set(labels.tolist()) - {label}
        ]
        a, b = np.mean(own), min(others)
        found.append((b - a) / max(a, b) if max(a, b) > 0 else 0.0)
    return found


def test_silhouette_is_equation_8() -> None:
    images, labels = digits(80)
    rows = images.astype(np.float64)
    labels = np.where(np.arange(80) == 3, 11, labels)  # a class of one sample
    expected = np.array(loop_silhouette(rows, labels))
    found = clusters.silhouette(images, labels, 12)
    assert found.value == pytest.approx(expected.mean())
    assert (found.samples, found.of) == (80, 80)
    for k in range(10):
        assert found.by_class[k] == pytest.approx(expected[labels == k].mean())
    assert math.isnan(found.by_class[10])
    assert found.by_class[11] == 0


def test_silhouette_does_not_lose_digits_far_from_the_origin() -> None:
    images, labels = digits(200)
    near, far = (clusters.silhouette(images.astype(float) + shift, labels, 10) for shift in (0, 1e8 / 3))
    assert far.value == pytest.approx(near.value, rel=1e-6)


def test_a_sample_stands_for_the_whole_and_says_so() -> None:
    images, labels = digits()
    whole, part = clusters.silhouette(images, labels, 10), clusters.silhouette(images, labels, 10, most=600)
    assert (part.samples, part.of) == (600, 1797)
    assert part.value == pytest.approx(whole.value, abs=0.03)
    again, other = (clusters.silhouette(images, labels, 10, most=600, seed=s) for s in (0, 1))
    assert again.value == part.value != other.value


def test_a_sample_keeps_shares_and_at_least_two_of_each_class() -> None:
    labels = np.repeat([0, 1, 2, 4], [900, 90, 9, 1])
    chosen = clusters.stratified_sample(labels, 5, 100, seed=3)
    assert (np.diff(chosen) > 0).all()
    assert np.bincount(labels[chosen], minlength=5).tolist() == [90, 9, 2, 0, 1]
    assert clusters.stratified_sample(labels, 5, 1000, 0).tolist() == list(range(1000))
    many = np.repeat(np.arange(50), 4)
    assert np.bincount(many[clusters.stratified_sample(many, 50, 10, 0)]).tolist() == [2] * 50


def test_calinski_harabasz_is_scikit_learn_s() -> None:
    images, labels = digits()
    expected = sklearn.metrics.calinski_harabasz_score(images.astype(np.float64), labels)
    assert clusters.calinski_harabasz(images, labels, 12) == pytest.approx(expected)


def test_the_printed_index_is_equation_7() -> None:
    images, labels = digits(300)
    rows = images.astype(np.float64)
    centre = rows.mean(0)
    above = below = 0.0
    for k in range(10):
        own = rows[labels == k]
        mean = own.mean(0)
        above += len(own) * math.dist(mean, centre) ** 2
        below += sum(math.dist(row, mean) for row in own)
    expected = above / below * (300 - 10) / (10 - 1)
    assert clusters.calinski_harabasz_printed(images, labels, 10) == pytest.approx(expected)


def test_the_printed_index_grows_with_the_features_and_the_standard_one_does_not() -> None:
    images, labels = digits(300)
    assert clusters.calinski_harabasz(3 * images, labels, 10) == pytest.approx(
        clusters.calinski_harabasz(images, labels, 10)
    )
    assert clusters.calinski_harabasz_printed(3 * images, labels, 10) == pytest.approx(
        3 * clusters.calinski_harabasz_printed(images, labels, 10)
    )


@pytest.mark.parametrize("index", [clusters.calinski_harabasz, clusters.calinski_harabasz_printed])
def test_corners_of_the_index(index) -> None:
    constant = [[0.1, 0.7]] * 6
    assert math.isnan(index(constant, [0, 0, 0, 1, 1, 1], 2))
    assert math.isnan(index([[1.0], [2.0]], [0, 0], 1))
    assert math.isnan(index([[1.0], [2.0]], [0, 1], 2))
    assert math.isnan(index([[1.0]], [0], 1))
    assert index([[0.1], [0.1], [0.1], [0.7]], [0, 0, 0, 1], 2) == math.inf


def test_corners_of_the_silhouette() -> None:
    one_class = clusters.silhouette([[1.0], [2.0]], [1, 1], 3)
    assert math.isnan(one_class.value)
    assert np.isnan(one_class.by_class).all()
    assert math.isnan(clusters.silhouette([[1.0]], [0], 1).value)
    singles = clusters.silhouette([[1.0], [2.0]], [0, 2], 3)
    assert singles.value == 0
    np.testing.assert_array_equal(singles.by_class, [0, np.nan, 0])
    assert clusters.silhouette([[0.1, 0.7]] * 6, [0, 0, 0, 1, 1, 1], 2).value == 0


def loop_trust(rows: np.ndarray, flat: np.ndarray, neighbours: int) -> float:
    """Venna and Kaski's formula, one pair after the other."""
    total, count = 0, len(rows)
    for i in range(count):
        others = [j for j in range(count) if j != i]
        near = sorted(others, key=lambda j: math.dist(flat[i], flat[j]))[:neighbours]
        ranks = sorted(others, key=lambda j: math.dist(rows[i], rows[j]))
        total += sum(max(0, ranks.index(j) + 1 - neighbours) for j in near)
    return 1 - 2 * total / (count * neighbours * (2 * count - 3 * neighbours - 1))


def test_trustworthiness_is_the_share_of_kept_neighbours() -> None:
    images, _ = digits(60)
    rows = images.astype(np.float64) + np.random.default_rng(0).normal(size=images.shape)  # no ties
    flat = PCA(2).fit_transform(rows)
    found = clusters.trustworthiness(rows, flat, neighbours=4)
    assert found.value == pytest.approx(loop_trust(rows, flat, 4))
    assert (found.neighbours, found.samples, found.of) == (4, 60, 60)
    assert clusters.trustworthiness(rows, rows).value == 1


def test_trustworthiness_of_a_sample_says_so() -> None:
    images, _ = digits()
    flat = PCA(2, svd_solver="full").fit_transform(images)
    whole = clusters.trustworthiness(images, flat)
    part = clusters.trustworthiness(images, flat, most=500, seed=1)
    assert (whole.samples, part.samples, part.of) == (1797, 500, 1797)
    assert part.value == pytest.approx(whole.value, abs=0.05)
    assert 0.7 < whole.value < 0.95


def test_without_distances_there_are_no_neighbours_to_keep() -> None:
    line = np.arange(12.0)[:, None]
    assert math.isnan(clusters.trustworthiness(np.full((12, 3), 0.1), line).value)
    assert math.isnan(clusters.trustworthiness(line, np.zeros((12, 2))).value)


def test_what_cannot_be_measured_is_told() -> None:
    rows = np.arange(12.0)[:, None]
    with pytest.raises(MetricError, match="less than half of the 12 samples; got 6"):
        clusters.trustworthiness(rows, rows, neighbours=6)
    with pytest.raises(MetricError, match="less than half of the 8 samples; got 5"):
        clusters.trustworthiness(rows, rows, most=8)
    with pytest.raises(MetricError, match="one length; got 12 and 11"):
        clusters.trustworthiness(rows, rows[1:])
    with pytest.raises(MetricError, match="most must be at least 1"):
        clusters.trustworthiness(rows, rows, most=0)
    with pytest.raises(MetricError, match="most must be at least 1"):
        clusters.silhouette(rows, np.zeros(12, int), 1, most=0)
    with pytest.raises(MetricError, match="NaN or infinity"):
        clusters.calinski_harabasz(rows * np.nan, np.zeros(12, int), 1)
