"""Background jobs: real processes where they matter, sleeping ones where only the queue does."""

from __future__ import annotations

import errno
import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lossviz.core.errors import ReadingError, RunError
from lossviz.readings import extract, source, user_file
from lossviz.readings.projection import compute
from lossviz.readings.projection.settings import Recipe
from lossviz.readings.work import Worker, sweep
from lossviz.runs import Run, RunStore, files, jobs, jobstatus, launch, process
from lossviz.runs.jobs import Job
from lossviz.runs.jobstatus import JobStatus
from lossviz.runs.lock import FileLock

Copied = Callable[..., Run]
PATIENCE_S = 120.0


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


@pytest.fixture
def sleepers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Processes of jobs do nothing but live; their numbers in the order in which they were started."""
    started: list[int] = []

    def spawn(words: Any, log: Path) -> int:
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        process.adopt(child)
        started.append(child.pid)
        return child.pid

    monkeypatch.setattr(launch, "spawn", spawn)
    yield started
    for pid in started:
        if process.started(pid):
            os.kill(pid, signal.SIGKILL)
        until(lambda pid=pid: not process.started(pid))  # type: ignore[misc]


def test_a_job_works_in_a_process_of_its_own_and_is_kept(copied: Copied) -> None:
    run = copied()
    job = jobs.extraction(run, None, "test")
    assert job.now.state == "working"
    assert job.now.pid != os.getpid()
    until(lambda: job.now.ended)
    now = job.now
    assert (now.state, now.progress, now.reason) == ("done", 1.0, "")
    assert now.result == str(run.path / "readings" / "0002-test.safetensors")
    reading = source.of_run(run, None, "test")
    assert (reading.predictions == reading.labels).mean() == run.metrics()[-1]["test_accuracy"]
    # What is kept is not made again, and the runs of the folder are still only runs.
    before = job.record.stat().st_mtime_ns
    assert jobs.extraction(run, None, "test").now.state == "done"
    assert job.record.stat().st_mtime_ns == before
    assert RunStore(run.path.parent).runs() == [run]


def test_two_that_ask_for_the_same_get_the_same(copied: Copied, sleepers: list[int]) -> None:
    run = copied()
    first, second = jobs.extraction(run, None, "test"), jobs.extraction(Run(run.path), None, "test")
    assert first.id == second.id
    assert len(sleepers) == 1
    assert jobs.extraction(run, 1, "test").id != first.id


def test_two_work_at_once_and_others_wait_in_order(copied: Copied, sleepers: list[int]) -> None:
    run = copied()
    asked = [jobs.extraction(run, epoch, part) for epoch in (1, 2) for part in ("test", "train")]
    assert [job.now.state for job in asked] == ["working", "working", "waiting", "waiting"]
    assert asked[2].now.words == "waits for other jobs"
    assert asked[3].now.words == "waits for other jobs, 1 of them before it"
    assert jobs.living(run.path.parent) == asked
    asked[1].cancel()
    assert [job.now.state for job in asked] == ["working", "cancelled", "working", "waiting"]
    assert len(sleepers) == 3


def test_a_job_that_was_killed_has_failed_and_the_next_begins(copied: Copied, sleepers: list[int]) -> None:
    run = copied()
    asked = [jobs.extraction(run, None, part) for part in ("test", "train", "shown")]
    assert asked[2].now.state == "waiting"
    os.kill(sleepers[0], signal.SIGKILL)
    until(lambda: asked[0].now.state == "failed")
    assert "ended without a word" in asked[0].now.reason
    assert asked[2].now.state == "working"
    # A page that looks again does not start it again; a press does.
    assert jobs.extraction(run, None, "test").now.state == "failed"
    assert len(sleepers) == 3
    jobs.extraction(run, None, "test", again=True)
    assert asked[0].now.state == "waiting"


def test_what_a_process_said_last_is_why_it_failed(copied: Copied, sleepers: list[int]) -> None:
    job = jobs.extraction(copied(), None, "test")
    with job.log.open("a") as log:
        log.write("Traceback\nImportError: no torch here\n")
    os.kill(sleepers[0], signal.SIGKILL)
    until(lambda: job.now.state == "failed")
    assert job.now.reason == "ImportError: no torch here"


def test_cancelling_ends_the_process_and_keeps_what_was_kept(copied: Copied, sleepers: list[int]) -> None:
    run = copied()
    kept = extract.extract(run, 1, "test")
    working, waiting = jobs.extraction(run, None, "test"), None
    jobs.extraction(run, None, "train")
    waiting = jobs.extraction(run, None, "shown")
    waiting.cancel()
    assert waiting.now.state == "cancelled"
    working.cancel()
    assert working.now.state == "cancelled"
    assert not process.started(sleepers[0])
    working.cancel()
    assert kept.is_file()
    jobs.extraction(run, None, "test")
    assert working.now.state == "cancelled"


def test_a_process_that_does_not_end_is_told(
    copied: Copied, sleepers: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = jobs.extraction(copied(), None, "test")
    monkeypatch.setattr(process, "END_WAIT_S", 0.1)
    with monkeypatch.context() as deaf:
        deaf.setattr(os, "kill", lambda pid, number: None)
        with pytest.raises(ReadingError, match="does not end"):
            job.cancel()
    assert job.now.state == "working"


def test_a_process_that_heeds_no_request_is_killed(copied: Copied, monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); "
        "time.sleep(600)"
    )
    begun: list[int] = []

    def spawn(words: Any, log: Path) -> int:
        child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        assert child.stdout is not None
        with child.stdout as said:
            said.readline()
        process.adopt(child)
        begun.append(child.pid)
        return child.pid

    monkeypatch.setattr(launch, "spawn", spawn)
    monkeypatch.setattr(process, "END_WAIT_S", 0.3)
    job = jobs.extraction(copied(), None, "test")
    job.cancel()
    assert job.now.state == "cancelled"
    assert not process.started(begun[0])


def test_a_job_on_another_machine_is_cancelled_there(copied: Copied) -> None:
    job = Job("extract", copied().path, None, "test")
    job.record.parent.mkdir()
    far = JobStatus(state="working", pid=1, host="elsewhere")
    jobstatus.write(job.record, job.asked, far)
    assert job.now.state == "working"
    with pytest.raises(ReadingError, match="done on elsewhere; cancel it there"):
        job.cancel()


def test_a_process_that_cannot_be_started_is_told(copied: Copied, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(words: Any, log: Path) -> int:
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    monkeypatch.setattr(launch, "spawn", refuse)
    now = jobs.extraction(copied(), None, "test").now
    assert (now.state, now.reason) == (
        "failed",
        "its process could not be started (Cannot allocate memory); try again",
    )


def test_a_folder_that_cannot_be_written_is_told(copied: Copied, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, *rest: Any, **more: Any) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    run = copied()
    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(ReadingError, match=r"jobs cannot be kept in .* \(Read-only file system\)"):
        jobs.extraction(run, None, "test")


def test_what_goes_wrong_in_a_job_is_said_in_words(copied: Copied, monkeypatch: pytest.MonkeyPatch) -> None:
    run = copied()
    job = Job("extract", run.path, None, "test")

    def fails(error: BaseException) -> str:
        def extract_(*rest: Any) -> Path:
            raise error

        monkeypatch.setattr(extract, "extract", extract_)
        now = Worker(job).work()
        assert now.state == "failed"
        assert job.now.reason == now.reason
        return now.reason

    assert fails(ReadingError("the rule")) == "the rule"
    full = fails(OSError(errno.ENOSPC, "No space left on device"))
    assert full == f"no space left for {run.path / 'readings'}; free some space, then try again"
    denied = fails(PermissionError(errno.EACCES, "Permission denied", "/x"))
    assert denied == "a file could not be read or written: /x (Permission denied)"
    assert fails(MemoryError()).startswith("not enough memory")
    assert fails(RuntimeError("can't allocate memory: 5 GB")).startswith("not enough memory")
    assert fails(KeyError("x")).startswith("an error in the program (KeyError: 'x'); more is in ")
    assert "KeyError: 'x'" in job.log.read_text()


def test_a_run_that_is_deleted_meanwhile_is_told(copied: Copied, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    run = copied()

    def gone(*rest: Any) -> Path:
        shutil.rmtree(run.path)
        raise FileNotFoundError(errno.ENOENT, "No such file")

    monkeypatch.setattr(extract, "extract", gone)
    now = Worker(Job("extract", run.path, None, "test")).work()
    assert now.reason == f"the folder of {run.id} was deleted"
    # Its record goes with the next look at the queue.
    assert jobs.living(run.path.parent) == []
    assert not list((run.path.parent / jobs.FOLDER).glob("*.json"))


def test_while_it_works_others_see_it_and_at_its_end_the_next_begins(
    copied: Copied, sleepers: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = copied()
    here = Job("extract", run.path, None, "test")
    later = [Job("extract", run.path, None, part) for part in ("train", "shown")]

    def seen(*rest: Any) -> Path:
        assert (here.now.state, here.now.pid) == ("working", os.getpid())
        for job in later:
            job.start()
        assert [job.now.state for job in later] == ["working", "waiting"]
        return run.path

    monkeypatch.setattr(extract, "extract", seen)
    assert Worker(here).work().state == "done"
    # Nobody has looked at the one that waited: its record says that it was started.
    assert jobstatus.read(later[1].record)[1].state == "working"
    assert len(sleepers) == 2


def test_an_interruption_leaves_the_job_cancelled(copied: Copied, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*rest: Any) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(extract, "extract", interrupted)
    job = Job("extract", copied().path, None, "test")
    with pytest.raises(KeyboardInterrupt):
        Worker(job).work()
    assert job.now.state == "cancelled"


def test_a_job_is_never_done_twice_at_once(copied: Copied) -> None:
    job = Job("extract", copied().path, None, "test")
    job.record.parent.mkdir()
    lock = FileLock(job.record.with_suffix(".lock"), "")
    with pytest.raises(RunError, match="another process does this"):
        Worker(job).work()
    lock.release()
    assert Worker(job).work().state == "done"


def test_progress_is_told_with_the_time_that_is_left(copied: Copied, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(0, 10)
    run = copied()
    seen: list[JobStatus] = []

    def slow(r: Run, epoch: Any, part: str, layer: str, tell: Callable[[str, float], None]) -> Path:
        tell("laying out: 1 of 4", 0.2)
        tell("laying out: 2 of 4", 0.4)
        tell("laying out: 3 of 4", 0.6)
        return run.path

    monkeypatch.setattr(extract, "extract", slow)
    worker = Worker(Job("extract", run.path, None, "test"), seen.append)
    monkeypatch.setattr("lossviz.readings.work.time.monotonic", lambda: float(next(clock)))
    worker.work()
    told = [(now.words, now.progress, now.seconds_left) for now in seen if now.words.startswith("laying")]
    # Ten seconds pass at each look at the clock, of which there are two between the words: a fifth
    # takes twenty seconds, and three fifths are left, then two.
    assert [left for *_, left in told] == [None, pytest.approx(60), pytest.approx(40)]
    assert seen[-1].state == "done"


def test_what_killed_processes_left_is_removed_once_it_is_old(tmp_path: Path) -> None:
    old, fresh, kept = (tmp_path / n for n in (".a.safetensors.1f", ".b.safetensors.2e", "c.safetensors"))
    for path in (old, fresh, kept):
        path.write_bytes(b"x")
    os.utime(old, (0, 0))
    os.utime(kept, (0, 0))
    sweep(tmp_path)
    assert not old.exists()
    assert fresh.exists()
    assert kept.exists()


def test_a_projection_is_made_of_what_a_job_has_read_before(copied: Copied) -> None:
    run = copied("ce", dimension=5)
    recipe = Recipe("tsne", count=60)
    job = Job("tsne", run.path, 2.0, "test", "trunk.2", recipe)
    assert jobs.projected(run, 2.0, "test", recipe, "trunk.2") is None
    assert Worker(job).work().state == "done"
    kept = jobs.projected(run, 2.0, "test", recipe, "trunk.2")
    assert kept is not None
    assert kept.of.startswith("60 samples from all 360 test images, epoch 2, trunk.2, ReLU 16 × 4 × 4; t-SNE")
    # The layer was put through the network on the way, and is there for colours and the next one.
    assert source.kept(run, 2.0, "test", "trunk.2")
    reading = source.of_run(run, 2.0, "test", layer="trunk.2")
    np.testing.assert_array_equal(
        compute.project(reading, recipe, lambda words, share: None).points, kept.points
    )
    assert jobs.projected(run, 2.0, "test", Recipe("tsne", count=61), "trunk.2") is None
    facts = files.read_facts(Path(job.now.result))
    assert facts["layer"] == "trunk.2"
    assert facts["recipe"]["count"] == 60


def test_a_projection_of_a_file_of_one_s_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOSSVIZ_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "mine.npz"
    draw = np.random.default_rng(0)
    np.savez(path, features=draw.normal(size=(40, 3)), labels=np.arange(40) % 4)
    recipe = Recipe("tsne")
    reading = user_file.of_file(path)
    job = jobs._projection(path, reading.epoch, reading.part, recipe, "")
    assert Worker(job).work().state == "done"
    kept = jobs.projected(path, reading.epoch, reading.part, recipe)
    assert kept is not None
    assert kept.points.shape == (40, 2)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cache", "mine.npz"]
    with pytest.raises(ReadingError, match="a file has no layers"):
        jobs.projected(path, 0.0, "file", recipe, "trunk.2")


def test_records_that_are_damaged_or_old_are_passed_over(copied: Copied, sleepers: list[int]) -> None:
    run = copied()
    place = run.path.parent / jobs.FOLDER
    place.mkdir()
    (place / "broken.json").write_text("{")
    (place / "other.json").write_text('{"job": {"kind": "x"}, "status": {"state": "waiting"}}')
    long_ago = Job("extract", run.path, 1, "test")
    files.write_json(long_ago.record, {"job": long_ago.asked, "status": {"state": "failed", "updated": 1.0}})
    job = jobs.extraction(run, None, "test")
    assert job.now.state == "working"
    assert not long_ago.record.exists()
    assert long_ago.now.state == "new"


def test_a_recipe_survives_the_record(copied: Copied) -> None:
    recipe = Recipe("umap", neighbours=7, min_dist=0.25, metric="cosine", seed=3, dimension=3)
    job = Job("umap", copied().path, 2.0, "test", "trunk.2", recipe)
    again = Job.from_asked(job.asked)
    assert again == job
    assert again.id == job.id
