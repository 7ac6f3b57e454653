"""Small runs on the digits, really trained, each once for all tests of a process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from lossviz.readings.jobs import ReadingJob
from lossviz.runs import Run, RunStore, launcher, process
from lossviz.runs.jobs import Job
from lossviz.runs.queue import Queue
from lossviz.runs.status import RunStatus
from lossviz.runs.worker import Worker
from lossviz.training.config import RunConfig

# 300 images in steps of 64: 5 steps an epoch. 100 of the 360 test images are shown.
QUICK: dict[str, Any] = {
    "data": "digits",
    "epochs": 2,
    "train_images": 300,
    "batch": 64,
    "points": 100,
    "frame_points": 40,
    "device": "cpu",
}

Trained = Callable[..., Run]


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Trains a run of a loss, or gives the one that was trained before. Not to be written into."""
    store = RunStore(tmp_path_factory.mktemp("runs"))
    made: dict[str, Run] = {}

    def train(loss: str, **settings: Any) -> Run:
        config = RunConfig(loss=loss, **{**QUICK, **settings})
        key = config.to_json()
        if key not in made:
            made[key] = store.create(config)
            assert Worker([made[key]]).work() == ["finished"]
        return made[key]

    return train


@pytest.fixture
def copied(tmp_path: Path, trained: Trained) -> Callable[..., Run]:
    """A copy of a trained run in a folder of this test, to be written into."""
    import shutil

    def copy(loss: str = "ce", **settings: Any) -> Run:
        run = trained(loss, **settings)
        there = tmp_path / "runs" / run.id
        shutil.copytree(run.path, there, ignore=shutil.ignore_patterns("readings"))
        return Run(there)

    return copy


@pytest.fixture
def sleepers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Workers do nothing but live, deaf to any request; their numbers in the order of their starts."""
    deaf = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    code = f"import signal, time; {deaf}; print(flush=True); time.sleep(600)"
    children: list[subprocess.Popen[bytes]] = []
    started: list[int] = []

    def begin(jobs: Sequence[Job]) -> int:
        child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        assert child.stdout is not None
        with child.stdout as said:
            said.readline()
        children.append(child)
        started.append(child.pid)
        return child.pid

    monkeypatch.setattr(launcher, "look_after", lambda place: Queue(place).take(begin) and None)
    monkeypatch.setattr(process, "END_WAIT_S", 0.3)
    yield started
    for child in children:
        child.kill()
        child.wait()


def put(job: ReadingJob, now: RunStatus) -> ReadingJob:
    """The job as if it had been asked for and stood so."""
    job.job.put_down(job.kind, job.asked)
    job.job.tell(now)
    return job
