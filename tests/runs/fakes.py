"""A trainer that trains nothing much, quickly, and whose every number can be said by hand."""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lossviz.core.errors import DataError
from lossviz.runs import Run
from lossviz.runs import worker as worker_module
from lossviz.runs.worker import Worker
from lossviz.training.config import RunConfig
from lossviz.training.images import Points
from lossviz.training.snapshot import Snapshot
from lossviz.training.trainer import Checkpoint
from tests.waiting import wait as wait


class FakeTrainer:
    """Its weight w goes w ← 0.9 w + seed + step; 4 steps an epoch, a snapshot every 2.

    The running loss is the sum of w since the last snapshot: a resumed run that forgot it would be found
    out. stops: the step at which it diverges. on_step is called before each step.
    """

    def __init__(
        self,
        config: RunConfig,
        stops: int = 10**9,
        on_step: Callable[[FakeTrainer], None] = lambda trainer: None,
        steps_per_epoch: int = 4,
        size: int = 64,
    ) -> None:
        self.config, self.stops, self.on_step = config, stops, on_step
        self.device_name, self.steps_per_epoch = "a fake", steps_per_epoch
        self.steps = steps_per_epoch * config.epochs
        self.step, self.seconds, self.images_per_second = 0, 0.0, 100.0
        self.warnings = ["all is well"]
        self.w, self.sum = np.full(size, float(config.seed)), 0.0

    @property
    def due(self) -> bool:
        return self.step % 2 == 0

    @property
    def stopped(self) -> str:
        return f"step {self.step}: too large" if self.step >= self.stops else ""

    @property
    def done(self) -> bool:
        return self.step >= self.steps or bool(self.stopped)

    def points(self) -> Points:
        pixels = np.arange(6 * 4, dtype=np.uint8).reshape(6, 1, 2, 2)
        labels = np.arange(6, dtype=np.int64) % 2
        return Points(pixels, labels, np.arange(6, dtype=np.int64), ("a", "b"), "6 of 6 test images")

    def advance(self) -> None:
        self.on_step(self)
        self.step += 1
        self.seconds += 0.25
        self.w = 0.9 * self.w + self.config.seed + self.step
        self.sum += float(self.w[0])

    def snapshot(self) -> Snapshot:
        complete = self.step > 0 and self.step % self.steps_per_epoch == 0 and not self.stopped
        metrics = {"train_loss": self.sum, "train_accuracy": 0.5}
        self.sum = 0.0
        return Snapshot(
            step=self.step,
            epoch=self.step / self.steps_per_epoch,
            features=np.full((6 if complete else 3, 2), self.w[0], dtype=np.float32),
            labels=np.arange(6 if complete else 3) % 2,
            weights=np.eye(2, dtype=np.float32),
            params={"margin": 0.1},
            metrics=metrics | ({"test_accuracy": 0.25} if complete else {}),
            complete=complete,
            stopped=self.stopped,
        )

    def checkpoint(self) -> Checkpoint:
        tensors = {"model.w": torch.tensor(self.w), "sum": torch.tensor([self.sum], dtype=torch.float64)}
        return tensors, {"step": self.step, "seconds": self.seconds}

    def restore(self, checkpoint: Checkpoint) -> None:
        self.begin_from(checkpoint)
        self.sum, self.seconds = float(checkpoint[0]["sum"][0]), checkpoint[1]["seconds"]

    def begin_from(self, checkpoint: Checkpoint) -> None:
        tensors, facts = checkpoint
        self.w, self.step = tensors["model.w"].numpy().copy(), facts["step"]


def make(**options: Any) -> Any:
    """What a Worker takes to make its trainer."""
    return lambda config, progress: FakeTrainer(config, **options)


def no_data(config: Any, progress: Any) -> Any:
    """A trainer that cannot be made."""
    raise DataError("no such images")


def in_fork(action: Callable[[], Any]) -> int:
    """Run `action` in a fork of this process; gives its number. It ends with status 0, or 1 on an error."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        action()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def train_in_fork(run: Run, each_s: float = 5.0, **options: Any) -> int:
    """Train with a fake trainer in a fork; each_s: seconds between checkpoints."""

    def action() -> None:
        worker_module.CHECKPOINT_EACH_S = each_s
        Worker(run, None, make(**options)).work()

    return in_fork(action)


def reap(pid: int) -> int:
    """Wait for a child; its exit status, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def content(run: Run) -> dict[str, Any]:
    """All that a run made and that must not depend on how often it was interrupted."""
    timed = ("seconds", "images_per_second")

    def without_time(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [{n: v for n, v in row.items() if n not in timed} for row in rows]

    def tensors(path: Path) -> dict[str, Any]:
        from safetensors.torch import load

        return {name: value.numpy().tobytes() for name, value in load(path.read_bytes()).items()}

    kept = sorted(path for path in run.path.rglob("*.safetensors"))
    return {
        "metrics": without_time(run.metrics()),
        "steps": without_time(run.steps()),
        "tensors": {str(path.relative_to(run.path)): tensors(path) for path in kept},
        "facts": {s: (run.snapshot(s).metrics, run.snapshot(s).params) for s in run.frames()},
        "state": (run.status.state, run.status.step, run.status.verdicts),
        "files": sorted(p.name for p in run.path.rglob("*") if p.name != "worker.log"),
    }
