"""A worker that does not answer is told from a slow one, and can be ended; children leave no zombies."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lossviz.cli import main
from lossviz.core.errors import RunError
from lossviz.readings.failures import troubles
from lossviz.runs import Run, RunStore, files, process
from lossviz.training.config import RunConfig
from tests.runs.fakes import reap, train_in_fork, wait

Sleeper = Callable[[], int]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    monkeypatch.setenv("LOSSVIZ_RUNS", str(tmp_path / "runs"))
    return RunStore()


@pytest.fixture
def sleeper() -> Iterator[Sleeper]:
    """Starts processes that do nothing at all."""
    made: list[subprocess.Popen[bytes]] = []

    def start() -> int:
        made.append(subprocess.Popen(["sleep", "600"]))
        wait(lambda: not computing(made[-1].pid))
        return made[-1].pid

    yield start
    for child in made:
        child.kill()
        child.wait()


def computing(pid: int) -> bool:
    seen = process.look(pid)
    return seen is None or seen.computing


def put(run: Run, pid: int, quiet: float = 0.0, **changes: object) -> None:
    """As if the process had trained the run and said nothing for so many seconds."""
    known = {"state": "running", "device": "CPU, 1 thread", "host": process.host(), "step": 3, "epochs": 2}
    told = {
        "pid": pid,
        "pid_started": process.creation_time(pid),
        "beat": time.monotonic() - quiet,
        "updated": 0.0,
    }
    files.write_json(run.path / "status.json", {**known, **told, **changes})


def test_a_held_worker_says_so_and_comes_back_by_itself(store: RunStore) -> None:
    run = store.create(RunConfig(epochs=5000))
    pid = train_in_fork(run, on_step=lambda trainer: time.sleep(0.01))
    wait(lambda: run.status.state == "running")
    assert (run.status.silent, run.status.word) == ("", "running")
    assert store.training() == 1
    os.kill(pid, signal.SIGSTOP)
    wait(lambda: run.status.silent)
    assert str(pid) in run.status.silent
    assert f"kill -CONT {pid}" in run.status.silent
    assert (run.status.state, run.status.word, run.alive) == ("running", "running, does not answer", True)
    # Its place is free for others, as that of a paused run.
    assert store.training() == 0
    with pytest.raises(RunError, match="does not answer"):
        store.delete(run)
    os.kill(pid, signal.SIGCONT)
    wait(lambda: not run.status.silent)
    step = run.status.step
    wait(lambda: run.status.step > step)
    run.ask("stop")
    assert reap(pid) == 0
    assert run.status.state == "stopped"


@pytest.mark.parametrize(
    ("changes", "silent"),
    [
        ({"quiet": 120}, True),
        ({"quiet": 120, "state": "paused"}, True),
        ({"quiet": 20}, False),
        # It loads or downloads.
        ({"quiet": 120, "state": "starting"}, False),
        ({"quiet": 1200, "state": "starting"}, True),
        # A long step: it has computed since. cpu: seconds computed when it last said something.
        ({"quiet": 120, "cpu": -60.0}, False),
        ({"quiet": 120, "cpu": -0.1}, True),
        # What a GPU computes is not seen here.
        ({"quiet": 120, "device": "NVIDIA H200"}, False),
        # A laptop that slept: its clock on the wall has gone on, the machine's has not.
        ({"quiet": 5, "updated": 1.0}, False),
        # Written by an earlier version.
        ({"beat": 0.0}, False),
        ({"quiet": -50}, False),
    ],
)
def test_silence_is_told_from_slowness(
    store: RunStore, sleeper: Sleeper, changes: dict[str, object], silent: bool
) -> None:
    run = store.create(RunConfig())
    put(run, sleeper(), **changes)  # type: ignore[arg-type]
    assert bool(run.status.silent) == silent
    assert run.alive


def test_a_silent_run_is_named_by_page_and_command_line_and_ended_on_request(
    store: RunStore, sleeper: Sleeper, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two, other = (store.create(RunConfig(seed=seed)) for seed in range(3))
    pid, silent_pid, else_pid = sleeper(), sleeper(), sleeper()
    put(one, pid, quiet=120)
    put(two, silent_pid, quiet=120)
    put(other, else_pid, quiet=0)
    (sentence,) = troubles([one])
    assert f"process {pid}" in sentence
    assert main(["runs", "list"]) == 0
    assert capsys.readouterr().out.count("does not answer") == 2
    assert main(["runs", "show", one.id]) == 0
    assert f"process {pid}" in capsys.readouterr().out
    assert main(["runs", "resume", one.id]) == 2
    assert "does not answer" in capsys.readouterr().err
    assert main(["runs", "stop", one.id]) == 2
    assert f"runs stop {one.id} --force" in capsys.readouterr().err
    assert process.creation_time(pid)
    assert main(["runs", "stop", one.id, "--force"]) == 0
    assert not process.creation_time(pid)
    assert [run.status.state for run in (one, two, other)] == ["stopped", "running", "running"]
    assert process.creation_time(silent_pid)
    assert process.creation_time(else_pid)


def test_a_process_on_another_machine_is_not_ended_here(store: RunStore, sleeper: Sleeper) -> None:
    run = store.create(RunConfig())
    put(run, sleeper(), host="elsewhere", updated=time.time())
    with pytest.raises(RunError, match="it is trained on elsewhere"):
        store.end(run)


def test_a_folder_that_was_renamed_while_it_trained_says_so(store: RunStore) -> None:
    run = store.create(RunConfig(epochs=5000))
    pid = train_in_fork(run, on_step=lambda trainer: time.sleep(0.01))
    wait(lambda: run.status.state == "running" and run.has_checkpoint)
    moved = Run(run.path.rename(store.path / "mine"))
    assert reap(pid) == 0
    assert moved.status.state == "lost"
    assert run.id in moved.status.reason
    assert "renamed" in moved.status.reason
    assert not run.path.exists()


def test_a_copy_of_a_run_that_trains_is_not_alive(store: RunStore, sleeper: Sleeper) -> None:
    run = store.create(RunConfig())
    put(run, sleeper(), folder=run.id)
    assert run.alive
    run.path.rename(store.path / "other")
    assert not Run(store.path / "other").alive


def test_a_machine_that_was_started_anew_is_the_reason(store: RunStore) -> None:
    run = store.create(RunConfig())
    put(run, 5, pid_started="17.0")
    assert "started anew" in run.status.reason


def test_a_full_disk_is_the_reason_of_a_lost_run(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    run = store.create(RunConfig())
    put(run, 2**22 - 1, pid_started=f"{time.time()}")
    real = os.statvfs(run.path)
    full = os.statvfs_result([*real[:3], 0, 0, *real[5:]])
    monkeypatch.setattr(os, "statvfs", lambda path: full)
    assert run.status.reason == f"no space left for {run.path}; free some space, then resume"
    monkeypatch.undo()
    assert "killed, or out of memory" in Run(store.path / run.id).status.reason


def test_the_last_word_of_a_worker_on_a_full_disk_is_kept_in_its_log(store: RunStore) -> None:
    run = store.create(RunConfig())
    put(run, 2**22 - 1, pid_started=f"{time.time()}")
    for said in ("lossviz: no space left for it\n", "libgomp: Thread creation failed: try again\n"):
        (run.path / "worker.log").write_text("\n--- 1 started\n" + said)
        assert run.status.reason == said.removeprefix("lossviz: ").strip()
