"""Workers that a launcher has made: forked and spawned ones, the same bits, and the same ends."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

import lossviz
from lossviz.core.errors import RunError
from lossviz.runs import Run, RunStore, launcher, lock, process
from lossviz.runs.jobs import KINDS, function_of
from lossviz.runs.worker import Worker
from lossviz.training.config import RunConfig
from tests.runs.fakes import content, wait

ROOT = Path(lossviz.__file__).parents[1]
SHORT = RunConfig(epochs=1, points=50, frame_points=50)
# Far more than any test needs; those that use it are killed.
LONG = SHORT.but(epochs=5000, snapshot_every=20)

pytestmark = [
    pytest.mark.skipif(launcher.sys.platform != "linux", reason="workers are forked on Linux alone"),
    pytest.mark.usefixtures("closed"),
]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunStore]:
    monkeypatch.delenv("LOSSVIZ_RUNS", raising=False)
    monkeypatch.delenv("LOSSVIZ_FORKSERVER")
    monkeypatch.setenv("LOSSVIZ_MAX_RUNS", "6")
    made = RunStore(tmp_path / "runs")
    yield made
    for run in made.runs():
        if run.alive:
            process.end(run.status.pid, run.status.pid_started, gently=False)


def begun(run: Run) -> bool:
    return run.status.state == "running" and run.frames() != []


def began_by(run: Run) -> psutil.Process:
    """The process that began the worker of a run."""
    wait(lambda: run.status.pid)
    return psutil.Process(psutil.Process(run.status.pid).ppid())


def is_fork_server(found: psutil.Process) -> bool:
    return "multiprocessing.forkserver" in " ".join(found.cmdline())


def launcher_of(run: Run) -> psutil.Process:
    found = began_by(run)
    return found.parent() or found if is_fork_server(found) else found


@pytest.mark.slow
def test_a_forked_a_spawned_worker_and_this_process_give_the_same_bits(
    store: RunStore, unchanged: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = SHORT.but(loss="center", epochs=2)
    here, forked, spawned = (store.create(config) for _ in range(3))
    Worker(here, None).work()
    store.start(forked)
    assert is_fork_server(began_by(forked))
    monkeypatch.setenv("LOSSVIZ_FORKSERVER", "0")
    launcher.close()
    store.start(spawned)
    assert not is_fork_server(began_by(spawned))
    launcher.close()
    wait(lambda: forked.status.ended and spawned.status.ended)
    assert content(forked) == content(spawned) == content(here)


def test_a_worker_is_a_process_of_its_own_in_the_environment_of_its_asker(
    store: RunStore, unchanged: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    launcher.warm()
    # These cannot have been read before the launcher began.
    monkeypatch.setenv("LOSSVIZ_DATA", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("LOSSVIZ_CACHE", os.devnull)
    monkeypatch.chdir(tmp_path)
    run = store.create(LONG)
    store.start(run)
    wait(lambda: begun(run))
    pid = run.status.pid
    worker = psutil.Process(pid)
    assert os.getsid(pid) == os.getpgid(pid) == pid
    assert worker.nice() == 10
    assert worker.cwd() == str(tmp_path)
    assert not worker.net_connections(kind="all")
    for number, name in enumerate((os.devnull, run.log, run.log)):
        assert os.readlink(f"/proc/{pid}/fd/{number}") == str(name)
    run.ask("stop")
    wait(lambda: run.status.state == "stopped")
    # It does not stay in the process table.
    wait(lambda: not psutil.pid_exists(pid))

    # Of the same environment: the launcher may start it by itself, once the place is free.
    broken = store.create(RunConfig(data="mnist"))
    store.start(broken)
    wait(lambda: broken.status.ended)
    assert os.devnull in broken.status.reason


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGKILL, marks=pytest.mark.slow)])
def test_workers_outlive_their_launcher_and_the_queue_goes_on(
    store: RunStore, unchanged: None, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    first, second, third = (store.create(LONG) for _ in range(3))
    monkeypatch.setenv("LOSSVIZ_MAX_RUNS", "1")
    store.start([first, second])
    wait(lambda: begun(first))
    ended, pid = launcher_of(first), first.status.pid
    ended.send_signal(number)
    wait(lambda: not process.creation_time(ended.pid))
    frames = len(first.frames())
    wait(lambda: len(first.frames()) > frames + 2)
    assert (first.status.state, first.status.pid, second.status.state) == ("running", pid, "queued")
    # Nobody but the ending worker is there to start the next one.
    first.ask("stop")
    wait(lambda: begun(second))
    assert launcher_of(second).pid != ended.pid
    monkeypatch.setenv("LOSSVIZ_MAX_RUNS", "6")
    store.start(third)
    wait(lambda: begun(third))


def test_workers_outlive_the_fork_server_and_others_are_started(store: RunStore, unchanged: None) -> None:
    first, second = store.create(LONG), store.create(SHORT)
    store.start(first)
    wait(lambda: begun(first))
    server = began_by(first)
    assert is_fork_server(server)
    server.kill()
    wait(lambda: not process.creation_time(server.pid))
    frames = len(first.frames())
    wait(lambda: len(first.frames()) > frames + 2)
    store.start(second)
    wait(lambda: second.status.state == "finished")
    assert first.status.state == "running"


def test_a_launcher_that_is_held_is_done_without(store: RunStore, unchanged: None) -> None:
    run, other = store.create(SHORT), store.create(SHORT)
    store.start(run)
    held = launcher_of(run)
    assert held.pid != os.getpid(), held.cmdline()
    with lock.hold(store.path / ".lock"):  # else it may be stopped with the queue in its hands
        held.suspend()
        wait(lambda: held.status() == psutil.STATUS_STOPPED)
    try:
        store.start(other)
        wait(lambda: other.status.state == "finished")
    finally:
        held.kill()


@pytest.mark.slow
def test_when_the_asker_ends_workers_and_the_queue_go_on_and_then_the_launcher_ends(store: RunStore) -> None:
    run, waits = store.create(LONG), store.create(SHORT)
    code = f"""
import sys, time
from lossviz.runs import RunStore
store = RunStore({str(store.path)!r})
store.start([store.get({run.id!r}), store.get({waits.id!r})])
print("asked", flush=True)
time.sleep(600)
"""
    environment = {**os.environ, "LOSSVIZ_MAX_RUNS": "1"}
    asker = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT, env=environment)
    assert asker.stdout is not None
    with asker.stdout:
        assert asker.stdout.readline()
    wait(lambda: begun(run))
    found = launcher_of(run)
    asker.kill()
    asker.wait()
    frames = len(run.frames())
    wait(lambda: len(run.frames()) > frames + 2)
    run.ask("stop")
    wait(lambda: waits.status.state == "finished")
    wait(lambda: not process.creation_time(found.pid))


def test_what_is_cancelled_before_a_worker_has_begun_is_not_begun(store: RunStore, unchanged: None) -> None:
    launcher.close()
    run, later = store.create(SHORT), store.create(SHORT)
    # The launcher takes a second or two until it begins the first.
    store.start([run, later])
    run.ask("stop")
    wait(lambda: later.status.state == "finished")
    assert (run.status.state, run.frames()) == ("stopped", [])


def test_several_that_start_runs_at_once_share_a_launcher(store: RunStore, unchanged: None) -> None:
    runs = [store.create(LONG.but(seed=i)) for i in range(6)]
    askers = [threading.Thread(target=store.start, args=(part,)) for part in (runs[::2], runs[1::2])]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    wait(lambda: all(begun(run) for run in runs))
    assert store.training() == 6
    assert len({launcher_of(run).pid for run in runs}) == 1
    assert len({run.status.pid for run in runs}) == 6


@pytest.mark.parametrize(("number", "name"), [(signal.SIGKILL, "SIGKILL"), (signal.SIGSEGV, "Segmentation")])
def test_a_signal_that_ended_a_worker_is_named(
    store: RunStore, unchanged: None, number: int, name: str
) -> None:
    run = store.create(LONG)
    store.start(run)
    wait(lambda: begun(run))
    os.kill(run.status.pid, number)
    wait(lambda: run.status.state == "lost" and name in run.status.reason)
    assert run.status.resumable


@pytest.mark.slow
def test_after_a_change_of_the_program_a_worker_runs_what_is_on_disk(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("lossviz", "models"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lossviz, "__file__", str(tmp_path / "lossviz" / "__init__.py"))
    launcher.close()
    first, second = store.create(SHORT), store.create(SHORT)
    store.start(first)
    wait(lambda: first.status.state == "finished")
    place = tmp_path / "models" / "small.py"
    place.write_text(place.read_text() + "\nraise RuntimeError('the program was changed')\n")
    store.start(second)
    wait(lambda: second.status.ended)
    assert "the program was changed" in second.status.reason


def test_another_environment_has_another_launcher(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    run, other = store.create(SHORT), store.create(SHORT)
    store.start(run)
    wait(lambda: run.status.state == "finished")
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    store.start(other)
    assert launcher_of(other).environ()["OMP_NUM_THREADS"] == "3"


def test_what_is_preloaded_is_all_of_it_and_leaves_one_thread_and_no_gpu() -> None:
    code = """
import sys
import psutil, torch
asked = lambda: sys.exit("asked for a GPU, which may wake its driver")
torch.cuda.is_available = torch.cuda.device_count = asked
from lossviz.runs import preload
missing = [name for name in preload.MODULES if name not in sys.modules]
raise SystemExit(f"missing: {missing}" if missing else 10 + psutil.Process().num_threads())
"""
    # Threads of numpy end before a fork; OpenBLAS counts as one here.
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, stderr=subprocess.PIPE)
    assert (said.returncode, said.stderr) == (11, b"")


def test_a_launcher_ends_when_nobody_asks_and_imports_nothing_large() -> None:
    code = (
        "import sys; from lossviz.runs import workers; "
        "assert not {'torch', 'numpy', 'streamlit'} & {*sys.modules}; raise SystemExit(workers.serve(0.1))"
    )
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, cwd=ROOT)
    assert child.stdin is not None
    assert child.wait(60) == 0
    child.stdin.close()


def test_a_launcher_that_fails_is_told_and_tried_again(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    launcher.close()
    run = store.create(SHORT)
    with monkeypatch.context() as broken:
        broken.setattr(launcher, "PROGRAM", "raise SystemExit(3)")
        store.start(run)
        broken.setattr(launcher, "PROGRAM", "import time; time.sleep(600)")

        def told() -> bool:
            try:
                store.start_waiting()
            except RunError as error:
                return "no process can be started" in str(error)
            return False

        wait(told)
    launcher.close()
    store.start_waiting()
    wait(lambda: run.status.state == "finished")


def test_nothing_is_kept_ready_where_that_is_switched_off(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    launcher.close()
    monkeypatch.setenv("LOSSVIZ_FORKSERVER", "0")
    before = {child.pid for child in psutil.Process().children()}
    launcher.warm()
    with contextlib.suppress(psutil.Error):
        assert {child.pid for child in psutil.Process().children()} <= before


def test_every_kind_of_jobs_names_a_function_that_is_there() -> None:
    assert {*KINDS} >= {"train", "extract", "project", "export"}
    assert all(callable(function_of(kind)) for kind in KINDS)
