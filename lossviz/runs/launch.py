"""Starting a worker process: its own session, low priority, arithmetic that waits without spinning.

A worker is a new process, or, where a page has called `warm`, a fork of a process that has imported
everything already: importing takes more processor time than everything else up to the first frame.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lossviz
from lossviz.runs import files, process, spare, status
from lossviz.runs.run import Run
from lossviz.runs.status import RunStatus

_guard = threading.Lock()
_spare: spare.Spare | None = None
_wanted = False
# The program's files with which a spare process could not be made ready.
_refused: frozenset[tuple[str, int, int]] | None = None


def warm() -> None:
    """Keep a process at hand that starts workers without importing anything. Returns at once.

    It takes about 150 MB while it waits; a worker then takes 20 MB of its own where a new process
    takes 150. It ends with this process or after ten idle minutes, and the next call begins another.
    Only on Linux without a GPU: elsewhere, and where LOSSVIZ_SPARE is 0, workers are new processes.
    """
    global _wanted
    if sys.platform != "linux" or os.environ.get("LOSSVIZ_SPARE", "").strip() == "0":
        return
    with _guard:
        _wanted = True
        _at_hand()


def cool() -> None:
    """End what `warm` began; workers go on."""
    global _spare, _wanted, _refused
    with _guard:
        _wanted, _refused = False, None
        if _spare is not None:
            _spare.end()
        _spare = None


def start_worker(group: Sequence[tuple[Run, RunStatus]]) -> bool:
    """Start the worker of a run, or of a cohort; the caller holds the store's lock.

    False where it could not be started; the status then tells why.
    """
    folders = [run.path for run, _ in group]
    try:
        files.append_text(folders[0] / "worker.log", log_head("started"))
        pid = _by_spare(folders) or _spawn(folders)
    except OSError as error:
        for run, now in group:
            full = error.errno in files.FULL
            why = f"no space left for {run.path}: free some" if full else error.strerror
            reason = f"its process could not be started ({why}); resume it to try again"
            status.write(run.path / "status.json", now.but(state="failed", reason=reason, queued=0))
        return False
    for run, now in group:
        status.write(run.path / "status.json", now.but(**starting(pid, run.path)))
    return True


def starting(pid: int, path: Path) -> dict[str, Any]:
    """Give what the status says of the run in a folder once a process of this id begins to train it."""
    return {
        "state": "starting",
        "queued": 0,
        "pid": pid,
        "pid_started": process.started(pid),
        "host": process.host(),
        "folder": status.folder_name(path),
        "reason": "",
    }


def log_head(what: str) -> str:
    """The line of a log that stands before what a new process says."""
    return f"\n--- {time.strftime('%Y-%m-%d %H:%M:%S')} {what}\n"


def _by_spare(folders: Sequence[Path]) -> int:
    """The process that will train these runs; 0 without a spare process."""
    with _guard:
        at_hand = _at_hand() if _wanted else None
        return at_hand.start(folders, environment()) if at_hand is not None else 0


def _at_hand() -> spare.Spare | None:
    """The spare process, begun anew if the last one is of no use any more; None if there can be none."""
    global _spare, _refused
    if _spare is not None:
        if _spare.fits():
            return _spare
        if _spare.failed:
            _refused = _spare.sources
        _spare.end()
        _spare = None
    if _refused is not None and _refused == spare.sources():
        return None
    try:
        _spare = spare.Spare(environment())
    except OSError:
        return None
    return _spare


def environment() -> dict[str, str]:
    """The environment of a worker that this process starts."""
    root = str(Path(lossviz.__file__).parents[1])
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)),
        # Threads that wait by spinning starve the page and other workers.
        "OMP_WAIT_POLICY": "PASSIVE",
        "GOMP_SPINCOUNT": "0",
    }


def _spawn(folders: Sequence[Path]) -> int:
    return spawn(["worker", *map(str, folders)], folders[0] / "worker.log")


def spawn(words: Sequence[str], log: Path) -> int:
    """The number of a new process, `python -m lossviz` with these words, in a session of its own; what
    it says is added to `log`. OSError as the system gives it."""
    with open(files.opened(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT), "ab") as said:
        child = subprocess.Popen(
            [sys.executable, "-m", "lossviz", *words],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env=environment(),
            close_fds=True,
            start_new_session=True,
        )
    process.adopt(child, log)
    return child.pid
