"""Making: a file of some runs that takes a while, made by a process of its own."""

from __future__ import annotations

import contextlib
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode

import lossviz
from lossviz.core.errors import RunError
from lossviz.pages.train.view import LiveView
from lossviz.runs.export import ENDINGS
from lossviz.runs.run import Run

_LINE = re.compile(r"^(\d\.\d{4}) (.*)$", re.M)
_TAIL = 4096
# All that somebody still holds.
_made: weakref.WeakSet[Making] = weakref.WeakSet()


class Making:
    """`python -m lossviz runs export` for these runs, writing into a temporary folder.

    what: as the command has it: html, frames, frame, images, ... The process is ended and the folder
    removed by `cancel`, or once nobody holds this object any more. RunError if no process can be
    started, or if `most` are at work already.
    """

    def __init__(self, what: str, runs: Sequence[Run], view: LiveView, most: float = math.inf) -> None:
        going = sum(making.working for making in list(_made))
        if going >= most:
            raise RunError(
                f"at most {most:g} files are made at a time on this server, and {going} are: try again in a "
                "minute"
            )
        self.began = time.monotonic()
        try:
            self.folder = Path(tempfile.mkdtemp(prefix="lossviz-export-"))
            self._file = self.folder / f"made.{ENDINGS[what][0]}"
            try:
                self._process = self._started(what, runs, view)
            except OSError:
                shutil.rmtree(self.folder, ignore_errors=True)
                raise
        except OSError as error:
            raise RunError(f"no process can be started to make the file ({error.strerror})") from None
        self._end = weakref.finalize(self, _discard, self._process, self.folder)
        _made.add(self)

    def _started(self, what: str, runs: Sequence[Run], view: LiveView) -> subprocess.Popen[bytes]:
        root = str(Path(lossviz.__file__).parents[1])
        paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
        # Of the view only what a picture shows: what the form says may be about other runs.
        look = LiveView(
            at=view.at,
            layer=view.layer,
            of_class=view.of_class,
            shapes=view.shapes,
            presentation=view.presentation,
        )
        words = ["--what", what, "--out", str(self._file), "--progress"]
        with (self.folder / "told").open("wb") as told, (self.folder / "wrong").open("wb") as wrong:
            return subprocess.Popen(
                [
                    *(sys.executable, "-m", "lossviz", "runs", "export"),
                    *(str(run.path) for run in runs),
                    *(*words, f"--view={urlencode(look.to_query())}"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=wrong,
                # One thread of arithmetic: the page and what trains want the other cores.
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"},
            )

    @property
    def working(self) -> bool:
        """Whether it is still being made."""
        return self._process.poll() is None

    @property
    def problem(self) -> str:
        """Why there is no file, as a sentence; "" while it is made and when it is there."""
        status = self._process.poll()
        if status in (None, 0):
            return ""
        said = self._text("wrong").strip().rpartition("\n")[2].removeprefix("lossviz: ")
        if status < 0 or not said:
            return f"The process that made it ended (status {status}): killed, or out of memory. Try again."
        return said[0].upper() + said[1:]

    @property
    def stands(self) -> tuple[float, str]:
        """The share that is done, and what is being done."""
        found = _LINE.findall(self._text("told"))
        return (float(found[-1][0]), found[-1][1]) if found else (0.0, "starting")

    @property
    def seconds_left(self) -> float | None:
        """An estimate from the time so far; None before there is one."""
        share, _ = self.stands
        return (time.monotonic() - self.began) * (1 - share) / share if share > 0.02 else None

    @property
    def size(self) -> int:
        """Bytes of the file; 0 before it is there."""
        try:
            return self._file.stat().st_size
        except OSError:
            return 0

    def read(self) -> bytes:
        """The file."""
        return self._file.read_bytes()

    def cancel(self) -> None:
        """End the process and remove what it has written."""
        self._end()

    def _text(self, name: str) -> str:
        """The end of what the process has said."""
        try:
            with (self.folder / name).open("rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL))
                return file.read().decode(errors="replace")
        except OSError:
            return ""


def _discard(process: subprocess.Popen[bytes], folder: Path) -> None:
    with contextlib.suppress(OSError):
        process.kill()
    process.wait()
    shutil.rmtree(folder, ignore_errors=True)
