"""JobStatus: how far a background job is and which process does it, as its record holds it."""

from __future__ import annotations

import dataclasses
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lossviz.runs import files, process

STATES = ("new", "waiting", "working", "done", "failed", "cancelled")
# A process on another machine is judged by the age of its record; some stages say nothing for minutes.
RENEWED_S = 600.0


@dataclass(frozen=True)
class JobStatus:
    """How a job stands.

    state: new (never asked for), waiting, working, done, failed or cancelled. progress: in [0, 1].
    words: what it does, for the page. seconds: since it began to work. seconds_left: None where that
    cannot be told. reason: why it failed. result: the file that it has kept.
    """

    state: str = "new"
    progress: float = 0.0
    words: str = ""
    seconds: float = 0.0
    seconds_left: float | None = None
    reason: str = ""
    result: str = ""
    began: float = 0.0
    updated: float = 0.0
    queued: int = 0
    pid: int = 0
    pid_started: str = ""
    host: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing more happens by itself."""
        return self.state not in ("waiting", "working")

    @property
    def living(self) -> bool:
        """Whether its process lives."""
        if self.state != "working" or not self.pid:
            return False
        if self.host == process.host():
            return bool(self.pid_started) and process.started(self.pid) == self.pid_started
        return abs(time.time() - self.updated) < RENEWED_S

    def but(self, **changes: Any) -> JobStatus:
        """The same with some changes."""
        return dataclasses.replace(self, **changes)


def read(path: Path) -> tuple[dict[str, Any], JobStatus]:
    """What a record asks for and how it stands; a new one where there is none or it is damaged."""
    try:
        values = json.loads(files.read_bytes(path))
        asked, now = dict(values["job"]), JobStatus(**values["status"])
        return (asked, now) if now.state in STATES else ({}, JobStatus())
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}, JobStatus()


def write(path: Path, asked: dict[str, Any], now: JobStatus) -> None:
    """Replace a record. OSError as the system gives it."""
    told = dataclasses.asdict(now.but(updated=time.time()))
    files.write_json(path, {"job": asked, "status": told})
