"""Feature flow, against a plain loop in float64 and against what is known of its endpoints."""

from __future__ import annotations

import math
from itertools import islice

import numpy as np
import pytest
import torch

from lossviz.errors import ConfigError, LossvizError
from lossviz.flow import FlowConfig, even, flow, measure, start

SMALL = {"particles": 24, "classes": 3, "decay": 0.02, "weight_decay": 0.01}


def after(steps: int, **settings):
    config = FlowConfig(**settings)
    return config, next(islice(flow(config), steps, None))


def test_steps_are_those_of_a_plain_loop_of_cross_entropy() -> None:
    config, found = after(50, loss="soft-d", imbalance=4.0, **SMALL)
    first = start(config)
    z, w = first.features.tolist(), first.head.weights.tolist()
    y, b = first.labels.tolist(), [0.0] * 3
    loss = math.nan
    for _ in range(51):
        dz = [[0.0, 0.0] for _ in z]
        dw, db, loss = [[0.0, 0.0] for _ in w], [0.0] * 3, 0.0
        for i, (p, label) in enumerate(zip(z, y, strict=True)):
            raised = [math.exp(w[k][0] * p[0] + w[k][1] * p[1] + b[k]) for k in range(3)]
            loss -= math.log(raised[label] / sum(raised)) / len(z)
            for k in range(3):
                slope = raised[k] / sum(raised) - (k == label)
                db[k] += slope / len(z)
                for j in range(2):
                    dz[i][j] += slope * w[k][j]
                    dw[k][j] += slope * p[j] / len(z)
        old_z, old_w, old_b = z, w, b
        z = [
            [v - 0.1 * (g + 0.02 * v) for v, g in zip(*pair, strict=True)] for pair in zip(z, dz, strict=True)
        ]
        w = [
            [v - 1.0 * (g + 0.01 * v) for v, g in zip(*pair, strict=True)] for pair in zip(w, dw, strict=True)
        ]
        b = [v - g for v, g in zip(b, db, strict=True)]
    np.testing.assert_allclose(found.features, old_z, rtol=1e-9)
    np.testing.assert_allclose(found.head.weights, old_w, rtol=1e-9)
    np.testing.assert_allclose(found.head.bias, old_b, rtol=1e-9, atol=1e-12)
    assert found.loss == pytest.approx(loss, rel=1e-9)
    assert found.step == 50


def test_the_same_config_gives_the_same_and_another_seed_another() -> None:
    _, one = after(5, **SMALL)
    _, same = after(5, **SMALL)
    _, other = after(5, seed=1, **SMALL)
    assert torch.equal(one.features, same.features)
    assert not torch.equal(one.features, other.features)


def test_cross_entropy_of_three_classes_in_the_plane_collapses_to_a_simplex() -> None:
    config, found = after(1500, **{**SMALL, "decay": 0.05, "rate": 0.3})
    told = measure(config, found)
    assert told.accuracy == told.uniform == 1
    assert told.within < 1e-4
    assert math.degrees(told.smallest) == pytest.approx(120, abs=1)
    assert told.merged == ()


def test_fixed_weights_stay_and_features_come_to_them() -> None:
    config, found = after(400, weights="fixed", **SMALL)
    assert torch.equal(found.head.weights, even(3, 2))
    assert measure(config, found).accuracy == 1


@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("classes", [2, 7, 20])
def test_even_weights_have_length_one_and_stand_apart(classes: int, dimension: int) -> None:
    vectors = even(classes, dimension)
    cosines = vectors @ vectors.T - 2 * torch.eye(classes)
    assert vectors.shape == (classes, dimension)
    np.testing.assert_allclose(vectors.norm(dim=1), 1, rtol=1e-12)
    assert cosines.max() < math.cos(0.9 * math.pi / classes)


def test_annealing_moves_margin_and_scale_in_a_line() -> None:
    config = FlowConfig(loss="arcface", params={"margin": 0.4, "scale": 16.0}, anneal_steps=100)
    assert config.params_at(0) | {"margin": 0.0, "scale": 4.0} == config.params_at(0)
    assert config.params_at(50)["margin"] == pytest.approx(0.2)
    assert config.params_at(50)["scale"] == pytest.approx(10)
    assert config.params_at(100) == config.params_at(5000) == config.loss_params()
    constant = FlowConfig(loss="arcface", params={"margin": 0.4}, anneal=False)
    assert constant.params_at(0)["margin"] == 0.4


def test_imbalance_is_the_first_class_over_the_last() -> None:
    counts = FlowConfig(particles=2000, classes=5, imbalance=16.0).counts()
    assert sum(counts) == 2000
    assert counts == sorted(counts, reverse=True)
    assert counts[0] / counts[-1] == pytest.approx(16, rel=0.05)
    assert FlowConfig(particles=20, classes=20, imbalance=100.0).counts() == [1] * 20


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"classes": 21}, "classes must be a whole number in"),
        ({"particles": 20, "classes": 3, "dimension": 4}, "dimension must"),
        ({"loss": "adversarial"}, "network of its own"),
        ({"loss": "nothing"}, "nothing"),
        ({"loss": "arcface", "params": {"margin": 9.0}}, "margin must"),
    ],
)
def test_what_cannot_flow_is_refused(settings, says: str) -> None:
    with pytest.raises(LossvizError, match=says):
        FlowConfig(**settings)
    assert issubclass(ConfigError, LossvizError)
