"""Worker: trains a run, or a cohort of runs, and writes its folder. One process trains one crew.

A checkpoint is taken only after a step and before the snapshot of that step. A resumed worker goes
back to it, forgets what was written for that step and later, and writes it again, bit for bit.
"""

from __future__ import annotations

import contextlib
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from lossviz.core.errors import LossvizError, RunError
from lossviz.runs import files, limits, workers
from lossviz.runs.control import LOOK_S, Wishes
from lossviz.runs.lock import FolderLock, held
from lossviz.runs.run import Run, epoch_path
from lossviz.runs.store import RunStore
from lossviz.runs.training_job import Crew, MakeCrew, make_crew
from lossviz.runs.writer import RunWriter, restart_points, settle, write_checkpoints
from lossviz.training.snapshot import Snapshot

CHECKPOINT_EACH_S = 5.0
TELL_EACH_S = 0.25
RENEW_EACH_S = 10.0


def serve(folders: Sequence[Path]) -> int:
    """Train queued runs in this process; the exit status, 0 or 1. What goes wrong is in the status of
    the runs. RunError if another process trains one of them."""
    folders = [folder.absolute() for folder in folders]
    runs = [Run(folder) for folder in folders]
    for run in runs:
        # Nothing is written into what is no run.
        if run.problem:
            raise RunError(f"{run.path}: {run.problem}")
    most = limits.worker_memory()
    if most and not any(_on_gpu(run) for run in runs):
        limits.keep_to_memory(most)
    states = Worker(runs, RunStore(folders[0].parent)).work()
    return 0 if set(states) <= {"finished", "stopped"} else 1


def _on_gpu(run: Run) -> bool:
    """Whether a run is trained on a GPU: its driver sets apart far more memory than there is."""
    from lossviz.training import devices

    try:
        return devices.choose(run.config.device).type != "cpu"
    except LossvizError:
        return False


class Worker:
    """Trains the runs of one crew to their end, or until asked to stop.

    store: where other runs may wait for a free place; None for a folder that stands alone.
    watch(worker, rows): called at every report; rows are the latest numbers of each member at an
    epoch's end, else empty.
    """

    def __init__(
        self,
        runs: Sequence[Run],
        store: RunStore | None = None,
        make: MakeCrew = make_crew,
        watch: Callable[[Worker, list[dict[str, Any]]], None] | None = None,
    ) -> None:
        self.runs, self.store, self.make, self.watch = list(runs), store, make, watch
        self.wishes = Wishes([run.path for run in self.runs])
        self.crew: Crew
        self.writers: list[RunWriter] = []
        self._ended: dict[int, str] = {}
        self._saved, self._saved_step = 0.0, -1
        self._began = (0, 0.0)
        self._stepping = False
        # What was asked before the first step.
        self._early = ""

    def work(self) -> list[str]:
        """Train; gives the state in which each run is left. Never raises for what goes wrong in
        training: the status tells. RunError if another process trains one of the runs."""
        locks: list[FolderLock] = []
        try:
            locks += [FolderLock(run.path) for run in self.runs]
            self.writers = [RunWriter(run) for run in self.runs]
            with self.wishes.heeding_signals():
                self._guarded()
            return [writer.now.state for writer in self.writers]
        finally:
            for lock in locks:
                lock.release()
            self._let_others()

    @contextlib.contextmanager
    def _store_lock(self) -> Iterator[None]:
        # Whoever started this process writes its number into the status under the same lock.
        if self.store is None:
            yield
            return
        with held(self.store.path / ".lock"):
            yield

    def _let_others(self) -> None:
        if self.store is not None:
            workers.let_others(self.store.path)

    def _guarded(self) -> None:
        """Claim, prepare and train; whatever goes wrong ends in a state and a reason."""
        try:
            with self._store_lock():
                for writer in self.writers:
                    writer.claim()
            self._prepare()
            self._train()
        except _Stopped:
            self._end("stopped", self.wishes.why or "asked to stop")
        except LossvizError as error:
            self._end("failed", str(error))
        except OSError as error:
            self._end("failed", self._disk_reason(error))
        except Exception as error:
            self._end("failed", self._program_reason(error))

    def _disk_reason(self, error: OSError) -> str:
        if refused := limits.out_of_memory(error):
            return f"{refused}; {self._kept()}"
        where = self.runs[0].path
        gone = [run.id for run in self.runs if not run.path.is_dir()]
        if gone:
            return f"the folder of {', '.join(gone)} was deleted or renamed"
        if error.errno in files.FULL:
            return f"no space left for {where}; {self._kept()}; free some space, then resume"
        name = f" {error.filename}" if error.filename else ""
        return f"a file could not be read or written:{name} ({error.strerror or error}); {self._kept()}"

    def _program_reason(self, error: Exception) -> str:
        if refused := limits.out_of_memory(error):
            return f"{refused}; a smaller network, batch or data set needs less; {self._kept()}"
        with contextlib.suppress(OSError):
            files.append_text(self.runs[0].path / "worker.log", traceback.format_exc())
        what = f"{type(error).__name__}: {str(error)[:200]}"
        return f"an error in the program ({what}); more is in worker.log; {self._kept()}"

    def _kept(self) -> str:
        if self._saved_step < 0:
            return "there is no checkpoint yet"
        return f"the last checkpoint is of step {self._saved_step}"

    def _end(self, state: str, reason: str) -> None:
        for i, writer in enumerate(self.writers):
            if i not in self._ended:
                # A full disk may refuse even this, and a deleted folder does: the old status stays.
                # The end of the log may still have room, and is looked for the reason then.
                try:
                    writer.tell(state=state, reason=reason, seconds_left=0.0)
                except OSError:
                    with contextlib.suppress(OSError):
                        if writer.path.is_dir():
                            files.append_text(writer.path / "worker.log", f"lossviz: {reason}\n")

    def _prepare(self) -> None:
        """Make the crew, write its points, and bring it to where its checkpoint stands."""
        for writer in self.writers:
            writer.sweep()
        settle([writer.path for writer in self.writers])
        self.crew = self.make([run.config for run in self.runs], self._loading)
        # Members with seeds of their own show test images of their own.
        members: Sequence[Any] = getattr(self.crew, "members", [self.crew])
        for writer, member in zip(self.writers, members, strict=True):
            points = member.subset()
            writer.points(points)
            writer.tell(
                steps=self.crew.steps,
                epochs=writer.run.config.epochs,
                device=self.crew.device,
                data_found=points.data_found,
                reason="",
            )
        fresh = self._restore()
        for writer in self.writers:
            writer.drop_damaged()
        self._began, self._saved = (self.crew.step, self.crew.seconds), time.monotonic()
        if fresh and self.crew.due:
            self._write(self.crew.snapshots())
        self._report(state="running", verdicts=True)

    def _loading(self, what: str, share: float) -> None:
        """Data are read or downloaded: say so, and heed a stop."""
        self._early = self.wishes.look() or self._early
        if self._early == "stop":
            raise _Stopped
        for writer in self.writers:
            writer.tell(at_most_each=TELL_EACH_S, reason=f"{what} ({share:.0%})")

    def _restore(self) -> bool:
        """Go back to the last checkpoint; True if the snapshot of the crew's step is to be written."""
        for epoch, found in restart_points(self.writers):
            self.crew.restore(found)
            self._saved_step = self.crew.step
            for writer in self.writers:
                writer.rewind(self.crew.step, self._epoch)
            if epoch >= 0:
                kept = {
                    w.path: files.read_bytes(epoch_path(w.path, epoch), files.MOST_ARRAYS)
                    for w in self.writers
                }
                write_checkpoints(kept)
            return True
        starts = [start for writer in self.writers if (start := writer.start_of_fork()) is not None]
        if len(starts) == len(self.writers):
            self.crew.begin_from(starts)
            for writer in self.writers:
                writer.rewind(self.crew.step + 1, self._epoch)
            return False
        for writer in self.writers:
            writer.rewind(0, 0)
        return True

    @property
    def _epoch(self) -> int:
        return self.crew.step // self.crew.steps_per_epoch

    def _train(self) -> None:
        crew = self.crew
        self._obey(self.wishes.look() or self._early, fresh=False)
        while not crew.done:
            crew.advance()
            wish = self.wishes.look()
            at_end = crew.step % crew.steps_per_epoch == 0
            late = time.monotonic() - self._saved > CHECKPOINT_EACH_S
            kept = self._encoded() if wish in ("pause", "stop") or at_end or late else []
            shots = crew.snapshots() if crew.due else []
            self._save(kept, shots, at_end)
            self._write(shots)
            self._report(rows=shots, at_most_each=TELL_EACH_S)
            self._obey(wish, fresh=bool(shots))
        self._report(verdicts=True)
        self._end("finished", "")

    def _encoded(self) -> list[bytes]:
        """The checkpoints as files hold them, taken before the snapshots reset the running means."""
        return [files.encode_tensors(tensors, facts) for tensors, facts in self.crew.checkpoints()]

    def _save(self, kept: Sequence[bytes], shots: Sequence[Snapshot], at_end: bool) -> None:
        """Write checkpoints; that of a member which went wrong stays at its last good step."""
        wrong = {*self._ended, *(i for i, shot in enumerate(shots) if shot.stopped)}
        good = {i: content for i, content in enumerate(kept) if i not in wrong}
        if not good:
            return
        if at_end:
            for i, content in good.items():
                self.writers[i].epoch_checkpoint(content, self._epoch)
        write_checkpoints({self.writers[i].path: content for i, content in good.items()})
        self._saved, self._saved_step = time.monotonic(), self.crew.step

    def _write(self, shots: Sequence[Snapshot]) -> None:
        """Write the snapshots; a member that went wrong ends with this one."""
        for i, shot in enumerate(shots):
            if i in self._ended:
                continue
            self.writers[i].snapshot(shot, self.crew.seconds, self.crew.steps_per_epoch)
            if shot.stopped:
                self._ended[i] = shot.stopped
                self.writers[i].tell(
                    state="diverged", reason=shot.stopped, step=shot.step, epoch=shot.epoch, seconds_left=0.0
                )

    def _report(
        self,
        *,
        rows: Sequence[Snapshot] = (),
        at_most_each: float = 0.0,
        state: str = "",
        verdicts: bool = False,
    ) -> None:
        """Write how far the crew is, and tell whoever watches."""
        crew = self.crew
        ended = [shot for shot in rows if shot.complete]
        sentences = crew.verdicts() if verdicts or ended else []
        step, seconds = self._began
        each = (crew.seconds - seconds) / max(1, crew.step - step)
        for i, writer in enumerate(self.writers):
            if i in self._ended:
                continue
            changes: dict[str, Any] = {"verdicts": (*writer.notes, *sentences[i])} if sentences else {}
            if state:
                changes["state"] = state
            writer.tell(
                at_most_each=0.0 if ended else at_most_each,
                step=crew.step,
                epoch=crew.step / crew.steps_per_epoch,
                seconds=writer.before + crew.seconds,
                images_per_second=crew.images_per_second,
                seconds_left=each * (crew.steps - crew.step),
                **changes,
            )
        if self.watch is not None:
            self.watch(self, [dict(shot.metrics) for shot in ended])

    def _obey(self, wish: str, fresh: bool) -> None:
        """Act on a wish; the checkpoint of this step is written already, save before the first step,
        where there is none. `fresh`: a snapshot is new."""
        if wish == "stop":
            raise _Stopped
        if wish == "step":
            self._stepping = True
        if wish == "run":
            self._stepping = False
        if wish == "pause" or (self._stepping and fresh and wish != "step"):
            self._hold()

    def _hold(self) -> None:
        """Wait until asked to go on; the place in the queue is free for others meanwhile."""
        self._stepping = False
        self._report(state="paused")
        self._let_others()
        renewed = time.monotonic()
        while True:
            wish = self.wishes.look()
            if wish == "stop":
                raise _Stopped
            if wish in ("run", "step"):
                self._stepping = wish == "step"
                break
            if not any(run.path.is_dir() for run in self.runs):
                raise _Stopped
            if time.monotonic() - renewed > RENEW_EACH_S:
                self._report()
                renewed = time.monotonic()
            time.sleep(LOOK_S)
        self._report(state="running")


class _Stopped(Exception):  # noqa: N818
    """The crew was asked to stop; its checkpoint is written."""
