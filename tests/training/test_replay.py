"""A step that a device repeats from a record is the step that Python would take."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from lossviz.data import DataSet
from lossviz.training import RunConfig, Snapshot
from lossviz.training.cohort import Cohort
from lossviz.training.replay import ALONE, Dials, Replay
from lossviz.training.trainer import Trainer
from tests.training.taken_down import Recording

# 60 images in batches of 25: two whole ones and a short one an epoch.
QUICK = {"epochs": 8, "batch": 25, "points": 12, "frame_points": 6, "rate": 0.003}
CASES: dict[str, dict[str, Any]] = {
    "plain": {},
    "annealed": {"loss": "arcface", "params": {"margin": 0.3}},
    "cot": {"loss": "cot"},
    "averaged centres": {"loss": "center", "center_update": "average"},
    "centres": {"loss": "center", "rate_schedule": "step", "drops": (3,)},
    "adversarial": {"loss": "adversarial"},
    "moved images": {"augment": True},
    "sgd": {"optimizer": "sgd"},
    # Not Adam: it makes a step of a gradient's last digit, which on some processors falls either way here.
    "dropout": {"net": "camri-cnn", "optimizer": "sgd"},
    "cosine head": {"loss": "soft-d", "head": "cosine"},
    "mixed": {"precision": "mixed"},
}


def run(crew: Trainer | Cohort) -> list[Snapshot]:
    """The last snapshot of each member, trained as on a device whose numbers are not read in between."""
    for member in [crew] if isinstance(crew, Trainer) else crew.members:
        member.health.on_host = False
    shots: list[Snapshot] = []
    while not crew.done:
        crew.advance()
        if crew.due:
            shots = crew.snapshots()
    return shots


def assert_same(a: Trainer, b: Trainer, tolerance: float = 1e-4) -> None:
    assert a.step == b.step
    for name, value in (*a.model.state_dict().items(), *(a.adversary or a.model).state_dict().items()):
        other = {**b.model.state_dict(), **(b.adversary or b.model).state_dict()}[name]
        assert torch.allclose(value, other, rtol=tolerance, atol=tolerance), name


def assert_told_alike(a: Snapshot, b: Snapshot, tolerance: float = 1e-3) -> None:
    assert a.metrics.keys() == b.metrics.keys()
    assert a.metrics["train_loss"] == pytest.approx(b.metrics["train_loss"], rel=tolerance)
    assert a.metrics["train_accuracy"] == pytest.approx(b.metrics["train_accuracy"], abs=0.04)


@pytest.mark.parametrize("name", CASES)
def test_replayed_steps_train_as_steps_from_python(name: str, tiny: DataSet) -> None:
    config, recorder = RunConfig(**{**QUICK, **CASES[name]}), Recording()
    replayed, alone = Trainer(config, tiny, recorder=recorder), Trainer(config, tiny)
    ends, others = run(replayed), run(alone)
    assert replayed.replay.told == "a step takes 500.00 ms by record, 1000.00 ms without"
    assert recorder.records == 1
    # All but the first, the timed, the recorded and, where there are such, the short last of an epoch.
    assert recorder.replays >= replayed.steps - 1 - ALONE - 1 - config.epochs
    loose = name == "mixed"  # a digit of bfloat16 may fall either way
    assert_same(replayed, alone, 0.05 if loose else 1e-4)
    assert_told_alike(ends[0], others[0], 0.05 if loose else 1e-3)


COHORTS: dict[str, list[dict[str, Any]]] = {
    "margins and seeds": [
        {"loss": "arcface", "params": {"margin": m}, "seed": s} for m, s in ((0.1, 0), (0.4, 1))
    ],
    "a race": [{"loss": "soft-d"}, {"loss": "cosface"}, {"loss": "soft-d", "seed": 3}, {"loss": "center"}],
    "adversaries": [{"loss": "adversarial", "params": {"lam": lam}} for lam in (0.5, 1.0)],
}


@pytest.mark.parametrize("name", COHORTS)
def test_a_replayed_cohort_trains_as_one_whose_steps_come_from_python(name: str, tiny: DataSet) -> None:
    """(That its members train as alone is held by test_cohort.py.)"""
    configs, recorder = [RunConfig(**{**QUICK, **case}) for case in COHORTS[name]], Recording()
    replayed = Cohort(configs, tiny, recorder=recorder, together=True)
    plain = Cohort(configs, tiny, together=True)
    ends, others = run(replayed), run(plain)
    assert recorder.replays > 8
    for member, other, end, shot in zip(replayed.members, plain.members, ends, others, strict=True):
        assert_same(member, other)
        assert_told_alike(end, shot)


def test_a_run_that_is_restored_goes_on_by_record(tiny: DataSet) -> None:
    config = RunConfig(**QUICK)
    whole = Trainer(config, tiny, recorder=Recording())
    run(whole)
    first, again = (Trainer(config, tiny, recorder=Recording()) for _ in range(2))
    first.health.on_host = False
    for _ in range(11):
        first.advance()
    again.restore(first.checkpoints())
    run(again)
    assert again.replay.recorded
    assert_same(whole, again)


def test_a_member_that_stops_leaves_the_record(tiny: DataSet) -> None:
    wild = {"epochs": 40, "batch": 16, "rate": 1.0, "optimizer": "sgd", "rate_schedule": "constant"}
    pair = [RunConfig(**wild, loss="naive"), RunConfig(**wild, loss="l2-softmax", normalize=True)]
    recorder = Recording()
    crew = Cohort(pair, tiny, recorder=recorder, together=True)
    ends = run(crew)
    assert [bool(end.stopped) for end in ends] == [True, False]
    assert len(crew.running) == 1
    assert recorder.records in (1, 2)
    assert np.isfinite(ends[1].features).all()


def test_a_replayed_run_that_runs_away_says_at_which_step(tiny: DataSet) -> None:
    trainer = Trainer(RunConfig(**{**QUICK, "epochs": 40}), tiny, recorder=Recording())
    trainer.health.on_host = False
    for _ in range(21):
        trainer.advance()
    assert trainer.replay.recorded
    trainer.model.weights.data.fill_(float("nan"))
    (end,) = run(trainer)
    assert end.stopped.startswith("step 22: the loss became NaN")


def test_what_cannot_be_recorded_goes_on_without_and_says_so(tiny: DataSet) -> None:
    config = RunConfig(**QUICK)
    refused, alone = Trainer(config, tiny, recorder=Recording(refuses=True)), Trainer(config, tiny)
    run(refused)
    run(alone)
    assert refused.replay.told == "steps are not recorded: no room for a graph"
    assert not refused.replay.recorded
    assert_same(refused, alone)


def test_a_record_that_does_not_pay_is_dropped(tiny: DataSet) -> None:
    config, recorder = RunConfig(**QUICK), Recording(pays=False)
    dropped, alone = Trainer(config, tiny, recorder=recorder), Trainer(config, tiny)
    run(dropped)
    run(alone)
    assert dropped.replay.told.endswith("recording does not pay here")
    assert not dropped.replay.recorded
    assert 5 <= recorder.replays < 12
    assert_same(dropped, alone)


def test_a_number_from_python_would_stay_in_a_record() -> None:
    """What the tests above would miss without: the recorder keeps numbers, and follows tensors."""
    total, dials = torch.zeros(()), Dials(torch.device("cpu"))
    recorder, step = Recording(), 1
    dial = dials.turned("step", step)

    def work() -> None:
        total.add_(step)
        total.add_(dial)

    again = recorder.record(work)
    step, _ = 100, dials.turned("step", 100)
    again()
    assert total.item() == 1 + 1 + 1 + 100


def test_a_step_that_reads_a_number_cannot_be_recorded() -> None:
    replay, seen = Replay(Recording()), []

    def step(draws: dict[str, Tensor]) -> None:
        seen.append(draws["images"].sum().item())

    for number in range(9):
        replay.take({"images": torch.full((2,), number)}, step)
    assert replay.told.startswith("steps are not recorded: _local_scalar_dense reads a number back")
    assert seen == [2 * number for number in range(9)]


def test_dials_keep_their_place_for_one_number_and_for_several() -> None:
    dials = Dials(torch.device("cpu"))
    one, several = dials.turned("a", 0.5), dials.turned("b", [1.0, 2.0])
    assert dials.turned("a", 0.25) is one
    assert dials.turned("b", [3.0, 4.0]) is several
    assert one.item() == 0.25
    assert several.tolist() == [3.0, 4.0]


GRAPHS = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


@GRAPHS
@pytest.mark.parametrize("name", CASES)
def test_a_cuda_graph_trains_as_steps_from_python(name: str, tiny: DataSet) -> None:
    config = RunConfig(**{**QUICK, **CASES[name], "device": "cuda"})
    by_graph, alone = Trainer(config, tiny), Trainer(config, tiny, recorder=Recording(refuses=True))
    run(by_graph)
    run(alone)
    assert "by record" in by_graph.replay.told
    assert_same(by_graph, alone, 0.05)
