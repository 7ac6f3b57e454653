"""Worker: trains a run and writes its folder, in a process of its own.

A checkpoint is taken only after a step and before the snapshot of that step. A resumed worker goes back
to the checkpoint, drops what was written for that step and later, and writes the same again, bit for bit.
"""

from __future__ import annotations

import contextlib
import os
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lossviz.core.errors import LossvizError, RunError
from lossviz.runs import files, limits, queue, workers
from lossviz.runs.control import LOOK_S, ControlRequests
from lossviz.runs.lock import FolderLock, hold
from lossviz.runs.run import Run, epoch_path
from lossviz.runs.status import COMPLETE
from lossviz.runs.store import RunStore
from lossviz.runs.writer import RunWriter
from lossviz.training import devices
from lossviz.training.config import RunConfig
from lossviz.training.snapshot import Snapshot
from lossviz.training.trainer import Trainer

Progress = Callable[[str, float], None]

CHECKPOINT_EACH_S = 5.0
TELL_EACH_S = 0.25
RENEW_EACH_S = 10.0


def serve(folder: Path) -> int:
    """Train a queued run in this process; gives the exit status, 0 or 1. The status of the run says what
    went wrong. RunError if another process trains it."""
    run = Run(folder.absolute())
    # Nothing is written into a folder that is no run.
    if run.problem:
        raise RunError(f"{run.path}: {run.problem}")
    if not on_gpu(run.config.device):
        limits.keep_worker_memory()
    return 0 if Worker(run, RunStore(run.path.parent)).work() in ("finished", "stopped") else 1


def on_gpu(device: str) -> bool:
    """True if this device is a GPU, whose driver reserves far more memory than there is."""
    try:
        return devices.choose(device).type != "cpu"
    except LossvizError:
        return False


def make_trainer(config: RunConfig, progress: Progress) -> Trainer:
    """The trainer of a run of this config."""
    return Trainer(config, progress=progress)


class Worker:
    """Trains a run to its end, or until asked to stop.

    store: where other runs may wait for a free place; None for a folder that stands alone. make: what
    trains. watch(worker, row): called at every report; row: the numbers of an epoch that has just ended,
    else empty.
    """

    def __init__(
        self,
        run: Run,
        store: RunStore | None = None,
        make: Callable[[RunConfig, Progress], Trainer] = make_trainer,
        watch: Callable[[Worker, dict[str, Any]], None] | None = None,
    ) -> None:
        self.run, self.store, self.make, self.watch = run, store, make, watch
        self.requests = ControlRequests(run.path)
        self.trainer: Trainer
        self.writer: RunWriter
        self._saved, self._saved_step = 0.0, -1
        self._began = (0, 0.0)
        self._stepping = False
        # The request that came before the first step.
        self._early = ""

    def work(self) -> str:
        """Train, unless it has come to its end; gives the state in which the run is left. Errors in training
        are not raised but written into the status. RunError if another process trains the run."""
        lock = FolderLock(self.run.path)
        try:
            self.writer = RunWriter(self.run)
            # Another process may have come to the end just before the lock was free.
            if self.writer.now.state in COMPLETE:
                return self.writer.now.state
            with self.requests.taking_signals():
                self._guarded()
            return self.writer.now.state
        finally:
            lock.release()
            self._let_others()

    def _claim(self) -> None:
        if self.store is None:
            self.writer.claim()
            return
        # The launcher writes the number of this process into the status under the same lock.
        with hold(self.store.path / queue.LOCK):
            if self.writer.claim().pid != os.getpid():
                self.store.queue.note_resumed()

    def _let_others(self) -> None:
        if self.store is not None:
            workers.let_others(self.store.path)

    def _guarded(self) -> None:
        """Claim, prepare and train; whatever goes wrong ends in a state and a reason."""
        try:
            self._claim()
            self._prepare()
            self._train()
        except _Stopped:
            self._end("stopped", self.requests.why or "asked to stop")
        except LossvizError as error:
            self._end("failed", str(error))
        except OSError as error:
            self._end("failed", self._disk_reason(error))
        except Exception as error:
            self._end("failed", self._program_reason(error))

    def _disk_reason(self, error: OSError) -> str:
        if refused := limits.out_of_memory(error):
            return f"{refused}; {self._kept()}"
        if not self.run.path.is_dir():
            return f"the folder of {self.run.id} was deleted or renamed"
        if error.errno in files.FULL:
            return f"no space left for {self.run.path}; {self._kept()}; free some space, then resume"
        name = f" {error.filename}" if error.filename else ""
        return f"a file could not be read or written:{name} ({error.strerror or error}); {self._kept()}"

    def _program_reason(self, error: Exception) -> str:
        if refused := limits.out_of_memory(error):
            return f"{refused}; a smaller network, batch or data set needs less; {self._kept()}"
        with contextlib.suppress(OSError):
            files.append_text(self.run.path / "worker.log", traceback.format_exc())
        what = f"{type(error).__name__}: {str(error)[:200]}"
        return f"an error in the program ({what}); more is in worker.log; {self._kept()}"

    def _kept(self) -> str:
        if self._saved_step < 0:
            return "there is no checkpoint yet"
        return f"the last checkpoint is of step {self._saved_step}"

    def _end(self, state: str, reason: str) -> None:
        # Where the disk is full or the folder deleted, this may fail and the old status stays. The log may
        # still have room; the reason is then read from its end.
        try:
            self.writer.tell(state=state, reason=reason, seconds_left=0.0)
            if state in COMPLETE:
                files.append_text(self.run.log, queue.log_head(f"{state} at step {self.trainer.step}"))
        except OSError:
            with contextlib.suppress(OSError):
                if self.run.path.is_dir():
                    files.append_text(self.run.path / "worker.log", f"lossviz: {reason}\n")

    def _prepare(self) -> None:
        """Make the trainer, write its points, and bring it to where its checkpoint stands."""
        self.writer.sweep()
        self.trainer = self.make(self.run.config, self._loading)
        points = self.trainer.points()
        self.writer.points(points)
        self.writer.tell(
            steps=self.trainer.steps,
            epochs=self.run.config.epochs,
            device=self.trainer.device_name,
            data_found=points.data_found,
            reason="",
        )
        fresh = self._restore()
        self.writer.drop_damaged()
        self._began, self._saved = (self.trainer.step, self.trainer.seconds), time.monotonic()
        if fresh and self.trainer.due:
            self._write(self.trainer.snapshot())
        self._report(state="running", verdicts=(*self.writer.notes, *self.trainer.warnings))

    def _loading(self, what: str, share: float) -> None:
        """Report that data are read or downloaded, and obey a request to stop."""
        self._early = self.requests.newest() or self._early
        if self._early == "stop":
            raise _Stopped
        self.writer.tell(at_most_each=TELL_EACH_S, reason=f"{what} ({share:.0%})")

    def _restore(self) -> bool:
        """Go back to the last checkpoint; True if the snapshot of the trainer's step is to be written."""
        for epoch, found in self.writer.restart_points():
            self.trainer.restore(found)
            self._saved_step = self.trainer.step
            self.writer.rewind(self.trainer.step, self._epoch)
            if epoch >= 0:
                self.writer.checkpoint(files.read_bytes(epoch_path(self.run.path, epoch), files.MOST_ARRAYS))
            return True
        start = self.writer.start_of_fork()
        if start is not None:
            self.trainer.begin_from(start)
            self.writer.rewind(self.trainer.step + 1, self._epoch)
            return False
        self.writer.rewind(0, 0)
        return True

    @property
    def _epoch(self) -> int:
        return self.trainer.step // self.trainer.steps_per_epoch

    def _train(self) -> None:
        trainer = self.trainer
        self._obey(self.requests.newest() or self._early, fresh=False)
        while not trainer.done:
            trainer.advance()
            request = self.requests.newest()
            at_end = trainer.step % trainer.steps_per_epoch == 0
            late = time.monotonic() - self._saved > CHECKPOINT_EACH_S
            # Taken before the snapshot, which resets the running means.
            save = request in ("pause", "stop") or at_end or late
            kept = files.encode_tensors(*trainer.checkpoint()) if save else None
            shot = trainer.snapshot() if trainer.due else None
            # The checkpoint of a run that went wrong stays at its last good step.
            if kept is not None and not (shot and shot.stopped):
                self._save(kept, at_end)
            if shot:
                self._write(shot)
            self._report(shot, at_most_each=TELL_EACH_S)
            self._obey(request, fresh=shot is not None)
        self._report()
        self._end("diverged" if trainer.stopped else "finished", trainer.stopped)

    def _save(self, kept: bytes, at_end: bool) -> None:
        if at_end:
            self.writer.epoch_checkpoint(kept, self._epoch)
        self.writer.checkpoint(kept)
        self._saved, self._saved_step = time.monotonic(), self.trainer.step

    def _write(self, shot: Snapshot) -> None:
        self.writer.snapshot(shot, self.trainer.seconds, self.trainer.steps_per_epoch)

    def _report(self, shot: Snapshot | None = None, *, at_most_each: float = 0.0, **changes: Any) -> None:
        """Write how far the run is, and tell whoever watches."""
        trainer = self.trainer
        row = dict(shot.metrics) if shot and shot.complete else {}
        step, seconds = self._began
        each = (trainer.seconds - seconds) / max(1, trainer.step - step)
        self.writer.tell(
            at_most_each=0.0 if row else at_most_each,
            step=trainer.step,
            epoch=trainer.step / trainer.steps_per_epoch,
            seconds=self.writer.before + trainer.seconds,
            images_per_second=trainer.images_per_second,
            seconds_left=each * (trainer.steps - trainer.step),
            **changes,
        )
        if self.watch is not None:
            self.watch(self, row)

    def _obey(self, request: str, fresh: bool) -> None:
        """Act on a request. The checkpoint of this step is written already, except before the first step,
        where there is none. fresh: a snapshot was written at this step."""
        if request == "stop":
            raise _Stopped
        if request == "step":
            self._stepping = True
        if request == "run":
            self._stepping = False
        if request == "pause" or (self._stepping and fresh and request != "step"):
            self._hold()

    def _hold(self) -> None:
        """Wait until asked to go on; meanwhile another run may start in its place."""
        self._stepping = False
        self._report(state="paused")
        self._let_others()
        renewed = time.monotonic()
        while True:
            request = self.requests.newest()
            if request == "stop":
                raise _Stopped
            if request in ("run", "step"):
                self._stepping = request == "step"
                break
            if not self.run.path.is_dir():
                raise _Stopped
            if time.monotonic() - renewed > RENEW_EACH_S:
                self._report()
                renewed = time.monotonic()
            time.sleep(LOOK_S)
        self._report(state="running")


class _Stopped(Exception):  # noqa: N818
    """The run was asked to stop; its checkpoint is written."""
