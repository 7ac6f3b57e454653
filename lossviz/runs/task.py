"""Task: a job that is no run, done in this process: its status kept up to date, errors put into words."""

from __future__ import annotations

import contextlib
import os
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from lossviz.core.errors import LossvizError
from lossviz.runs import files, limits, workers
from lossviz.runs.jobs import Job
from lossviz.runs.lock import FolderLock
from lossviz.runs.queue import Queue
from lossviz.runs.status import RunStatus

# How far a job is: in words, and the share that is done.
Tell = Callable[[str, float], None]
TELL_EACH_S = 0.25


class Task:
    """Does one job. do(tell): does the work and gives the file made. watch(status): called whenever the
    status is written. where: the folder written into. less: what would need less memory, in words."""

    def __init__(
        self,
        job: Job,
        do: Callable[[Tell], Path],
        watch: Callable[[RunStatus], None] | None = None,
        *,
        where: Path,
        less: str,
    ) -> None:
        self.job, self.do, self.watch, self.where, self.less = job, do, watch, where, less
        self.now = RunStatus()
        self._began = self._told = 0.0
        self._stage: tuple[str, float, float] = ("", 0.0, 0.0)

    def work(self) -> RunStatus:
        """Do the job; gives the status in which it is left. RunError if another process does it."""
        lock = FolderLock(self.job.path)
        try:
            with Queue(self.job.place).lock():
                found = self.job.read_status()
                now = RunStatus(queued=found.queued or time.time_ns(), asker=found.asker, words="starting")
                self.now = now.starting(os.getpid(), self.job.path).but(state="running")
                self._began = time.monotonic()
                self._write()
            self._guarded()
            return self.now
        finally:
            lock.release()
            workers.let_others(self.job.place)

    def _guarded(self) -> None:
        try:
            result = self.do(self._tell)
            self._end(state="finished", progress=1.0, words="done", result=str(result))
        except KeyboardInterrupt:
            self._end(state="stopped", words="", reason="interrupted")
            raise
        except LossvizError as error:
            self._end(state="failed", reason=str(error))
        except Exception as error:
            self._end(state="failed", reason=self._reason(error))

    def _tell(self, words: str, share: float) -> None:
        """Write progress, now and then, with the time left as this stage's pace gives it."""
        moment = time.monotonic()
        stage = words.partition(":")[0]
        fresh = stage != self._stage[0]
        if fresh:
            self._stage = (stage, moment, share)
        _, since, before = self._stage
        left = None
        if share > before and moment - since > 1.0:
            left = (1.0 - share) * (moment - since) / (share - before)
        self.now = self.now.but(progress=min(1.0, max(0.0, share)), words=words, seconds_left=left)
        if fresh or moment - self._told >= TELL_EACH_S:
            self._write()

    def _write(self) -> None:
        self._told = time.monotonic()
        self.now = self.now.but(seconds=self._told - self._began)
        self.job.write_status(self.now)
        if self.watch is not None:
            self.watch(self.now)

    def _end(self, **changes: object) -> None:
        self.now = self.now.but(seconds_left=None, **changes)
        # On a full disk this may fail too; the log may still have room.
        try:
            self._write()
        except OSError:
            with contextlib.suppress(OSError):
                files.append_text(self.job.log, f"lossviz: {self.now.reason}\n")

    def _reason(self, error: Exception) -> str:
        if refused := limits.out_of_memory(error):
            return f"{refused}; {self.less}"
        if not isinstance(error, OSError):
            with contextlib.suppress(OSError):
                files.append_text(self.job.log, traceback.format_exc())
            what = f"{type(error).__name__}: {str(error)[:200]}"
            return f"an error in the program ({what}); more is in {self.job.log}"
        if not self.where.parent.is_dir():
            return f"the folder of {self.where.parent.name} was deleted"
        if error.errno in files.FULL:
            return f"no space left for {self.where}; free some space, then try again"
        name = f" {error.filename}" if error.filename else ""
        return f"a file could not be read or written:{name} ({error.strerror or error})"
