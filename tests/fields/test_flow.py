"""Feature flow, against a plain loop in float64 and against what is known of its endpoints."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import islice, pairwise

import numpy as np
import pytest
import torch

from lossviz.core.errors import ConfigError, LossvizError
from lossviz.fields.flow import FAR, FlowConfig, FlowState, even, flow, measure, start, step

SMALL = {
    "particles": 24,
    "classes": 3,
    "rate": 0.1,
    "weight_rate": 1.0,
    "decay": 0.02,
    "weight_decay": 0.01,
}


def after(steps: int, **settings):
    config = FlowConfig(**settings)
    return config, next(islice(flow(config), steps, None))


def shortened(share: float, last: list[float], now: list[float]) -> float:
    """What part of its step a row takes: half as much as before where it overshot, else a tenth more."""
    overshot = sum(p * q for p, q in zip(last, now, strict=True)) < 0
    return max(0.05, share / 2) if overshot else min(1.0, 1.1 * share)


@pytest.mark.parametrize("rate", [0.1, 1.0])
def test_steps_are_those_of_a_plain_loop_of_cross_entropy(rate: float) -> None:
    config, found = after(
        50, loss="soft-d", imbalance=4.0, **{**SMALL, "weight_rate": 10 * rate, "rate": rate / 2}
    )
    first = start(config)
    z, w = first.features.tolist(), first.head.weights.tolist()
    y, b = first.labels.tolist(), [0.0] * 3
    loss, fewest = math.nan, 1.0
    last: list[list[float]] = [[0.0, 0.0] for _ in [*z, *w]] + [[0.0] for _ in b]
    shares = [1.0 for _ in last]
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
        down = [[g + 0.02 * v for g, v in zip(*pair, strict=True)] for pair in zip(dz, z, strict=True)]
        down += [[g + 0.01 * v for g, v in zip(*pair, strict=True)] for pair in zip(dw, w, strict=True)]
        down += [[g] for g in db]
        shares = [shortened(*row) for row in zip(shares, last, down, strict=True)]
        last, fewest = down, min(fewest, *shares)
        steps = [[a * g for g in row] for a, row in zip(shares, down, strict=True)]
        z = [[v - config.rate * g for v, g in zip(*p, strict=True)] for p in zip(z, steps[:24], strict=True)]
        head = [
            [v - config.weight_rate * g for v, g in zip(*p, strict=True)]
            for p in zip(w + [[v] for v in b], steps[24:], strict=True)
        ]
        w, b = head[:3], [v for (v,) in head[3:]]
    assert (fewest < 0.3) == (rate == 1)
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
    # To every side: their sum is nearly nothing.
    assert vectors.mean(0).norm() < (0.35 if classes < 5 else 0.15)


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


def turn_a_step(config: FlowConfig, steps: int) -> float:
    """Degrees that the feature in the middle of all turns by in one of the last steps."""
    last = list(islice(flow(config), steps - 5, steps + 1))
    rows = [torch.nn.functional.normalize(state.features, dim=1) for state in last]
    turns = [2 * torch.asin(((p - q).norm(dim=1) / 2).clamp(max=1)) for p, q in pairwise(rows)]
    return math.degrees(torch.stack(turns).median())


@pytest.mark.parametrize(
    "loss", ["l2-softmax", "arcface", "camri", "cosface", "soft-n0", "bce-nu", "sphereface"]
)
def test_a_loss_of_angles_comes_to_rest_at_its_own_rates(loss: str) -> None:
    """The picture of a flow: half a degree is a pixel and a half at its edge."""
    assert turn_a_step(FlowConfig(loss=loss, particles=60, anneal_steps=100), 400) < 0.5


def test_without_shorter_steps_it_would_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lossviz.fields.flow.SHORTER", 1.0)
    assert turn_a_step(FlowConfig(loss="arcface", particles=60, anneal_steps=100), 400) > 0.5


def test_rates_suit_how_steep_a_loss_is_and_whether_it_sees_lengths() -> None:
    ce, arcface = FlowConfig(loss="soft-d"), FlowConfig(loss="arcface", params={"scale": 16.0})
    assert (ce.rate, ce.weight_rate, ce.decay, ce.weight_decay) == (0.02, 0.3, 0.01, 0.005)
    assert (arcface.decay, arcface.weight_decay) == (0, 0)
    assert 0.005 < arcface.rate < 0.02
    steeper = FlowConfig(loss="arcface", params={"scale": 64.0})
    # s·sin θ at its steepest: about four times the scale, four times the slope
    assert steeper.rate == pytest.approx(arcface.rate / 4**1.5, rel=0.2)
    assert FlowConfig(loss="arcface", rate=0.3).rate == 0.3


def test_what_runs_away_stops_where_it_passes_the_limit() -> None:
    config = FlowConfig(
        loss="pc",
        params={"lam": 1.0},
        particles=24,
        classes=3,
        rate=1.0,
        weight_rate=10.0,
        decay=0.0,
        weight_decay=0.0,
    )
    states = list(islice(flow(config), 2000))
    assert 10 < len(states) < 2000
    assert states[-1].farthest > FAR > states[-2].farthest
    assert states[-1].ran_away
    assert not any(state.ran_away for state in states[:-1])
    assert states[-1].loss < states[5].loss < 0


def test_what_is_not_finite_is_no_state(monkeypatch: pytest.MonkeyPatch) -> None:
    def third_is_lost(config: FlowConfig, state: FlowState) -> FlowState:
        after = step(config, state)
        return replace(after, features=after.features * math.nan) if after.step == 3 else after

    monkeypatch.setattr("lossviz.fields.flow.step", third_is_lost)
    assert [state.step for state in flow(FlowConfig(**SMALL))] == [0, 1, 2]


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
