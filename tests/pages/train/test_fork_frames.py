"""Frames before a fork are those of the origin's loss, and are drawn with it."""

from __future__ import annotations

from pathlib import Path

import torch

from lossviz import losses
from lossviz.pages.train import replay
from lossviz.pages.train.view import LiveView
from lossviz.readings import landscape, panels
from lossviz.runs import RunStore, names
from lossviz.runs.worker import Worker
from lossviz.training import RunConfig


def test_a_fork_to_another_loss_can_be_looked_at_from_its_first_frame(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    origin = store.create(RunConfig(epochs=2, train_images=200, test_images=40, loss="soft-d"))
    Worker(origin).work()
    fork = store.fork(origin, 1, {"loss": "arcface"})
    seen_before_its_first_step = panels.panel(fork, fork.snapshot(0), fork.points(), fork.status)
    assert seen_before_its_first_step.title == "Cross-entropy, before the fork to ArcFace"
    Worker(fork).work()
    assert fork.status.state == "finished", fork.status.reason

    frames = fork.frames()
    keys = [fork.snapshot(step).loss for step in frames]
    split = keys.index("arcface")
    assert set(keys[:split]) == {"soft-d"}
    assert set(keys[split:]) == {"arcface"}
    for step in frames:
        shot = fork.snapshot(step)
        drawn = panels.panel(fork, shot, fork.points(), fork.status)
        own = losses.get(shot.loss).per_sample(
            torch.tensor(shot.features), torch.tensor(shot.labels), shot.state(), **shot.params
        )
        torch.testing.assert_close(torch.tensor(drawn.losses), own)
        assert panels.point_lines(fork, shot, fork.points(), 0)[1] == f"loss {float(own[0]):.3g}"
    assert drawn.title.startswith("ArcFace, s 16")
    assert landscape.link(fork, fork.snapshot(0))["losses"] == "soft-d"
    assert len(replay.page([fork], LiveView())) > 1000


def test_a_fork_is_named_as_one_beside_its_origin() -> None:
    one, other = RunConfig(), RunConfig(fork_run="a", fork_epoch=3, loss="arcface")
    assert names.differences({"a": one, "b": other}) == {"a": "", "b": "fork at 3"}
    assert names.apart({"a": one, "b": other}) == {"a": "", "b": "fork at 3"}


def test_two_forks_from_one_epoch_end_in_their_ids_on_their_panels() -> None:
    fork = RunConfig(fork_run="a", fork_epoch=3)
    configs = {"run-0001": RunConfig(), "run-0002": fork, "run-0003": fork}
    assert list(names.apart(configs).values()) == ["", "fork at 3 · 0002", "fork at 3 · 0003"]
    assert list(names.apart({"one-0001": fork, "two-0001": fork}).values()) == [
        "fork at 3 · one-0001",
        "fork at 3 · two-0001",
    ]
