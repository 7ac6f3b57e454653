"""The process of a sweep: it trains one cell after another, with the images of the last one if they are the
same, until none is left that nobody has begun."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

from lossviz.core.errors import RunError
from lossviz.runs import limits
from lossviz.runs.jobs import Job
from lossviz.runs.lock import FolderLock
from lossviz.runs.run import Run
from lossviz.runs.task import Task, Tell
from lossviz.runs.worker import Worker, on_gpu
from lossviz.sweeps import results
from lossviz.sweeps.plan import Cell
from lossviz.sweeps.store import Sweep
from lossviz.training.config import RunConfig
from lossviz.training.images import same_images
from lossviz.training.trainer import Trainer

# A cell whose processes have ended so often without a word, and without a checkpoint, is not tried again.
TRIES = 5
LOOK_EACH_S = 2.0


def serve(folder: Path) -> int:
    """Train cells of the sweep that a job's folder names; gives the exit status, 0 or 1."""
    return serve_sweep(Job(folder), _work, "train fewer cells at once")


def serve_sweep(job: Job, work: Callable[[Sweep, Tell], None], less: str) -> int:
    """Do the work of a job on the sweep that it names; gives the exit status, 0 or 1. less: what to do where
    memory is short."""

    def of_sweep(tell: Tell) -> Path:
        sweep = Sweep(Path(job.request["of"][0]))
        if sweep.problem:
            raise RunError(sweep.problem)
        work(sweep, tell)
        return sweep.path

    return 0 if Task(job, of_sweep, where=job.place, less=less).work().state == "finished" else 1


def _work(sweep: Sweep, tell: Tell) -> None:
    cells = sweep.plan.cells
    if not any(map(on_gpu, {cell.config.device for cell in cells})):
        limits.keep_worker_memory()
    trains, looked = CellTrainer(), time.monotonic()
    for number, cell in enumerate(cells):
        if not sweep.wanted:
            break
        if sweep.state(cell) == "waiting":
            tell(f"cell {number + 1} of {len(cells)}", number / len(cells))
            train(sweep, cell, trains)
            if trains.interrupted:
                raise KeyboardInterrupt
        if time.monotonic() - looked > LOOK_EACH_S:
            # Whoever works sees to it that the others do.
            sweep.keep_going()
            looked = time.monotonic()


def train(sweep: Sweep, cell: Cell, trains: CellTrainer) -> None:
    """Train a cell to its end and write its result, unless another process is at it or it has been tried
    too often."""
    run = sweep.runs.cell(cell.id, cell.config)
    with contextlib.suppress(RunError):  # another process trains it
        if tried(run) >= TRIES:
            _give_up(run)
        else:
            trains.train(run)
    with contextlib.suppress(OSError):
        results.of(run)


def _give_up(run: Run) -> None:
    """Write that a cell has failed. RunError if a process trains it after all."""
    lock = FolderLock(run.path)
    try:
        if run.read_status().state in results.ENDED:
            return
        reason = f"its process has ended {TRIES} times without a word, each time before its next checkpoint"
        run.write_status(run.read_status().over("failed", f"{reason}; the system may have too little memory"))
    finally:
        lock.release()


def tried(run: Run) -> int:
    """How many processes in a row have begun with a cell and vanished before its next checkpoint."""
    now = run.status
    return now.tries if now.state == "lost" else 0


class CellTrainer:
    """Trains runs in this process, one after another. interrupted: the system asked this process to end."""

    def __init__(self) -> None:
        self.interrupted = False
        self._last: Trainer | None = None

    def train(self, run: Run) -> None:
        """Train a run to its end. RunError if another process trains it."""
        worker = Worker(run, make=self._make)
        worker.work()
        self.interrupted = self.interrupted or bool(worker.requests.why)

    def _make(self, config: RunConfig, progress: Callable[[str, float], None]) -> Trainer:
        last = self._last
        shared = None
        if last is not None and same_images(last.config, config) and last.config.device == config.device:
            shared = last.images.like(config)
        self._last = Trainer(config, progress=progress, images=shared)
        return self._last
