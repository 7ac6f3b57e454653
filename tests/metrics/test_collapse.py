"""Neural collapse: exact shapes, the textbook formula with a pseudo-inverse, rotations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ortho_group
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier

from lossviz.core.errors import MetricError
from lossviz.metrics import vectors
from lossviz.metrics.collapse import collapse, least_deviation


def simplex(classes: int) -> np.ndarray:
    return np.eye(classes) - 1 / classes


def polygon(classes: int) -> np.ndarray:
    angle = 2 * np.pi * np.arange(classes) / classes
    return np.stack([np.cos(angle), np.sin(angle)], 1)


def digits() -> tuple[np.ndarray, np.ndarray]:
    images, labels = load_digits(return_X_y=True)
    return images.astype(np.float32), labels


def test_a_simplex_with_its_weights_has_collapsed() -> None:
    means = simplex(5)
    labels = np.repeat(np.arange(5), 3)
    found = collapse(7.0 + 4 * means[labels], labels, 5, weights=9 * means, predictions=labels)
    assert found.within == pytest.approx(0, abs=1e-25)
    for shape in (found.means, found.weights):
        assert [shape.norms, shape.cosines, shape.off_simplex] == pytest.approx([0, 0, 0], abs=1e-14)
    assert found.self_duality == pytest.approx(0, abs=1e-14)
    assert found.disagreement == 0
    assert found.simplex_fits


@pytest.mark.parametrize("classes", [4, 7, 10])
def test_on_the_circle_ten_classes_cannot_be_a_simplex(classes: int) -> None:
    found = collapse(polygon(classes), np.arange(classes), classes)
    assert not found.simplex_fits
    assert found.means.norms == pytest.approx(0, abs=1e-14)
    assert found.means.cosines == pytest.approx(least_deviation(classes, 2), rel=1e-12)
    assert found.means.cosines > 0.3


def test_three_classes_fit_into_the_plane() -> None:
    found = collapse(polygon(3), np.arange(3), 3)
    assert found.simplex_fits
    assert [found.means.cosines, found.means.off_simplex] == pytest.approx([0, 0], abs=1e-14)


@pytest.mark.parametrize("dimensions", [2, 5, 9, 30])
def test_within_is_the_trace_with_the_pseudo_inverse(
    dimensions: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "CHUNK", 400)
    images, labels = digits()
    features = images[:, 10 : 10 + dimensions].astype(np.float64)
    means = np.stack([features[labels == k].mean(0) for k in range(10)])
    within, between = np.zeros((dimensions,) * 2), np.zeros((dimensions,) * 2)
    for k in range(10):
        off = features[labels == k] - means[k]
        within += off.T @ off / len(off) / 10
        away = means[k] - means.mean(0)
        between += np.outer(away, away) / 10
    expected = np.trace(within @ np.linalg.pinv(between, rcond=1e-12)) / 10
    assert collapse(images[:, 10 : 10 + dimensions], labels, 10).within == pytest.approx(expected, rel=1e-8)


def test_shapes_of_means_and_weights_are_those_of_a_plain_loop() -> None:
    images, labels = digits()
    random = np.random.default_rng(0)
    weights = random.normal(size=(10, 64))
    found = collapse(images, labels, 10, weights=weights)
    means = np.stack([images[labels == k].mean(0, dtype=np.float64) for k in range(10)])
    means -= means.mean(0)
    for rows, shape in ((means, found.means), (weights, found.weights)):
        lengths = [math.sqrt(math.fsum(x * x for x in row)) for row in rows]
        cosines = [
            math.fsum(rows[i] * rows[j]) / lengths[i] / lengths[j] for i in range(10) for j in range(i)
        ]
        assert shape.norms == pytest.approx(np.std(lengths) / np.mean(lengths))
        assert shape.cosines == pytest.approx(np.std(cosines))
        assert shape.off_simplex == pytest.approx(np.mean([abs(c + 1 / 9) for c in cosines]))
    size = math.sqrt((weights**2).sum()), math.sqrt((means**2).sum())
    expected = math.sqrt(((weights / size[0] - means / size[1]) ** 2).sum())
    assert found.self_duality == pytest.approx(expected)


def test_opposite_weights_are_two_away() -> None:
    means = simplex(4)
    found = collapse(means, np.arange(4), 4, weights=-3 * means)
    assert found.self_duality == pytest.approx(2)


def test_disagreement_is_with_the_nearest_class_mean() -> None:
    images, labels = digits()
    means = [images[labels == k].mean(0) for k in range(10)]
    nearest = KNeighborsClassifier(1).fit(means, np.arange(10)).predict(images)
    found = collapse(images, labels, 10, predictions=labels)
    assert found.disagreement == pytest.approx((nearest != labels).mean())
    assert 0 < found.disagreement < 0.2
    assert collapse(images, labels, 10, predictions=nearest).disagreement == 0


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6), st.integers(2, 8), st.floats(1e-3, 1e3))
def test_rotation_scale_and_shift_change_nothing(
    seed: int, classes: int, dimension: int, scale: float
) -> None:
    random = np.random.default_rng(seed)
    labels = np.concatenate([np.arange(classes), random.integers(0, classes, 30)])
    means = random.normal(size=(classes, dimension))
    features = means[labels] + 0.3 * random.normal(size=(len(labels), dimension))
    turn = ortho_group.rvs(dimension, random_state=seed)
    first = collapse(features, labels, classes, weights=means, predictions=labels)
    second = collapse(
        scale * features @ turn + 5.0, labels, classes, weights=7 * means @ turn, predictions=labels
    )
    assert second.within == pytest.approx(first.within, rel=1e-6)
    assert vars(second.means) == pytest.approx(vars(first.means), rel=1e-7, abs=1e-9)
    assert second.self_duality == pytest.approx(first.self_duality, rel=1e-7)
    assert second.disagreement == first.disagreement


def test_absent_classes_are_left_out() -> None:
    means = simplex(3)
    present = collapse(means, [0, 1, 2], 3, weights=means, predictions=[0, 1, 0])
    weights = np.concatenate([means[:1], np.ones((1, 3)), means[1:]])
    with_gap = collapse(means, [0, 2, 3], 4, weights=weights, predictions=[0, 2, 0])
    assert with_gap == present


def test_unbalanced_classes_count_the_same() -> None:
    labels = np.array([0, 0, 1, 1, 2, 2])
    features = polygon(3)[labels] + 0.1 * np.array([[1, 0], [-1, 0]] * 3)
    more = np.concatenate([features] + [features[:2]] * 9), np.concatenate([labels] + [labels[:2]] * 9)
    assert collapse(*more, 3).within == pytest.approx(collapse(features, labels, 3).within)


def test_one_class_one_sample_and_constant_features_have_no_collapse() -> None:
    for features, labels, classes in (
        ([[1.0, 2.0]], [0], 1),
        ([[1.0, 2.0], [3.0, 4.0]], [1, 1], 3),
        ([[0.1, 0.7]] * 6, [0, 0, 1, 1, 2, 2], 3),
    ):
        found = collapse(features, labels, classes, weights=np.zeros((classes, 2)))
        assert math.isnan(found.within)
        assert math.isnan(found.means.cosines)
        assert math.isnan(found.self_duality)
        assert math.isnan(found.disagreement)


def test_means_that_differ_by_rounding_alone_have_no_collapse() -> None:
    features = np.full((6, 2), 1e6)
    features[:3] *= 1 + 2e-16
    assert math.isnan(collapse(features, [0, 0, 0, 1, 1, 1], 2).within)


def test_the_least_deviation_by_hand() -> None:
    assert least_deviation(3, 2) == least_deviation(2, 1) == least_deviation(1, 1) == 0
    # ±1 on a line: the cosines of four vectors are 1, 1 and four times −1
    assert least_deviation(4, 1) == pytest.approx(np.std([1, 1, -1, -1, -1, -1]))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6), st.integers(1, 5))
def test_no_balanced_directions_fall_below_the_least_deviation(seed: int, pairs: int, dimension: int) -> None:
    half = np.random.default_rng(seed).normal(size=(pairs, dimension))
    rows = np.concatenate([half, -half])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    cosines = (rows @ rows.T)[np.triu_indices(2 * pairs, 1)]
    assert cosines.std() >= least_deviation(2 * pairs, dimension) - 1e-12


def test_what_cannot_be_measured_is_told() -> None:
    with pytest.raises(MetricError, match="a row for each of 2 classes; got 3"):
        collapse([[1.0], [2.0]], [0, 1], 2, weights=np.zeros((3, 1)))
    with pytest.raises(MetricError, match="share d"):
        collapse([[1.0], [2.0]], [0, 1], 2, weights=np.zeros((2, 2)))
    with pytest.raises(MetricError, match="predictions must lie"):
        collapse([[1.0], [2.0]], [0, 1], 2, predictions=[0, 2])
    with pytest.raises(MetricError, match="at least 1"):
        least_deviation(0, 2)
