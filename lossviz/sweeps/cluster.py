"""The driver of a sweep on a Ray cluster: it submits a task for each cell, until all cells have ended.

All that lies between tasks and those who watch is the folder of the cell, on a path that all machines share:
its lock keeps two tasks from training it at once, and the task of another machine goes on from its
checkpoint. Ray is imported here alone, once a sweep asks for it.
"""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from lossviz.core.errors import RunError
from lossviz.runs import launcher, limits, process
from lossviz.runs.control import ControlRequests
from lossviz.runs.jobs import Job
from lossviz.runs.task import Tell
from lossviz.sweeps import results
from lossviz.sweeps.engine import Engine
from lossviz.sweeps.plan import Cell
from lossviz.sweeps.store import Sweep
from lossviz.sweeps.worker import CellTrainer, serve_sweep, train

# A pause waits so long for cells to write their checkpoints, less than whoever ends the driver waits.
LOOK_EACH_S, CANCEL_S = 0.5, 3.0
# How often Ray starts a task anew whose process has vanished, and how many such tasks in a row are too many.
RETRIES = 3
# A cell that came back without an end, since another process has its lock, is tried again after this time.
AGAIN_S = 5.0


def serve(folder: Path) -> int:
    """Drive the sweep that a job's folder names; gives the exit status, 0 or 1."""
    job = Job(folder)
    return serve_sweep(job, partial(_drive, job), "start it on a larger machine")


def _drive(job: Job, sweep: Sweep, tell: Tell) -> None:
    engine = sweep.engine
    engine.check()
    tell("connects to the cluster", 0.0)
    ray = _connected(engine)
    requests = ControlRequests(job.path)
    try:
        # Ray has set a handler of its own for SIGTERM.
        with requests.taking_signals():
            Driver(ray, sweep, engine).work(tell, requests)
    finally:
        ray.shutdown()
    if requests.why:
        raise KeyboardInterrupt


def _connected(engine: Engine) -> Any:
    ray = importlib.import_module("ray")
    try:
        ray.init(address=engine.address or None, logging_level="warning")
    # Ray gives errors of many types: no cluster, other versions, no grpc for ray://.
    except Exception as error:
        where = f"at {engine.address}" if engine.address else "on this machine"
        raise RunError(
            f"no Ray cluster answers {where} ({str(error)[:300]}); begin one with: ray start --head"
        ) from error
    return ray


class Driver:
    """Has a cluster train the cells of a sweep."""

    def __init__(self, ray: Any, sweep: Sweep, engine: Engine) -> None:
        self.ray, self.sweep, self.engine = ray, sweep, engine
        self.left = {cell.id: cell for cell in sweep.plan.cells if sweep.state(cell) not in results.ENDED}
        self._check_places()
        self._task = self._remote()
        # Tasks in the cluster with their cells; when a cell may be submitted again; crashes in a row.
        self._tasks: dict[Any, Cell] = {}
        self._not_before: dict[str, float] = {}
        self._crashes = 0

    def _check_places(self) -> None:
        """Raise RunError if no machine of the cluster has what a cell needs."""
        machines = [node["Resources"] for node in self.ray.nodes() if node["Alive"]]
        threads = max((cell.config.threads for cell in self.left.values()), default=1)
        needs = {"CPU": threads, "GPU": self.engine.gpus_each}
        if not any(all(has.get(name, 0) >= need for name, need in needs.items()) for has in machines):
            most = ", ".join(
                f"{max((has.get(name, 0) for has in machines), default=0):g} {name}s" for name in needs
            )
            raise RunError(
                f"a cell needs {threads} CPUs and {self.engine.gpus_each:g} GPUs on one machine; those of "
                f"the cluster ({len(machines)}) have at most {most}"
            )

    def _remote(self) -> Any:
        """The task as Ray calls it. A process stays on the GPU that it began with: where no machine has
        several, it trains several cells and keeps their images."""
        gpus = max((node["Resources"].get("GPU", 0) for node in self.ray.nodes()), default=0)
        once = self.engine.gpus_each > 0 and gpus > 1
        options = {"num_gpus": self.engine.gpus_each, "max_retries": RETRIES, "max_calls": int(once)}
        return self.ray.remote(**options)(train_cell)

    def work(self, tell: Tell, requests: ControlRequests) -> None:
        """Submit tasks until all cells have ended, the sweep is paused, or a request says to stop."""
        total = len(self.sweep.plan.cells)
        while self.left:
            if requests.newest() == "stop" or not self.sweep.wanted:
                self._cancel()
                return
            self._submit()
            self._take()
            ended = total - len(self.left)
            tell(f"{ended:,} of {total:,} cells, {len(self._tasks):,} in the cluster", ended / total)

    def _submit(self) -> None:
        """Submit the cells that may be begun. A cell that another process trains is looked at later."""
        free, now = self.sweep.at_once - len(self._tasks), time.monotonic()
        busy = {cell.id for cell in self._tasks.values()}
        for cell in list(self.left.values()) if free > 0 else ():
            if cell.id in busy or now < self._not_before.get(cell.id, 0.0):
                continue
            self._not_before[cell.id] = now + AGAIN_S
            state = self.sweep.state(cell)
            if state in results.ENDED:
                del self.left[cell.id]
            elif state == "waiting":
                task = self._task.options(num_cpus=cell.config.threads, name=cell.id)
                made = task.remote(str(self.sweep.path), cell, launcher.own(), self.engine.gpus_each)
                self._tasks[made] = cell
                free -= 1
                if not free:
                    return

    def _take(self) -> None:
        """Wait a while for tasks to end, and take the cells off that have ended."""
        if not self._tasks:
            time.sleep(LOOK_EACH_S)
            return
        done, rest = self.ray.wait(list(self._tasks), timeout=LOOK_EACH_S)
        if done and rest:
            done += self.ray.wait(rest, num_returns=len(rest), timeout=0)[0]
        for made in done:
            cell = self._tasks.pop(made)
            self._check_end(made, cell)
            if self.sweep.state(cell) in results.ENDED:
                del self.left[cell.id]

    def _check_end(self, made: Any, cell: Cell) -> None:
        """Raise RunError if a task tells an error, or if one process after the other vanishes."""
        errors = self.ray.exceptions
        try:
            self.ray.get(made)
            self._crashes = 0
        except errors.TaskCancelledError:
            pass
        except errors.RayTaskError as error:
            raise RunError(f"{cell.id}: {error.cause}") from None
        except errors.RayError as error:
            self._crashes += 1
            if self._crashes > RETRIES:
                raise RunError(f"the cluster loses every process ({str(error)[:300]})") from None

    def _cancel(self) -> None:
        """Take back what has not begun, and have the rest write checkpoints."""
        for made in reversed(self._tasks):
            self.ray.cancel(made)
        if self._tasks:
            self.ray.wait(list(self._tasks), num_returns=len(self._tasks), timeout=CANCEL_S)


def train_cell(path: str, cell: Cell, environment: Mapping[str, str], gpus: float) -> None:
    """Train a cell of the sweep in this folder, in a process of the cluster, unless the sweep was paused."""
    for name, value in environment.items():
        os.environ.setdefault(name, value)
    if not gpus:
        # Ray shows all GPUs of a machine to those who have asked for none.
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
        limits.keep_worker_memory()
    sweep = Sweep(Path(path))
    if not sweep.path.is_dir():
        raise RunError(
            f"{path} is not there on {process.host()}: the store must lie on a path that all machines share"
        )
    trains = _trains()
    if sweep.wanted:
        train(sweep, cell, trains)
    if trains.interrupted:
        trains.interrupted = False
        raise KeyboardInterrupt


@cache
def _trains() -> CellTrainer:
    """The trainer of this process, which keeps the images of its last cell."""
    return CellTrainer()
