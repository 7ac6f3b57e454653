"""Real worker processes training on the digits: what viewers and the system ask of them."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lossviz.runs import Run, RunStore, launcher, process
from lossviz.runs.worker import Worker
from lossviz.training.config import RunConfig
from tests.runs.fakes import content, wait

# Far more than any test needs; those that use it are stopped.
LONG = RunConfig(epochs=2000, snapshot_every=20, frame_points=50, points=100)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forked: None) -> Iterator[RunStore]:
    monkeypatch.delenv("LOSSVIZ_RUNS", raising=False)
    monkeypatch.setenv("LOSSVIZ_MAX_RUNS", "1")
    made = RunStore(tmp_path / "runs")
    yield made
    for run in made.runs():
        if run.alive:
            os.kill(run.status.pid, signal.SIGKILL)
            wait(lambda run=run: not run.alive)


def test_a_worker_is_paused_stepped_resumed_and_stopped_and_others_wait_for_their_place(
    store: RunStore,
) -> None:
    first, second = store.create(LONG), store.create(LONG)
    store.start([first, second])
    wait(lambda: first.alive)
    assert second.status.state == "queued"
    wait(lambda: first.frames() != [])
    # Paused before its first step a run has no checkpoint.
    wait(lambda: first.status.state == "running" and first.status.step > 0)
    assert store.waiting() == [second]
    assert os.getpriority(os.PRIO_PROCESS, first.status.pid) >= 10
    assert os.getsid(first.status.pid) == first.status.pid

    first.ask("pause")
    wait(lambda: first.status.state == "paused")
    assert first.alive
    # The paused run's place is free.
    wait(lambda: second.status.state == "running")

    held = first.frames()
    assert first.checkpoint()[1]["step"] == first.status.step
    time.sleep(0.2)
    assert first.frames() == held
    first.ask("step")
    wait(lambda: len(first.frames()) == len(held) + 1)
    wait(lambda: first.status.state == "paused" and first.status.step == first.frames()[-1])
    first.ask("step")
    wait(lambda: len(first.frames()) == len(held) + 2)
    time.sleep(0.2)
    assert len(first.frames()) == len(held) + 2

    first.ask("run")
    wait(lambda: len(first.frames()) > len(held) + 4)
    assert first.status.state == "running"
    first.ask("stop")
    wait(lambda: not first.alive)
    now = first.status
    assert (now.state, now.reason) == ("stopped", "asked to stop")
    assert first.checkpoint()[1]["step"] == now.step

    os.kill(second.status.pid, signal.SIGTERM)
    wait(lambda: not second.alive)
    assert second.status.state == "stopped"
    assert "SIGTERM" in second.status.reason
    assert second.checkpoint()[1]["step"] == second.status.step > 0


def test_killed_resumed_paused_stopped_and_resumed_a_training_ends_in_the_same_bits(store: RunStore) -> None:
    config = RunConfig(loss="arcface", epochs=8, points=100, frame_points=50)
    expected = store.create(config)
    Worker(expected, None).work()
    run = store.create(config)

    def reached(step: int) -> bool:
        return run.status.step >= step or run.status.ended

    store.start(run)
    wait(lambda: reached(30))
    os.kill(run.status.pid, signal.SIGKILL)
    wait(lambda: run.status.state == "lost")
    assert run.status.resumable
    store.resume(run)
    wait(lambda: run.frames()[-1:] > [80])
    run.ask("pause")
    wait(lambda: run.status.state == "paused")
    assert 80 < run.status.step < 360
    run.ask("stop")
    wait(lambda: run.status.state == "stopped")
    store.resume(run)
    wait(lambda: run.status.ended)

    ours, theirs = content(run), content(expected)
    # The wishes that were asked lie in the folder.
    ours["files"] = [name for name in ours["files"] if name != "control.json"]
    assert ours == theirs
    assert len(run.metrics()) == 8


def test_an_ending_worker_starts_the_next_one_and_a_broken_one_is_told(store: RunStore) -> None:
    short = RunConfig(epochs=1, points=50, frame_points=50)
    broken = store.create(RunConfig(data="no-such-data"))
    together = [store.create(short.but(seed=i)) for i in range(2)]
    store.start(broken)
    store.start(together)
    wait(lambda: broken.status.ended)
    assert broken.status.state == "failed"
    assert "no-such-data" in broken.status.reason
    # Nobody but the ending worker is there to start them.
    wait(lambda: all(run.status.ended for run in together))
    assert [run.status.state for run in together] == ["finished", "finished"]
    assert together[0].snapshot(45).features.shape == (50, 2)
    alone = RunStore(store.path / ".alone").create(short)
    Worker(alone, None).work()
    assert [r["train_loss"] for r in together[0].metrics()] == pytest.approx(
        [r["train_loss"] for r in alone.metrics()], rel=1e-3
    )


def test_a_worker_that_cannot_even_start_leaves_its_last_word(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "torch.py").write_text("raise ImportError('no torch in this place')")
    run: Run = store.create(RunConfig())
    import lossviz

    real = lossviz.__file__
    monkeypatch.setattr(lossviz, "__file__", str(tmp_path / "lossviz" / "__init__.py"))
    monkeypatch.setenv("PYTHONPATH", str(Path(real).parents[1]))
    monkeypatch.setenv("LOSSVIZ_FORKSERVER", "0")
    launcher.close()
    store.start(run)
    launcher.close()
    wait(lambda: run.status.state == "lost")
    assert run.status.reason == "ImportError: no torch in this place"


@pytest.mark.skipif(sys.platform != "linux", reason="no other system keeps a process to its memory")
def test_a_worker_that_may_take_little_memory_says_that_it_needs_more(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOSSVIZ_WORKER_MEMORY", str(512 * 2**20))
    large = store.create(RunConfig(net="resnet-18", batch=1437, epochs=1))
    store.start(large)
    wait(lambda: large.status.ended)
    assert large.status.state == "failed"
    assert large.status.reason.startswith("not enough memory: 0.5 GB is what a process may take here")


@pytest.mark.skipif(not shutil.which("unshare"), reason="no containers here")
def test_a_container_with_process_numbers_of_its_own_is_another_machine() -> None:
    """Numbers mean other processes there, also where it has the name of its machine."""
    code = "from lossviz.runs import process; print(process.host())"
    words = ["unshare", "--pid", "--fork", "--mount-proc", sys.executable, "-c", code]
    made = subprocess.run(words, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    if made.returncode:
        pytest.skip(f"no containers here: {made.stderr[-200:]}")
    assert made.stdout.startswith(socket.gethostname())
    assert made.stdout.strip() != process.host()
