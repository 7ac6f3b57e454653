"""The trainer against a plain loop written here, and against itself: same bits, killed or not."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import models
from lossviz.core.errors import ConfigError, LossvizError
from lossviz.data import DataSet
from lossviz.training import RunConfig, Snapshot, train
from lossviz.training.rates import params_at, rate_factor
from lossviz.training.trainer import Trainer
from tests.training.conftest import blobs

QUICK = {"epochs": 2, "batch": 16, "points": 12, "frame_points": 6}


def last(config: RunConfig, data: DataSet) -> Snapshot:
    *_, end = train(config, data)
    return end


def same(a: Snapshot, b: Snapshot) -> bool:
    return (
        a.step == b.step
        and all(np.array_equal(x, b.arrays()[n], equal_nan=True) for n, x in a.arrays().items())
        and dict(a.metrics) == dict(b.metrics)
    )


def test_training_equals_a_plain_loop(tiny: DataSet) -> None:
    config = RunConfig(
        epochs=3,
        batch=20,
        optimizer="sgd",
        rate=0.05,
        momentum=0.9,
        weight_decay=1e-3,
        rate_schedule="constant",
    )
    trainer = Trainer(config, tiny)
    net = models.get("small").build(1, 8, 2)
    net.load_state_dict(trainer.model.network.state_dict())
    head = torch.nn.Linear(2, 3)
    head.weight.data.copy_(trainer.model.weights.data)
    head.bias.data.copy_(trainer.model.bias.data)
    optimizer = torch.optim.SGD(
        [*net.parameters(), *head.parameters()], lr=0.05, momentum=0.9, weight_decay=1e-3
    )
    x = tiny.train.pixels.double().div(255).sub(tiny.mean[0]).div(tiny.std[0]).float()
    net.train()
    for epoch in range(3):
        order = torch.cat([trainer.sampler.draw(step)["images"] for step in range(epoch * 3, epoch * 3 + 3)])
        assert sorted(order.tolist()) == list(range(60))
        for part in order.split(20):
            optimizer.zero_grad()
            F.cross_entropy(head(net(x[part])), tiny.train.labels[part]).backward()
            optimizer.step()
    while not trainer.done:
        trainer.advance()
    for own, theirs in zip(trainer.model.network.parameters(), net.parameters(), strict=True):
        assert torch.allclose(own, theirs, atol=2e-5)
    assert torch.allclose(trainer.model.weights, head.weight, atol=2e-5)
    assert torch.allclose(trainer.model.bias, head.bias, atol=2e-5)


def test_the_metrics_of_an_epoch_are_those_of_a_plain_count(tiny: DataSet) -> None:
    trainer = Trainer(RunConfig(**QUICK), tiny)
    while not trainer.done:
        trainer.advance()
    end = trainer.snapshot()
    trainer.model.eval()
    x = tiny.test.pixels.double().div(255).sub(tiny.mean[0]).div(tiny.std[0]).float()
    with torch.no_grad():
        scores = trainer.model(x) @ trainer.model.weights.T + trainer.model.bias
    right = (scores.argmax(1) == tiny.test.labels).float()
    assert end.metrics["test_accuracy"] == pytest.approx(float(right.mean()))
    assert end.metrics["test_loss"] == pytest.approx(
        float(F.cross_entropy(scores, tiny.test.labels)), rel=1e-5
    )
    for k in range(3):
        assert end.metrics[f"recall_{k}"] == pytest.approx(float(right[tiny.test.labels == k].mean()))


CASES: list[dict[str, Any]] = [
    {},
    {"loss": "arcface", "params": {"margin": 0.3}},
    {"loss": "sphereface", "optimizer": "sgd", "rate_schedule": "cosine", "warmup": 0.5},
    {"loss": "cot"},
    {"loss": "center", "objective": "complement"},
    {"loss": "center", "center_update": "average"},
    {"loss": "pc", "head": "cosine", "rate_schedule": "step", "drops": (1,)},
    {"loss": "adversarial", "normalize": True},
    {"loss": "bce-u", "dimension": 8},
    {"augment": True},
    {"net": "camri-cnn", "dimension": 3},
    {"precision": "mixed"},
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(map(str, case.values())) or "plain")
def test_the_same_config_gives_the_same_bits_and_a_restored_run_too(case: dict, tiny: DataSet) -> None:
    config = RunConfig(**{**QUICK, **case})
    first = list(train(config, tiny))
    torch.manual_seed(99)  # what else draws in the process must not matter
    second = list(train(config, tiny))
    assert len(first) == len(second) > 4
    assert all(same(a, b) for a, b in zip(first, second, strict=True))

    before = Trainer(config, tiny)
    for _ in range(3):
        if before.due:
            before.snapshot()
        before.advance()
    kept = before.checkpoint()
    again = Trainer(config, tiny)
    again.restore(kept)
    rest = []
    while True:
        if again.due:
            rest.append(again.snapshot())
        if again.done:
            break
        again.advance()
    assert [s.step for s in rest] == [s.step for s in first if s.step >= 3]
    assert all(same(a, b) for a, b in zip(rest, [s for s in first if s.step >= 3], strict=True))


def test_another_seed_gives_another_run(tiny: DataSet) -> None:
    a, b = (last(RunConfig(**QUICK, seed=seed), tiny) for seed in (0, 1))
    assert not np.allclose(a.features, b.features)


@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(map(str, case.values())) or "plain")
def test_every_way_of_training_learns(case: dict, tiny: DataSet) -> None:
    config = RunConfig(**{"epochs": 30, "batch": 16, "rate": 0.01, **case, "net": "small"})
    end = last(config, tiny)
    assert not end.stopped
    assert end.metrics["test_accuracy"] > 0.9, end.metrics


def test_a_snapshot_draws_the_loss_that_training_minimised(tiny: DataSet) -> None:
    trainer = Trainer(RunConfig(**QUICK, loss="adversarial"), tiny)
    for _ in range(4):
        trainer.advance()
    shot = trainer.snapshot()
    spec, state = trainer.config.spec, shot.state()
    mine = spec.per_sample(
        torch.from_numpy(shot.features), torch.from_numpy(shot.labels), state, **shot.params
    )
    theirs = spec.per_sample(
        torch.from_numpy(shot.features),
        torch.from_numpy(shot.labels),
        trainer.model.state(trainer.adversary),
        **shot.params,
    )
    assert torch.equal(mine, theirs.detach())
    back = Snapshot.from_parts(shot.facts(), shot.arrays(), trainer.points().labels)
    assert same(shot, back)


def test_complement_training_takes_two_steps_and_raises_the_entropy_of_the_wrong_classes(
    tiny: DataSet,
) -> None:
    """Two copies, one with a complement rate of zero: the other has the more even wrong classes."""

    def entropy(rate: float) -> float:
        config = RunConfig(loss="cot", epochs=12, batch=16, optimizer="sgd", rate=0.02, complement_rate=rate)
        end = last(config, blobs(4))
        scores = torch.from_numpy(end.features @ end.weights.T + end.bias).double()
        total = 0.0
        for row, label in zip(scores.tolist(), end.labels.tolist(), strict=True):
            others = [math.exp(s - max(row)) for k, s in enumerate(row) if k != label]
            total -= sum(o / sum(others) * math.log(o / sum(others) + 1e-300) for o in others)
        return total / len(scores)

    assert entropy(0.2) > entropy(0.0) + 0.02


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (
            {"loss": "naive", "rate": 10.0, "epochs": 60, "optimizer": "sgd", "rate_schedule": "constant"},
            "step ",
        ),
        ({"loss": "pc", "params": {"lam": 1.0}, "rate": 5.0, "epochs": 60, "optimizer": "sgd"}, "λ"),
    ],
)
def test_a_run_that_runs_away_is_stopped_with_the_step_and_the_reason(
    case: dict, words: str, tiny: DataSet
) -> None:
    end = last(RunConfig(batch=16, **case), tiny)
    assert end.stopped
    assert words in end.stopped
    assert "Lower the learning rate" in end.stopped
    assert f"step {end.step}:" in end.stopped


def test_annealing_rises_in_a_line_where_it_is_asked_for() -> None:
    plain = RunConfig(loss="arcface", params={"margin": 0.5, "scale": 24.0})
    config = plain.but(anneal="on")
    assert params_at(config, 0, 100) == {"scale": 4.0, "margin": 0.0, "monotone": False}
    assert params_at(config, 30, 100) == {"scale": 14.0, "margin": 0.25, "monotone": False}
    assert params_at(config, 60, 100) == params_at(config, 99, 100) == config.loss_params()
    for other in (plain, plain.but(anneal="off"), plain.but(dimension=3)):
        assert params_at(other, 0, 100) == plain.loss_params()
    assert params_at(RunConfig(loss="sphereface", anneal="on"), 30, 100)["blend"] == 0.5
    assert params_at(RunConfig(loss="l2-softmax"), 0, 100) == {"scale": 16.0}


def test_rates_follow_their_schedules() -> None:
    def factors(**settings: Any) -> list[float]:
        return [rate_factor(RunConfig(**settings), step, 101, 10) for step in (0, 15, 30, 65, 100)]

    assert factors(rate_schedule="constant") == [1, 1, 1, 1, 1]
    assert factors(rate_schedule="cosine") == pytest.approx([1, 0.94550, 0.79389, 0.27300, 0], abs=1e-4)
    assert factors(rate_schedule="one-cycle") == pytest.approx([0.04, 0.52, 1, 0.50005, 1e-4])
    assert factors(rate_schedule="step", drops=(1, 6)) == pytest.approx([1, 0.1, 0.1, 0.01, 0.01])
    assert factors(rate_schedule="constant", warmup=2.0) == pytest.approx([0.05, 0.8, 1, 1, 1])


def test_a_fork_starts_with_the_weights_of_its_parent(tiny: DataSet) -> None:
    parent = Trainer(RunConfig(**QUICK), tiny)
    for _ in range(parent.steps_per_epoch):
        parent.advance()
    fork = Trainer(RunConfig(**QUICK, loss="arcface", fork_run="parent", fork_epoch=1), tiny)
    fork.begin_from(parent.checkpoint())
    assert fork.step == parent.step
    mine, theirs = fork.model.network.state_dict(), parent.model.network.state_dict()
    assert all(torch.equal(mine[name], theirs[name]) for name in theirs)
    fork.advance()
    assert fork.snapshot().step == parent.step + 1


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_a_fork_trains_what_its_parent_had_not(optimizer: str, tiny: DataSet) -> None:
    """A bias that the parent's loss has not begins with no momentum beside others that have some."""
    settings = {**QUICK, "optimizer": optimizer, "epochs": 3}
    parent = Trainer(RunConfig(**settings, loss="soft-0"), tiny)
    for _ in range(parent.steps_per_epoch):
        parent.advance()
    fork = Trainer(RunConfig(**settings, loss="soft-d", fork_run="parent", fork_epoch=1), tiny)
    fork.begin_from(parent.checkpoint())
    before = fork.model.bias.detach().clone()
    fork.advance()
    assert not torch.equal(fork.model.bias, before)


def test_what_cannot_be_trained_is_said_before_the_first_step(tiny: DataSet) -> None:
    for wrong in (
        {"loss": "weighted-ce", "params": {"important": (7,)}},
        {"objective": "adversarial"},
        {"device": "mps" if not torch.backends.mps.is_available() else "cuda"},
        {"batch": 1},
        {"net": "resnet"},
    ):
        with pytest.raises(LossvizError):
            Trainer(RunConfig(**wrong), tiny)
    with pytest.raises(ConfigError, match="two images"):
        Trainer(RunConfig(loss="adversarial"), blobs(each=1))
