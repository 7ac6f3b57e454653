"""A sweep whose processes are killed at random moments, the app's and the launcher's too, loses no cell,
trains none to its end twice, and ends in the same bits.

LOSSVIZ_TEST_KILLS: how often. LOSSVIZ_TEST_SEED: of the moments.
"""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from lossviz.runs import RunStore
from lossviz.sweeps import Plan, Sweep, SweepStore
from lossviz.sweeps.worker import CellTrainer, train
from tests.waiting import PATIENCE_S

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("LOSSVIZ_TEST_KILLS", "50"))
SEED = int(os.environ.get("LOSSVIZ_TEST_SEED", "0"))
# Cells of six epochs of 38 steps; a sweep that ends before the last kill is followed by the next.
BASE = {"data": "digits", "epochs": "6", "train_images": "600", "test_images": "60"}
# From one kill to the next: so many steps of training, on a machine of any speed, and a moment.
STEPS, MOMENT_S = 50, 0.4


class App:
    """A process that has a sweep go on, and begins its launcher; itself begun anew when it was killed."""

    def __init__(self, store: RunStore) -> None:
        self.store, self.environment = store, {**os.environ, "LOSSVIZ_RUNS": str(store.path)}
        self.environment |= {"LOSSVIZ_FORKSERVER": "1", "LOSSVIZ_MAX_CELLS": "2"}
        self.process: subprocess.Popen[bytes] | None = None

    def look_after(self, sweep: Sweep) -> None:
        if self.process is None or self.process.poll() is not None:
            words = [sys.executable, "-m", "lossviz", "sweeps", "resume", sweep.id, "--at-once", "2"]
            self.process = subprocess.Popen(
                words, cwd=ROOT, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )

    def processes(self, sweep: Sweep) -> dict[str, list[psutil.Process]]:
        """The living processes of the store: app, worker, launcher (with its fork server)."""
        workers = {job.status.pid for job in sweep.jobs() if job.status.living}
        found: dict[str, list[psutil.Process]] = {}
        for each in psutil.process_iter():
            try:
                if each.environ().get("LOSSVIZ_RUNS") != str(self.store.path):
                    continue
            except psutil.Error:
                continue
            app = self.process is not None and each.pid == self.process.pid
            what = "app" if app else "worker" if each.pid in workers else "launcher"
            found.setdefault(what, []).append(each)
        return found


@pytest.fixture
def app(store: RunStore) -> Iterator[App]:
    made = App(store)
    yield made
    for sweep in SweepStore(store).sweeps():
        for each in itertools.chain(*made.processes(sweep).values()):
            each.kill()
    if made.process is not None:
        made.process.wait()


@pytest.mark.slow
def test_a_sweep_killed_at_random_moments_loses_nothing_and_repeats_nothing(
    app: App, store: RunStore, tmp_path: Path
) -> None:
    draw, killed, sweeps = np.random.default_rng(SEED), Counter[str](), list[Sweep]()
    while sum(killed.values()) < KILLS:
        seeds = ",".join(str(12 * len(sweeps) + n) for n in range(12)) + ","
        sweeps.append(SweepStore(store).create(Plan.read(BASE, ["arcface"], (), seeds)))
        kill_at_random(app, sweeps[-1], draw, killed)
    print(f"\n{dict(killed)} killed in {len(sweeps)} sweeps of {len(sweeps[0].plan.cells)} cells", flush=True)
    assert killed["worker"] > KILLS / 4
    begun = sum(check(log) for sweep in sweeps for log in logs(sweep))
    print(f"{begun} beginnings of {12 * len(sweeps)} cells")
    for sweep in sweeps:
        ended = [sweep.run(cell).status for cell in sweep.plan.cells]
        assert [now.reason for now in ended if now.state != "finished"] == []
        same_bits(sweep, tmp_path / "undisturbed")


def kill_at_random(app: App, sweep: Sweep, draw: np.random.Generator, killed: Counter[str]) -> None:
    """Kill processes of a sweep, mostly workers, until it is done."""
    end, goal = time.monotonic() + 10 * PATIENCE_S + 20 * KILLS, 0
    while not sweep.standing().done:
        assert time.monotonic() < end, (sweep.standing(), killed)
        app.look_after(sweep)
        time.sleep(0.05)
        if sum(killed.values()) == KILLS or steps(sweep) < goal:
            continue
        time.sleep(float(draw.uniform(0, MOMENT_S)))
        found = app.processes(sweep)
        what = str(draw.choice(["worker", "launcher", "app"], p=[0.7, 0.15, 0.15]))
        if "worker" in found and what in found:
            found[what][int(draw.integers(len(found[what])))].kill()
            killed[what] += 1
            goal = steps(sweep) + int(draw.integers(STEPS))


def steps(sweep: Sweep) -> int:
    """Count the steps of training behind all cells."""
    return sum(sweep.run(cell).status.step for cell in sweep.plan.cells if sweep.run(cell).path.is_dir())


def logs(sweep: Sweep) -> list[str]:
    return [sweep.run(cell).log.read_text() for cell in sweep.plan.cells]


def check(log: str) -> int:
    """Count the beginnings of a cell; it has come to its end at most once."""
    assert len(re.findall(r" finished at step ", log)) <= 1, log
    return len(re.findall(r" process \d+", log))


def same_bits(sweep: Sweep, place: Path) -> None:
    """Every cell ends as where nobody disturbs it."""
    other, trains = SweepStore(RunStore(place)).create(sweep.plan), CellTrainer()
    for cell in sweep.plan.cells:
        train(other, cell, trains)
        ours, theirs = sweep.run(cell), other.run(cell)
        assert ours.frames() == theirs.frames()
        for step in ours.frames():
            one, two = ours.snapshot(step), theirs.snapshot(step)
            np.testing.assert_array_equal(one.features, two.features)
            np.testing.assert_array_equal(one.weights, two.weights)
        assert [row["epoch"] for row in ours.metrics()] == [row["epoch"] for row in theirs.metrics()]
        a, b = sweep.result(cell), other.result(cell)
        assert a is not None
        assert b is not None
        np.testing.assert_array_equal(a.features, b.features)
        assert {**a.measures, "seconds": 0} == {**b.measures, "seconds": 0}
