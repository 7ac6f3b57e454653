"""Export job: a file of some runs that takes a while, made by a worker of the queue."""

from __future__ import annotations

import contextlib
import secrets
import time
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from lossviz.core.errors import LossvizError, RunError
from lossviz.pages.train import replay
from lossviz.pages.train.view import LiveView
from lossviz.runs import export, files, limits
from lossviz.runs.jobs import Job
from lossviz.runs.limits import Limits
from lossviz.runs.queue import Queue, page_status
from lossviz.runs.run import Run
from lossviz.runs.status import RunStatus
from lossviz.runs.task import Task, Tell

Make = Callable[[Sequence[Run], LiveView, Tell], bytes | str]
KINDS: dict[str, Make] = {
    "html": replay.page,
    "frames": replay.pictures,
    "images": lambda runs, view, tell: export.images(runs[0], tell),
}


class ExportJob:
    """The job that makes a file of these runs as the view shows them.

    what: one of KINDS. The job is ended and its file removed by `cancel`, or once nobody holds this
    object any more. RunError if it cannot be asked for, or if `most` wait or are made already.
    """

    def __init__(self, what: str, runs: Sequence[Run], view: LiveView, most: int | None = None) -> None:
        # Only the view's settings of the picture: those of the form may be about other runs.
        look = view.link_of("at", "layer", "of_class", "shapes", "presentation")
        asked = {"of": [str(run.path) for run in runs], "what": what, "view": look}
        queue, id = Queue(runs[0].place), f"export-{what}-{secrets.token_hex(6)}"
        self.began = time.monotonic()
        self.job = queue.add("export", id, asked, limits=Limits(going=most))
        self._end = weakref.finalize(self, _discard, self.job)

    @property
    def now(self) -> RunStatus:
        """The status of the job."""
        return page_status(self.job)

    @property
    def working(self) -> bool:
        """True if the file waits or is being made."""
        return not self.now.ended

    @property
    def problem(self) -> str:
        """The reason why there is no file, as a sentence; "" while it is made and when it is there."""
        now = self.now
        if not now.ended or now.state == "finished":
            return ""
        return f"{now.reason[:1].upper()}{now.reason[1:]}"

    @property
    def size(self) -> int:
        """Bytes of the file; 0 before it is there."""
        try:
            return _file(self.job).stat().st_size
        except OSError:
            return 0

    def read(self) -> bytes:
        """The file."""
        return _file(self.job).read_bytes()

    def cancel(self) -> None:
        """End its process and remove what it has written."""
        self._end()


def serve(folder: Path) -> int:
    """Make the file that a job's folder asks for; the exit status, 0 or 1. What goes wrong is in its
    status."""
    import torch

    limits.keep_worker_memory()
    # The page and what trains want the other cores.
    torch.set_num_threads(1)
    job = Job(folder)
    task = Task(job, lambda tell: _make(job, tell), where=folder, less="take fewer runs")
    return 0 if task.work().state == "finished" else 1


def _make(job: Job, tell: Tell) -> Path:
    asked: dict[str, Any] = job.request
    if asked.get("what") not in KINDS:
        raise RunError(f"{job.id}: asks for {asked.get('what')!r:.40}; there are {', '.join(KINDS)}")
    runs = [Run(Path(name)) for name in asked["of"]]
    for run in runs:
        if run.problem:
            raise RunError(run.problem)
    view, _ = LiveView.from_query(dict(parse_qsl(str(asked.get("view", "")), keep_blank_values=True)))
    made = KINDS[asked["what"]](runs, view, tell)
    # Half a character, from a name that is not UTF-8, is written as in JSON and Python: \udce9.
    _file(job).write_bytes(made if isinstance(made, bytes) else made.encode(errors="backslashreplace"))
    return _file(job)


def _file(job: Job) -> Path:
    return job.path / "file"


def _discard(job: Job) -> None:
    with contextlib.suppress(LossvizError, OSError):
        Queue(job.place).end(job, "cancelled")
    with contextlib.suppress(OSError):
        files.remove_folder(job.path)
