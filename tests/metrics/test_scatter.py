"""Scatter and principal components against plain loops, scikit-learn's PCA, and identities."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ortho_group
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from lossviz.core.errors import MetricError
from lossviz.metrics import vectors
from lossviz.metrics.scatter import components, scatter


def digits() -> tuple[np.ndarray, np.ndarray]:
    images, labels = load_digits(return_X_y=True)
    return images.astype(np.float32), labels


def test_scatter_by_hand() -> None:
    found = scatter([[0.0, 0.0], [2.0, 0.0], [5.0, 4.0], [5.0, 0.0]], [0, 0, 2, 2], 3)
    np.testing.assert_array_equal(found.within_by_class, [1, np.nan, 4])
    # means (1, 0) and (5, 2) about (3, 1): each is √5 away
    assert (found.within, found.between, found.total, found.ratio) == (2.5, 5.0, 7.5, 0.5)


@pytest.mark.parametrize("normalised", [False, True])
def test_scatter_is_that_of_a_plain_loop(normalised: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "CHUNK", 1_000)
    images, labels = digits()
    rows = [[float(x) for x in image] for image in images[:200]]
    if normalised:
        rows = [[x / math.hypot(*row) for x in row] for row in rows]
    centre = [math.fsum(column) / len(rows) for column in zip(*rows, strict=True)]
    within = between = 0.0
    for k in range(10):
        own = [row for row, label in zip(rows, labels, strict=False) if label == k]
        mean = [math.fsum(column) / len(own) for column in zip(*own, strict=True)]
        within += sum(math.dist(row, mean) ** 2 for row in own)
        between += len(own) * math.dist(mean, centre) ** 2
    found = scatter(images[:200], labels[:200], 10, normalised=normalised)
    assert found.within == pytest.approx(within / 200)
    assert found.between == pytest.approx(between / 200)


def test_within_and_between_make_the_variance_of_all() -> None:
    images, labels = digits()
    total = images.astype(np.float64).var(0).sum()
    assert scatter(images, labels, 10).total == pytest.approx(total, rel=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6), st.floats(1e-3, 1e3))
def test_rotation_keeps_scatter_and_shares_and_scale_squares_it(
    seed: int, dimension: int, scale: float
) -> None:
    random = np.random.default_rng(seed)
    labels = random.integers(0, 3, 40)
    features = random.normal(size=(40, dimension)) * np.arange(1, dimension + 1) + labels[:, None]
    turn = ortho_group.rvs(dimension, random_state=seed)
    first, second = scatter(features, labels, 3), scatter(scale * features @ turn, labels, 3)
    assert second.ratio == pytest.approx(first.ratio)
    assert second.within == pytest.approx(scale**2 * first.within)
    one, other = components(features, labels, 3), components(scale * features @ turn, labels, 3)
    np.testing.assert_allclose(other.shares, one.shares, atol=1e-10)
    np.testing.assert_allclose(other.second, scale**2 * one.second)
    np.testing.assert_allclose(one.variances.sum(1), first.within_by_class)


@pytest.mark.parametrize("dimension", [2, 64, 250])
def test_shares_are_those_of_scikit_learn(dimension: int) -> None:
    images, labels = digits()
    features = np.concatenate([images, images**2, images**3, np.sqrt(images)], 1)[:600, :dimension]
    features = features if dimension > 2 else images[:600, 20:22]
    found = components(features, labels[:600], 10)
    for k in range(10):
        own = features[labels[:600] == k].astype(np.float64)
        pca = PCA(svd_solver="full").fit(own)
        count = len(pca.explained_variance_ratio_)
        np.testing.assert_allclose(found.shares[k, :count], pca.explained_variance_ratio_, atol=1e-12)
        np.testing.assert_allclose(found.shares[k, count:], 0, atol=1e-12)
        assert found.second[k] == pytest.approx(pca.explained_variance_[1] * (len(own) - 1) / len(own))
        assert found.second_share[k] == pytest.approx(pca.explained_variance_ratio_[1])


def test_a_beam_of_features_is_thin_and_normalised_it_is_an_arc() -> None:
    length, angle = np.linspace(1, 9, 50), 0.02 * np.sin(np.arange(50))
    beam = np.stack([length * np.cos(angle), length * np.sin(angle)], 1)
    raw = components(beam, np.zeros(50, int), 1)
    arc = components(beam, np.zeros(50, int), 1, normalised=True)
    assert raw.second_share[0] < 0.01
    assert arc.shares[0, 0] > 0.999
    # along a short arc the variance is that of the angle
    assert arc.variances[0, 0] == pytest.approx(angle.var(), rel=1e-3)


def test_one_sample_constant_features_and_one_dimension_have_defined_answers() -> None:
    one = scatter([[1.0, 2.0]], [0], 2)
    assert (one.within, one.between) == (0, 0)
    assert math.isnan(one.ratio)
    constant = [[0.1, 0.7]] * 7
    found = scatter(constant, [0, 0, 0, 1, 1, 1, 1], 2)
    assert (found.within, found.between) == (0, 0)
    shares = components(constant, [0, 0, 0, 1, 1, 1, 1], 3)
    np.testing.assert_array_equal(shares.variances, [[0, 0], [0, 0], [np.nan, np.nan]])
    assert np.isnan(shares.shares).all()
    line = components([[1.0], [3.0]], [0, 0], 1)
    assert line.shares.tolist() == [[1.0]]
    assert np.isnan(line.second).all()
    assert np.isnan(line.second_share).all()


def test_a_zero_feature_stays_zero_when_normalised() -> None:
    found = scatter([[0.0, 0.0], [0.0, 5.0]], [0, 0], 1, normalised=True)
    assert found.within == 0.25


def test_what_cannot_be_measured_is_told() -> None:
    with pytest.raises(MetricError, match="rows hold NaN"):
        scatter([[np.nan, 1.0]], [0], 1)
    with pytest.raises(MetricError, match="at least one number"):
        components(np.zeros((0, 2)), [], 1)
