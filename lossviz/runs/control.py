"""Wishes: what viewers (control.json) and the system (signals) ask of the process that trains."""

from __future__ import annotations

import contextlib
import json
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from lossviz.runs import files
from lossviz.runs.jobs import ASKS

# control.json is looked at no more often than this.
LOOK_S = 0.05


class Wishes:
    """The latest wish for a crew: "run", "pause", "step" or "stop".

    Any member's control.json counts for the whole crew; the one that changed last wins. A signal
    (SIGTERM, SIGINT) is a "stop" that nothing overrides; `why` then names it.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self.why = ""
        self._seen: dict[Path, tuple[int, int]] = {folder / "control.json": (0, 0) for folder in folders}
        self._looked = 0.0

    def look(self) -> str:
        """A wish that was not told before, else ""."""
        if self.why:
            return "stop"
        now = time.monotonic()
        if now - self._looked < LOOK_S:
            return ""
        self._looked = now
        wish = ""
        for path, seen in self._seen.items():
            try:
                found = path.stat()
            except OSError:
                continue
            mark = (found.st_mtime_ns, found.st_ino)
            if mark != seen:
                self._seen[path] = mark
                with contextlib.suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
                    want = json.loads(files.read_bytes(path))["want"]
                    wish = want if want in ASKS else wish
        return wish

    @contextlib.contextmanager
    def heeding_signals(self) -> Iterator[None]:
        """Within the block SIGTERM and SIGINT are wishes; only in a process's main thread."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def heed(number: int, frame: FrameType | None) -> None:
            self.why = "interrupted" if number == signal.SIGINT else "asked to end by the system (SIGTERM)"

        before: dict[int, Any] = {n: signal.signal(n, heed) for n in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
