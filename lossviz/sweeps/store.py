"""SweepStore and Sweep: the sweeps of a store of runs, and how each stands; begun, paused and deleted here.

A sweep is a folder `.sweeps/<id>` with `sweep.json` (the plan) and `wanted.json` (whether it is to go on, and
on which engine). Its cells are runs in `.cells`, which sweeps share; its work is done by jobs of the one
queue: each a process that trains one cell after another, or one that has a Ray cluster train them.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lossviz.core.errors import ConfigError, LossvizError, RunError
from lossviz.runs import files, jobs, process
from lossviz.runs.jobs import CELLS, KINDS, Job
from lossviz.runs.limits import Limits
from lossviz.runs.queue import UNLIMITED
from lossviz.runs.run import Run
from lossviz.runs.status import LIVING, RunStatus
from lossviz.runs.store import RunStore
from lossviz.sweeps import results
from lossviz.sweeps.engine import RAY, Engine
from lossviz.sweeps.plan import Cell, Plan
from lossviz.sweeps.results import Result
from lossviz.training.estimate import duration
from lossviz.training.images import Points

FOLDER = ".sweeps"
# The kinds of the jobs of a sweep: a process that trains cells, the driver of a cluster.
KIND, DRIVER = "sweep", "drive"
MAKES = KINDS[KIND].makes


@dataclass(frozen=True)
class Standing:
    """How a sweep stands: its cells by state ("waiting": not begun or to be gone on with), the jobs at
    work, whether it is wanted, the seconds left (None before a cell has ended), and why no process is at work
    although it is wanted."""

    cells: Counter[str]
    workers: int
    wanted: bool
    seconds_left: float | None
    problem: str = ""

    @property
    def ended(self) -> int:
        """Cells that have ended, well or not."""
        return sum(self.cells[state] for state in results.ENDED)

    @property
    def total(self) -> int:
        """All cells."""
        return sum(self.cells.values())

    @property
    def done(self) -> bool:
        """True if all cells have ended."""
        return self.ended == self.total

    @property
    def word(self) -> str:
        """The state of the sweep: "finished", "running", "waiting" or "paused"."""
        if self.done:
            return "finished"
        if not self.wanted:
            return "paused"
        return "running" if self.workers else "waiting"

    @property
    def words(self) -> str:
        """How far it is: "12 of 63 cells, 2 running, about 3 min left"."""
        parts = [f"{self.ended:,} of {self.total:,} cells"]
        states = ("running", "diverged", "failed")
        parts += [f"{self.cells[state]:,} {state}" for state in states if self.cells[state]]
        if self.seconds_left:
            parts.append(f"about {duration(self.seconds_left)} left")
        return ", ".join(parts)


class Sweep:
    """A sweep's folder, read; every read is fresh but that of its plan."""

    def __init__(self, path: Path) -> None:
        self.path, self.id = path, path.name
        self.runs = RunStore(path.parent.parent)

    def __repr__(self) -> str:
        return f"Sweep({str(self.path)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sweep) and self.path == other.path

    def __hash__(self) -> int:
        return hash(self.path)

    @cached_property
    def plan(self) -> Plan:
        """The plan; LossvizError for a damaged folder, or one of a newer version."""
        return _plans(self.path / "sweep.json")

    @property
    def created(self) -> float:
        """The time when it was first asked for, in seconds since 1970."""
        try:
            return (self.path / "sweep.json").stat().st_mtime
        except OSError:
            return 0.0

    @property
    def asker(self) -> str:
        """The name of whoever asked for it first."""
        with contextlib.suppress(RunError):
            return str(files.read_json(self.path / "sweep.json").get("asker", ""))
        return ""

    @property
    def problem(self) -> str:
        """Why the folder cannot be used, as a sentence; "" when it can."""
        try:
            _ = self.plan
        except LossvizError as error:
            return str(error)
        return ""

    def run(self, cell: Cell) -> Run:
        """The run of a cell; its folder need not be there yet."""
        return Run(self.runs.path / CELLS / cell.id)

    def state(self, cell: Cell) -> str:
        """The state of a cell: that of its run; "waiting" if no process is at it and it has not ended."""
        return _state(self._status(cell))

    def _status(self, cell: Cell) -> RunStatus:
        run = self.run(cell)
        return run.status if (run.path / "status.json").exists() else RunStatus(state="new")

    def result(self, cell: Cell) -> Result | None:
        """The result of a cell; None while it has none."""
        run = self.run(cell)
        return results.of(run) if run.path.is_dir() else None

    def points(self, cell: Cell) -> Points | None:
        """The test images that a cell shows; None where they cannot be read."""
        try:
            return self.run(cell).points()
        except LossvizError:
            return None

    def results(self) -> dict[str, Result]:
        """The results that are there, by the ids of their cells."""
        found = ((cell.id, self.result(cell)) for cell in self.plan.cells)
        return {id: result for id, result in found if result is not None}

    # How it stands.

    @property
    def wanted(self) -> bool:
        """True if its cells are to be trained."""
        return bool(self._wanted().get("go", False))

    @property
    def at_once(self) -> int:
        """The most cells to be trained at once; of a cluster that is asked for all it has, all."""
        most = self._wanted().get("at_once")
        if isinstance(most, int) and most > 0:
            return most
        return len(self.plan.cells) if self.engine.name == RAY else jobs.cap(MAKES)

    @property
    def engine(self) -> Engine:
        """What computes its cells."""
        return Engine.of_values(self._wanted().get("engine"))

    def _wanted(self) -> dict[str, object]:
        with contextlib.suppress(RunError):
            return files.read_json(self.path / "wanted.json")
        return {}

    def jobs(self) -> list[Job]:
        """Its jobs: one for each process that may be at work here, or the driver of a cluster."""
        if self.engine.name == RAY:
            return [self.runs.queue.job(f"sweep-{self.id}-{RAY}")]
        most = min(self.at_once, len(self.plan.cells))
        return [self.runs.queue.job(f"sweep-{self.id}-{slot}") for slot in range(most)]

    def standing(self) -> Standing:
        """How it stands now."""
        found = [self._status(cell) for cell in self.plan.cells]
        states = Counter(map(_state, found))
        at_work = [job.status for job in self.jobs()]
        working = sum(now.state in LIVING for now in at_work)
        failed = [now.reason for now in at_work if now.state in ("failed", "lost")]
        left = sum(count for state, count in states.items() if state not in results.ENDED)
        taken = [now.seconds for now in found if now.state in results.ENDED and now.seconds]
        trains = states["running"] if self.engine.name == RAY else working
        at_once = max(1, trains or min(self.at_once, left))
        time_left = statistics.fmean(taken) * left / at_once if taken else None
        problem = failed[0] if failed and left and not working else ""
        return Standing(states, working, self.wanted, time_left if left else 0.0, problem)

    # To begin, to pause, to go on.

    def start(
        self,
        at_once: int | None = None,
        limits: Limits = UNLIMITED,
        again: bool = False,
        engine: Engine | None = None,
    ) -> None:
        """Have its cells trained, as many at once as there are cores, or as given, by the engine that did so
        before, or as given. Cells that have ended stay; again: those that failed are tried once more.
        RunError if nothing can be started, ConfigError if the engine is not there."""
        if at_once is not None and at_once < 1:
            raise ConfigError(f"sweep: at least one cell is trained at once; got {at_once}")
        before, engine = self.engine, engine or self.engine
        engine.check()
        if engine != before and not all(job.status.ended for job in self.jobs()):
            raise RunError(f"{self.id}: it is at work on another engine ({before.name}); pause it first")
        if again:
            self._forget_failures()
        most = at_once or (self._wanted().get("at_once") if engine.name == before.name else None)
        self._want(go=True, at_once=most, engine=engine.values)
        self.keep_going(limits, again=True)

    def _forget_failures(self) -> None:
        for cell in self.plan.cells:
            run = self.run(cell)
            if self.state(cell) == "failed":
                with contextlib.suppress(OSError, RunError):
                    (run.path / results.FILE).unlink(missing_ok=True)
                    (run.path / "worker.log").unlink(missing_ok=True)
                    run.write_status(run.read_status().but(state="stopped", reason="tried once more"))

    def keep_going(self, limits: Limits = UNLIMITED, again: bool = False) -> None:
        """Start the processes that are missing: those that never began, those that were killed and, with
        again, those that failed. Any process may call it at any time; without again, the driver of a cluster
        is started anew on its own machine only."""
        if not self.wanted:
            return
        states = set(map(self.state, self.plan.cells))
        if states <= set(results.ENDED):
            return
        drives = self.engine.name == RAY
        for job in self.jobs():
            now = job.status
            if not again and (now.state == "failed" or (drives and now.host not in ("", process.host()))):
                continue
            if now.state == "queued":
                self.runs.queue.start_waiting()
            elif now.ended and (drives or "waiting" in states):
                kind = DRIVER if drives else KIND
                self.runs.queue.add(kind, job.id, {"of": [str(self.path)]}, again=True, limits=limits)

    def watch(self, each_s: float) -> Iterator[Standing]:
        """How it stands, every so many seconds until all cells have ended; its processes are kept going.
        RunError where none is at work and why."""
        while True:
            self.keep_going()
            now = self.standing()
            yield now
            if now.done:
                return
            if now.problem and not now.workers:
                raise RunError(f"{self.id}: {now.problem}")
            time.sleep(each_s)

    def pause(self) -> None:
        """End its processes; cells that were begun go on from their checkpoints once it is started again. The
        driver of a cluster ends by itself where it is on another machine. RunError if a process cannot be
        ended."""
        self._want(**{**self._wanted(), "go": False})
        for job in self.jobs():
            elsewhere = self.engine.name == RAY and job.status.host not in ("", process.host())
            if job.path.is_dir() and not elsewhere:
                self.runs.queue.end(job, "the sweep was paused", gently=True)

    def _want(self, **values: object) -> None:
        try:
            files.write_json(self.path / "wanted.json", values)
        except OSError as error:
            raise RunError(f"{self.id}: wanted.json cannot be written ({error.strerror})") from None


class SweepStore:
    """The sweeps of a store of runs; `runs`, else that which this program uses."""

    def __init__(self, runs: RunStore | None = None) -> None:
        self.runs = runs or RunStore()
        self.path = self.runs.path / FOLDER

    def sweeps(self) -> list[Sweep]:
        """All sweeps, the newest first."""
        try:
            names = [entry.name for entry in os.scandir(self.path) if entry.name.startswith("s-")]
        except OSError:
            return []
        found = [Sweep(self.path / name) for name in names]
        return sorted(found, key=lambda sweep: (sweep.created, sweep.id), reverse=True)

    def get(self, id: str) -> Sweep:
        """The sweep of this id, or of the only one whose id begins so; RunError if there is none."""
        near = [sweep for sweep in self.sweeps() if id and sweep.id.startswith(id)]
        exact = [sweep for sweep in near if sweep.id == id]
        if exact or len(near) == 1:
            return (exact or near)[0]
        has = ", ".join(sweep.id for sweep in self.sweeps()[:5]) or "none"
        raise RunError(f"no sweep is called {id[:60]!r}; there are {has} in {self.runs.path}")

    def create(self, plan: Plan, asker: str = "") -> Sweep:
        """The sweep of a plan, not started; the one that is there, if the same was asked for before. asker: a
        name for whoever asks first. RunError if it cannot be written."""
        sweep = Sweep(self.path / plan.id)
        if (sweep.path / "sweep.json").is_file():
            return sweep
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            rough = self.path / f".new-{secrets.token_hex(8)}"
            rough.mkdir()
            asked = {"format": 1, "asked": time.time(), "asker": asker}
            files.write_json(rough / "sweep.json", {**asked, **plan.to_values()})
            try:
                os.rename(rough, sweep.path)
            except OSError:
                shutil.rmtree(rough, ignore_errors=True)
                if not (sweep.path / "sweep.json").is_file():
                    raise
        except OSError as error:
            raise RunError(f"no sweep can be made in {self.path} ({error.strerror})") from None
        return sweep

    def delete(self, sweep: Sweep, cells: bool = False) -> int:
        """Remove a sweep that is not at work; cells: with those of its cells that no other sweep has. Gives
        the number of cells removed. RunError while it is at work, or if it cannot be removed."""
        if sweep.path.parent != self.path:
            raise RunError(f"{sweep.id}: is not a sweep in {self.path}; only those can be deleted here")
        if any(not job.status.ended for job in self._jobs_of(sweep)):
            raise RunError(f"{sweep.id}: the sweep is at work; pause it first")
        removed = 0
        if cells and not sweep.problem:
            others = [each for each in self.sweeps() if each != sweep and not each.problem]
            shared = {cell.id for each in others for cell in each.plan.cells}
            for cell in sweep.plan.cells:
                if cell.id not in shared and sweep.run(cell).path.is_dir():
                    self.runs.delete(sweep.run(cell))
                    removed += 1
        try:
            shutil.rmtree(sweep.path)
        except OSError as error:
            raise RunError(f"{sweep.path}: cannot be deleted ({error.strerror})") from None
        return removed

    @staticmethod
    def _jobs_of(sweep: Sweep) -> Sequence[Job]:
        return [] if sweep.problem else [job for job in sweep.jobs() if job.path.is_dir()]


def _state(now: RunStatus) -> str:
    if now.state in results.ENDED:
        return now.state
    return "running" if now.state in LIVING else "waiting"


def _plan(path: Path) -> Plan:
    values, id = files.read_json(path), path.parent.name
    if values.get("format") != 1:
        raise RunError(
            f"{id}: sweep.json is of another version (format {values.get('format')!r:.20}, this one reads 1)"
        )
    return Plan.from_values(values)


_plans = files.Parsed(_plan, most=256)
