"""A file that takes a while is made by a process of its own, which can be watched and ended."""

from __future__ import annotations

import gc
import os
import signal
import time
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from lossviz.core.errors import RunError
from lossviz.pages.train import export_job, replay
from lossviz.pages.train.export_job import Making
from lossviz.pages.train.view import LiveView
from lossviz.runs import Run, RunStore
from lossviz.training.config import RunConfig
from tests.readings.folders import shot, written

FEATURES = np.random.default_rng(3).normal(size=(30, 2))
WEIGHTS = np.array([[0.0, 1.0], [-1.0, -0.4], [0.9, -0.6]])
VIEW = LiveView(layer="regions", losses=("arcface",), settings={"epochs": 9})


def run_of(store: RunStore, frames: int) -> Run:
    params = RunConfig(loss="arcface").loss_params()
    shots = [shot(n, FEATURES, WEIGHTS, params=params) for n in range(1, frames + 1)]
    return written(store, RunConfig(loss="arcface"), shots)


def until(what: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_what_is_made_is_what_would_be_made_here(store: RunStore) -> None:
    runs = [run_of(store, 3), run_of(store, 3)]
    work = Making("html", runs, VIEW)
    assert work.stands == (0.0, "starting")
    assert work.seconds_left is None
    until(lambda: not work.working)
    assert (work.problem, work.stands) == ("", (1.0, "frame 3 of 3"))
    assert work.read().decode() == replay.page(runs, VIEW)
    assert work.size == len(work.read())


def test_it_tells_how_far_it_is_and_is_ended_by_cancel(store: RunStore) -> None:
    work = Making("frames", [run_of(store, 100)], VIEW)
    until(lambda: work.stands[0] > 0.15)
    share, what = work.stands
    assert share < 1
    assert what.startswith("frame ")
    assert what.endswith(" of 100 drawn")
    assert work.seconds_left is not None
    assert work.seconds_left > 0
    work.cancel()
    assert work._process.returncode == -signal.SIGKILL
    assert not work.working
    assert not work.folder.exists()
    work.cancel()


def test_it_ends_with_whoever_wanted_it(store: RunStore) -> None:
    work = Making("frames", [run_of(store, 100)], VIEW)
    folder, pid = work.folder, work._process.pid
    del work
    gc.collect()
    assert gone(pid)
    assert not folder.exists()


def test_what_goes_wrong_is_a_sentence(store: RunStore) -> None:
    run = run_of(store, 1)
    work = Making("html", [run], VIEW)
    (run.path / "config.json").write_text("{")
    until(lambda: not work.working)
    assert work.problem.startswith(f"{run.id}: config.json is damaged")
    killed = Making("frames", [run_of(store, 100)], VIEW)
    killed._process.kill()
    until(lambda: not killed.working)
    assert (
        killed.problem == "The process that made it ended (status -9): killed, or out of memory. Try again."
    )


def test_a_process_that_cannot_be_started_leaves_nothing(
    store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(export_job.sys, "executable", "/nothing")
    with pytest.raises(RunError, match=r"no process can be started .* \(No such file or directory\)"):
        Making("html", [run_of(store, 1)], VIEW)
    assert list(tmp_path.glob("lossviz-export-*")) == []


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
