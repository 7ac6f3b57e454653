"""Cuts through a loss against the formulas of their curves."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from lossviz import losses
from lossviz.core.errors import LossError
from lossviz.fields import default_state, probe, profiles, spread
from lossviz.losses import ClassState

STATE = ClassState(spread(3))


def psi(key: str, **params: float) -> profiles.Profile:
    return profiles.target_logit(losses.get(key), STATE, 0, params)


def test_without_margin_the_target_logit_is_the_cosine() -> None:
    curve = psi("l2-softmax")
    np.testing.assert_allclose(curve.y, np.cos(np.radians(curve.x)), atol=1e-9)


@pytest.mark.parametrize("margin", [0.2, math.pi / 8, 1.2])
def test_arcface_is_cos_of_theta_plus_m_and_rises_again_beyond_pi(margin: float) -> None:
    curve = psi("arcface", margin=margin, scale=10.0)
    theta = np.radians(curve.x)
    np.testing.assert_allclose(curve.y, np.cos(theta + margin), atol=1e-8)
    beyond = theta + margin > math.pi + 0.01
    assert (np.diff(curve.y[beyond]) > 0).all()


def test_monotone_arcface_keeps_falling_from_the_same_point() -> None:
    curve = psi("arcface", margin=1.0, monotone=True, scale=10.0)
    theta = np.radians(curve.x)
    beyond = theta + 1.0 > math.pi
    np.testing.assert_allclose(curve.y[beyond], (np.cos(theta) - math.sin(1.0))[beyond], atol=1e-8)
    assert (np.diff(curve.y[theta + 1.0 > math.pi + 0.01]) < 0).all()


def test_sphereface_folds_cos_of_four_theta() -> None:
    curve = psi("sphereface")
    theta = np.radians(curve.x)
    k = np.minimum(np.floor(4 * theta / math.pi), 3)
    np.testing.assert_allclose(curve.y, (-1) ** k * np.cos(4 * theta) - 2 * k, atol=1e-7)
    np.testing.assert_allclose(psi("sphereface", monotone=False).y, np.cos(4 * theta), atol=1e-7)


def test_against_angle_starts_from_the_own_weight_vector() -> None:
    curve = profiles.against_angle(losses.get("l2-softmax"), STATE, 1, {"scale": 4.0})
    assert (curve.x[0], curve.x[-1]) == (-180, 180)
    at = dict(zip(np.round(curve.x, 6), curve.y, strict=True))

    def expected(theta: float) -> float:
        logits = [4 * math.cos(math.radians(theta - turn)) for turn in (0, 120, 240)]
        return math.log(sum(map(math.exp, logits))) - logits[0]

    for theta in (0.0, 45.0, -90.0, 180.0):
        assert at[theta] == pytest.approx(expected(theta), rel=1e-9)


def test_cross_entropy_against_probability_is_minus_log_p() -> None:
    curve = profiles.against_probability(losses.get("soft-d"), 5, {})
    np.testing.assert_allclose(curve.y, -np.log(curve.x / 100), rtol=2e-3, atol=1e-4)


def test_focal_against_probability() -> None:
    curve = profiles.against_probability(losses.get("focal"), 3, {"gamma": 2.0})
    p = curve.x / 100
    np.testing.assert_allclose(curve.y, -((1 - p) ** 2) * np.log(p), rtol=5e-3, atol=1e-4)


def test_a_small_scale_limits_the_probability() -> None:
    curve = profiles.against_probability(losses.get("l2-softmax"), 3, {"scale": 1.0})
    # largest at θ = 0: e/(e + 2)
    assert curve.x.max() == pytest.approx(100 * math.e / (math.e + 2), rel=1e-3)


def test_a_curve_that_a_loss_does_not_have_is_refused_in_words() -> None:
    with pytest.raises(LossError, match="bce-u: has no target logit"):
        profiles.target_logit(losses.get("bce-u"), STATE, 0, {})
    with pytest.raises(LossError, match="hinge: is not built on"):
        profiles.against_probability(losses.get("hinge"), 3, {})


def test_a_reading_by_hand() -> None:
    # W = e₁, e₂; z = (2, 1); b = (0, 1): logits 2, 2; metrics 2, 1.
    state = ClassState(torch.eye(2), torch.tensor([0.0, 1.0]))
    reading = probe.read(losses.get("soft-d"), state, (2.0, 1.0), 0, {})
    assert reading.loss == pytest.approx(math.log(2))
    assert reading.probabilities == pytest.approx((0.5, 0.5))
    assert (reading.positive, reading.negative) == (2.0, 1.0)
    assert reading.slope == pytest.approx((0.5, -0.5))


def test_angles_by_hand() -> None:
    assert probe.angles([(0, 1), (1, 0), (-1, -1), (0, 0)], (1, 1)) == pytest.approx([45, 45, 180, 90])
    assert probe.angles([(0, 1)], (0, 0)) == [90.0]


@pytest.mark.parametrize("key", losses.keys())
def test_every_loss_can_be_read_at_the_origin(key: str) -> None:
    spec = losses.get(key)
    reading = probe.read(spec, default_state(spec), (0.0, 0.0), 0, {})
    assert math.isfinite(reading.loss)
    assert all(map(math.isfinite, (*reading.slope, *reading.metrics)))
    assert sum(reading.terms.values()) == pytest.approx(reading.loss)
