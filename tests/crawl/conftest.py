"""Runs of every kind for the crawl, each made once for all tests of a process."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits

from lossviz.readings.jobs import ReadingJob
from lossviz.runs import Run, RunStore, process
from lossviz.runs.worker import Worker
from lossviz.runs.writer import RunWriter
from lossviz.sweeps import Plan, SweepStore
from lossviz.training.config import RunConfig
from tests.crawl.visitor import remember_answers
from tests.readings import folders
from tests.sweeps import by_hand

Show = Callable[[str], dict[str, Any]]
NAMES = ("ant", "bee", "cat", "dog", "eel")

SIX = ("digits", "names", "deep", "tail", "few", "solid")
# What is in the store that the pages see, and shown.
KINDS: dict[str, tuple[str, ...]] = {
    "no runs": (),
    "one run": ("digits",),
    "six runs": SIX,
    "names": ("names", "digits"),
    "own file": ("digits",),
    "failed": ("failed",),
    "trains": ("trains", "digits"),
    "waits": ("digits", "waits"),
    "waits alone": ("waits",),
    "of every state": ("waits", "digits", "failed", "trains"),
    "sweeps": (),
}
SHORT = ("no runs", "six runs", "own file", "of every state")


class Store:
    """A store of runs of every kind. ids: by what they are called in a test. file: metrics of one's own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.ids = folder, dict[str, str]()
        self.images, self.file = str(folder / "own.npz"), str(folder / "metrics.npz")
        store = RunStore(folder / "runs")
        self._files()
        tail = {"imbalance": "long-tailed", "imbalance_ratio": 5.0}
        self._train(store, "digits", loss="soft-d")
        self._train(store, "names", loss="arcface", data=self.images)
        self._train(store, "deep", loss="bce-u", dimension=8, held_out=(9,))
        self._train(store, "tail", loss="cce", **tail)
        self._train(store, "few", loss="camri", classes=(3, 5, 8), params={"margin": 0.3})
        self._train(store, "solid", loss="center", dimension=3)
        shots = [folders.shot(step, np.eye(3)[:, :2] * step, np.eye(3)[:, :2]) for step in (0, 5, 10)]
        config = RunConfig(loss="soft-0", epochs=3)
        failed = folders.written(store, config, shots, state="failed", reason="it ran away")
        self.ids["failed"] = failed.id
        self.ids["waits"] = folders.written(store, config, state="queued").id
        self.ids["trains"] = folders.written(store, config, shots, state="starting").id

    def _files(self) -> None:
        pixels, labels = load_digits(return_X_y=True)
        kept = labels < len(NAMES)
        images = (pixels[kept].reshape(-1, 8, 8) * 15).astype(np.uint8)[:300]
        np.savez(self.images, images=images, labels=labels[kept][:300], classes=np.array(NAMES))
        noise = np.random.default_rng(0)
        own = np.arange(60) % len(NAMES)
        metrics = np.eye(len(NAMES))[own] * 3 + noise.normal(size=(60, len(NAMES)))
        np.savez(
            self.file,
            labels=own,
            metrics=metrics,
            features=noise.normal(size=(60, 2)) + own[:, None],
            weights=noise.normal(size=(len(NAMES), 2)),
            classes=np.array(NAMES),
        )

    def _train(self, store: RunStore, name: str, **settings: Any) -> None:
        quick = {"data": "digits", "epochs": 2, "train_images": 150, "test_images": 60, "frame_points": 40}
        run = store.create(RunConfig(**{**quick, "batch": 50, "device": "cpu", **settings}))
        assert Worker(run).work() == "finished"
        self.ids[name] = run.id

    def copy(self, there: Path, *names: str) -> tuple[str, ...]:
        """Copy these runs into a store that may be changed; their ids."""
        ids = [self.ids[name] for name in names]
        for name in ids:
            shutil.copytree(self.folder / "runs" / name, there / name)
        if self.ids["trains"] in ids:
            # By this process, as far as anyone can see.
            me = {
                "pid": os.getpid(),
                "pid_started": process.creation_time(os.getpid()),
                "host": process.host(),
            }
            RunWriter(Run(there / self.ids["trains"])).tell(state="running", **me)
        return tuple(ids)


def grids(store: SweepStore) -> None:
    """Two sweeps, one with three axes, with results that nobody trained."""
    for vary in (["scale=4,16"], ["margin=0,30deg,40deg", "scale=4,16", "dimension=2,3"]):
        plan = Plan.read({"data": "digits"}, ["arcface", "soft-d"], vary, "2")
        by_hand.sweep_of(
            store,
            plan,
            lambda cell: {
                "test_accuracy": 0.9 - 0.01 * sum(cell.at) + 0.001 * cell.config.seed,
                "silhouette": 0.5 + 0.01 * max(cell.at),
                "recall_0": 0.8 + 0.02 * cell.config.seed,
            },
        )


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Everything that a page can be shown, trained once."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("LOSSVIZ_CACHE", str(tmp_path_factory.mktemp("cache")))
        return Store(tmp_path_factory.mktemp("store"))


@pytest.fixture
def show(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Show:
    """Makes a store of some of the runs the one of the pages; what a page is to show of it."""

    def show(kind: str) -> dict[str, Any]:
        folder = tmp_path / "runs"
        folder.mkdir()
        monkeypatch.setenv("LOSSVIZ_RUNS", str(folder))
        monkeypatch.setenv("LOSSVIZ_CACHE", str(tmp_path / "cache"))
        ids = store.copy(folder, *KINDS[kind])
        if kind == "sweeps":
            grids(SweepStore(RunStore(folder)))
        if kind == "own file":
            return {"file": store.file, "runs": ()}
        return {"runs": ids} if ids else {}

    return show


@pytest.fixture
def as_a_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Widgets answer as in a browser."""
    remember_answers(monkeypatch)


@pytest.fixture
def nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """No page starts a process: what it asks for waits."""
    monkeypatch.setattr(RunStore, "start", lambda *_, **__: [])
    monkeypatch.setattr(RunStore, "start_waiting", lambda *_, **__: [])
    monkeypatch.setattr(ReadingJob, "start", lambda *_, **__: None)
