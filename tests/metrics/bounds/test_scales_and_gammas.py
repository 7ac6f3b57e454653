"""How sure a softmax can be, and which γ lets a learned bias separate: formulas, losses, arrangements."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.optimize import minimize_scalar

from lossviz import losses
from lossviz.losses import ClassState
from lossviz.metrics import corollary
from lossviz.metrics.bounds import codes, gammas, scales


def drawn(classes: int, dimension: int, seed: int) -> np.ndarray:
    points = np.random.default_rng(seed).standard_normal((classes, dimension))
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def worst_probability(points: np.ndarray, scale: float) -> float:
    """The smallest softmax probability of the own class, features on the class weights, by plain loops."""
    found = 1.0
    for y, own in enumerate(points):
        others = sum(math.exp(scale * float(own @ w) - scale) for j, w in enumerate(points) if j != y)
        found = min(found, 1 / (1 + others))
    return found


@pytest.mark.parametrize(("classes", "dimension"), [(2, 2), (3, 2), (10, 9), (1000, 999)])
@pytest.mark.parametrize("scale", [0.5, 4.0, 30.0])
def test_the_probability_in_a_simplex(classes: int, dimension: int, scale: float) -> None:
    best = scales.probability(classes, dimension, scale)
    expected = 1 / (1 + (classes - 1) * math.exp(-scale * classes / (classes - 1)))
    assert best.low == best.high == pytest.approx(expected)


@pytest.mark.parametrize(("classes", "dimension", "target"), [(2, 2, 0.9), (10, 9, 0.99), (100, 128, 0.6)])
def test_the_least_scale_of_a_simplex(classes: int, dimension: int, target: float) -> None:
    expected = (classes - 1) / classes * math.log((classes - 1) * target / (1 - target))
    assert scales.least_scale(classes, dimension, target) == pytest.approx((expected, expected), rel=1e-5)
    rough = scales.least_scale(classes, dimension, target, refine=False)
    assert rough == pytest.approx((expected, expected), rel=0.01)


@pytest.mark.parametrize(("classes", "dimension"), [(10, 2), (6, 3), (16, 8)])
def test_known_arrangements_have_the_probability(classes: int, dimension: int) -> None:
    points = codes.optimal(classes, dimension)
    assert points is not None
    best = scales.probability(classes, dimension, 7.0)
    assert best.exact
    assert best.low == pytest.approx(worst_probability(points, 7.0))


@pytest.mark.parametrize(("classes", "dimension"), [(5, 3), (7, 3), (12, 3), (20, 4), (30, 8), (40, 3)])
@pytest.mark.parametrize("scale", [1.0, 8.0, 40.0])
def test_no_arrangement_beats_the_bound_and_one_reaches_the_other_end(
    classes: int, dimension: int, scale: float
) -> None:
    best = scales.probability(classes, dimension, scale)
    assert best.low <= best.high
    good = codes.best(classes, dimension)
    for points in (good, *(drawn(classes, dimension, seed) for seed in range(3))):
        assert worst_probability(points, scale) <= best.high * (1 + 1e-12)
    # What is promised without looking is no more than what is found.
    blind = scales.probability(classes, dimension, scale, look=False)
    assert blind.low <= best.low + 1e-12


def test_the_mean_over_the_sphere_is_known_in_three_dimensions() -> None:
    for scale in (0.1, 5.0, 300.0):
        expected = math.log(math.sinh(scale) / scale)
        assert scales.log_mean(3, scale) == pytest.approx(expected, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("scale", [0.1, 30.0, 512.0, 4000.0])
def test_very_many_directions_on_a_circle_add_up_to_the_plain_sum(scale: float) -> None:
    cosines = [math.cos(2 * math.pi * j / 5000) for j in range(1, 5000)]
    others = sum(math.exp(scale * (c - 1)) for c in cosines)
    assert scales.probability(5000, 2, scale).low == pytest.approx(1 / (1 + others), rel=1e-9)


def test_bounds_of_many_classes_stay_ordered() -> None:
    for classes in (13, 200, 1000, 30_000):
        for dimension in (3, 16, 100):
            for scale in (0.5, 10.0, 64.0, 512.0):
                best = scales.probability(classes, dimension, scale, look=False)
                assert 0 <= best.low <= best.high <= 1, (classes, dimension, scale)


@pytest.mark.parametrize("key", ["arcface", "cosface"])
def test_the_least_loss_is_that_of_the_library_on_even_directions(key: str) -> None:
    turn = 2 * math.pi * torch.arange(7, dtype=torch.float64) / 7
    points = torch.stack([torch.cos(turn), torch.sin(turn)], -1)
    value = losses.get(key).per_sample(
        points, torch.arange(7), ClassState(weights=points), margin=0.3, scale=12.0
    )
    own = math.cos(0.3) if key == "arcface" else 0.7
    assert scales.least_loss(7, 2, 12.0, own) == pytest.approx(float(value.max()), rel=1e-6)


def test_most_classes_and_fewest_dimensions_for_a_probability() -> None:
    most = scales.most_classes(2, 0.9, 16.0, 1000)
    assert scales.probability(most, 2, 16.0).low >= 0.9 > scales.probability(most + 1, 2, 16.0).high
    fewest = scales.fewest_dimensions(10, 0.9, 5.0, 512)
    assert scales.probability(10, fewest, 5.0, look=False).low >= 0.9
    assert scales.fewest_dimensions(10, 0.9, 1.0, 512) == 0


def best_bias(points: np.ndarray, gamma: float) -> float:
    """The bias at which the library's bce-nu is least, features on their class weights, by ternary search."""
    weights = torch.tensor(points)
    spec, labels = losses.get("bce-nu"), torch.arange(len(points))

    def value(bias: float) -> float:
        state = ClassState(weights=weights, bias=torch.tensor(bias, dtype=torch.float64))
        return float(spec.per_sample(weights, labels, state, gamma=gamma).mean())

    low, high = -3 * gamma - 20, 3 * gamma + 20
    for _ in range(200):
        a, b = low + (high - low) / 3, high - (high - low) / 3
        low, high = (low, b) if value(a) < value(b) else (a, high)
    return (low + high) / 2


@pytest.mark.parametrize(("classes", "dimension"), [(4, 3), (10, 9), (10, 2), (6, 3)])
def test_above_the_gamma_the_bias_that_the_loss_prefers_separates(classes: int, dimension: int) -> None:
    points = codes.optimal(classes, dimension)
    assert points is not None
    bound = gammas.least_gamma(classes, dimension)
    largest = max(float(points[0] @ w) for w in points[1:])
    for share, separates in ((1.02, True), (0.98, False)):
        gamma = share * bound.high
        assert (gamma * largest < best_bias(points, gamma) < gamma) == separates
    if classes <= dimension + 1:
        assert bound.exact


def test_the_bound_of_the_simplex_is_twice_the_corollary_for_many_classes() -> None:
    assert corollary.least_gamma(1000) == pytest.approx(math.log(1997) / 2)
    assert gammas.least_gamma(1000, 999).low == pytest.approx(0.999 * math.log(1997))
    assert gammas.least_gamma(2, 2).high == 0
    for classes in (3, 11, 50, 5000):
        for dimension in (2, 3, 10, 64, 512):
            bound = gammas.least_gamma(classes, dimension, look=False)
            assert corollary.least_gamma(classes) < bound.low <= bound.high


def test_the_most_classes_of_a_gamma() -> None:
    most = gammas.most_classes(4.0, 512, 100_000)
    assert gammas.least_gamma(most, 512).high < 4.0 <= gammas.least_gamma(most + 1, 512).high


def loss_at(bias: float, cosines: np.ndarray, gamma: float) -> float:
    """BCE of features on their class weights, all pairs: 002 Eq. 59, summed up as it is printed."""
    own = len(cosines) * np.logaddexp(0, bias - gamma)
    others = cosines[~np.eye(len(cosines), dtype=bool)]
    return float(own + np.logaddexp(0, gamma * others - bias).sum())


@pytest.mark.parametrize("gamma", [0.5, 3.0, 20.0])
@pytest.mark.parametrize(("classes", "dimension"), [(2, 2), (10, 2), (3, 2), (10, 16), (7, 4), (8, 3)])
def test_the_learned_bias_is_where_the_loss_itself_is_least(classes, dimension, gamma) -> None:
    points = codes.best(classes, dimension)
    (got,) = gammas.learned_bias(classes, dimension, np.array([gamma]))
    found = minimize_scalar(
        loss_at,
        bounds=(-3 * gamma - 9, 3 * gamma + 9),
        args=(points @ points.T, gamma),
        method="bounded",
        options={"xatol": 1e-9},
    )
    # Of a minimum that is flat, its place is known to half the digits of its value.
    assert got == pytest.approx(found.x, abs=1e-4 * max(1, gamma))


def test_the_nearest_cosine_is_what_directions_can_be() -> None:
    assert gammas.nearest(10, 16) == pytest.approx((-1 / 9, -1 / 9))
    assert gammas.nearest(10, 2) == pytest.approx((math.cos(math.radians(36)),) * 2)
    low, high = gammas.nearest(25, 3)
    assert -1 / 24 <= low <= high < 1


@pytest.mark.parametrize(("classes", "dimension"), [(10, 2), (10, 16), (7, 4)])
def test_the_learned_bias_lies_between_both_kinds_exactly_above_the_least_gamma(classes, dimension) -> None:
    least = gammas.least_gamma(classes, dimension).high
    for gamma, separates in ((least * 0.999, False), (least * 1.001, True)):
        (bias,) = gammas.learned_bias(classes, dimension, np.array([gamma]))
        assert (gamma * gammas.nearest(classes, dimension)[1] < bias < gamma) == separates


@pytest.mark.parametrize(("classes", "dimension"), [(10, 2), (10, 16), (7, 4)])
def test_the_slope_in_the_bias_is_that_of_the_loss_itself(classes, dimension) -> None:
    points = codes.optimal(classes, dimension)
    for gamma, bias in ((3.0, 1.0), (20.0, 19.0), (20.0, -5.0)):
        ends = [loss_at(bias + step, points @ points.T, gamma) / classes for step in (-1e-5, 1e-5)]
        (got,) = gammas.slope(classes, dimension, np.array([gamma]), np.array([bias]))
        assert got == pytest.approx((ends[1] - ends[0]) / 2e-5, abs=1e-6)


def test_of_many_directions_no_arrangement_is_at_hand() -> None:
    assert gammas.learned_bias(49, 3, np.array([96.0])) is None
