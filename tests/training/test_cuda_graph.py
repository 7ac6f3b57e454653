"""A step from a graph is the step that Python would take."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from lossviz.data import DataSet
from lossviz.training import RunConfig
from lossviz.training.cuda_graph import WARM_UP, GraphedSteps
from lossviz.training.trainer import Trainer
from tests.training.recording import Captures

# 60 images in batches of 25: two whole ones and a short one an epoch.
QUICK = {"epochs": 6, "batch": 25, "points": 12, "frame_points": 6, "rate": 0.003}
CASES: dict[str, dict[str, Any]] = {
    "plain": {},
    "annealed": {"loss": "arcface", "anneal": "on", "params": {"margin": 0.3}},
    "two steps": {"loss": "cot"},
    "averaged centres, moved images": {"loss": "center", "center_update": "average", "augment": True},
    "adversarial": {"loss": "adversarial"},
    "sgd": {"optimizer": "sgd", "rate_schedule": "step", "drops": (3,)},
}


def ends(config: RunConfig, data: DataSet, captures: Captures | None, tolerance: float) -> None:
    """Train with a graph and without; captures: in place of CUDA's."""
    graphed, alone = Trainer(config, data), Trainer(config, data)
    # As on a device whose numbers are not read in between.
    graphed.health.on_host = alone.health.on_host = False
    steps = (
        GraphedSteps(graphed) if captures is None else GraphedSteps(graphed, captures, lambda work: work())
    )
    while not alone.done:
        steps.advance()
        alone.advance()
    assert graphed.step == alone.step
    parts = [(graphed.model, alone.model)]
    if graphed.adversary is not None and alone.adversary is not None:
        parts.append((graphed.adversary, alone.adversary))  # type: ignore[arg-type]
    for mine, theirs in parts:
        for name, value in mine.state_dict().items():
            assert torch.allclose(value, theirs.state_dict()[name], rtol=tolerance, atol=tolerance), name
    mean, other = (trainer.snapshot().metrics["train_loss"] for trainer in (graphed, alone))
    assert mean == pytest.approx(other, rel=max(tolerance, 1e-3))


@pytest.mark.parametrize("name", CASES)
def test_steps_from_a_graph_train_as_steps_from_python(name: str, tiny: DataSet) -> None:
    config, captures = RunConfig(**{**QUICK, **CASES[name]}), Captures()
    ends(config, tiny, captures, 1e-4)
    assert captures.captures == 1
    shorter = 0 if name == "adversarial" else config.epochs  # it draws whole batches always
    assert captures.replays == 3 * config.epochs - shorter - WARM_UP


def test_a_run_that_runs_away_says_at_which_step(tiny: DataSet) -> None:
    trainer = Trainer(RunConfig(**{**QUICK, "epochs": 40}), tiny)
    trainer.health.on_host = False
    steps = GraphedSteps(trainer, Captures(), lambda work: work())
    for _ in range(21):
        steps.advance()
    trainer.model.weights.data.fill_(float("nan"))
    steps.advance()
    assert trainer.snapshot().stopped.startswith("step 22: the loss became NaN")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("name", CASES)
def test_a_cuda_graph_trains_as_steps_from_python(name: str, tiny: DataSet) -> None:
    ends(RunConfig(**{**QUICK, **CASES[name], "device": "cuda"}), tiny, None, 0.05)
