"""The launcher, seen from a process that asks for jobs: begins it, and tells it which stores to look after.

The launcher is a process of its own, in a session of its own, since it makes workers with
`multiprocessing`, which a script of Streamlit must not use: each worker would run the script again. It
ends once the process that began it has ended and nothing waits or works any more; workers do not end
with it. The launcher's own side is `lossviz.runs.workers`.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import lossviz
from lossviz.runs import process

# Set to 0, no fork server is kept ready, and each worker imports everything anew.
FORKSERVER = "LOSSVIZ_FORKSERVER"
PROGRAM = "from lossviz.runs.workers import serve; raise SystemExit(serve())"

_guard = threading.Lock()
_launcher: Launcher | None = None


class Launcher:
    """A launcher that this process has begun; OSError if it cannot be begun."""

    def __init__(self) -> None:
        self._environment = dict(os.environ)
        self._child = subprocess.Popen(
            # -P: files in the working directory are not imported as libraries.
            [sys.executable, "-P", "-c", PROGRAM],
            stdin=subprocess.PIPE,
            bufsize=0,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment(),
            close_fds=True,
            start_new_session=True,
            # Windows: no window, and Ctrl-C of the app's terminal is not for it.
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0)
            | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        assert self._child.stdin is not None
        self.pid, self._requests = self._child.pid, self._child.stdin
        if os.name == "posix":
            # A write to a launcher that does not read raises an error; the page must not wait for it.
            os.set_blocking(self._requests.fileno(), False)
        # A child that has ended stays in the process table until its parent waits for it.
        threading.Thread(target=self._child.wait, name="lossviz-launcher", daemon=True).start()

    @property
    def fits(self) -> bool:
        """True if the launcher can be used: it lives, is not suspended, and the environment has not changed
        since it began, except LOSSVIZ_ variables, which are handed over with each request."""
        found = process.look(self.pid)
        lives = found is not None and not found.suspended and self._child.poll() is None
        return lives and library_variables(self._environment) == library_variables(os.environ)

    @property
    def failed(self) -> bool:
        """True if the launcher has ended by itself, with an error."""
        return (self._child.poll() or 0) > 0

    def look_after(self, place: Path) -> None:
        """Have the launcher start what waits in a store, in this process's environment and working directory.
        OSError if the launcher has ended."""
        self._ask({"place": str(place), "environment": own(), "directory": _directory()})

    def close(self) -> None:
        """Have the launcher start nothing more: it ends once its workers have ended."""
        with contextlib.suppress(OSError):
            self._ask({})
        with contextlib.suppress(OSError):
            self._requests.close()

    def _ask(self, request: Mapping[str, Any]) -> None:
        line = json.dumps(request).encode() + b"\n"
        if self._requests.write(line) != len(line):
            raise BlockingIOError(errno.EAGAIN, "the process that starts workers does not answer")


def look_after(place: Path) -> None:
    """Have the jobs that wait in a store started, now and later. OSError if no launcher can be begun."""
    with _guard:
        with contextlib.suppress(BrokenPipeError):
            return _ready().look_after(place)
        # The launcher has ended just now: begin another.
        return _ready().look_after(place)


def warm() -> None:
    """Begin a launcher that imports what workers need, where it can fork them. Returns at once.

    The launcher takes about 150 MB while it waits; a forked worker takes 20 MB of its own, a new process
    150. It ends with this process or after ten idle minutes, and the next call begins another.
    """
    if method() == "forkserver":
        with _guard, contextlib.suppress(OSError):
            _ready()


def close() -> None:
    """Let the launcher that this process began end, once its workers have."""
    global _launcher
    with _guard:
        if _launcher is not None:
            _launcher.close()
        _launcher = None


def _ready() -> Launcher:
    """Give the launcher, a new one if the last one can no longer be used; OSError if it cannot be begun."""
    global _launcher
    last = _launcher
    if last is not None and last.fits:
        return last
    _launcher = None
    if last is not None:
        last.close()
        if last.failed:
            raise OSError(errno.ECHILD, "the process that starts workers ended with an error")
    _launcher = Launcher()
    return _launcher


def method() -> str:
    """Give the way a launcher makes workers: "forkserver" on Linux, unless LOSSVIZ_FORKSERVER is 0; else
    "spawn", new processes. macOS has fork too, but not all of its libraries survive it."""
    able = sys.platform == "linux" and hasattr(os, "fork") and hasattr(socket, "AF_UNIX")
    return "forkserver" if able and os.environ.get(FORKSERVER, "").strip() != "0" else "spawn"


def environment() -> dict[str, str]:
    """The environment of a launcher, and of its workers."""
    root = str(Path(lossviz.__file__).parents[1])
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)),
        # Threads that wait in a busy loop take processor time from the page and other workers.
        "OMP_WAIT_POLICY": "PASSIVE",
        "GOMP_SPINCOUNT": "0",
    }


def library_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Give the variables of an environment that libraries may have read when they were loaded."""
    return {name: value for name, value in environment.items() if not name.startswith("LOSSVIZ_")}


def own() -> dict[str, str]:
    """Give this program's own (LOSSVIZ_) variables of the environment, which can be handed over."""
    return {name: value for name, value in os.environ.items() if name.startswith("LOSSVIZ_")}


def take_over(environment: Mapping[str, str], directory: str) -> None:
    """Take over another process's LOSSVIZ_ variables (`own`) and its working directory."""
    for name in own().keys() - environment.keys():
        del os.environ[name]
    os.environ.update(environment)
    with contextlib.suppress(OSError):
        os.chdir(directory or ".")


def sources() -> frozenset[tuple[str, int, int]]:
    """Give the program's files with their times and sizes, to tell if a process that began earlier has
    imported another version of them."""
    found = set()
    package = Path(lossviz.__file__).parent
    for folder in (package, package.with_name("models")):
        for path in folder.rglob("*.py"):
            with contextlib.suppress(FileNotFoundError):
                now = path.stat()
                found.add((str(path), now.st_mtime_ns, now.st_size))
    return frozenset(found)


def _directory() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError:
        return ""
