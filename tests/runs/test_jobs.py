"""Background jobs: real processes where they matter, sleeping ones where only the queue does."""

from __future__ import annotations

import errno
import itertools
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lossviz.core.errors import ReadingError, RunError
from lossviz.readings import extract, jobs, source, user_file
from lossviz.readings.jobs import ReadingJob, sweep
from lossviz.readings.projection import compute
from lossviz.readings.projection.settings import Recipe
from lossviz.runs import Run, RunStore, files, launcher, process
from lossviz.runs.jobs import Job
from lossviz.runs.lock import FolderLock, hold
from lossviz.runs.queue import Queue
from lossviz.runs.status import RunStatus
from tests.conftest import put

Copied = Callable[..., Run]
PATIENCE_S = 120.0


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def test_a_job_works_in_a_process_of_its_own_and_is_kept(copied: Copied) -> None:
    run = copied()
    job = jobs.extraction(run, None, "test")
    assert job.now.pid != os.getpid()
    until(lambda: job.now.ended)
    now = job.now
    assert (now.state, now.progress, now.reason) == ("finished", 1.0, "")
    assert now.result == str(run.path / "readings" / "0002-test.safetensors")
    reading = source.of_run(run, None, "test")
    assert (reading.predictions == reading.labels).mean() == run.metrics()[-1]["test_accuracy"]
    # What is kept is not made again, and the runs of the folder are still only runs.
    before = (job.job.path / "status.json").stat().st_mtime_ns
    assert jobs.extraction(run, None, "test").now.state == "finished"
    assert (job.job.path / "status.json").stat().st_mtime_ns == before
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
    assert [job.now.state for job in asked] == ["starting", "starting", "queued", "queued"]
    assert asked[2].now.words == "waits for other jobs"
    assert asked[3].now.words == "waits for other jobs, 1 of them before it"
    assert jobs.going(run.path.parent) == asked
    asked[1].cancel()
    assert [job.now.state for job in asked] == ["starting", "stopped", "starting", "queued"]
    assert len(sleepers) == 3


def test_a_job_that_was_killed_has_failed_and_the_next_begins(copied: Copied, sleepers: list[int]) -> None:
    run = copied()
    asked = [jobs.extraction(run, None, part) for part in ("test", "train", "shown")]
    assert asked[2].now.state == "queued"
    os.kill(sleepers[0], signal.SIGKILL)
    until(lambda: asked[0].now.state == "lost")
    assert "ended without a word" in asked[0].now.reason
    assert asked[2].now.state == "starting"
    # A page that looks again does not start it again; a press does.
    assert jobs.extraction(run, None, "test").now.state == "lost"
    assert len(sleepers) == 3
    jobs.extraction(run, None, "test", again=True)
    assert asked[0].now.state == "queued"


def test_what_a_process_said_last_is_why_it_failed(copied: Copied, sleepers: list[int]) -> None:
    job = jobs.extraction(copied(), None, "test")
    with job.job.log.open("a") as log:
        log.write("Traceback\nImportError: no torch here\n")
    os.kill(sleepers[0], signal.SIGKILL)
    until(lambda: job.now.state == "lost")
    assert job.now.reason == "ImportError: no torch here"


def test_cancelling_ends_the_process_and_keeps_what_was_kept(copied: Copied, sleepers: list[int]) -> None:
    run = copied()
    kept = extract.extract(run, 1, "test")
    working, waiting = jobs.extraction(run, None, "test"), None
    jobs.extraction(run, None, "train")
    waiting = jobs.extraction(run, None, "shown")
    waiting.cancel()
    assert waiting.now.state == "stopped"
    working.cancel()
    assert working.now.state == "stopped"
    assert not process.creation_time(sleepers[0])
    working.cancel()
    assert kept.is_file()
    jobs.extraction(run, None, "test")
    assert working.now.state == "stopped"


def test_a_process_that_does_not_end_is_told(
    copied: Copied, sleepers: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = jobs.extraction(copied(), None, "test")
    with monkeypatch.context() as deaf:
        deaf.setattr(process, "end", lambda pid, began, gently: False)
        with pytest.raises(RunError, match="does not end"):
            job.cancel()
    assert job.now.state == "starting"


def test_a_job_on_another_machine_is_cancelled_there(copied: Copied) -> None:
    job = put(
        ReadingJob("extract", copied().path, None, "test"),
        RunStatus(state="starting", pid=1, host="elsewhere", updated=0.0),
    )
    job.job.write_status(job.job.read_status())
    assert job.now.state == "starting"
    with pytest.raises(RunError, match="done on elsewhere; end it there"):
        job.cancel()


def test_a_process_that_cannot_be_started_is_told(copied: Copied, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    run = copied()
    monkeypatch.setattr(launcher, "look_after", lambda place: Queue(place).take(refuse) and None)
    now = jobs.extraction(run, None, "test").now
    assert (now.state, now.reason) == (
        "failed",
        "its process could not be started (Cannot allocate memory); try again",
    )
    monkeypatch.setattr(launcher, "look_after", refuse)
    with pytest.raises(RunError, match=r"no process can be started .*\(Cannot allocate memory\)"):
        jobs.extraction(run, None, "test", again=True)


def test_a_folder_that_cannot_be_written_is_told(copied: Copied, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, *rest: Any, **more: Any) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    run = copied()
    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(RunError, match=r"cannot be changed \(Read-only file system\)"):
        jobs.extraction(run, None, "test")


def test_what_goes_wrong_in_a_job_is_said_in_words(copied: Copied, monkeypatch: pytest.MonkeyPatch) -> None:
    run = copied()
    job = ReadingJob("extract", run.path, None, "test")

    def fails(error: BaseException) -> str:
        def extract_(*rest: Any) -> Path:
            raise error

        monkeypatch.setattr(extract, "extract", extract_)
        now = job.work()
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
    assert "KeyError: 'x'" in job.job.log.read_text()


def test_a_run_that_is_deleted_meanwhile_is_told(copied: Copied, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    run = copied()

    def gone(*rest: Any) -> Path:
        shutil.rmtree(run.path)
        raise FileNotFoundError(errno.ENOENT, "No such file")

    monkeypatch.setattr(extract, "extract", gone)
    now = ReadingJob("extract", run.path, None, "test").work()
    assert now.reason == f"the folder of {run.id} was deleted"
    # Its record goes with the next look at the queue.
    assert jobs.going(run.path.parent) == []
    assert not job_folders(run)


def test_while_it_works_others_see_it_and_at_its_end_the_next_begins(
    copied: Copied, sleepers: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = copied()
    here = ReadingJob("extract", run.path, None, "test")
    later = [ReadingJob("extract", run.path, None, part) for part in ("train", "shown")]

    def seen(*rest: Any) -> Path:
        assert (here.now.state, here.now.pid) == ("running", os.getpid())
        for job in later:
            job.start()
        assert [job.now.state for job in later] == ["starting", "queued"]
        return run.path

    monkeypatch.setattr(extract, "extract", seen)
    assert here.work().state == "finished"
    # Nobody has looked at the one that waited: its record says that it was started.
    assert later[1].job.read_status().state == "starting"
    assert len(sleepers) == 2


def test_an_interruption_leaves_the_job_cancelled(copied: Copied, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*rest: Any) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(extract, "extract", interrupted)
    job = ReadingJob("extract", copied().path, None, "test")
    with pytest.raises(KeyboardInterrupt):
        job.work()
    assert job.now.state == "stopped"


def test_a_job_is_never_done_twice_at_once(copied: Copied) -> None:
    job = ReadingJob("extract", copied().path, None, "test")
    job.job.path.mkdir(parents=True)
    lock = FolderLock(job.job.path)
    with pytest.raises(RunError, match="another process does this"):
        job.work()
    lock.release()
    assert job.work().state == "finished"


def test_progress_is_told_with_the_time_that_is_left(copied: Copied, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = 0.0
    run = copied()
    seen: list[RunStatus] = []

    def slow(r: Run, epoch: Any, part: str, layer: str, tell: Callable[[str, float], None]) -> Path:
        nonlocal moment
        for share in (0.2, 0.4, 0.6):
            tell(f"laying out: {share}", share)
            moment += 20.0
        return run.path

    monkeypatch.setattr(extract, "extract", slow)
    monkeypatch.setattr("lossviz.runs.task.time.monotonic", lambda: moment)
    ReadingJob("extract", run.path, None, "test").work(seen.append)
    told = [(now.words, now.progress, now.seconds_left) for now in seen if now.words.startswith("laying")]
    # A fifth takes twenty seconds, and three fifths are left, then two.
    assert [left for *_, left in told] == [None, pytest.approx(60), pytest.approx(40)]
    assert seen[-1].state == "finished"


def test_what_killed_processes_left_is_removed_once_it_is_old(tmp_path: Path) -> None:
    old, fresh, kept = (
        tmp_path / n for n in (".a.safetensors.0123abcd", ".b.safetensors.0123abce", "c.safetensors")
    )
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
    job = ReadingJob("project", run.path, 2.0, "test", "trunk.2", recipe)
    assert jobs.find_projection(run, 2.0, "test", recipe, "trunk.2") is None
    assert job.work().state == "finished"
    kept = jobs.find_projection(run, 2.0, "test", recipe, "trunk.2")
    assert kept is not None
    assert kept.of.startswith("60 samples from all 360 test images, epoch 2, trunk.2, ReLU 16 × 4 × 4; t-SNE")
    # The layer was put through the network on the way, and is there for colours and the next one.
    assert source.available(run, 2.0, "test", "trunk.2")
    reading = source.of_run(run, 2.0, "test", layer="trunk.2")
    np.testing.assert_array_equal(
        compute.project(reading, recipe, lambda words, share: None).points, kept.points
    )
    assert jobs.find_projection(run, 2.0, "test", Recipe("tsne", count=61), "trunk.2") is None
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
    job = jobs.projection(path, reading.epoch, reading.part, recipe)
    assert job.work().state == "finished"
    kept = jobs.find_projection(path, reading.epoch, reading.part, recipe)
    assert kept is not None
    assert kept.points.shape == (40, 2)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cache", "mine.npz"]
    with pytest.raises(ReadingError, match="a file has no layers"):
        jobs.find_projection(path, 0.0, "file", recipe, "trunk.2")


def job_folders(run: Run) -> list[str]:
    return [path.name for path in (run.path.parent / ".jobs").iterdir()]


def test_folders_that_are_damaged_are_passed_over_and_old_ones_forgotten(
    copied: Copied, sleepers: list[int]
) -> None:
    run = copied()
    broken = {"broken": "{", "odd": '{"kind": "x"}', "train": '{"kind": "train", "asked": {"of": ["/"]}}'}
    for name, text in broken.items():
        (run.path.parent / ".jobs" / name).mkdir(parents=True)
        (run.path.parent / ".jobs" / name / "job.json").write_text(text)
        (run.path.parent / ".jobs" / name / "status.json").write_text('{"state": "queued", "queued": 1}')
    # What an earlier version left there.
    (run.path.parent / ".jobs" / "old.json").write_text("{}")
    long_ago = put(ReadingJob("extract", run.path, 1, "test"), RunStatus(state="failed"))
    path = long_ago.job.path / "status.json"
    path.write_text('{"state": "failed", "updated": 1.0}')
    job = jobs.extraction(run, None, "test")
    assert job.now.state == "starting"
    assert long_ago.now.state == "new"
    assert sorted(job_folders(run)) == sorted([*broken, "old.json", job.id])


def test_a_job_that_is_asked_for_again_while_it_is_forgotten_stays(
    copied: Copied, sleepers: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = copied()
    job = put(ReadingJob("extract", run.path, None, "test"), RunStatus(state="failed"))
    long_ago = '{"state": "failed", "updated": 1.0}'
    (job.job.path / "status.json").write_text(long_ago)
    lock = Queue.lock

    @contextmanager
    def later(queue: Queue) -> Iterator[None]:
        # Another process has had the lock first.
        job.job.write_status(RunStatus(state="queued", queued=1))
        with lock(queue):
            yield

    with monkeypatch.context() as other:
        other.setattr(Queue, "lock", later)
        assert jobs.going(run.path.parent) == [job]
    (job.job.path / "status.json").write_text(long_ago)
    assert jobs.going(run.path.parent) == []
    assert not job_folders(run)


def test_the_lock_of_a_folder_that_is_gone_does_not_make_it_anew(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"gone: worker\.lock cannot be opened"):
        FolderLock(tmp_path / "gone")
    with pytest.raises(FileNotFoundError), hold(tmp_path / "run" / "readings" / ".lock"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_what_asks_for_anything_else_is_not_done(copied: Copied, tmp_path: Path) -> None:
    run = copied()
    job = put(ReadingJob("extract", run.path, None, "test"), RunStatus())
    assert ReadingJob.read(job.job) == job
    (tmp_path / "elsewhere").mkdir()
    for of in ([str(tmp_path / "elsewhere")], [], [str(run.path), str(run.path)]):
        files.write_json(job.job.path / "job.json", {"kind": "extract", "asked": {**job.request, "of": of}})
        with pytest.raises(ReadingError, match="no job is written down there"):
            ReadingJob.read(Job(job.job.path))
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_recipe_survives_the_folder(copied: Copied) -> None:
    recipe = Recipe("umap", neighbours=7, min_dist=0.25, metric="cosine", seed=3, dimension=3)
    job = put(ReadingJob("project", copied().path, 2.0, "test", "trunk.2", recipe), RunStatus())
    again = ReadingJob.read(Job(job.job.path))
    assert again == job
    assert again.id == job.id


def test_a_limit_on_readings_counts_those_that_wait_or_work(copied: Copied, sleepers: list[int]) -> None:
    run = copied()
    for epoch, part in itertools.product((1, 2), ("test", "train")):
        jobs.extraction(run, epoch, part, most=4)
    assert len(jobs.going(run.path.parent)) == 4
    with pytest.raises(
        RunError, match="at most 4 readings may wait or work at a time on this server, and 4 do"
    ):
        jobs.extraction(run, None, "shown", most=4)
    # Training is not counted, nor does it wait for them.
    other = RunStore(run.path.parent).create(run.config)
    RunStore(run.path.parent).start(other)
    assert other.status.state == "starting"
