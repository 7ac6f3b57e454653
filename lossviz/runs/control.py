"""Control requests: what viewers (control.json) and the system (signals) ask of the process that trains."""

from __future__ import annotations

import contextlib
import json
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from lossviz.runs import files
from lossviz.runs.jobs import ASKS

# The least time between two reads of control.json.
LOOK_S = 0.05


class ControlRequests:
    """The newest request to a run: "run", "pause", "step" or "stop".

    A signal (SIGTERM, SIGINT) is a "stop" that nothing overrides; `why` then names the signal.
    """

    def __init__(self, folder: Path) -> None:
        self.why = ""
        self._file = folder / "control.json"
        self._seen = (0, 0)
        self._looked = 0.0

    def newest(self) -> str:
        """Give the newest request if it was not given before, else ""."""
        if self.why:
            return "stop"
        now = time.monotonic()
        if now - self._looked < LOOK_S:
            return ""
        self._looked = now
        try:
            found = self._file.stat()
        except OSError:
            return ""
        mark = (found.st_mtime_ns, found.st_ino)
        if mark == self._seen:
            return ""
        self._seen = mark
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
            asked = json.loads(files.read_bytes(self._file))["want"]
            return asked if asked in ASKS else ""
        return ""

    @contextlib.contextmanager
    def taking_signals(self) -> Iterator[None]:
        """Take SIGTERM and SIGINT as requests within the block; only in a process's main thread."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def take(number: int, frame: FrameType | None) -> None:
            self.why = "interrupted" if number == signal.SIGINT else "asked to end by the system (SIGTERM)"

        before: dict[int, Any] = {n: signal.signal(n, take) for n in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
