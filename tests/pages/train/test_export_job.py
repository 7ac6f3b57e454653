"""A file that takes a while is made by a job of the queue, which can be watched and ended."""

from __future__ import annotations

import errno
import gc
import os
import re
import signal
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lossviz.core.errors import RunError
from lossviz.pages.train import replay
from lossviz.pages.train.export_job import ExportJob
from lossviz.pages.train.view import LiveView
from lossviz.runs import Run, RunStore, launcher, process, workers
from lossviz.runs.jobs import Job
from lossviz.runs.queue import Queue
from lossviz.training.config import RunConfig
from tests.readings.folders import shot, written
from tests.waiting import wait

FEATURES = np.random.default_rng(3).normal(size=(30, 2))
WEIGHTS = np.array([[0.0, 1.0], [-1.0, -0.4], [0.9, -0.6]])
VIEW = LiveView(layer="regions", losses=("arcface",), settings={"epochs": 9})
MANY = 120  # frames, the most that are drawn: a job that takes a while


def run_of(store: RunStore, frames: int) -> Run:
    params = RunConfig(loss="arcface").loss_params()
    shots = [shot(n, FEATURES, WEIGHTS, params=params) for n in range(1, frames + 1)]
    return written(store, RunConfig(loss="arcface"), shots)


pytestmark = pytest.mark.usefixtures("forked")


def test_what_is_made_is_what_would_be_made_here(store: RunStore) -> None:
    runs = [run_of(store, 3), run_of(store, 3)]
    work = ExportJob("html", runs, VIEW)
    assert work.working
    assert (work.now.progress, work.now.seconds_left) == (0.0, None)
    wait(lambda: not work.working)
    assert (work.problem, work.now.progress) == ("", 1.0)
    assert work.read().decode() == replay.page(runs, VIEW)
    assert work.size == len(work.read())
    assert store.runs() == list(reversed(runs))


def test_it_tells_how_far_it_is_and_is_ended_by_cancel(store: RunStore) -> None:
    work = ExportJob("frames", [run_of(store, MANY)], VIEW)
    wait(lambda: work.now.progress > 0.15)
    now = work.now
    assert now.progress < 1
    assert re.fullmatch(rf"frame \d+ of {MANY} drawn", now.words)
    work.cancel()
    assert not process.creation_time(now.pid)
    assert not work.working
    assert not work.job.path.exists()
    work.cancel()


def test_a_line_that_comes_late_does_not_keep_what_was_cancelled(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing starts it; its process is another that is ended.
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    monkeypatch.setattr(
        launcher, "look_after", lambda place: Queue(place).take(lambda job: child.pid) and None
    )
    work = ExportJob("html", [run_of(store, 1)], VIEW)
    remove = os.rmdir

    def remove_late(*rest: Any, **more: Any) -> None:
        # As the launcher does once it sees that the process has ended.
        workers.note_end(work.job.log, signal.SIGKILL)
        remove(*rest, **more)

    with monkeypatch.context() as late:
        late.setattr(os, "rmdir", remove_late)
        work.cancel()
    assert child.wait() != 0
    workers.note_end(work.job.log, signal.SIGKILL)
    assert list((store.path / ".jobs").iterdir()) == []


def test_it_ends_with_whoever_wanted_it(store: RunStore) -> None:
    work = ExportJob("frames", [run_of(store, MANY)], VIEW)
    folder = work.job.path
    wait(lambda: Job(folder).status.progress > 0)
    pid = Job(folder).status.pid
    del work
    gc.collect()
    assert not process.creation_time(pid)
    assert not folder.exists()


def test_what_goes_wrong_is_a_sentence(store: RunStore) -> None:
    run = run_of(store, 1)
    work = ExportJob("html", [run], VIEW)
    (run.path / "config.json").write_text("{")
    wait(lambda: not work.working)
    assert work.problem.startswith(f"{run.id}: config.json is damaged")
    killed = ExportJob("frames", [run_of(store, MANY)], VIEW)
    wait(lambda: killed.now.progress > 0)
    process.end(killed.now.pid, killed.now.pid_started, gently=False)
    wait(lambda: "SIGKILL" in killed.problem)
    assert killed.problem.startswith("Its process was ended by the signal")


def test_one_that_cannot_be_asked_for_leaves_nothing(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_of(store, 1)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(RunError, match=r"cannot be changed \(Read-only file system\)"):
        ExportJob("html", [run], VIEW)
    assert not (store.path / ".jobs").exists()


@pytest.mark.usefixtures("sleepers")
def test_more_than_two_wait_and_more_than_allowed_are_refused(store: RunStore) -> None:
    run = run_of(store, 1)
    works = [ExportJob("html", [run], VIEW, most=3) for _ in range(3)]
    assert [work.now.state for work in works] == ["starting", "starting", "queued"]
    assert works[2].now.words == "waits for other jobs"
    with pytest.raises(RunError, match=r"at most 3 files may wait or work at a time .*, and 3 do"):
        ExportJob("html", [run], VIEW, most=3)
    for work in reversed(works):
        work.cancel()


def test_all_frames_are_pictures_in_one_zip(store: RunStore) -> None:
    told: list[tuple[str, float]] = []
    packed = replay.pictures([run_of(store, 2)], VIEW, lambda what, share: told.append((what, share)))
    with zipfile.ZipFile(BytesIO(packed)) as archive:
        assert archive.namelist() == ["frame-00000-step-000001.png", "frame-00001-step-000002.png"]
    assert [what for what, _ in told] == [
        "frame 1 of 2 computed",
        "frame 2 of 2 computed",
        "frame 1 of 2 drawn",
        "frame 2 of 2 drawn",
    ]
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1
