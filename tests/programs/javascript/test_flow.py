"""The flow of the browser, in node, against lossviz.fields.flow: a hundred steps in float64, every loss."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lossviz import losses
from lossviz.fields.flow import FlowConfig, flow, measure
from lossviz.pages.flow.ui import flow as component
from lossviz.programs.javascript import flow as tracing
from tests.javascript import call

FLOW = [Path(component.__file__).with_name(name) for name in ("engine.js", "measures.js")]
RUN = """(settings, steps) => {
  const flow = module.createFlow(settings);
  for (let n = 0; n < steps; n++) module.stepFlow(flow, settings);
  return { features: flow.features, head: flow.head, measures: module.measureFlow(flow, settings) };
}"""
UNEVEN = ((0, 2, 5, 1), (3, 0, 7, 0.5), (0.25, 9, 0, 4), (1, 6, 8, 0))
FLOWING = [key for key in losses.catalogue() if not losses.get(key).needs.adversary]


def compared(config: FlowConfig, steps: int = 100) -> tuple[Any, dict[str, Any]]:
    found = call(FLOW, RUN, component.arithmetic(config), steps)
    expected = next(islice(flow(config), steps, None))
    parts = [expected.head.weights, expected.head.bias, expected.head.centers]
    head = np.concatenate([part.numpy().reshape(-1) for part in parts if part is not None])
    size = float(expected.features.abs().max())
    features = expected.features.numpy().reshape(-1)
    np.testing.assert_allclose(found["features"], features, rtol=1e-6, atol=1e-7 * size)
    np.testing.assert_allclose(found["head"], head, rtol=1e-6, atol=1e-7 * float(np.abs(head).max()))
    return expected, found["measures"]


@pytest.mark.parametrize("key", FLOWING)
def test_the_browser_takes_the_steps_of_the_library(key: str) -> None:
    spec = losses.get(key)
    given: dict[str, Any] = {p.name: (2, 3) for p in spec.params if p.kind == "classes"}
    # With its usual γ a step throws the features about: the last digits grow until nothing agrees.
    given |= {p.name: 8.0 for p in spec.params if p.name == "gamma" and p.default > 8}
    config = FlowConfig(
        loss=key,
        params=given,
        particles=60,
        classes=4,
        imbalance=3.0,
        rate=0.002,
        weight_rate=0.005,
        anneal_steps=70,
        width=1.0,
    )
    expected, told = compared(config)
    want = measure(config, expected)
    assert told["loss"] == pytest.approx(want.loss, rel=1e-6, abs=1e-9)
    assert (told["accuracy"], told["uniform"]) == pytest.approx((want.accuracy, want.uniform))
    assert told["within"] == pytest.approx(want.within, rel=1e-5)
    assert (told["smallest"], told["largest"]) == pytest.approx((want.smallest, want.largest), rel=1e-6)
    assert [tuple(pair) for pair in told["merged"]] == list(want.merged)


@pytest.mark.parametrize(
    "settings",
    [
        {"dimension": 3, "loss": "arcface"},
        {"dimension": 3, "loss": "pc", "classes": 12},
        {"loss": "soft-d", "weights": "fixed", "classes": 20},
        {"loss": "camri", "classes": 2, "params": {"important": 1}},
        {"loss": "crwwce", "classes": 4, "params": {"important": (1, 2), "costs": UNEVEN}},
        {"loss": "wasserstein", "classes": 4, "params": {"important": 3, "costs": UNEVEN}},
        {"loss": "soft-d", "classes": 3, "rate": 1.0, "weight_rate": 8.0},  # steps that overshoot
    ],
)
def test_other_shapes_take_the_same_steps(settings: dict[str, Any]) -> None:
    config = FlowConfig(**{"particles": 80, "rate": 0.05, "weight_rate": 1.0, "seed": 3, **settings})
    expected, told = compared(config)
    want = measure(config, expected)
    assert told["within"] == pytest.approx(want.within, rel=1e-5)
    assert (told["smallest"], told["largest"]) == pytest.approx((want.smallest, want.largest), rel=1e-6)


RUNAWAY = """(settings) => {
  const flow = module.createFlow(settings);
  while (!flow.ranAway && flow.step < 3000) module.stepFlow(flow, settings);
  return { step: flow.step, ranAway: flow.ranAway, features: flow.features, head: flow.head };
}"""


@pytest.mark.parametrize(
    "settings",
    [
        {"loss": "pc", "params": {"lam": 1.0}, "classes": 3, "rate": 1.0, "weight_rate": 10.0, "decay": 0.0},
        {"loss": "naive", "classes": 2, "width": 5.0, "rate": 2.0, "weight_rate": 10.0},
    ],
)
def test_the_browser_stops_at_the_state_where_the_library_stops(settings: dict[str, Any]) -> None:
    config = FlowConfig(particles=20, **settings)
    last = list(islice(flow(config), 3000))[-1]
    found = call(FLOW, RUNAWAY, component.arithmetic(config))
    assert found["ranAway"]
    assert found["step"] == last.step < 3000
    np.testing.assert_allclose(found["features"], last.features.reshape(-1), rtol=1e-5, atol=1e-4)


def test_what_is_not_finite_is_taken_back() -> None:
    settings = component.arithmetic(FlowConfig(particles=20, classes=2))
    settings["rate"] = settings["decay"] = 1e300
    found = call(FLOW, RUNAWAY, settings)
    assert found == {
        "step": 0,
        "ranAway": True,
        "features": settings["start"]["features"],
        "head": settings["start"]["weights"] + settings["start"]["bias"],
    }


def test_a_class_meets_every_other_at_the_place_where_the_code_looks() -> None:
    assert tracing.places(5, 3, ()) == [3, 0, 1, 2, 4]
    assert tracing.places(5, 3, (1, 3)) == [3, 1, 0, 2, 4]
    assert tracing.places(5, 0, (1, 3)) == [0, 1, 3, 2, 4]


def test_a_slider_does_not_start_a_flow_again_and_a_seed_does() -> None:
    one = component.arithmetic(FlowConfig(loss="arcface"))
    assert (
        component.arithmetic(FlowConfig(loss="arcface", params={"margin": 0.1}, rate=0.5))["id"] == one["id"]
    )
    assert component.arithmetic(FlowConfig(loss="arcface", seed=1))["id"] != one["id"]
