"""What the browser makes of a sweep's message is what the losses and metrics of Python say of its cells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lossviz.figures import wire
from lossviz.losses import ClassState
from lossviz.metrics import angular, confusion, uniform
from lossviz.sweeps import bundle
from lossviz.sweeps.plan import Plan
from lossviz.sweeps.results import Result
from tests.javascript import call
from tests.sweeps import synthetic

CELLS = Path(bundle.__file__).parents[1] / "figures" / "cells"
MODULES = [CELLS / f"{name}.js" for name in ("sweep", "programs", "reading", "counting")]
READ = """(bytes, index, label, reach, count) => {
  const sweep = module.readSweep(Uint8Array.from(bytes));
  const cell = [...sweep.cells.values()].find((each) => each.index === index);
  const read = module.readCell({ sweep }, cell);
  const { program, head, features } = read;
  const plane = program && module.drawsLoss(sweep, program);
  const { own, other, confusion, recalls, best, metrics } = read;
  const told = { own, other, confusion, recalls, best, metrics, features };
  if (features) told.scores = module.scoresOf(sweep, program, head, features);
  if (plane) told.loss = module.lossOverPlane(sweep, program, head, label, reach, count);
  const regions = program && module.drawsRegions(sweep, program);
  if (regions) told.regions = module.regionsOverPlane(sweep, program, head, reach, count);
  return told;
}"""
# One that knows each part of the head, and each kind of parameter.
LOSSES = ("arcface", "camri", "soft-nd", "bce-nu", "center", "wasserstein", "focal", "hinge")
MATRIX = ("wasserstein", "crwwce")
COSTS = "/".join(",".join(str(0 if y == k else 7 * y % 5 + k) for k in range(4)) for y in range(4))


def sent(plan: Plan, results: Any, **more: Any) -> bytes:
    return bundle.message(plan, results, dict.fromkeys(results, synthetic.images()), **more)


def state(result: Result) -> ClassState:
    of = lambda values: None if values is None else torch.from_numpy(values).double()  # noqa: E731
    bias = of(result.bias)
    if bias is not None and len(bias) == 1:
        bias = bias[0]
    return ClassState(of(result.weights), bias, of(result.centers))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("key", "more"), [*((key, {}) for key in LOSSES), *((key, {"costs": COSTS}) for key in MATRIX)]
)
def test_the_browser_has_the_scores_and_the_landscape_of_every_cell(key: str, more: dict[str, str]) -> None:
    important = {"important": "2"} if key in ("camri", "wasserstein", "crwwce") else {}
    plan = synthetic.plan([key], **important, **more)
    results = synthetic.results(plan)
    cell, label, reach, count = plan.cells[1], 3, 4.0, 5
    result = results[cell.id]
    told = call(MODULES, READ, list(sent(plan, results)), 1, label, reach, count)
    spec, params, held = cell.config.spec, cell.config.loss_params(), state(result)
    features = torch.tensor(told["features"], dtype=torch.float64).reshape(-1, 2)
    np.testing.assert_allclose(features, result.features, atol=np.abs(result.features).max() / 60_000)
    wanted = spec.logits(features, held, **params)
    np.testing.assert_allclose(np.reshape(told["scores"], wanted.shape), wanted, rtol=1e-6, atol=1e-6)
    along = torch.linspace(-reach, reach, count, dtype=torch.float64)
    y, x = torch.meshgrid(along, along, indexing="ij")
    grid = torch.stack([x, y], -1).reshape(-1, 2)
    for own in (label, 2):
        told = call(MODULES, READ, list(sent(plan, results)), 1, own, reach, count)
        labels = torch.full((len(grid),), own)
        loss = spec.per_sample(grid, labels, held, **params)
        np.testing.assert_allclose(told["loss"], loss, rtol=2e-5, atol=2e-5)
    logits = spec.logits(grid, held, **params)
    top = logits.max(1).values
    assert (logits[torch.arange(len(grid)), told["regions"]] >= top - 1e-6).all()


@pytest.mark.parametrize("dimension", [2, 3, 5, 12])
def test_the_counts_of_a_cell_are_those_of_the_metrics(dimension: int) -> None:
    plan = synthetic.plan(["soft-nu"], dimension=str(dimension))
    results = synthetic.results(plan)
    result = results[plan.cells[0].id]
    told = call(MODULES, READ, list(sent(plan, results)), 0, 0, 4.0, 5)
    assert ("scores" in told) == (dimension <= bundle.MOST_DIMENSIONS)
    logits = (
        plan.cells[0]
        .config.spec.logits(
            torch.from_numpy(result.features).double(), state(result), **plan.cells[0].config.loss_params()
        )
        .numpy()
    )
    found = confusion.confusion(result.labels, logits.argmax(1), 4)
    np.testing.assert_array_equal(np.reshape(told["confusion"], (4, 4)), found)
    np.testing.assert_allclose(told["recalls"], confusion.recall(found))
    report = uniform.evaluate(logits, result.labels)
    assert told["best"]["share"] == pytest.approx(report.uniform)
    assert told["best"]["threshold"] == pytest.approx(report.threshold, abs=2e-3)
    angles = angular.own_and_other(result.features, result.weights, result.labels)
    for name, values in (("own", angles.own), ("other", angles.other)):
        counted = angular.histogram(np.degrees(values), result.labels, 4, np.arange(0, 182, 2.0))
        # Features are rounded: a value at an edge may change its bin.
        assert np.abs(np.reshape(told[name], counted.shape) - counted).sum() <= 4
    assert sum(told["metrics"]["positive"]) == synthetic.POINTS
    assert sum(told["metrics"]["negative"]) == 3 * synthetic.POINTS


def test_a_loss_that_lacks_a_parameter_has_no_place_on_its_axis() -> None:
    plan = Plan.read({"data": "digits"}, ["arcface", "focal"], ["margin=0,0.3", "epochs=1,2"], "1")
    header, _ = wire.read(bundle.message(plan, {}, {}))
    margin, epochs = header["axes"]
    assert margin["of"][0]["texts"] == ["0°", "17.19°"]
    assert margin["of"][1] is None
    assert epochs["of"][1]["texts"] == ["1", "2"]
    assert [cell["at"] for cell in header["cells"] if cell["loss"] == 1] == [[-1, 0], [-1, 1]]


def test_cells_that_ended_badly_keep_their_reason_and_others_wait() -> None:
    plan = synthetic.plan(["arcface"], seeds="3")
    first, second, _ = plan.cells
    bad = Result(state="diverged", reason="the loss is not finite")
    header, _ = wire.read(bundle.message(plan, {first.id: bad}, {}, {second.id: "running"}))
    states = [(cell["state"], cell.get("reason")) for cell in header["cells"]]
    assert states == [("diverged", "the loss is not finite"), ("running", None), ("waiting", None)]


def test_equal_test_images_are_sent_once() -> None:
    plan = synthetic.plan(["arcface"], seeds="9")
    results = synthetic.results(plan)
    content = sent(plan, results)
    assert content.count(synthetic.images().pixels.tobytes()) == 1
    assert len(wire.read(content)[0]["images"]) == 1


def test_features_that_are_not_finite_stay_within_the_message() -> None:
    plan = synthetic.plan(["arcface"], seeds="1")
    wild = np.full((synthetic.POINTS, 2), 2.0, np.float32)
    wild[0] = np.inf, np.nan
    header, array = wire.read(sent(plan, synthetic.results(plan, features=wild)))
    back = array(header["cells"][0]["features"]).reshape(-1, 2) * header["cells"][0]["scale"]
    np.testing.assert_allclose(back[1:], 2.0, rtol=1e-4)
