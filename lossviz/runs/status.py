"""RunStatus: how far a run is and who trains it, as `status.json` holds it."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lossviz.core.errors import RunError
from lossviz.runs import files, process
from lossviz.runs.files import is_number, read_json, write_json

STATES = (
    "queued", "starting", "running", "paused", "finished", "stopped", "failed", "diverged", "lost",
)  # fmt: skip
LIVING = ("starting", "running", "paused")

# A worker on another machine is judged by the age of its status, which it renews every 10 s.
# Loading data and building a network come before the first renewal.
RENEWED_S, STARTING_S = 30.0, 600.0
# No count and no time is larger; quotients of what is larger are no numbers any more.
MOST = 2**63


@dataclass(frozen=True)
class RunStatus:
    """How a run stands.

    epoch is a fraction within epochs. seconds: training time so far. reason: why it is not running.
    verdicts: what a reader should know of the result. queued: when it was asked to start (ns; 0: not
    yet). asker: who asked, as `Limits` have it. folder: the
    name of the folder in which it is trained. beat, cpu: the clock of the machine and the processor
    time of the process, in seconds, when this was written. silent: that its process does not answer,
    in words, with what to do; never written.
    """

    state: str = "queued"
    step: int = 0
    steps: int = 0
    epoch: float = 0.0
    epochs: int = 0
    seconds: float = 0.0
    images_per_second: float = 0.0
    seconds_left: float = 0.0
    device: str = ""
    pid: int = 0
    pid_started: str = ""
    host: str = ""
    updated: float = 0.0
    reason: str = ""
    verdicts: tuple[str, ...] = ()
    data_found: str = ""
    cohort: str = ""
    queued: int = 0
    asker: str = ""
    folder: str = ""
    beat: float = 0.0
    cpu: float = 0.0
    silent: str = ""

    @property
    def living(self) -> bool:
        """Whether the process that trains the run lives (a paused one does)."""
        if self.state not in LIVING or not self.pid:
            return False
        if self.host == process.host():
            return bool(self.pid_started) and process.started(self.pid) == self.pid_started
        allowed = STARTING_S if self.state == "starting" else RENEWED_S
        return abs(time.time() - self.updated) < allowed

    @property
    def ended(self) -> bool:
        """Whether nothing more happens by itself."""
        return self.state not in (*LIVING, "queued")

    @property
    def word(self) -> str:
        """The state for a reader: "running", "running, does not answer"."""
        return f"{self.state}, does not answer" if self.silent else self.state

    @property
    def steps_per_epoch(self) -> float:
        """Steps in an epoch; 0 before the run has counted them."""
        return self.steps / self.epochs if self.epochs else 0.0

    @property
    def resumable(self) -> bool:
        """Whether `RunStore.resume` would go on with it."""
        return self.state in ("stopped", "failed", "lost")

    def but(self, **changes: Any) -> RunStatus:
        """The same with some changes."""
        return dataclasses.replace(self, **changes)


_KINDS: dict[str, Any] = {
    f.name: {"str": str, "int": int, "float": (int, float)}.get(str(f.type))
    for f in dataclasses.fields(RunStatus)
}


def read(path: Path) -> RunStatus:
    """The status in a file, as it was written; RunError if it is missing or damaged."""
    process.reap()
    return _parsed(path)


def _from_file(path: Path) -> RunStatus:
    return _made(path, read_json(path))


_parsed = files.Parsed(_from_file)


def _made(path: Path, values: Mapping[str, Any]) -> RunStatus:
    known: dict[str, Any] = {}
    for name, kind in _KINDS.items():
        value = values.get(name)
        if value is None:
            continue
        if name == "verdicts":
            value = tuple(str(v) for v in value) if isinstance(value, list) else None
        if kind is not None and (isinstance(value, bool) or not isinstance(value, kind)):
            value = None
        if isinstance(value, (int, float)) and not (is_number(value) and abs(value) < MOST):
            value = None
        if value is None:
            raise RunError(f"{path.parent.name}: status.json is damaged ({name} is {values[name]!r:.60})")
        known[name] = value
    made = RunStatus(**known)
    if made.state not in STATES:
        raise RunError(f"{path.parent.name}: status.json is damaged (state is {made.state!r:.60})")
    return made


def write(path: Path, status: RunStatus) -> None:
    """Replace the status file. OSError as the system gives it; on a full disk only where
    there is no room for it in the old file either."""
    own = status.pid == os.getpid()
    told = dataclasses.replace(
        status, updated=time.time(), beat=time.monotonic(), cpu=time.process_time() if own else 0.0
    )
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
