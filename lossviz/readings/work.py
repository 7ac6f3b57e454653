"""Work: a job done in this process, its record kept up to date, whatever goes wrong put into words."""

from __future__ import annotations

import contextlib
import os
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from lossviz.core.errors import LossvizError, ReadingError
from lossviz.readings import extract, source, store, user_file
from lossviz.readings.projection import cached, compute
from lossviz.readings.reading import Reading
from lossviz.runs import files, jobs, jobstatus, limits, process
from lossviz.runs.jobs import Job
from lossviz.runs.jobstatus import JobStatus
from lossviz.runs.lock import FileLock, held
from lossviz.runs.run import Run

TELL_EACH_S = 0.25
# What a process killed while writing has left is removed once no process can be writing it still.
STALE_S = 600.0


class Worker:
    """Does one job. watch(status): called whenever the record changes."""

    def __init__(self, job: Job, watch: Callable[[JobStatus], None] | None = None) -> None:
        self.job, self.watch = job, watch
        self.now = JobStatus()
        self._told = 0.0
        self._stage: tuple[str, float, float] = ("", 0.0, 0.0)

    def work(self) -> JobStatus:
        """Do it; gives the status in which it is left. RunError if another process does it."""
        record = self.job.record
        record.parent.mkdir(exist_ok=True)
        lock = FileLock(record.with_suffix(".lock"), f"{self.job.id}: another process does this")
        try:
            with held(record.parent / ".lock"):
                found = jobstatus.read(record)[1]
                self.now = JobStatus(
                    state="working",
                    words="starting",
                    began=time.time(),
                    queued=found.queued or time.time_ns(),
                    pid=os.getpid(),
                    pid_started=process.started(os.getpid()),
                    host=process.host(),
                )
                self._write()
            self._guarded()
            return self.now
        finally:
            lock.release()
            with contextlib.suppress(LossvizError, OSError):
                jobs.start_waiting(record.parent)

    def _guarded(self) -> None:
        try:
            result = self._do()
            self._end(state="done", progress=1.0, words="done", result=str(result))
        except KeyboardInterrupt:
            self._end(state="cancelled", words="", reason="interrupted")
            raise
        except LossvizError as error:
            self._end(state="failed", reason=str(error))
        except Exception as error:
            self._end(state="failed", reason=self._reason(error))

    def _do(self) -> Path:
        job = self.job
        for folder in (job.home / store.FOLDER, job.record.parent):
            sweep(folder)
        if job.kind == "extract":
            return extract.extract(Run(job.subject), job.epoch, job.part, job.layer, self._tell)
        assert job.recipe is not None
        path = jobs.result_path(job)
        path.parent.mkdir(exist_ok=True)
        made = compute.project(self._reading(), job.recipe, self._tell)
        cached.write(path, made, job.recipe, {"part": job.part, "epoch": job.epoch, "layer": job.layer})
        return path

    def _reading(self) -> Reading:
        """What is projected; what is not kept of it yet is made first."""
        job = self.job
        if job.subject.suffix == ".npz":
            return user_file.of_file(job.subject)
        run = Run(job.subject)
        if not source.kept(run, job.epoch, job.part, job.layer):
            extract.extract(run, job.epoch, job.part, job.layer, lambda w, s: self._tell(w, 0.0))
        return source.of_run(run, job.epoch, job.part, layer=job.layer)

    def _tell(self, words: str, share: float) -> None:
        """Progress of the work: told now and then, with what is left as this stage goes."""
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
        self.now = self.now.but(seconds=time.time() - self.now.began)
        jobstatus.write(self.job.record, self.job.asked, self.now)
        if self.watch is not None:
            self.watch(self.now)

    def _end(self, **changes: object) -> None:
        self.now = self.now.but(seconds_left=None, **changes)
        # A full disk may refuse even this; the end of the log may still have room.
        try:
            self._write()
        except OSError:
            with contextlib.suppress(OSError):
                files.append_text(self.job.log, f"lossviz: {self.now.reason}\n")

    def _reason(self, error: Exception) -> str:
        if refused := limits.out_of_memory(error):
            return f"{refused}; take fewer samples, or a layer with fewer numbers"
        return self._disk_reason(error) if isinstance(error, OSError) else self._program_reason(error)

    def _disk_reason(self, error: OSError) -> str:
        home = self.job.home
        if not home.is_dir():
            return f"the folder of {home.name} was deleted"
        if error.errno in files.FULL:
            return f"no space left for {home / store.FOLDER}; free some space, then try again"
        name = f" {error.filename}" if error.filename else ""
        return f"a file could not be read or written:{name} ({error.strerror or error})"

    def _program_reason(self, error: Exception) -> str:
        with contextlib.suppress(OSError):
            files.append_text(self.job.log, traceback.format_exc())
        what = f"{type(error).__name__}: {str(error)[:200]}"
        return f"an error in the program ({what}); more is in {self.job.log.name}"


def sweep(folder: Path) -> None:
    """Remove what processes killed while writing have left in a folder."""
    for rough in folder.glob(".*.*.*"):
        with contextlib.suppress(OSError):
            if time.time() - rough.stat().st_mtime > STALE_S:
                rough.unlink()


def job_of(record: Path) -> Job:
    """The job that a record describes; ReadingError if it describes none, or one of what is no run and
    no file: nothing is written there."""
    asked, _ = jobstatus.read(record)
    with contextlib.suppress(KeyError, TypeError, ValueError):
        job = Job.from_asked(asked)
        known = Run(job.subject).recognised if job.subject.suffix != ".npz" else job.subject.is_file()
        if known and job.record == record:
            return job
    raise ReadingError(f"{record}: no job is written down there, or one of what is neither a run nor a file")
