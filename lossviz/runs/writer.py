"""RunWriter: the writing side of a run folder, for the one process that trains the run."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from typing import Any

from lossviz.core.errors import RunError
from lossviz.runs import files, queue, status
from lossviz.runs.run import EPOCHS_BYTES, POINT_FACTS, Run, epoch_path, snapshot_path
from lossviz.runs.status import RunStatus
from lossviz.training.images import Points
from lossviz.training.snapshot import Snapshot

Checkpoint = tuple[dict[str, Any], dict[str, Any]]

# Checkpoints up to this size are kept at the ends of epochs, so that a fork can start there.
KEPT_BYTES = 16 * 2**20
# Fields that every row has, also where training could not measure them.
ROW = ("train_loss", "train_accuracy", "test_accuracy")


class RunWriter:
    """Writes what a run makes. Only the holder of the folder's lock may write.

    OSError as the system gives it; what was written before stays whole.
    """

    def __init__(self, run: Run) -> None:
        self.run, self.path = run, run.path
        self.now = status.read(self.path / "status.json")
        self._told = 0.0
        # Notes for a reader, besides those that training makes.
        self.notes: tuple[str, ...] = ()
        # For a fork: the training time of its origin, whose rows come first.
        self.before = self._time_before()

    def tell(self, *, at_most_each: float = 0.0, **changes: Any) -> None:
        """Replace the status, unless that was done less than `at_most_each` seconds ago."""
        self.now = self.now.but(**changes)
        if time.monotonic() - self._told >= at_most_each:
            status.write(self.path / "status.json", self.now)
            self._told = time.monotonic()

    def _time_before(self) -> float:
        config = self.run.config
        if not config.fork_run:
            return 0.0
        rows = (row for row in self.run.metrics() if row.get("epoch") == config.fork_epoch)
        return max((float(row.get("seconds", 0.0)) for row in rows), default=0.0)

    def claim(self) -> RunStatus:
        """Say that this process trains the run; gives the status that it found."""
        found = status.read(self.path / "status.json")
        pid = os.getpid()
        with contextlib.suppress(OSError):
            files.append_text(self.path / "worker.log", queue.log_head(f"process {pid}"))
        vanished = found.state in status.LIVING
        self.now = found.starting(pid, self.path).but(tries=1 + (found.tries if vanished else 0))
        self.tell()
        return found

    def start_of_fork(self) -> Checkpoint | None:
        """The checkpoint of another run that this one starts from; None if it starts afresh."""
        path = self.path / "start.safetensors"
        return files.read_tensors(path) if path.exists() else None

    def sweep(self) -> None:
        """Remove the files that a process killed while writing has left."""
        # The name under which earlier versions wrote a checkpoint before they put it in place.
        (self.path / "checkpoint.next").unlink(missing_ok=True)
        for folder in (self.path, self.path / "snapshots", self.path / "epochs"):
            for rough in folder.glob(".*"):
                if files.ROUGH.fullmatch(rough.name):
                    with contextlib.suppress(OSError):
                        rough.unlink()

    def rewind(self, step: int, epoch: int) -> None:
        """Forget what was written for `step` and later: it will be written again, bit for bit.

        The checkpoint of this step's epoch stays: checkpoints are taken before snapshots.
        """
        for frame in self.run.frames():
            if frame >= step:
                snapshot_path(self.path, frame).unlink()
        for kept in self.run.epochs():
            if kept > epoch:
                epoch_path(self.path, kept).unlink()
        for name in ("metrics.jsonl", "steps.jsonl"):
            files.keep_lines(self.path / name, lambda row: row.get("step", step) < step)

    def points(self, points: Points) -> None:
        """Write the images that the snapshots show, unless those of the fork's origin or of an earlier start
        are there and can be read."""
        for name in ("snapshots", "epochs"):
            (self.path / name).mkdir(exist_ok=True)
        with contextlib.suppress(RunError):
            if len(self.run.points().labels) == len(points.labels):
                return
        arrays = {"pixels": points.pixels, "labels": points.labels, "indices": points.indices}
        facts = {name: getattr(points, name) for name in POINT_FACTS}
        files.replace_file(self.path / "points.safetensors", files.encode_arrays(arrays, facts))

    def drop_damaged(self) -> None:
        """Remove the snapshots that can no longer be read, and note it: training goes on from a later step,
        so they will not be written again."""
        damaged = []
        for step in self.run.frames():
            try:
                files.read_facts(snapshot_path(self.path, step))
            except RunError:
                damaged.append(step)
                snapshot_path(self.path, step).unlink()
        if damaged:
            named = ", ".join(f"{step:,}" for step in damaged[:5])
            more = f" and {len(damaged) - 5} more" if len(damaged) > 5 else ""
            self.notes = (f"Snapshots that could no longer be read are missing: of step {named}{more}.",)

    def snapshot(self, shot: Snapshot, seconds: float, steps_per_epoch: int) -> None:
        """Write a snapshot, then its row of numbers. The row comes last, so that every row has a frame."""
        path = snapshot_path(self.path, shot.step)
        files.replace_file(path, files.encode_arrays(shot.arrays(), shot.facts()))
        epoch = shot.step // steps_per_epoch if shot.complete else shot.epoch
        row: dict[str, Any] = {"step": shot.step, "epoch": epoch, "seconds": round(self.before + seconds, 3)}
        if shot.complete:
            row |= dict.fromkeys(ROW)
        row |= dict(shot.metrics)
        files.append_line(self.path / ("metrics.jsonl" if shot.complete else "steps.jsonl"), row)

    def checkpoint(self, content: bytes) -> None:
        """Replace the checkpoint that a resumed run goes on from."""
        files.replace_file(self.path / "checkpoint.safetensors", content, durable=True)
        if self.now.tries:
            self.tell(tries=0)

    def restart_points(self) -> Iterator[tuple[int, Checkpoint]]:
        """The checkpoints that the run can go on from, the latest first, as (epoch, checkpoint).

        Damaged ones are left out: from the one before, training gives the same bits, only later. epoch: -1
        for the last checkpoint, which need not be at an epoch's end.
        """
        for epoch in (-1, *reversed(self.run.epochs())):
            with contextlib.suppress(RunError):
                yield epoch, self.run.checkpoint(None if epoch < 0 else epoch)

    def epoch_checkpoint(self, content: bytes, epoch: int) -> None:
        """Keep a checkpoint for forks, if it is small. Of many, those of `epochs_to_keep` and those from
        which a fork started are kept; of a cell of a sweep, which are many, none. Must be called before
        `checkpoint`."""
        if len(content) > KEPT_BYTES or self.run.is_cell:
            return
        files.replace_file(epoch_path(self.path, epoch), content)
        have = self.run.epochs()
        surplus = {*have} - epochs_to_keep(have[0], epoch, EPOCHS_BYTES // len(content))
        for old in surplus - (fork_epochs(self.run) if surplus else set()):
            epoch_path(self.path, old).unlink(missing_ok=True)


def epochs_to_keep(first: int, last: int, most: int) -> set[int]:
    """Give the first epoch, the last, and the multiples of a power of two between them: of the smallest
    power with which there are at most `most` epochs in all (or two, if `most` is less).

    An epoch left out here is left out of any longer range too, so a resumed run ends with the same epochs.
    """
    stride = 1
    while True:
        kept = {first, last, *range(-(-first // stride) * stride, last + 1, stride)}
        if len(kept) <= max(2, most):
            return kept
        stride *= 2


def fork_epochs(run: Run) -> set[int]:
    """The epochs at which the runs beside this one were forked from it."""
    found = set()
    for path in run.path.parent.glob("*/config.json"):
        with contextlib.suppress(OSError, ValueError, AttributeError, RecursionError):
            text = files.read_bytes(path)
            # Most configs do not name this run and need not be parsed.
            values = json.loads(text) if run.id.encode() in text else {}
            if values.get("fork_run") == run.id:
                found.add(int(values["fork_epoch"]))
    return found
