"""Angles against hand numbers, a plain loop, and what rotation and scaling must not change."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ortho_group

from lossviz.core.errors import MetricError
from lossviz.metrics import angular, vectors


def clouds(samples: int, classes: int, dimension: int, seed: int) -> tuple[np.ndarray, ...]:
    random = np.random.default_rng(seed)
    weights = random.normal(size=(classes, dimension))
    labels = random.integers(0, classes, samples)
    features = 3 * weights[labels] + random.normal(size=(samples, dimension))
    return features.astype(np.float32), weights.astype(np.float32), labels


def loop_angle(a: np.ndarray, b: np.ndarray) -> float:
    dot = math.fsum(float(x) * float(y) for x, y in zip(a, b, strict=True))
    lengths = math.sqrt(math.fsum(float(x) ** 2 for x in a) * math.fsum(float(x) ** 2 for x in b))
    return math.acos(max(-1.0, min(1.0, dot / lengths)))


def test_angles_by_hand() -> None:
    found = angular.angles([[2.0, 0.0], [1.0, 1.0]], [[1.0, 0.0], [0.0, 5.0], [-3.0, 0.0]])
    np.testing.assert_allclose(
        found, [[0, math.pi / 2, math.pi], [math.pi / 4, math.pi / 4, 3 * math.pi / 4]], atol=1e-15
    )


def test_angles_are_those_of_a_plain_loop() -> None:
    features, weights, _ = clouds(40, 5, 7, 0)
    expected = [[loop_angle(f, w) for w in weights] for f in features]
    np.testing.assert_allclose(angular.angles(features, weights), expected, rtol=1e-12)


@pytest.mark.parametrize("tiny", [1e-12, 1e-9, 1e-5, 1e-2])
@pytest.mark.parametrize("dimension", [2, 64])
def test_angles_keep_their_digits_near_zero_and_a_half_turn(tiny: float, dimension: int) -> None:
    weight = np.zeros(dimension)
    weight[0] = 1.0
    feature = weight.copy()
    feature[1] = tiny
    near, far = angular.angles([3 * feature], [weight, -weight])[0]
    assert near == pytest.approx(math.atan(tiny), rel=1e-13)
    assert math.pi - far == pytest.approx(math.atan(tiny), abs=1e-15)


def test_a_zero_vector_is_at_a_right_angle_to_everything() -> None:
    found = angular.angles([[0.0, 0.0], [1.0, 0.0]], [[1.0, 0.0], [0.0, 0.0]])
    assert found.tolist() == [[math.pi / 2, math.pi / 2], [0.0, math.pi / 2]]


def test_very_short_and_very_long_vectors_have_angles() -> None:
    found = angular.angles([[1e-300, 1e-300], [1e300, 0.0]], [[1e-200, 0.0], [1e250, 1e250]])
    quarter = math.pi / 4
    np.testing.assert_allclose(found, [[quarter, 0], [0, quarter]], atol=1e-15)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), dimension=st.integers(2, 9), scale=st.floats(1e-6, 1e6))
def test_rotation_and_length_do_not_change_angles(seed: int, dimension: int, scale: float) -> None:
    features, weights = (part.astype(np.float64) for part in clouds(12, 4, dimension, seed)[:2])
    turn = ortho_group.rvs(dimension, random_state=seed)
    lengths = np.random.default_rng(seed).uniform(0.1, 10, (len(features), 1))
    np.testing.assert_allclose(
        angular.angles(features * lengths @ turn, scale * weights @ turn),
        angular.angles(features, weights),
        atol=1e-12,
    )


@pytest.mark.parametrize("chunk", [vectors.CHUNK, 11])
def test_own_and_other_pick_from_all_angles(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "CHUNK", chunk)
    features, weights, labels = clouds(60, 6, 3, 1)
    found = angular.own_and_other(features, weights, labels)
    for n, label in enumerate(labels):
        theta = [loop_angle(features[n], w) for w in weights]
        others = {k: t for k, t in enumerate(theta) if k != label}
        assert found.own[n] == pytest.approx(theta[label], abs=1e-7)
        assert found.other_class[n] == min(others, key=others.__getitem__)
        assert found.other[n] == pytest.approx(min(others.values()), abs=1e-7)
        assert found.margin[n] == pytest.approx(found.other[n] - found.own[n])
    assert (found.margin > 0).sum() == (angular.angles(features, weights).argmin(1) == labels).sum()


def test_one_class_has_no_other() -> None:
    found = angular.own_and_other([[1.0, 0.0]], [[0.0, 1.0]], [0])
    assert found.own.tolist() == [math.pi / 2]
    assert found.other_class.tolist() == [-1]
    assert math.isnan(found.other[0])
    assert math.isnan(found.margin[0])


def test_spread_divides_by_n_and_knows_empty_and_single_classes() -> None:
    found = angular.spread([0.1, 0.3, 0.7, 0.5], [0, 0, 2, 0], 4)
    assert found.count.tolist() == [3, 0, 1, 0]
    np.testing.assert_allclose(found.mean, [0.3, np.nan, 0.7, np.nan], rtol=1e-15)
    np.testing.assert_allclose(
        found.deviation, [math.sqrt((0.04 + 0 + 0.04) / 3), np.nan, 0, np.nan], rtol=1e-14
    )


def test_equal_angles_have_exactly_no_spread() -> None:
    assert angular.spread([0.1] * 7, [0] * 7, 1).deviation.tolist() == [0.0]


def test_important_class_against_minimum_and_median_of_the_others_by_hand() -> None:
    found = angular.against_others([0.09, 0.06, np.nan, 0.10, 0.12], 1)
    assert (found.classes, found.values.tolist(), found.mean) == ((1,), [0.06], 0.06)
    assert (found.minimum, found.minimum_class, found.median) == (0.09, 0, 0.10)
    assert found.ratio == pytest.approx(0.06 / 0.09)
    several = angular.against_others([0.09, 0.06, np.nan, 0.10, 0.12], [3, 1, 3])
    assert several.classes == (1, 3)
    assert several.mean == pytest.approx(0.08)
    assert several.median == pytest.approx(0.105)


def test_without_others_or_without_samples_the_comparison_is_empty() -> None:
    alone = angular.against_others([0.1, 0.2], [0, 1])
    assert math.isnan(alone.minimum)
    assert math.isnan(alone.ratio)
    assert alone.minimum_class == -1
    assert math.isnan(angular.against_others([np.nan, 0.2], 0).mean)
    assert math.isnan(angular.against_others([0.1, 0.0], 0).ratio)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12))
def test_histograms_are_numpy_s_class_by_class(seed: int, bins: int) -> None:
    random = np.random.default_rng(seed)
    values = random.integers(-2, 14, 50) / 4
    labels = random.integers(0, 3, 50)
    edges = np.linspace(0, 3, bins + 1)
    found = angular.histogram(values, labels, 4, edges)
    for k in range(4):
        assert found[k].tolist() == np.histogram(values[labels == k], edges)[0].tolist()


def test_a_histogram_leaves_out_nan() -> None:
    assert angular.histogram([np.nan, 0.5, 1.0], [0, 0, 0], 1, [0.0, 0.5, 1.0]).tolist() == [[0, 2]]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: angular.angles([1.0, 2.0], [[1.0, 2.0]]), r"features must have shape \[N, d\]; got \(2,\)"),
        (lambda: angular.angles([[1.0, 2.0]], [[1.0]]), r"share d; got \(1, 2\) and \(1, 1\)"),
        (lambda: angular.angles([[1.0, np.nan], [1, 2]], [[1.0, 2.0]]), "1 of 2 rows .* first is row 0"),
        (lambda: angular.angles(np.zeros((0, 2)), [[1.0, 2.0]]), "at least one"),
        (lambda: angular.angles([["a", "b"]], [[1.0, 2.0]]), "real numbers"),
        (lambda: angular.own_and_other([[1.0]], [[1.0]], [1]), r"lie in 0\.\.0 for 1 classes; got 1"),
        (lambda: angular.own_and_other([[1.0]], [[1.0]], [0, 0]), r"shape \[N\] = \(1,\)"),
        (lambda: angular.own_and_other([[1.0]], [[1.0]], [0.0]), "whole numbers"),
        (lambda: angular.spread([np.nan], [0], 1), "1 of 1 are NaN"),
        (lambda: angular.spread([], [], 1), "at least one"),
        (lambda: angular.spread([0.1], [0], 0), "classes must be at least 1"),
        (lambda: angular.against_others([0.1, 0.2], 2), r"0\.\.1; got \[2\]"),
        (lambda: angular.against_others([0.1, 0.2], []), "got none"),
        (lambda: angular.against_others([0.1, np.inf], 0), "infinite"),
        (lambda: angular.histogram([0.1], [0], 1, [0.0, 0.0]), "rising"),
        (lambda: angular.histogram([0.1], [0], 1, [0.0]), "rising"),
    ],
)
def test_what_cannot_be_measured_is_told(call, words: str) -> None:
    with pytest.raises(MetricError, match=words):
        call()


def test_quantiles_of_each_class_by_hand() -> None:
    values = [0.0, 10.0, 1.0, 3.0, 2.0]
    found = angular.class_quantiles(values, [1, 1, 0, 0, 0], 3, (0.0, 0.5, 1.0))
    assert found[0].tolist() == [1, 2, 3]
    assert found[1].tolist() == [0, 5, 10]
    assert np.isnan(found[2]).all()


def test_between_samples_a_quantile_is_interpolated() -> None:
    assert angular.class_quantiles([0.0, 1.0, 4.0], [0, 0, 0], 1, (0.25, 0.75))[0].tolist() == [0.5, 2.5]


@pytest.mark.parametrize(
    ("values", "shares", "told"),
    [([np.nan, 1.0], (0.5,), "finite"), ([1.0, 2.0], (1.5,), "1.5"), ([1.0, 2.0], (), "shares")],
)
def test_what_has_no_quantiles_is_said(values: list[float], shares: tuple[float, ...], told: str) -> None:
    with pytest.raises(MetricError, match=told):
        angular.class_quantiles(values, [0, 0], 1, shares)
