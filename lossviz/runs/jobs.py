"""Background jobs: extractions and projections, each in a process of its own, at most two at once.

There is no daemon: whoever asks for a job, ends one or looks at one that waits starts what may start,
under one lock. A job survives the page that asked for it; two that ask for the same get the same.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lossviz.core.errors import ReadingError
from lossviz.readings import store, user_file
from lossviz.readings.projection import cached
from lossviz.readings.projection.cached import Projection
from lossviz.readings.projection.settings import Recipe
from lossviz.runs import files, jobstatus, launch, process
from lossviz.runs.jobstatus import JobStatus
from lossviz.runs.lock import held
from lossviz.runs.run import Run
from lossviz.runs.words import last_words, standing

FOLDER = ".jobs"
MOST_AT_ONCE = 2
FORGOTTEN_S = 7 * 86_400.0


@dataclass(frozen=True)
class Job:
    """Something slow to be made of a run or a file, kept beside it.

    kind: extract, umap or tsne. subject: the run's folder, or the file's path. epoch: None is the
    newest. recipe: of a projection, else None.
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
    def asked(self) -> dict[str, Any]:
        """What is asked for, for JSON."""
        return {
            "kind": self.kind,
            "subject": str(self.subject),
            "epoch": self.epoch,
            "part": self.part,
            "layer": self.layer,
            "recipe": None if self.recipe is None else self.recipe.used(),
        }

    @classmethod
    def from_asked(cls, asked: dict[str, Any]) -> Job:
        """The job that `asked` describes; KeyError, TypeError or ConfigError for anything else."""
        recipe = asked["recipe"]
        return cls(
            asked["kind"],
            Path(asked["subject"]),
            asked["epoch"],
            asked["part"],
            asked["layer"],
            None if recipe is None else Recipe(**recipe),
        )

    @property
    def id(self) -> str:
        """A name that says what it is; the same for everyone who asks for the same."""
        key = hashlib.sha256(json.dumps(self.asked, sort_keys=True).encode()).hexdigest()[:12]
        return f"{self.home.name}-{self.kind}-{key}"

    @property
    def record(self) -> Path:
        """The file that says how it stands."""
        return self.home.parent / FOLDER / f"{self.id}.json"

    @property
    def log(self) -> Path:
        """What its process printed."""
        return self.record.with_suffix(".log")

    @property
    def now(self) -> JobStatus:
        """How it stands; a job whose process has vanished has failed."""
        found = self._read()
        if found.state == "waiting":
            # A folder that cannot be written any more is told by whoever asks for something new.
            with contextlib.suppress(ReadingError):
                start_waiting(self.record.parent)
            found = self._read()
        if found.state == "waiting":
            ahead = sum(other.queued < found.queued for _, other in _waiting(self.record.parent))
            return found.but(words=f"waits for other jobs{f', {ahead} of them before it' if ahead else ''}")
        if found.state == "working" and found.began:
            found = found.but(seconds=max(0.0, time.time() - found.began))
            if found.host == process.host() and (how := standing(found.pid)):
                return found.but(words=how, seconds_left=None)
        return found

    def _read(self) -> JobStatus:
        process.reap()
        found = jobstatus.read(self.record)[1]
        if found.state == "working" and not found.living:
            # It may have ended between the reading and the look at its process.
            found = jobstatus.read(self.record)[1]
            if found.state == "working" and not found.living:
                words = last_words(self.log) or "its process ended without a word: killed, or out of memory"
                return found.but(state="failed", reason=words, seconds_left=None)
        return found

    def start(self, again: bool = False, most: float = math.inf) -> None:
        """Ask for it; nothing happens if it waits or works already, nor, without `again`, if it has
        failed or was cancelled. ReadingError if it cannot be written down, or if `most` jobs of these
        runs wait or work already."""
        with _lock(self.record.parent):
            found = self._read()
            if not found.ended or (found.state in ("failed", "cancelled") and not again):
                return
            going = [now for _, now in _all(self.record.parent) if now.state == "waiting" or now.living]
            if len(going) >= most:
                raise ReadingError(
                    f"at most {most:g} readings may wait or work at a time on this server, and {len(going)} "
                    "do: try again once some have ended"
                )
            waits = JobStatus(state="waiting", queued=time.time_ns())
            jobstatus.write(self.record, self.asked, waits)
        start_waiting(self.record.parent)

    def cancel(self) -> None:
        """End it; what was kept before stays. ReadingError if its process is on another machine."""
        with _lock(self.record.parent):
            found = self._read()
            if found.ended:
                return
            if found.state == "working":
                if found.host != process.host():
                    raise ReadingError(f"{self.id}: it is done on {found.host}; cancel it there")
                _end(found)
            left = found.but(state="cancelled", words="", reason="cancelled", seconds_left=None)
            jobstatus.write(self.record, self.asked, left)
        start_waiting(self.record.parent)


def extraction(
    run: Run,
    epoch: float | None,
    part: str,
    layer: str = "",
    again: bool = False,
    most: float = math.inf,
) -> Job:
    """The job that puts a part's images through a run's network, started unless it is kept or has
    failed before; again: in any case. most: as in `Job.start`."""
    store.check_part(part)
    job = Job("extract", run.path, epoch, part, layer)
    if again or store.extraction(run, epoch, part, layer) is None:
        job.start(again, most)
    return job


def projection(
    source: Run | Path, epoch: float, part: str, recipe: Recipe, layer: str = "", again: bool = False
) -> Job:
    """The job that projects the features of a reading, or the outputs of a layer for its images;
    started unless it is kept or has failed before. source: a run, or the file of an own reading.
    epoch, part: of the reading."""
    job = _projection(source, epoch, part, recipe, layer)
    if again or not result_path(job).is_file():
        job.start(again)
    return job


def projected(
    source: Run | Path, epoch: float, part: str, recipe: Recipe, layer: str = ""
) -> Projection | None:
    """The projection that `projection` makes, if it is kept."""
    return cached.kept(result_path(_projection(source, epoch, part, recipe, layer)))


def _projection(source: Run | Path, epoch: float, part: str, recipe: Recipe, layer: str) -> Job:
    subject = source.path if isinstance(source, Run) else user_file.settled(source)
    if not isinstance(source, Run) and layer:
        raise ReadingError(f"{source.name}: a file has no layers; project its features")
    return Job(recipe.method, subject, epoch, part, layer, recipe)


def result_path(job: Job) -> Path:
    """Where a projection is kept."""
    assert job.recipe is not None
    return cached.path_of(job.home, job.part, job.epoch or 0.0, job.layer, job.recipe)


def living(folder: Path) -> list[Job]:
    """The jobs of the runs in a folder that work or wait, in the order in which they were asked for."""
    found = [(job, now) for job, now in _all(folder / FOLDER) if not job.now.ended]
    return [job for job, _ in sorted(found, key=lambda entry: entry[1].queued)]


def start_waiting(place: Path) -> None:
    """Start jobs that wait while fewer than two work; cheap when nothing waits."""
    if not _waiting(place):
        return
    with _lock(place):
        everything = _all(place)
        free = MOST_AT_ONCE - sum(now.living for _, now in everything)
        waiting = sorted((e for e in everything if e[1].state == "waiting"), key=lambda e: e[1].queued)
        for job, now in waiting[: max(0, free)]:
            _start(job, now)


def _start(job: Job, now: JobStatus) -> None:
    try:
        files.append_text(job.log, launch.log_head("started"))
        pid = launch.spawn(["job", str(job.record)], job.log)
    except OSError as error:
        reason = f"its process could not be started ({error.strerror}); try again"
        jobstatus.write(job.record, job.asked, now.but(state="failed", reason=reason))
        return
    begun = now.but(
        state="working",
        words="starting",
        began=time.time(),
        pid=pid,
        pid_started=process.started(pid),
        host=process.host(),
    )
    jobstatus.write(job.record, job.asked, begun)


def _all(place: Path) -> list[tuple[Job, JobStatus]]:
    """All records; those that ended long ago, or whose run is gone, are forgotten."""
    found = []
    process.reap()
    for record in sorted(place.glob("*.json")):
        asked, now = jobstatus.read(record)
        try:
            job = Job.from_asked(asked)
        except (KeyError, TypeError, ValueError):
            continue
        old = now.ended and time.time() - now.updated > FORGOTTEN_S
        if old or (not job.subject.exists() and not now.living):
            for path in (record, record.with_suffix(".log"), record.with_suffix(".lock")):
                path.unlink(missing_ok=True)
            continue
        found.append((job, now))
    return found


def _waiting(place: Path) -> list[tuple[Job, JobStatus]]:
    return [(job, now) for job, now in _all(place) if now.state == "waiting"] if place.is_dir() else []


def _end(found: JobStatus) -> None:
    """End a job's process on this machine. What it writes appears as a whole or not at all."""
    if not process.end(found.pid, found.pid_started, (signal.SIGTERM, signal.SIGKILL)):
        raise ReadingError(
            f"its process {found.pid} does not end; the system may wait for a disk. Try again later"
        )


@contextlib.contextmanager
def _lock(place: Path) -> Iterator[None]:
    try:
        place.mkdir(exist_ok=True)
        with held(place / ".lock"):
            yield
    except OSError as error:
        raise ReadingError(f"jobs cannot be kept in {place} ({error.strerror})") from error
