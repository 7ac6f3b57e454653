"""RunStatus: how far a job (a training or any other) is, and which process does it; kept in `status.json`."""

from __future__ import annotations

import dataclasses
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from lossviz.core.errors import RunError
from lossviz.runs import files, process
from lossviz.runs.files import is_number, read_json, write_json

STATES = (
    "new",
    "queued",
    "starting",
    "running",
    "paused",
    "finished",
    "stopped",
    "failed",
    "diverged",
    "lost",
)
LIVING = ("starting", "running", "paused")
# States of a run that has come to its end: only a fork goes on from there.
COMPLETE = ("finished", "diverged")
# States from which a run can be resumed.
RESUMABLE = ("stopped", "failed", "lost")

# A worker on another machine is judged by the age of its status, which it renews between two steps: a test of
# all images may lie between, clocks differ, and a network file system may show what was there a minute ago.
# Loading data and building a network come before the first renewal.
RENEWED_S, STARTING_S = 120.0, 600.0
# Every count and time is below this; quotients of larger ones would overflow.
MOST = 2**63


@dataclass(frozen=True)
class RunStatus:
    """How a run, or another job, stands.

    state: one of STATES; "new": it was never asked to start. progress: in [0, 1], and words: what it does
    now; both of jobs that are no runs. epoch: not whole within an epoch. seconds: working time so far;
    seconds_left: None where that cannot be told. reason: why it does not work. result: the file that it
    has made. verdicts: what a reader should know of the result. cohort: "" but in folders of earlier
    versions, where runs with the same one were trained together. tries: how many processes in a row have
    vanished before the next checkpoint, with the one at work. queued: when it was asked to start (ns; 0: not
    yet). asker: who asked, as in `Limits`. folder: the name of the folder in which it is done. beat, cpu: the
    clock of the machine and the processor time of the process, in seconds, when this was written.
    silent: words that its process does not answer, and what to do; never written.
    """

    state: str = "queued"
    step: int = 0
    steps: int = 0
    epoch: float = 0.0
    epochs: int = 0
    progress: float = 0.0
    words: str = ""
    seconds: float = 0.0
    images_per_second: float = 0.0
    seconds_left: float | None = None
    device: str = ""
    pid: int = 0
    pid_started: str = ""
    host: str = ""
    updated: float = 0.0
    reason: str = ""
    result: str = ""
    verdicts: tuple[str, ...] = ()
    data_found: str = ""
    cohort: str = ""
    tries: int = 0
    queued: int = 0
    asker: str = ""
    folder: str = ""
    beat: float = 0.0
    cpu: float = 0.0
    silent: str = ""

    @property
    def living(self) -> bool:
        """True if the process that does the job lives (a paused one does)."""
        if self.state not in LIVING or not self.pid:
            return False
        if self.host == process.host():
            return process.lives(self.pid, self.pid_started)
        # Jobs that are no runs have stages that renew no status for minutes.
        allowed = RENEWED_S if self.epochs and self.state != "starting" else STARTING_S
        return abs(time.time() - self.updated) < allowed

    @property
    def ended(self) -> bool:
        """True if the job has ended: nothing more happens unless it is asked for."""
        return self.state not in (*LIVING, "queued")

    @property
    def word(self) -> str:
        """Give the state in words for a reader: "running", "running, does not answer"."""
        return f"{self.state}, does not answer" if self.silent else self.state

    @property
    def steps_per_epoch(self) -> float:
        """Steps in an epoch; 0 before the run has counted them."""
        return self.steps / self.epochs if self.epochs else 0.0

    @property
    def resumable(self) -> bool:
        """True if the queue would take the job again."""
        return self.state in RESUMABLE

    def but(self, **changes: Any) -> Self:
        """Give the same status with some changes."""
        return dataclasses.replace(self, **changes)

    def starting(self, pid: int, folder: Path) -> Self:
        """Give the status once a process begins to do the job in this folder."""
        return self.but(
            state="starting",
            pid=pid,
            pid_started=process.creation_time(pid),
            host=process.host(),
            folder=folder_name(folder),
            reason="",
        )

    def over(self, state: str, reason: str) -> Self:
        """Give the status once no process does the job any more."""
        return self.but(
            state=state, reason=reason, queued=0, words="", seconds_left=None, images_per_second=0.0
        )


_TYPES: dict[str, Any] = {"str": str, "int": int, "tuple[str, ...]": tuple}
_FIELDS = {f.name: _TYPES.get(str(f.type), (int, float)) for f in dataclasses.fields(RunStatus)}


def _from_file(path: Path) -> RunStatus:
    values, known = read_json(path), {}
    for name in _FIELDS.keys() & values.keys():
        value = values[name]
        if value is None:
            continue
        if isinstance(value, list):
            value = tuple(map(str, value))
        if not _fits(value, _FIELDS[name]):
            raise RunError(f"{path.parent.name}: status.json is damaged ({name} is {values[name]!r:.60})")
        known[name] = value
    found = RunStatus(**known)
    if found.state not in STATES:
        raise RunError(f"{path.parent.name}: status.json is damaged (state is {found.state!r:.60})")
    return found


# Gives the status in a file, as it was written; RunError if it is missing or damaged.
read = files.Parsed(_from_file)


def _fits(value: Any, kind: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, kind):
        return False
    return isinstance(value, (str, tuple)) or (is_number(value) and abs(value) < MOST)


def write(path: Path, status: RunStatus) -> None:
    """Replace the status file. OSError as the system gives it. On a full disk the old file is
    overwritten in place; OSError only if it has no room either."""
    told = status.but(updated=time.time(), beat=time.monotonic(), cpu=0.0)
    if status.pid == os.getpid() and status.host == process.host():
        # Renew the creation time too: the clock that gives it may have been set.
        told = told.but(cpu=time.process_time(), pid_started=process.creation_time(status.pid))
    values = {name: value for name, value in dataclasses.asdict(told).items() if name != "silent"}
    try:
        write_json(path, values)
    except OSError as error:
        if error.errno not in files.FULL:
            raise
        files.overwrite_file(path, files.encode_json(values))


def folder_name(folder: Path) -> str:
    """The name of a folder itself, also where it is reached by a link."""
    return os.path.basename(os.path.realpath(folder))
