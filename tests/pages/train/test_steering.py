"""The buttons under the picture act on the runs that they name, in an order that starts nothing anew."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from lossviz.pages.train.ui import steering
from lossviz.runs import RunStatus, RunStore, process, status
from lossviz.training.config import RunConfig
from tests.pages.train.test_form import opened


def test_those_in_the_queue_are_stopped_before_the_one_that_trains(store: RunStore) -> None:
    """Else the next of them would begin in the place that has become free."""
    first, second, third, fourth = runs = [store.create(RunConfig(seed=seed)) for seed in range(4)]
    states = ("running", "queued", "finished", "queued")
    now = {run.id: RunStatus(state=state) for run, state in zip(runs, states, strict=True)}
    chosen = steering.in_state(runs, now, ("queued", "starting", "running", "paused"))
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


def test_folders_that_hold_no_run_are_not_offered_and_are_named(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOSSVIZ_RUNS", str(store.path))
    run = store.create(RunConfig())
    status.write(run.path / "status.json", run.status.but(state="stopped"))
    damaged = store.create(RunConfig(seed=1))
    (damaged.path / "config.json").write_text("{")
    for name in ("empty", "photos"):
        (store.path / name).mkdir()
    (store.path / "photos" / "config.json").write_text('{"seed": 1}')
    at = opened("Runs")
    assert not at.exception
    (box,) = [box for box in at.selectbox if box.label == "Delete"]
    # What a list shows of a run that cannot be read is its id.
    assert len(box.options) == 2
    assert damaged.id in box.options
    told = " ".join(caption.value for caption in at.caption)
    assert "empty" in told
    assert "photos" in told


def test_a_run_whose_process_does_not_answer_has_a_button_that_ends_it(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOSSVIZ_RUNS", str(store.path))
    run = store.create(RunConfig())
    child = subprocess.Popen(["sleep", "600"])
    try:
        os.kill(child.pid, signal.SIGSTOP)
        held = run.status.but(
            state="running", pid=child.pid, pid_started=process.creation_time(child.pid), host=process.host()
        )
        status.write(run.path / "status.json", held)
        at = opened(runs=run.id)
        assert not at.exception
        assert any(f"process {child.pid}" in error.value for error in at.error)
        (end,) = [button for button in at.button if button.label == "End"]
        end.click()
        at.run()
        assert not at.exception
        assert child.wait(60) == -signal.SIGKILL
    finally:
        child.kill()
        child.wait()
    assert (run.status.state, run.status.resumable) == ("stopped", True)
