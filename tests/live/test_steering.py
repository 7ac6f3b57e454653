"""The buttons under the picture act on the runs that they name, in an order that starts nothing anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from lossviz.runs import RunStatus, RunStore
from lossviz.training.config import RunConfig
from lossviz.ui.live import steering
from tests.live.test_form import opened


def test_those_in_the_queue_are_stopped_before_the_one_that_trains(store: RunStore) -> None:
    """Else the next of them would begin in the place that has become free."""
    first, second, third, fourth = runs = [store.create(RunConfig(seed=seed)) for seed in range(4)]
    states = ("running", "queued", "finished", "queued")
    now = {run.id: RunStatus(state=state) for run, state in zip(runs, states, strict=True)}
    chosen = steering._in(runs, now, ("queued", "starting", "running", "paused"))
    assert chosen == [second, fourth, first]
    assert third not in chosen


def test_a_place_of_runs_that_cannot_be_listed_is_told_in_the_list_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LOSSVIZ_RUNS", str(tmp_path / "file"))
    at = opened("Runs")
    told = [caption.value.replace("\\", "") for caption in at.caption]
    assert any("cannot be listed (Not a directory); make it a folder" in text for text in told)
