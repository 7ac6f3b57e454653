"""Which runs start, and when: the cap, the order, forks and deletion; no process is started."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lossviz.core import cores
from lossviz.core.errors import ConfigError, RunError
from lossviz.runs import Run, RunStatus, RunStore, files, launcher, limits, process, status
from lossviz.runs.jobs import Job
from lossviz.runs.limits import Limits
from lossviz.runs.queue import Queue
from lossviz.runs.worker import Worker
from lossviz.training.config import RunConfig
from tests.runs.fakes import FakeTrainer, content, in_fork, make, no_data, reap, wait


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The runs that were started; each "lives" in a process number that this process is asked for."""
    ids: list[str] = []

    def begin(job: Job) -> int:
        ids.append(job.id)
        return len(ids)

    monkeypatch.setattr(launcher, "look_after", lambda place: Queue(place).take(begin) and None)
    monkeypatch.setattr(process, "lives", lambda pid, began: pid > 0)
    monkeypatch.setattr(process, "look", lambda pid: None)
    monkeypatch.setenv("LOSSVIZ_MAX_RUNS", "2")
    return ids


def put(run: Run, now: RunStatus, state: str, pid: int = 0) -> None:
    made = now.but(state=state, queued=0, pid=pid, pid_started="now", host=process.host())
    status.write(run.path / "status.json", made)


def several(store: RunStore, count: int) -> list[Run]:
    return [store.create(RunConfig(seed=i, epochs=2)) for i in range(count)]


def test_no_more_runs_start_than_the_cap_and_the_rest_in_their_order(
    store: RunStore, started: list[str]
) -> None:
    a, b, c, d = several(store, 4)
    for run in (c, a, d, b):
        store.start(run)
    assert started == [c.id, a.id]
    assert store.waiting() == [d, b]
    assert store.training() == 2
    put(c, c.status, "finished")
    store.start_waiting()
    store.start_waiting()
    assert started == [c.id, a.id, d.id]
    assert store.waiting() == [b]


def test_runs_asked_for_together_start_in_the_order_asked_not_by_name(
    store: RunStore, started: list[str]
) -> None:
    a, b, c, d = several(store, 4)
    store.start([d, b, c, a])
    assert started == [d.id, b.id]
    assert store.waiting() == [c, a]


def test_a_paused_run_does_not_count(store: RunStore, started: list[str]) -> None:
    a, b, c = several(store, 3)
    store.start([a, b, c])
    assert started == [a.id, b.id]
    put(a, a.status, "paused", pid=1)
    store.start_waiting()
    assert started[2:] == [c.id]


def test_runs_that_an_earlier_version_would_have_trained_together_start_alone(
    store: RunStore, started: list[str]
) -> None:
    runs = several(store, 3)
    for run in runs:
        path = run.path / "status.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), "cohort": "three"}))
        assert (run.problem, run.status.cohort) == ("", "three")
    store.start(runs)
    assert started == [run.id for run in runs[:2]]
    assert store.waiting() == runs[2:]


def test_a_new_run_waits_until_it_is_asked_to_start(store: RunStore, started: list[str]) -> None:
    (run,) = several(store, 1)
    store.start_waiting()
    assert store.waiting() == started == []
    assert run.status.state == "queued"
    store.start(run)
    store.start(run)
    assert started == [run.id]


def test_a_waiting_run_that_is_stopped_leaves_the_queue(store: RunStore, started: list[str]) -> None:
    a, b, c, d = several(store, 4)
    store.start([a, b, c, d])
    c.ask("stop")
    assert store.waiting() == [d]
    assert (c.status.state, c.status.reason) == ("stopped", "stopped before it began")
    store.resume(c)
    assert store.waiting() == [d, c]


def rest(store: RunStore) -> None:
    """As if nothing had been asked for, made or deleted for long; and look at it."""
    for path in (store.path / ".lock", store.path):
        os.utime(path, (1, 1))
    assert store.training() == 0
    assert store.waiting() == []


def test_runs_that_another_process_goes_on_with_count_at_once(store: RunStore, started: list[str]) -> None:
    a, b = several(store, 2)
    store.start([a, b])
    for run in (a, b):
        put(run, run.status, "stopped")
    rest(store)
    assert reap(in_fork(lambda: store.resume(a))) == 0
    assert store.training() == 1
    put(a, a.status, "finished")
    rest(store)
    # Trained where it was asked for, not in the queue.
    pid = in_fork(lambda: Worker(b, store, make(on_step=lambda trainer: time.sleep(0.02))).work())
    wait(lambda: b.status.state == "running")
    assert store.training() == 1
    b.ask("stop")
    assert reap(pid) == 0
    assert store.training() == 0


def test_a_status_written_by_hand_counts_after_a_while(
    store: RunStore, started: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (run,) = several(store, 1)
    store.start(run)
    put(run, run.status, "finished")
    rest(store)
    put(run, run.status, "running", pid=1)
    later = time.monotonic() + 60
    monkeypatch.setattr("time.monotonic", lambda: later)
    assert store.training() == 1


def test_processes_that_start_waiting_runs_at_once_start_each_once(store: RunStore, tmp_path: Path) -> None:
    runs = several(store, 12)

    def start_all() -> None:
        def begin(job: Job) -> int:
            files.append_line(tmp_path / "started", {"id": job.id})
            time.sleep(0.001)
            return 2**22 - 1

        launcher.look_after = lambda place: Queue(place).take(begin) and None
        for run in runs:
            try:
                store.start(run)
            except RunError as error:
                assert "is lost" in str(error)  # noqa: PT017

    assert [reap(pid) for pid in [in_fork(start_all) for _ in range(3)]] == [0, 0, 0]
    rows = [json.loads(line) for line in (tmp_path / "started").read_text().splitlines()]
    assert sorted(row["id"] for row in rows) == [run.id for run in runs]


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5"])
def test_a_cap_that_is_no_number_is_told(store: RunStore, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("LOSSVIZ_MAX_RUNS", text)
    with pytest.raises(ConfigError, match="LOSSVIZ_MAX_RUNS must be a whole number"):
        _ = store.cap


def test_without_a_word_the_cap_is_the_cores_less_one_and_at_least_three(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LOSSVIZ_MAX_RUNS", raising=False)
    for have, cap in ((1, 3), (2, 3), (4, 3), (8, 7)):
        monkeypatch.setattr(cores, "count", lambda have=have: have)
        assert store.cap == cap


def test_a_run_that_is_over_is_not_resumed(store: RunStore, started: list[str]) -> None:
    (run,) = several(store, 1)
    for state, words in (("finished", "a fork with more epochs"), ("diverged", "a fork with other settings")):
        put(run, run.status, state)
        with pytest.raises(RunError, match=words):
            store.resume(run)
        for what in ("run", "step"):
            with pytest.raises(RunError, match="resume it first"):
                run.ask(what)
        run.ask("pause")
        run.ask("stop")
        assert run.status.state == state
    with pytest.raises(RunError, match="got 'fly'"):
        run.ask("fly")


def test_a_living_run_is_not_deleted(store: RunStore, started: list[str]) -> None:
    (run,) = several(store, 1)
    store.start(run)
    for state in ("running", "paused"):
        put(run, run.status, state, pid=1)
        with pytest.raises(RunError, match="stop it first"):
            store.delete(run)
    put(run, run.status, "stopped")
    store.delete(run)
    assert store.runs() == []
    assert [p.name for p in store.path.iterdir()] == [".lock"]
    with pytest.raises(RunError, match="deleted already"):
        store.delete(run)


def test_only_runs_of_the_store_are_deleted(store: RunStore, tmp_path: Path) -> None:
    other = RunStore(tmp_path / "others").create(RunConfig())
    with pytest.raises(RunError, match="only those can be deleted here"):
        store.delete(other)
    store.create(RunConfig())
    (store.path / "link").symlink_to(other.path)
    store.delete(store.get("link"))
    assert other.problem == ""


@pytest.fixture
def origin(store: RunStore) -> Run:
    run = store.create(RunConfig(epochs=3, seed=1))
    Worker(run, None, make()).work()
    return run


def test_a_fork_starts_with_what_its_origin_had_at_that_epoch(store: RunStore, origin: Run) -> None:
    fork = store.fork(origin, 2, {"loss": "arcface", "params": {"margin": 0.2}})
    assert (fork.config.fork_run, fork.config.fork_epoch, fork.config.loss) == (origin.id, 2, "arcface")
    assert fork.frames() == [0, 2, 4, 6, 8]
    assert fork.metrics() == origin.metrics()[:2]
    assert fork.status.state == "queued"
    Worker(fork, None, make()).work()
    assert fork.frames() == origin.frames()
    # The time goes on from that of the origin; the running means are its own.
    assert [row["seconds"] for row in fork.metrics()] == [1.0, 2.0, 3.0]
    assert fork.checkpoint()[0]["model.w"].equal(origin.checkpoint()[0]["model.w"])
    for step in (4, 8):
        assert (fork.snapshot(step).features == origin.snapshot(step).features).all()


def test_a_fork_that_is_killed_early_begins_again_where_it_forked(store: RunStore, origin: Run) -> None:
    undisturbed = store.fork(origin, 1)
    Worker(undisturbed, None, make()).work()
    fork = store.fork(origin, 1)

    def die(trainer: object) -> None:
        if trainer.step == 7:  # type: ignore[attr-defined]
            os.kill(os.getpid(), 9)

    assert reap(in_fork(lambda: Worker(fork, None, make(on_step=die)).work())) == -9
    assert fork.frames() == [0, 2, 4, 6]
    Worker(fork, None, make()).work()
    assert content(fork) == content(undisturbed)


@pytest.mark.parametrize(
    ("epoch", "changes", "words"),
    [
        (2, {"epochs": 2}, "needs more than 2 epochs; got 2"),
        (9, {"epochs": 12}, "no checkpoint of epoch 9; there are of epochs: 1, 2, 3"),
        (1, {"net": "resnet-20", "seed": 5}, "a fork keeps net, seed of its run"),
        (1, {"colour": 5}, "no setting 'colour'; there are data, "),
    ],
)
def test_a_fork_that_cannot_be_is_told(
    store: RunStore, origin: Run, epoch: int, changes: dict[str, object], words: str
) -> None:
    before = store.runs()
    with pytest.raises(RunError, match=words):
        store.fork(origin, epoch, changes)
    assert store.runs() == before


def test_two_processes_never_train_one_run(store: RunStore) -> None:
    run = store.create(RunConfig(epochs=2))
    tried: list[str] = []

    def meanwhile(trainer: object) -> None:
        if not tried:
            tried.append("")
            with pytest.raises(RunError, match="another process trains this run"):
                Worker(Run(run.path), None, make()).work()

    assert Worker(run, None, make(on_step=meanwhile)).work() == "finished"
    assert tried


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ZeroDivisionError("by zero"), "an error in the program (ZeroDivisionError: by zero)"),
        (MemoryError(), "not enough memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: 4 bytes"), "not enough memory"),
        (OSError(5, "Input/output error", "x.gz"), "x.gz (Input/output error)"),
    ],
)
def test_an_error_while_training_fails_the_run_with_a_sentence(
    store: RunStore, error: Exception, words: str
) -> None:
    run = store.create(RunConfig(epochs=2))

    def fail(trainer: object) -> None:
        if trainer.step == 5:  # type: ignore[attr-defined]
            raise error

    assert Worker(run, None, make(on_step=fail)).work() == "failed"
    assert words in run.status.reason
    assert "the last checkpoint is of step 4" in run.status.reason
    assert "\n" not in run.status.reason
    if isinstance(error, ZeroDivisionError):
        assert "Traceback" in (run.path / "worker.log").read_text()
    assert Worker(run, None, make()).work() == "finished"
    assert run.status.reason == ""


def test_data_that_are_not_there_fail_the_run(store: RunStore) -> None:
    run = store.create(RunConfig())
    assert Worker(run, None, no_data).work() == "failed"
    assert run.status.reason == "no such images"


def test_a_run_that_diverges_ends_and_keeps_its_last_good_checkpoint(store: RunStore) -> None:
    bad = store.create(RunConfig(epochs=3, seed=1))
    assert Worker(bad, None, make(stops=8)).work() == "diverged"
    now = bad.status
    assert (now.state, now.reason, now.step) == ("diverged", "step 8: too large", 8)
    assert bad.checkpoint()[1]["step"] == 4
    assert bad.epochs() == [1]
    assert bad.frames() == [0, 2, 4, 6, 8]
    assert bad.snapshot(8).stopped == "step 8: too large"


def test_a_folder_deleted_while_it_trains_ends_the_training(store: RunStore) -> None:
    import shutil

    run = store.create(RunConfig(epochs=2))
    remove: Callable[[object], object] = lambda trainer: shutil.rmtree(run.path, ignore_errors=True)  # noqa: E731
    Worker(run, None, make(on_step=remove)).work()
    assert not run.path.exists()


def test_a_pause_asked_while_data_are_read_is_heeded_before_the_first_step(store: RunStore) -> None:
    run = store.create(RunConfig(epochs=2))

    def slow(config: RunConfig, progress: Callable[[str, float], None]) -> FakeTrainer:
        run.ask("pause")
        time.sleep(0.06)
        progress("reading the images", 0.5)
        return FakeTrainer(config)

    pid = in_fork(lambda: Worker(run, None, slow).work())
    until = time.monotonic() + 60
    while run.status.state != "paused" and time.monotonic() < until:
        time.sleep(0.01)
    assert (run.status.state, run.frames()) == ("paused", [0])
    run.ask("stop")
    assert reap(pid) == 0
    assert (run.status.state, run.status.step) == ("stopped", 0)


def test_a_limit_on_what_waits_queues_all_or_none(store: RunStore, started: list[str]) -> None:
    three = Limits(waiting=3)
    a, b, c, d, e, f = several(store, 6)
    # Two begin, three wait.
    store.start([a, b, c, d, e], three)
    assert store.waiting() == [c, d, e]
    with pytest.raises(RunError, match="at most 3 runs may wait for a free place; 3 wait, and 1 would"):
        store.start(f, three)
    assert (f.status.state, f.status.queued) == ("queued", 0)
    put(a, a.status, "finished")
    store.start(f, three)
    assert store.waiting() == [d, e, f]


def test_a_limit_of_ones_own_counts_what_the_same_asker_has_waiting(
    store: RunStore, started: list[str]
) -> None:
    a, b, c, d, e, f = several(store, 6)
    store.start([a, b, c, d], Limits(own=2, asker="one"))
    with pytest.raises(RunError, match="at most 2 runs of yours may wait"):
        store.start(e, Limits(own=2, asker="one"))
    store.start([e, f], Limits(waiting=9, own=2, asker="another"))
    assert [run.status.asker for run in store.waiting()] == ["one", "one", "another", "another"]


def test_of_processes_that_ask_at_once_only_as_many_are_queued_as_may_wait(
    store: RunStore, started: list[str]
) -> None:
    busy = several(store, 2)
    store.start(busy)
    groups = [several(store, 3) for _ in range(4)]

    def ask(group: list[Run]) -> None:
        try:
            store.start(group, Limits(waiting=7))
        except RunError as error:
            assert "may wait" in str(error)  # noqa: PT017

    assert [reap(pid) for pid in [in_fork(lambda g=g: ask(g)) for g in groups]] == [0, 0, 0, 0]
    waits = {run.id for run in store.waiting()}
    assert len(waits) == 6
    assert all(len(waits & {run.id for run in group}) in (0, 3) for group in groups)


def test_a_store_says_how_much_of_the_disk_it_takes(store: RunStore, tmp_path: Path) -> None:
    assert (store.size().bytes, store.size().whole) == (0, True)
    runs = several(store, 3)
    empty = store.size().bytes
    (runs[0].path / "snapshots").mkdir()
    (runs[0].path / "snapshots" / "00000001.safetensors").write_bytes(b"x" * 1_000_000)
    # A file with a hole takes what is written of it; a link takes nothing of what it leads to.
    with (runs[1].path / "metrics.jsonl").open("wb") as file:
        file.truncate(10**9)
    (tmp_path / "far").write_bytes(b"x" * 500_000)
    (runs[2].path / "far").symlink_to(tmp_path / "far")
    assert 1_000_000 <= store.size().bytes - empty < 1_100_000
    store.delete(runs[0])
    assert store.size().bytes - empty < 100_000


def test_a_size_that_takes_too_long_is_counted_on_at_the_next_look(store: RunStore) -> None:
    several(store, 2)
    whole = RunStore(store.path).size()
    for run in store.runs():
        os.utime(run.path, (1, 1))
    part = store.size(within_s=-1.0)
    assert part.bytes <= whole.bytes
    assert (part.whole, store.size().whole) == (False, True)
    assert store.size() == whole


@pytest.mark.parametrize("text", ["1e9", "-5", "lots", "1000"])
def test_a_memory_limit_that_is_no_number_or_too_small_is_told(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("LOSSVIZ_WORKER_MEMORY", text)
    with pytest.raises(ConfigError, match=r"LOSSVIZ_WORKER_MEMORY must be a whole number of bytes, at least"):
        limits.worker_memory()
