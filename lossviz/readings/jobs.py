"""Jobs of the queue for the slow parts of readings: extractions and projections.

A job survives the page that asked for it; two pages that ask for the same share one job.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lossviz.core.errors import ReadingError
from lossviz.readings import extract, source, store, user_file
from lossviz.readings.projection import cached, compute
from lossviz.readings.projection.cached import Projection
from lossviz.readings.projection.settings import Recipe
from lossviz.readings.reading import Reading
from lossviz.runs import files, limits
from lossviz.runs.jobs import Job
from lossviz.runs.limits import Limits
from lossviz.runs.queue import Queue, page_status
from lossviz.runs.run import Run
from lossviz.runs.status import RunStatus
from lossviz.runs.task import Task, Tell

# Files that a killed process left half-written are removed after this time, when none can be writing them.
STALE_S = 600.0


@dataclass(frozen=True)
class ReadingJob:
    """Something slow to be made of a run or a file, kept beside it.

    kind: extract or project. subject: the run's folder, or the file's path. epoch: None is the newest.
    recipe: of a projection, else None.
    """

    kind: str
    subject: Path
    epoch: float | None
    part: str
    layer: str = ""
    recipe: Recipe | None = None

    @property
    def home(self) -> Path:
        """The folder in which results are kept, under `readings`."""
        return self.subject.parent if self.subject.suffix == ".npz" else self.subject

    @property
    def request(self) -> dict[str, Any]:
        """Give the fields of the job as they are written down in JSON."""
        return {
            "of": [str(self.subject)],
            "epoch": self.epoch,
            "part": self.part,
            "layer": self.layer,
            "recipe": None if self.recipe is None else self.recipe.settings(),
        }

    @classmethod
    def read(cls, job: Job) -> ReadingJob:
        """Read the job that a folder asks for.

        ReadingError if it is no such job, or its subject is neither a run nor a file; then nothing is
        written there.
        """
        with contextlib.suppress(KeyError, TypeError, ValueError):
            asked = job.request
            recipe, (subject,) = asked["recipe"], map(Path, asked["of"])
            made = cls(
                job.kind,
                subject,
                asked["epoch"],
                asked["part"],
                asked["layer"],
                None if recipe is None else Recipe(**recipe),
            )
            known = Run(subject).is_run if subject.suffix != ".npz" else subject.is_file()
            if known and made.job == job and (made.kind == "project") == (recipe is not None):
                return made
        raise ReadingError(
            f"{job.path}: no job is written down there, or one of what is neither a run nor a file"
        )

    @property
    def id(self) -> str:
        """A name that says what the job makes; the same for everyone who asks for the same."""
        key = hashlib.sha256(json.dumps([self.kind, self.request], sort_keys=True).encode()).hexdigest()[:12]
        return f"{self.home.name}-{self.recipe.method if self.recipe else self.kind}-{key}"

    @property
    def queue(self) -> Queue:
        """The queue in which it waits: that of the run's store."""
        return Queue(self.home.parent)

    @property
    def job(self) -> Job:
        """The folder of the job."""
        return self.queue.job(self.id)

    @property
    def now(self) -> RunStatus:
        """The status of the job; one whose process has vanished is lost."""
        return page_status(self.job)

    def start(self, again: bool = False, most: int | None = None) -> None:
        """Ask for it; nothing happens if it waits or works already, nor, without `again`, if it has
        failed or was cancelled. RunError if it cannot be written down, or if `most` readings of these
        runs wait or work already."""
        self.queue.add(self.kind, self.id, self.request, again=again, limits=Limits(going=most))

    def cancel(self) -> None:
        """End it; what was kept before stays. RunError if its process is on another machine."""
        self.queue.end(self.job, "cancelled", gently=True)

    @property
    def result_path(self) -> Path:
        """Give the path at which the projection is kept."""
        assert self.recipe is not None
        return cached.path_of(self.home, self.part, self.epoch or 0.0, self.layer, self.recipe)

    def work(self, watch: Callable[[RunStatus], None] | None = None) -> RunStatus:
        """Do it in this process; gives the status in which it is left. watch: as of `Task`."""
        self.job.write_request(self.kind, self.request)
        return self._task(watch).work()

    def _task(self, watch: Callable[[RunStatus], None] | None = None) -> Task:
        where, less = self.home / store.FOLDER, "take fewer samples, or a layer with fewer numbers"
        return Task(self.job, self._do, watch, where=where, less=less)

    def _do(self, tell: Tell) -> Path:
        sweep(self.home / store.FOLDER)
        if self.recipe is None:
            return extract.extract(Run(self.subject), self.epoch, self.part, self.layer, tell)
        path = self.result_path
        path.parent.mkdir(exist_ok=True)
        made = compute.project(self._reading(tell), self.recipe, tell)
        cached.write(path, made, self.recipe, {"part": self.part, "epoch": self.epoch, "layer": self.layer})
        return path

    def _reading(self, tell: Tell) -> Reading:
        """Give the reading to project; an extraction that is not kept yet is made first."""
        if self.subject.suffix == ".npz":
            return user_file.of_file(self.subject)
        run = Run(self.subject)
        if not source.available(run, self.epoch, self.part, self.layer):
            extract.extract(run, self.epoch, self.part, self.layer, lambda w, s: tell(w, 0.0))
        return source.of_run(run, self.epoch, self.part, layer=self.layer)


def serve(folder: Path) -> int:
    """Do the job in a folder; the exit status, 0 or 1. What goes wrong is in its status."""
    limits.keep_worker_memory()
    return 0 if ReadingJob.read(Job(folder))._task().work().state == "finished" else 1


def extraction(
    run: Run, epoch: float | None, part: str, layer: str = "", again: bool = False, most: int | None = None
) -> ReadingJob:
    """The job that puts a part's images through a run's network, started unless it is kept or has
    failed before; again: in any case. most: as in `ReadingJob.start`."""
    store.check_part(part)
    job = ReadingJob("extract", run.path, epoch, part, layer)
    if again or store.extraction(run, epoch, part, layer) is None:
        job.start(again, most)
    return job


def projection(source: Run | Path, epoch: float, part: str, recipe: Recipe, layer: str = "") -> ReadingJob:
    """The job that projects the features of a reading, or the outputs of a layer for its images; not
    started. source: a run, or the file of an own reading. epoch, part: of the reading."""
    subject = source.path if isinstance(source, Run) else user_file.settled(source)
    if not isinstance(source, Run) and layer:
        raise ReadingError(f"{source.name}: a file has no layers; project its features")
    return ReadingJob("project", subject, epoch, part, layer, recipe)


def find_projection(
    source: Run | Path, epoch: float, part: str, recipe: Recipe, layer: str = ""
) -> Projection | None:
    """The projection that `projection` makes, if it is kept."""
    return cached.read(projection(source, epoch, part, recipe, layer).result_path)


def going(folder: Path) -> list[ReadingJob]:
    """The jobs of the runs in a folder that work or wait, in the order in which they were asked for."""
    read = []
    for job, _ in sorted(Queue(folder).going(), key=lambda entry: entry[1].queued):
        with contextlib.suppress(ReadingError):
            read.append(ReadingJob.read(job))
    return read


def sweep(folder: Path) -> None:
    """Remove what processes killed while writing have left in a folder."""
    for rough in folder.glob(".*"):
        with contextlib.suppress(OSError):
            if files.ROUGH.fullmatch(rough.name) and time.time() - rough.stat().st_mtime > STALE_S:
                rough.unlink()
