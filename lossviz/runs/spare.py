"""The spare process as seen by whoever starts runs: begun, asked to fork a worker, ended.

What it does itself is in `lossviz.runs.spare_process`. Both talk over a socket that keeps messages
whole; its end, however it comes about, ends the spare process.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import lossviz
from lossviz.runs import process

# A fork takes milliseconds; on a machine with too much to do, longer.
PATIENCE_S = 2.0

State = Literal["preparing", "ready", "unable", "gone"]


class Spare:
    """A process that has imported what a worker imports; OSError if it cannot be begun.

    One thread at a time. It takes a second or two until it is ready; what it is asked for before
    that, it does once it is.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.sources = sources()
        self.state: State = "preparing"
        self.failed = False
        self._environment = _fixed(os.environ)
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            child = subprocess.Popen(
                [sys.executable, "-m", "lossviz", "spare"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=dict(environment),
                close_fds=True,
                start_new_session=True,
            )
        except OSError:
            self._line.close()
            raise
        finally:
            theirs.close()
        process.adopt(child)
        self.pid, self._began = child.pid, process.started(child.pid)

    def fits(self) -> bool:
        """Whether a fork of it is what a new process would be: it lives, no file of the program has
        changed since, and neither has the environment (LOSSVIZ_ variables are handed over)."""
        self._look()
        return (
            self.state in ("preparing", "ready")
            and self._environment == _fixed(os.environ)
            and self.sources == sources()
        )

    def start(self, folders: Sequence[Path], environment: Mapping[str, str]) -> int:
        """Have a worker with this environment train the runs in these folders; its process number, 0
        if that failed.

        Before the spare process is ready: its own number, which the worker replaces by its own in
        the status of the runs.
        """
        self._look()
        if self.state not in ("preparing", "ready"):
            return 0
        answer = self.state == "ready"
        request = {
            "folders": [str(folder) for folder in folders],
            "environment": dict(environment),
            "place": os.getcwd(),
            "answer": answer,
        }
        try:
            self._line.settimeout(PATIENCE_S)
            self._line.send(json.dumps(request).encode())
        except OSError:
            self.end()
            return 0
        if not answer:
            return self.pid
        word = self._heard(PATIENCE_S)
        if not word:
            # Ended, or so slow that it might do later what is now done otherwise.
            self.end()
            return 0
        return int(word)

    def end(self) -> None:
        """End the process; workers that it has forked go on."""
        self.state = "gone"
        self._line.close()
        process.kill(self.pid, self._began)

    def _look(self) -> None:
        """See whether it has become ready, or has ended."""
        if self.state not in ("preparing", "ready"):
            return
        word = self._heard(0.0)
        if word is None:
            return
        if word == b"ready" and self.state == "preparing":
            self.state = "ready"
            return
        self.failed = self.state == "preparing"
        self.state = "unable" if word else "gone"

    def _heard(self, patience: float) -> bytes | None:
        """The next message; None if none has come, empty when the process has ended."""
        self._line.settimeout(patience)
        try:
            return self._line.recv(64)
        except (BlockingIOError, TimeoutError):
            return None
        except OSError:
            return b""


def sources() -> frozenset[tuple[str, int, int]]:
    """The program's files with their times and sizes: what a process that began earlier may not have
    read as it is now."""
    found = set()
    package = Path(lossviz.__file__).parent
    for folder in (package, package.with_name("models")):
        for path in folder.rglob("*.py"):
            with contextlib.suppress(FileNotFoundError):
                now = path.stat()
                found.add((str(path), now.st_mtime_ns, now.st_size))
    return frozenset(found)


def _fixed(environment: Mapping[str, str]) -> dict[str, str]:
    """What libraries may have read when they were loaded."""
    return {name: value for name, value in environment.items() if not name.startswith("LOSSVIZ_")}
