"""Workers forked by a spare process: the same bits, the same ends, and new processes where it fails."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import lossviz
from lossviz.runs import Run, RunStore, launch, process, spare
from lossviz.runs.worker import Worker
from lossviz.training.config import RunConfig
from tests.runs.fakes import content, wait

ROOT = Path(lossviz.__file__).parents[1]
SHORT = RunConfig(epochs=1, points=50, frame_points=50)
# Far more than any test needs; those that use it are killed.
LONG = SHORT.but(epochs=5000, snapshot_every=20)


@pytest.fixture(scope="module", autouse=True)
def cooled() -> Iterator[None]:
    """The tests share one spare process as far as they leave it alive."""
    yield
    launch.cool()


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunStore]:
    monkeypatch.delenv("LOSSVIZ_RUNS", raising=False)
    monkeypatch.delenv("LOSSVIZ_SPARE")
    monkeypatch.setenv("LOSSVIZ_MAX_RUNS", "6")
    # On a busy machine it may answer late, and is to be asked all the same.
    monkeypatch.setattr(spare, "PATIENCE_S", 60.0)
    made = RunStore(tmp_path / "runs")
    yield made
    for run in made.runs():
        if run.alive:
            os.kill(run.status.pid, signal.SIGKILL)
            wait(lambda run=run: not run.alive)


@pytest.fixture
def unchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever edits the program meanwhile, and pytest, which tells each test's name in the
    environment, do not disturb."""
    monkeypatch.setattr(spare, "sources", lambda: frozenset([("all", 0, 0)]))
    monkeypatch.setattr(spare, "_fixed", lambda environment: {})


def made_ready() -> spare.Spare:
    """A spare process that is ready."""
    launch.warm()
    at_hand = launch._spare
    assert at_hand is not None
    wait(lambda: at_hand.fits() and at_hand.state == "ready")
    return at_hand


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def handles(pid: int) -> list[str]:
    """What a process has open; what it closes meanwhile is not among it."""
    names = []
    for path in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            names.append(os.readlink(path))
    return names


def begun(run: Run) -> bool:
    return run.status.state == "running" and run.frames() != []


def test_a_fork_and_a_new_process_give_the_same_bits(store: RunStore, unchanged: None) -> None:
    configs = [SHORT.but(loss="arcface"), SHORT.but(loss="center", threads=2, epochs=2)]
    launch.cool()
    expected, forked = ([store.create(config) for config in configs] for _ in range(2))
    store.start(expected)
    assert [parent(run.status.pid) for run in expected] == [os.getpid()] * 2
    wait(lambda: all(run.status.ended for run in expected))
    ready = made_ready().pid
    store.start(forked)
    assert [parent(run.status.pid) for run in forked] == [ready, ready]
    wait(lambda: all(run.status.ended for run in forked))
    assert [content(run) for run in forked] == [content(run) for run in expected]
    assert {run.status.state for run in forked} == {"finished"}


def test_a_forked_worker_is_a_process_of_its_own_in_the_environment_of_its_asker(
    store: RunStore, unchanged: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ready = made_ready().pid
    # It cannot have been read before the spare process began.
    monkeypatch.setenv("LOSSVIZ_DATA", str(tmp_path / "elsewhere"))
    monkeypatch.chdir(tmp_path)
    run = store.create(LONG)
    store.start(run)
    pid = run.status.pid
    assert parent(pid) == ready
    wait(lambda: begun(run))
    assert run.status.pid == pid
    assert os.getsid(pid) == os.getpgid(pid) == pid
    assert os.getpriority(os.PRIO_PROCESS, pid) == 10
    assert os.readlink(f"/proc/{pid}/cwd") == str(tmp_path)
    assert not [name for name in handles(pid) if name.startswith("socket:")]
    for number, name in enumerate((os.devnull, run.path / "worker.log", run.path / "worker.log")):
        assert os.readlink(f"/proc/{pid}/fd/{number}") == str(name)
    run.ask("stop")
    wait(lambda: run.status.state == "stopped")
    # It does not stay in the process table.
    wait(lambda: not Path(f"/proc/{pid}").exists())

    broken = store.create(RunConfig(data="mnist"))
    monkeypatch.setenv("LOSSVIZ_CACHE", os.devnull)
    store.start(broken)
    wait(lambda: broken.status.ended)
    assert os.devnull in broken.status.reason


def test_a_forked_worker_that_is_killed_is_lost_and_resumed_to_the_same_bits(
    store: RunStore, unchanged: None
) -> None:
    ready = made_ready().pid
    config = SHORT.but(epochs=6)
    expected, run = store.create(config), store.create(config)
    Worker(expected, None).work()
    store.start(run)
    wait(lambda: run.status.step >= 60 or run.status.ended)
    os.kill(run.status.pid, signal.SIGKILL)
    wait(lambda: run.status.state == "lost")
    assert run.status.resumable
    store.resume(run)
    assert parent(run.status.pid) == ready
    wait(lambda: run.status.ended)
    assert content(run) == content(expected)


def test_workers_outlive_the_spare_process_and_others_start_without_it(
    store: RunStore, unchanged: None
) -> None:
    ready = made_ready().pid
    first, second = store.create(LONG), store.create(LONG)
    store.start(first)
    wait(lambda: begun(first))
    pid = first.status.pid
    os.kill(ready, signal.SIGKILL)
    wait(lambda: not process.started(ready))
    frames = len(first.frames())
    wait(lambda: len(first.frames()) > frames + 2)
    assert (first.status.state, first.status.pid) == ("running", pid)
    store.start(second)
    wait(lambda: begun(second))


def test_one_that_is_killed_or_hangs_while_it_is_asked_is_done_without(
    store: RunStore, unchanged: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = made_ready().pid
    run = store.create(LONG)
    monkeypatch.setattr(spare, "PATIENCE_S", 0.1)
    os.kill(ready, signal.SIGSTOP)
    store.start(run)
    assert parent(run.status.pid) == os.getpid()
    wait(lambda: begun(run))
    # What it was asked for must not be done later.
    assert not process.started(ready)


def test_when_the_asker_ends_the_spare_process_ends_and_workers_go_on(store: RunStore) -> None:
    run = store.create(LONG)
    code = f"""
import sys, time
from lossviz.runs import RunStore, launch, spare
spare.sources = lambda: None
launch.warm()
while not (launch._spare.fits() and launch._spare.state == "ready"):
    time.sleep(0.01)
store = RunStore({str(store.path)!r})
store.start(store.get({run.id!r}))
print(launch._spare.pid, flush=True)
time.sleep(600)
"""
    asker = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT)
    assert asker.stdout is not None
    with asker.stdout:
        pid = int(asker.stdout.readline())
    wait(lambda: begun(run))
    assert parent(run.status.pid) == pid
    asker.kill()
    asker.wait()
    wait(lambda: not process.started(pid))
    frames = len(run.frames())
    wait(lambda: len(run.frames()) > frames + 2)
    assert run.alive


def test_what_is_asked_before_it_is_ready_is_started_once_it_is_within_the_limit(
    store: RunStore, unchanged: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOSSVIZ_MAX_RUNS", "2")
    runs = [store.create(LONG) for _ in range(3)]
    launch.cool()
    launch.warm()
    assert store.start(runs) == runs[:2]
    assert [run.status.state for run in runs] == ["starting", "starting", "queued"]
    assert all(run.alive for run in runs[:2])
    assert store.training() == 2
    assert store.start_waiting() == []
    wait(lambda: begun(runs[0]) and begun(runs[1]))
    assert len({run.status.pid for run in runs[:2]}) == 2
    assert parent(runs[0].status.pid) == parent(runs[1].status.pid) != os.getpid()


def test_two_that_start_runs_at_once_share_it(store: RunStore, unchanged: None) -> None:
    ready = made_ready().pid
    runs = [store.create(LONG.but(seed=i)) for i in range(6)]
    askers = [threading.Thread(target=store.start, args=(part,)) for part in (runs[::2], runs[1::2])]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    wait(lambda: all(begun(run) for run in runs))
    assert [parent(run.status.pid) for run in runs] == [ready] * 6
    assert len({run.status.pid for run in runs}) == 6


def test_after_a_change_of_the_program_a_worker_runs_what_is_on_disk(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("lossviz", "models"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lossviz, "__file__", str(tmp_path / "lossviz" / "__init__.py"))
    at_hand = made_ready()
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert not at_hand.fits()
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert at_hand.fits()
    place = tmp_path / "models" / "small.py"
    place.write_text(place.read_text() + "\nraise RuntimeError('the program was changed')\n")
    assert not at_hand.fits()
    run = store.create(SHORT)
    store.start(run)
    wait(lambda: run.status.ended)
    assert "the program was changed" in run.status.reason
    # Nor is it tried again until the next change.
    launch.warm()
    wait(lambda: launch._spare is None or launch.warm())
    assert not process.started(at_hand.pid)


def test_where_there_is_a_gpu_nothing_is_forked(
    store: RunStore, unchanged: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    launch.cool()
    (tmp_path / "sitecustomize.py").write_text("import torch\ntorch.cuda.is_available = lambda: True\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    launch.warm()
    at_hand = launch._spare
    early, late = store.create(LONG.but(device="cpu")), store.create(LONG.but(device="cpu"))
    store.start(early)
    wait(lambda: begun(early))
    assert at_hand is not None
    assert not at_hand.fits()
    assert at_hand.state == "unable"
    store.start(late)
    assert parent(late.status.pid) == os.getpid()
    launch.warm()
    assert launch._spare is None


def test_it_ends_when_nobody_asks_and_none_is_begun_where_it_is_switched_off(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        code = "from lossviz.runs.spare_process import serve; raise SystemExit(serve(idle_s=0.1))"
        child = subprocess.Popen([sys.executable, "-c", code], stdin=theirs, cwd=ROOT)
        assert child.wait(60) == 0
        assert ours.recv(64) == b"ready"
    launch.cool()
    monkeypatch.setenv("LOSSVIZ_SPARE", "0")
    launch.warm()
    assert launch._spare is None
