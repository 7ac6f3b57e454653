"""A run killed at any moment and resumed leaves the same bits as an undisturbed one."""

from __future__ import annotations

import errno
import os
import resource
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lossviz.runs import Run, RunStore
from lossviz.runs import worker as worker_module
from lossviz.runs.worker import Worker
from lossviz.runs.writer import RunWriter
from lossviz.training.config import RunConfig
from tests.runs.fakes import FakeTrainer, content, in_fork, make, reap, train_in_fork

WRITING = ("replace", "write", "fsync", "unlink", "rename", "open")


def undisturbed(tmp_path: Path, **options: Any) -> dict[str, Any]:
    run = RunStore(tmp_path / "undisturbed").create(RunConfig(epochs=2))
    Worker(run, None, make(**options)).work()
    return content(run)


def killed_at(number: int, run: Run, each_s: float) -> bool:
    """Train in a fork that kills itself at its `number`-th call that changes files: half of a write
    is done then. False if it ended before."""

    def action() -> None:
        worker_module.CHECKPOINT_EACH_S = each_s
        calls = 0

        def wrapped(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
            def call(*arguments: Any, **named: Any) -> Any:
                nonlocal calls
                calls += 1
                if calls == number:
                    if name == "write":
                        real(arguments[0], arguments[1][: len(arguments[1]) // 2])
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*arguments, **named)

            return call

        for name in WRITING:
            setattr(os, name, wrapped(name, getattr(os, name)))
        Worker(run, None, make()).work()

    return reap(in_fork(action)) == -signal.SIGKILL


@pytest.mark.parametrize(
    ("each_s", "stride"),
    [
        pytest.param(0.0, 23, id="a checkpoint each step"),
        pytest.param(1000.0, 13, id="each epoch"),
        # Calls come in like groups, one for each file written; these strides come to every place in them.
        pytest.param(0.0, 5, id="a checkpoint each step, many", marks=pytest.mark.slow),
        pytest.param(1000.0, 2, id="each epoch, many", marks=pytest.mark.slow),
    ],
)
def test_killed_at_any_file_call_and_resumed_a_run_is_bit_for_bit_the_same(
    tmp_path: Path, each_s: float, stride: int
) -> None:
    expected = undisturbed(tmp_path)
    store = RunStore(tmp_path / "killed")
    number, lost = 0, True
    while lost:
        number += stride
        run = store.create(RunConfig(epochs=2))
        lost = killed_at(number, run, each_s)
        assert run.status.state in (("lost", "queued", "finished") if lost else ("finished",))
        Worker(run, None, make()).work()
        assert content(run) == expected, f"killed at call {number}"
    assert number > (80 if each_s == 0 else 50)


@pytest.mark.slow
def test_killed_again_and_again_at_any_time_a_run_is_bit_for_bit_the_same(tmp_path: Path) -> None:
    expected = undisturbed(tmp_path)
    run = RunStore(tmp_path / "killed").create(RunConfig(epochs=2))

    def slowly(trainer: FakeTrainer) -> None:
        time.sleep(0.01)

    wait = np.random.default_rng(0)
    kills = 0
    # Lives grow: on a busy machine the first may be too short for a step.
    while run.status.state != "finished" and kills < 200:
        pid = train_in_fork(run, each_s=0.0, on_step=slowly)
        time.sleep(float(wait.uniform(0.02, 0.08)) * (1 + kills / 20))
        os.kill(pid, signal.SIGKILL)
        kills += reap(pid) == -signal.SIGKILL
    assert kills > 1
    assert content(run) == expected


def test_a_damaged_checkpoint_is_passed_over_for_the_one_before(tmp_path: Path) -> None:
    expected = undisturbed(tmp_path)
    run = RunStore(tmp_path / "killed").create(RunConfig(epochs=2))

    def die(trainer: FakeTrainer) -> None:
        if trainer.step == 6:
            os.kill(os.getpid(), signal.SIGKILL)

    assert reap(train_in_fork(run, each_s=0.0, on_step=die)) == -signal.SIGKILL
    path = run.path / "checkpoint.safetensors"
    path.write_bytes(path.read_bytes()[:-7])
    Worker(run, None, make()).work()
    assert content(run) == expected


def test_a_full_disk_fails_the_run_with_the_reason_and_loses_nothing(tmp_path: Path) -> None:
    expected = undisturbed(tmp_path, size=256)
    run = RunStore(tmp_path / "full").create(RunConfig(epochs=2))

    def fill(trainer: FakeTrainer) -> None:
        if trainer.step == 5:
            # Files beyond this size cannot be written: checkpoints, but not the status.
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1500, 1500))

    assert reap(train_in_fork(run, each_s=1000.0, on_step=fill, size=256)) == 0
    assert run.status.state == "failed"
    assert "no space left" in run.status.reason
    assert "the last checkpoint is of step 4" in run.status.reason
    assert not list(run.path.rglob(".*"))
    Worker(run, None, make(size=256)).work()
    assert content(run) == expected


def test_a_disk_too_full_for_a_new_status_holds_it_in_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RunStore(tmp_path).create(RunConfig(epochs=2))

    def fill(trainer: FakeTrainer) -> None:
        def refuse(*arguments: Any) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        if trainer.step == 5:
            monkeypatch.setattr(os, "replace", refuse)

    Worker(run, None, make(on_step=fill)).work()
    monkeypatch.undo()
    assert (run.status.state, run.status.step) == ("failed", 5)
    assert "no space left" in run.status.reason
    assert run.metrics()[-1]["step"] == 4


@pytest.mark.parametrize("content_", [b"", b"garbage", None], ids=["empty", "garbage", "half"])
def test_damaged_points_are_written_again_by_a_resumed_run(tmp_path: Path, content_: bytes | None) -> None:
    expected = undisturbed(tmp_path)
    run = RunStore(tmp_path / "runs").create(RunConfig(epochs=2))
    assert reap(train_in_fork(run, on_step=die_at(6))) == -signal.SIGKILL
    path = run.path / "points.safetensors"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2] if content_ is None else content_)
    Worker(run, None, make()).work()
    assert content(run) == expected


def test_snapshots_that_were_damaged_before_a_resume_are_missed_in_words(tmp_path: Path) -> None:
    run = RunStore(tmp_path / "runs").create(RunConfig(epochs=3))
    assert reap(train_in_fork(run, on_step=die_at(11))) == -signal.SIGKILL
    (run.path / "snapshots" / "00000002.safetensors").write_bytes(b"")
    (run.path / "snapshots" / "00000006.safetensors").write_bytes(b"garbage" * 9)
    # This one is from after the checkpoint, and is written again.
    (run.path / "snapshots" / "00000010.safetensors").write_bytes(b"")
    Worker(run, None, make()).work()
    assert run.status.state == "finished"
    assert run.frames() == [0, 4, 8, 10, 12]
    assert all(run.snapshot(step).step == step for step in run.frames())
    assert any("of step 2, 6" in sentence for sentence in run.status.verdicts)
    assert "all is well" in run.status.verdicts


def die_at(step: int) -> Callable[[FakeTrainer], None]:
    def die(trainer: FakeTrainer) -> None:
        if trainer.step == step:
            os.kill(os.getpid(), signal.SIGKILL)

    return die


def test_processes_that_vanish_before_a_checkpoint_are_counted(tmp_path: Path) -> None:
    run = RunStore(tmp_path / "runs").create(RunConfig(epochs=2))

    def tries(on_step: Callable[[FakeTrainer], None]) -> int:
        assert reap(train_in_fork(run, each_s=0.0, on_step=on_step)) == -signal.SIGKILL
        return run.status.tries

    def die_at_once(trainer: FakeTrainer) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    assert [tries(die_at_once), tries(die_at_once), tries(die_at(3)), tries(die_at(5))] == [1, 2, 0, 0]
    assert [tries(die_at_once), tries(die_at_once)] == [1, 2]
    Worker(run, None, make()).work()
    assert run.status.tries == 0


def test_a_run_that_has_come_to_its_end_is_not_trained_again(tmp_path: Path) -> None:
    run = RunStore(tmp_path / "runs").create(RunConfig(epochs=2))
    assert Worker(run, None, make()).work() == "finished"
    before, log = run.read_status(), run.log.read_text()
    assert log.count("finished at step 8") == 1
    assert Worker(run, None, make()).work() == "finished"
    assert (run.read_status(), run.log.read_text()) == (before, log)


def test_what_a_killed_writer_left_is_removed_and_hidden_files_of_ones_own_stay(tmp_path: Path) -> None:
    run = RunStore(tmp_path / "runs").create(RunConfig())
    for name in (".config.json.0123abcd", ".notes", ".DS_Store"):
        (run.path / name).write_text("x")
    RunWriter(run).sweep()
    assert {path.name for path in run.path.glob(".*")} == {".notes", ".DS_Store"}
