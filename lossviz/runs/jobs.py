"""Job: a folder in which one process at a time does something slow; and the kinds of jobs there are.

A job's folder holds `job.json` (what is asked for; a run has `config.json` instead), `status.json`
(replaced as a whole), `control.json` (what viewers ask of its process), `worker.log` and `worker.lock`.
The folders of runs lie in a store, those of other jobs in `.jobs` within it, those of the cells of sweeps,
which are runs that no queue holds, in `.cells`.
"""

from __future__ import annotations

import contextlib
import importlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lossviz.core import cores
from lossviz.core.errors import ConfigError, RunError
from lossviz.runs import files, status, words
from lossviz.runs.lock import hold
from lossviz.runs.status import RunStatus

FOLDER = ".jobs"
# The cells of sweeps are runs of their own folder, apart from those that somebody asked for one by one; the
# id of a cell begins so.
CELLS, CELL = ".cells", "c-"
ASKS = ("run", "pause", "step", "stop")
TRAIN = "train"


@dataclass(frozen=True)
class Kind:
    """A kind of jobs. function: "module:function", which does a job, given its folder, in a process of
    its own. makes: what comes of it; `cap` limits how many jobs may make the same at once."""

    function: str
    makes: str


# Names only: a kind's module is imported by its worker alone.
KINDS = {
    TRAIN: Kind("lossviz.runs.worker:serve", "runs"),
    "extract": Kind("lossviz.readings.jobs:serve", "readings"),
    "project": Kind("lossviz.readings.jobs:serve", "readings"),
    "sweep": Kind("lossviz.sweeps.worker:serve", "cells"),
    "drive": Kind("lossviz.sweeps.cluster:serve", "drivers"),
    "export": Kind("lossviz.pages.train.export_job:serve", "files"),
}
AT_ONCE = 2


def function_of(kind: str) -> Callable[[Path], int]:
    """Import and give the function that does a job of a kind; it gives an exit status."""
    module, _, name = KINDS[kind].function.partition(":")
    made: Callable[[Path], int] = getattr(importlib.import_module(module), name)
    return made


def cap(makes: str) -> int:
    """Give the number of jobs that may make this at once: for runs LOSSVIZ_MAX_RUNS, or else
    the cores less one, at least 3; for cells of sweeps LOSSVIZ_MAX_CELLS, or else the cores; else 2."""
    if makes == KINDS[TRAIN].makes:
        return _number("LOSSVIZ_MAX_RUNS") or max(3, cores.count() - 1)
    if makes == KINDS["sweep"].makes:
        return _number("LOSSVIZ_MAX_CELLS") or cores.count()
    return AT_ONCE


def _number(variable: str) -> int:
    """Give the whole number in an environment variable; 0 where it is not set."""
    text = os.environ.get(variable, "").strip()
    if text and (not text.isascii() or not text.isdigit() or int(text) < 1):
        raise ConfigError(f"{variable} must be a whole number of at least 1; got {text[:40]!r}")
    return int(text or 0)


class Job:
    """A job's folder, read; every read is fresh."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.id = path.name

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.path)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Job) and self.path == other.path

    def __hash__(self) -> int:
        return hash(self.path)

    @property
    def place(self) -> Path:
        """The store that the job belongs to."""
        within = self.path.parent.name in (FOLDER, CELLS)
        return self.path.parent.parent if within else self.path.parent

    @property
    def is_cell(self) -> bool:
        """True for a cell of a sweep: a run that its sweep trains, and not the queue."""
        return self.path.parent.name == CELLS

    @property
    def kind(self) -> str:
        """One of KINDS; RunError where that cannot be told."""
        if self.path.parent.name != FOLDER:
            return TRAIN
        kind = _asked(self.path / "job.json").get("kind")
        if kind not in KINDS or kind == TRAIN:
            raise RunError(f"{self.id}: job.json names no kind of jobs: {kind!r:.40}")
        return str(kind)

    @property
    def request(self) -> dict[str, Any]:
        """Give what the job is asked to do, from job.json; RunError where that cannot be read."""
        asked = _asked(self.path / "job.json").get("asked")
        if not isinstance(asked, dict):
            raise RunError(f"{self.id}: job.json says nothing that is asked for")
        return asked

    def write_request(self, kind: str, request: Mapping[str, Any]) -> None:
        """Write what is asked for. OSError as the system gives it."""
        self.path.mkdir(parents=True, exist_ok=True)
        files.write_json(self.path / "job.json", {"kind": kind, "asked": request})

    @property
    def log(self) -> Path:
        """Give the file with what the process of the job printed."""
        return self.path / "worker.log"

    @property
    def status(self) -> RunStatus:
        """How it stands now. A job whose process has vanished is "lost"; a folder that cannot be read is
        "failed" with the reason."""
        try:
            told = self.read_status()
        except RunError as error:
            return RunStatus(state="failed", reason=str(error))
        if told.state not in status.LIVING:
            return told
        if not self._lives(told):
            # The process may have ended after its status was read: read it once more.
            with contextlib.suppress(RunError):
                told = self.read_status()
            if told.state not in status.LIVING:
                return told
            if not self._lives(told):
                return told.over("lost", words.end_reason(self.path, told))
        return told.but(silent=words.silence(told))

    def read_status(self) -> RunStatus:
        """The status as it was written; RunError if it is damaged, or a run has none."""
        path = self.path / "status.json"
        if self.path.parent.name == FOLDER and not path.exists():
            return RunStatus(state="new")
        return status.read(path)

    def write_status(self, now: RunStatus) -> None:
        """Replace the status. OSError as the system gives it."""
        status.write(self.path / "status.json", now)

    def _lives(self, told: RunStatus) -> bool:
        # The status in a copied folder is that of the original, and names the folder of the original.
        return told.living and told.folder in ("", status.folder_name(self.path))

    @property
    def alive(self) -> bool:
        """True if a process does the job or holds it paused."""
        try:
            return self._lives(self.read_status())
        except RunError:
            return False

    def ask(self, what: str) -> None:
        """Ask the process that trains a run to "run", "pause", "step" (to the next snapshot) or "stop".

        "stop" takes a run that still waits from the queue. For a run that has ended, "pause" and "stop"
        do nothing; "run" and "step" raise RunError, since it must be resumed first.
        """
        if what not in ASKS:
            raise RunError(f"{self.id}: a run can be asked to {', '.join(ASKS)}; got {what!r:.40}")
        now = self.status
        if now.ended:
            if what in ("run", "step"):
                raise RunError(f"{self.id}: the run is {now.state}; resume it first")
            return
        try:
            files.write_json(self.path / "control.json", {"want": what})
            if now.state == "queued" and what == "stop":
                with hold(self.place / ".lock"):
                    now = self.read_status()
                    if now.state == "queued":
                        self.write_status(now.over("stopped", "stopped before it began"))
        except OSError as error:
            raise RunError(f"{self.id}: control.json cannot be written ({error.strerror})") from None


_asked = files.Parsed(files.read_json)
