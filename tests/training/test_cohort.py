"""A cohort gives each member what it would have got alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from lossviz import losses
from lossviz.core.errors import ConfigError
from lossviz.data import DataSet
from lossviz.training import RunConfig, Snapshot, train
from lossviz.training.cohort import Cohort
from lossviz.training.trainer import Trainer

QUICK = {"epochs": 2, "batch": 16, "points": 12, "frame_points": 6, "rate": 0.003}
COHORTS: dict[str, list[dict[str, Any]]] = {
    "margins": [{"loss": "arcface", "params": {"margin": m}} for m in (0.0, 0.2, 0.4)],
    "seeds": [{"seed": seed} for seed in (0, 1)],
    "a race": [{"loss": "soft-d"}, {"loss": "cosface"}, {"loss": "center"}, {"loss": "pc", "head": "cosine"}],
    "complement": [{"loss": "cot"}, {"loss": "cot", "params": {"balanced": False}}],
    "adversaries": [{"loss": "adversarial", "params": {"lam": lam}} for lam in (0.5, 1.0)],
    "sgd": [{"optimizer": "sgd", "loss": loss} for loss in ("focal", "hinge")],
    "averaged centres": [
        {"loss": "center", "center_update": "average", "params": {"alpha": a}} for a in (0.1, 0.9)
    ],
}


def configs(name: str) -> list[RunConfig]:
    return [RunConfig(**{**QUICK, **case}) for case in COHORTS[name]]


def run(crew: Cohort) -> list[list[Snapshot]]:
    shots = []
    while True:
        if crew.due:
            shots.append(crew.snapshots())
        if crew.done:
            return shots
        crew.advance()


def close(a: Snapshot, b: Snapshot) -> None:
    assert a.step == b.step
    for name, array in a.arrays().items():
        np.testing.assert_allclose(array, b.arrays()[name], rtol=2e-3, atol=2e-3, err_msg=name)
    assert a.metrics.keys() == b.metrics.keys()


@pytest.mark.parametrize("vmapped", [True, False])
@pytest.mark.parametrize("name", COHORTS)
def test_each_member_trains_as_it_would_alone(name: str, vmapped: bool, tiny: DataSet) -> None:
    together = run(Cohort(configs(name), tiny, together=vmapped))
    for number, config in enumerate(configs(name)):
        alone = list(train(config, tiny))
        assert len(alone) == len(together)
        for a, shots in zip(alone, together, strict=True):
            close(a, shots[number])


@pytest.mark.parametrize("key", losses.catalogue())
def test_heads_of_every_loss_can_be_stacked(key: str, tiny: DataSet) -> None:
    """Two seeds and two values of each number of the loss, three steps: as each alone."""
    spec = losses.get(key)
    numbers = [p for p in spec.params if p.kind == "real"]
    given = [{}, {p.name: (p.default + p.high) / 2 for p in numbers}]
    # (Not Adam: it makes whole steps of the noise where a slope is zero, as that of softmax's one bias.)
    settings = {**QUICK, "optimizer": "sgd", "anneal": "off"}
    configs = [RunConfig(**settings, loss=key, seed=seed, params=params) for seed, params in enumerate(given)]
    crew = Cohort(configs, tiny)
    assert len(crew.heads) == 1
    alone = [Trainer(config, tiny) for config in configs]
    for trainer in (crew, *alone):
        for _ in range(3):
            trainer.advance()
    for member, single in zip(crew.members, alone, strict=True):
        for name, value in single.sums.frame.items():
            assert torch.allclose(value, member.sums.frame[name], rtol=1e-3, atol=1e-3), name
        for name in ("weights", "bias", "centers"):
            mine, theirs = getattr(member.model, name), getattr(single.model, name)
            assert mine is None or torch.allclose(mine, theirs, rtol=1e-3, atol=1e-3), name


def test_seeds_share_images_that_no_seed_draws(tiny: DataSet) -> None:
    same = Cohort([RunConfig(**QUICK, seed=seed) for seed in (0, 1)])
    assert same.members[0].images.pixels is same.members[1].images.pixels
    assert not torch.equal(same.members[0].images.chosen, same.members[1].images.chosen)
    drawn = Cohort([RunConfig(**QUICK, seed=seed, train_images=200) for seed in (0, 1)])
    assert not torch.equal(drawn.members[0].images.pixels, drawn.members[1].images.pixels)
    drawn.advance()


@pytest.mark.parametrize("vmapped", [True, False])
def test_dropout_of_a_cohort_is_that_of_its_step(vmapped: bool, tiny: DataSet) -> None:
    """A cohort that goes on from checkpoints draws the masks that it would have drawn."""
    configs = [RunConfig(**{**QUICK, "net": "camri-cnn", "seed": seed}) for seed in (0, 1)]
    whole, first, again = (Cohort(configs, tiny, together=vmapped) for _ in range(3))
    for crew, steps in ((whole, 6), (first, 3)):
        for _ in range(steps):
            crew.advance()
    again.restore(first.checkpoints())
    torch.rand(7)  # what else a process draws
    for _ in range(3):
        again.advance()
    for a, b in zip(whole.members, again.members, strict=True):
        assert torch.equal(a.model.weights, b.model.weights)


def test_a_member_of_a_cohort_can_go_on_alone_and_a_cohort_from_checkpoints(tiny: DataSet) -> None:
    whole = run(Cohort(configs("margins"), tiny))[-1]
    first = Cohort(configs("margins"), tiny)
    for _ in range(5):
        first.advance()
    kept = first.checkpoints()
    again = Cohort(configs("margins"), tiny)
    again.restore(kept)
    for a, b in zip(whole, run(again)[-1], strict=True):
        assert all(np.array_equal(x, b.arrays()[n]) for n, x in a.arrays().items())
    alone = Trainer(configs("margins")[1], tiny)
    alone.restore([kept[1]])
    while not alone.done:
        alone.advance()
    close(whole[1], alone.snapshots()[0])


@pytest.mark.parametrize("vmapped", [True, False])
def test_a_cohort_in_mixed_precision_trains_and_starts_as_each_alone(vmapped: bool, tiny: DataSet) -> None:
    both = [RunConfig(**QUICK, precision="mixed", loss=loss) for loss in ("soft-d", "arcface")]
    together = run(Cohort(both, tiny, together=vmapped))
    assert all(np.isfinite(shot.features).all() for shot in together[-1])
    for number, config in enumerate(both):
        alone = list(train(config, tiny))
        assert len(alone) == len(together)
        # One step apart: the digits of bfloat16.
        np.testing.assert_allclose(together[1][number].weights, alone[1].weights, atol=0.01)


def test_a_member_that_runs_away_stops_and_the_others_go_on(tiny: DataSet) -> None:
    wild = {"epochs": 40, "batch": 16, "rate": 1.0, "optimizer": "sgd", "rate_schedule": "constant"}
    pair = [RunConfig(**wild, loss="naive"), RunConfig(**wild, loss="l2-softmax", normalize=True)]
    ends = run(Cohort(pair, tiny))[-1]
    assert "step" in ends[0].stopped
    assert not ends[1].stopped
    assert ends[1].step == 40 * 4
    assert np.isfinite(ends[1].features).all()


WILD = {"epochs": 40, "batch": 16, "rate": 1.0, "optimizer": "sgd", "rate_schedule": "constant"}


def wild(tiny: DataSet) -> Cohort:
    """The first member runs away, the second does not."""
    losses = ({"loss": "naive"}, {"loss": "l2-softmax", "normalize": True})
    return Cohort([RunConfig(**WILD, **loss) for loss in losses], tiny)


def test_time_and_speed_of_a_cohort_are_those_of_the_members_that_still_run(tiny: DataSet) -> None:
    crew = wild(tiny)
    run(crew)
    stopped, other = crew.members
    assert stopped.stopped
    assert crew.seconds == other.seconds > stopped.seconds
    assert crew.images_per_second == other.images_per_second > 0


def test_a_member_that_is_found_to_have_stopped_makes_no_second_snapshot_due(tiny: DataSet) -> None:
    """As on a GPU, where a snapshot is what finds it."""
    crew = wild(tiny)
    for member in crew.members:
        member.health.on_host = False
    while not crew.members[0].stopped:
        crew.advance()
        if crew.due:
            crew.snapshots()
    crew.advance()
    assert crew.due == crew.members[1].due


@pytest.mark.parametrize("vmapped", [True, False])
def test_in_which_order_a_cohort_is_given_changes_no_bit(vmapped: bool, tiny: DataSet) -> None:
    """Members are resumed in the order of their folders' names, not in that in which they began."""
    own = [{"loss": "soft-d", "seed": 1}, {"loss": "arcface"}, {"loss": "soft-d"}]
    given = [RunConfig(**{**QUICK, "net": "camri-cnn", **each}) for each in own]
    first, other = Cohort(given, tiny, together=vmapped), Cohort(given[::-1], tiny, together=vmapped)
    for _ in range(6):
        first.advance()
        other.advance()
    for a, b in zip(first.members, reversed(other.members), strict=True):
        assert torch.equal(a.model.weights, b.model.weights)


def test_members_must_agree_in_what_shapes_the_step(tiny: DataSet) -> None:
    with pytest.raises(ConfigError, match=r"same rate; got 0.01, 0.03"):
        Cohort([RunConfig(rate=0.01), RunConfig(rate=0.03)], tiny)
    forks = [RunConfig(fork_run="origin", fork_epoch=epoch) for epoch in (1, 2)]
    with pytest.raises(ConfigError, match="same fork_epoch; got 1, 2"):
        Cohort(forks, tiny)  # the later one would be trained on beyond its last step
    with pytest.raises(ConfigError, match="several kinds"):
        Cohort([RunConfig(), RunConfig(loss="cot")], tiny)


def test_gradients_of_one_member_do_not_leak_into_another(tiny: DataSet) -> None:
    """With one member at rest (its loss is constant) the other still moves as alone."""
    pair = [RunConfig(**QUICK), RunConfig(**QUICK, loss="center", params={"lam": 10.0})]
    crew = Cohort(pair, tiny, together=True)
    crew.advance()
    alone = Cohort([RunConfig(**QUICK)], tiny)
    alone.advance()
    place = crew.running.index(crew.members[0])
    for name, stack in crew.parameters.items():
        assert torch.allclose(stack[place], alone.parameters[name][0], atol=1e-5)
