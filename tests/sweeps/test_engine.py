"""The engine of a sweep is named on the command line, kept, and told where it is missing."""

from __future__ import annotations

import importlib.util
import time
from pathlib import Path

import pytest

from lossviz.cli import main
from lossviz.core.errors import ConfigError, RunError
from lossviz.runs import RunStore, files, launcher, process
from lossviz.runs.status import RunStatus
from lossviz.sweeps import Plan, Sweep, SweepStore
from lossviz.sweeps.engine import Engine

RAY = Engine("ray", "10.0.0.1:6379", 0.25)


@pytest.fixture
def sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sweep:
    """A sweep in the store of the command line, as if Ray were there; nothing is started."""
    monkeypatch.setenv("LOSSVIZ_RUNS", str(tmp_path / "runs"))
    monkeypatch.setattr(launcher, "look_after", lambda place: None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    return SweepStore(RunStore()).create(Plan.read({"data": "digits", "epochs": "1"}, ["arcface"]))


def on_another_machine(sweep: Sweep, **changes: object) -> None:
    """As if the driver had said so on another machine."""
    (job,) = sweep.jobs()
    told = {"state": "running", "pid": 1, "pid_started": "1.0", "host": "elsewhere", "updated": time.time()}
    files.write_json(job.path / "status.json", told | changes)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--engine", "dask"], "--engine must be local or ray; got 'dask'"),
        (["--address", "auto"], "--address is of a Ray cluster"),
        (["--gpus-each", "0.25"], "--gpus-each is of a Ray cluster"),
        (["--engine", "ray", "--gpus-each", "2"], "0 to 1"),
        (["--engine", "ray", "--gpus-each", "half"], "'half'"),
        (["--engine", "ray", "--gpus-each", "nan"], "'nan'"),
    ],
)
def test_what_no_engine_can_do_is_refused_in_a_sentence(
    sweep: Sweep, words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (["sweep", "--loss", "ce", "--data", "digits"], ["sweeps", "resume", sweep.id]):
        assert main([*command, *words]) == 2
        assert told in capsys.readouterr().err
    assert SweepStore().sweeps() == [sweep]
    assert not sweep.wanted


def test_without_ray_a_sentence_says_what_to_install(
    sweep: Sweep, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert main(["sweep", "--loss", "ce", "--data", "digits", "--engine", "ray"]) == 2
    said = capsys.readouterr().err
    assert "pip install 'ray" in said
    assert said.count("\n") == 1
    assert SweepStore().sweeps() == [sweep]
    with pytest.raises(ConfigError, match="not installed"):
        sweep.start(engine=RAY)
    assert not sweep.wanted


def test_an_engine_is_kept_until_another_is_named(sweep: Sweep, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--engine", "ray", "--address", RAY.address, "--gpus-each", "0.25", "--background"]
    assert main(["sweeps", "resume", sweep.id, *words]) == 0
    assert sweep.engine == RAY
    # One job, the driver, and no limit but the cluster's.
    assert [job.kind for job in sweep.jobs()] == ["drive"]
    assert sweep.at_once == len(sweep.plan.cells)
    with pytest.raises(RunError, match="pause it first"):
        sweep.start(engine=Engine())
    sweep.pause()
    assert sweep.engine == RAY
    sweep.start(at_once=2)
    assert (sweep.engine, sweep.at_once) == (RAY, 2)
    sweep.pause()
    sweep.start(at_once=1, engine=Engine())
    assert [job.kind for job in sweep.jobs()] == ["sweep"]


def test_a_driver_on_another_machine_is_left_alone_until_it_is_asked_for_here(sweep: Sweep) -> None:
    sweep.start(engine=RAY)
    (job,) = sweep.jobs()
    on_another_machine(sweep)
    assert sweep.standing().word == "running"
    # It sees by itself that the sweep is not wanted any more.
    sweep.pause()
    assert (sweep.wanted, job.status.state) == (False, "running")
    sweep.start()
    on_another_machine(sweep, updated=1.0)
    assert job.status.state == "lost"
    sweep.keep_going()
    assert job.status.state == "lost"
    assert "elsewhere" in sweep.standing().problem
    sweep.start()
    assert job.status.state == "queued"


def test_a_driver_that_was_killed_here_is_started_anew(sweep: Sweep) -> None:
    sweep.start(engine=RAY)
    (job,) = sweep.jobs()
    job.write_status(RunStatus(state="running", pid=2**22 + 1, pid_started="1.0", host=process.host()))
    sweep.keep_going()
    assert job.status.state == "queued"
