"""Batched runs give each run what it would have got alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lossviz import losses
from lossviz.core.errors import ConfigError
from lossviz.data import DataSet
from lossviz.training import RunConfig, Snapshot, train
from lossviz.training.batched_runs import BatchedRuns
from lossviz.training.trainer import Trainer

QUICK = {"epochs": 2, "batch": 16, "points": 12, "frame_points": 6, "rate": 0.003}
CASES: dict[str, list[dict[str, Any]]] = {
    "seeds, moved images": [{"seed": seed, "augment": True} for seed in (0, 1)],
    "annealed margins": [{"loss": "arcface", "params": {"margin": m}, "anneal": "on"} for m in (0.0, 0.4)],
    "two steps": [{"loss": "cot", "seed": seed} for seed in (0, 1)],
    "adversaries": [{"loss": "adversarial", "params": {"lam": lam}} for lam in (0.5, 1.0)],
    "averaged centres": [
        {"loss": "center", "center_update": "average", "params": {"alpha": a}} for a in (0.1, 0.9)
    ],
    "another network": [{"net": "lenet++", "optimizer": "sgd", "seed": seed} for seed in (0, 1)],
    "a residual network": [{"net": "resnet-20", "optimizer": "sgd", "seed": seed} for seed in (0, 1)],
    "centres by sgd": [{"loss": "center", "optimizer": "sgd", "seed": seed} for seed in (0, 1)],
}


@pytest.mark.parametrize("name", CASES)
def test_each_run_trains_as_it_would_alone(name: str, tiny: DataSet) -> None:
    configs = [RunConfig(**{**QUICK, **case}) for case in CASES[name]]
    together, shots = BatchedRuns(configs, tiny), list[list[Snapshot]]()
    while not together.done:
        if together.due:
            shots.append(together.snapshots())
        together.advance()
    shots.append(together.snapshots())
    for number, config in enumerate(configs):
        for alone, batched in zip(train(config, tiny), shots, strict=True):
            assert alone.step == batched[number].step
            assert alone.metrics.keys() == batched[number].metrics.keys()
            for part, array in alone.arrays().items():
                np.testing.assert_allclose(batched[number].arrays()[part], array, rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize("key", losses.catalogue())
def test_every_loss_can_be_batched(key: str, tiny: DataSet) -> None:
    """Two seeds and two values of each number of the loss, three steps: as each alone."""
    numbers = [p for p in losses.get(key).params if p.kind == "real"]
    given = [{}, {p.name: (p.default + p.high) / 2 for p in numbers}]
    # (Not Adam: it makes whole steps of the noise where a slope is zero, as that of softmax's one bias.)
    settings = {**QUICK, "optimizer": "sgd", "rate": 5e-4, "anneal": "off", "loss": key}
    configs = [RunConfig(**settings, seed=seed, params=params) for seed, params in enumerate(given)]
    together, alone = BatchedRuns(configs, tiny), [Trainer(config, tiny) for config in configs]
    for trainer in (together, *alone):
        for _ in range(3):
            trainer.advance()
    for batched, single in zip(together.trainers, alone, strict=True):
        for name, value in single.model.state_dict().items():
            np.testing.assert_allclose(
                batched.model.state_dict()[name], value, rtol=1e-3, atol=1e-4, err_msg=name
            )


def test_a_run_that_runs_away_harms_no_other(tiny: DataSet) -> None:
    wild = {"epochs": 40, "batch": 16, "rate": 0.1, "optimizer": "sgd", "rate_schedule": "constant"}
    pair = [RunConfig(**wild, loss="pc", params={"lam": lam}) for lam in (0.0, 1.0)]
    together = BatchedRuns(pair, tiny)
    while not together.done:
        together.advance()
    good, bad = together.snapshots()
    assert (good.stopped, bad.stopped.partition(":")[0][:5]) == ("", "step ")
    assert np.isfinite(good.features).all()


@pytest.mark.parametrize("change", [{"rate": 0.01}, {"loss": "cot"}, {"classes": (0, 1)}])
def test_runs_whose_steps_differ_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="batched runs: all must have the same images and"):
        BatchedRuns([RunConfig(), RunConfig(**change)])
