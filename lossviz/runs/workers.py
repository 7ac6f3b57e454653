"""The launcher's own side: it takes jobs from the queue and makes workers with `multiprocessing`.

Where it can fork, workers come from multiprocessing's fork server, which has imported what they need and
never computes: threads of arithmetic and a GPU's driver do not survive a fork. This module itself
imports nothing large: if a large import fails, it must fail in a worker, which has a log.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TextIO

from lossviz.core.errors import LossvizError
from lossviz.runs import files, launcher, process
from lossviz.runs.jobs import Job, function_of
from lossviz.runs.queue import Queue

IDLE_S = 600.0
# Every TICK_S seconds the launcher checks if a worker has ended, every LOOK_EACH_S if something may start
# (a run that is paused frees its place without ending).
TICK_S, LOOK_EACH_S = 0.1, 1.0


def serve(idle_s: float = IDLE_S) -> int:
    """Look after the stores that are named on standard input, a line of JSON each (`Launcher.look_after`),
    until it closes or nothing was asked for `idle_s` seconds, and nothing waits or works; the exit status."""
    requests: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_pass_on, args=(_standard_input(), requests), daemon=True).start()
    launch, listening, looked = _Launch(), True, 0.0
    while listening or launch.busy:
        try:
            line = requests.get(timeout=TICK_S if launch.busy else idle_s)
        except Empty:
            if not launch.busy:
                return 0
        else:
            listening = bool(line)
            if line:
                launch.answer(json.loads(line))
            looked = 0.0
        if launch.some_ended() or time.monotonic() - looked > LOOK_EACH_S:
            launch.look()
            looked = time.monotonic()
    return 0


def _standard_input() -> int:
    """Move standard input to another number, so that processes started here do not inherit it."""
    kept = os.dup(0)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    return kept


def _pass_on(source: int, requests: SimpleQueue[bytes]) -> None:
    with os.fdopen(source, "rb") as lines:
        for line in lines:
            requests.put(line)
    requests.put(b"")


class _Launch:
    """The stores that are looked after, and the workers that were made here. busy: something in them
    waits or works, as of the last look."""

    def __init__(self) -> None:
        self.busy = False
        self._places: set[Path] = set()
        self._sources = launcher.sources()
        self._workers: list[tuple[BaseProcess, Path]] = []
        self._context = multiprocessing.get_context(launcher.method())
        if launcher.method() == "forkserver":
            self._context.set_forkserver_preload(["lossviz.runs.preload"])
            # The first process waits until the fork server has imported everything; no lock is held.
            first = self._context.Process(target=_nothing)  # type: ignore[attr-defined]
            first.start()
            first.join()

    def answer(self, request: Mapping[str, Any]) -> None:
        """Look after a store, from now on in the environment of the process that asks. A request without a
        store: start nothing more, since that process has begun another launcher."""
        if not request:
            self._places.clear()
            return
        launcher.take_over(request["environment"], request["directory"])
        self._places.add(Path(request["place"]))

    def look(self) -> None:
        """Start what may start."""
        standing = []
        for place in self._places:
            queue = Queue(place)
            with contextlib.suppress(LossvizError, OSError):
                if launcher.sources() == self._sources:
                    queue.take(self._begin)
                else:
                    # The program on disk has changed since it was imported: another launcher takes over.
                    queue.start_waiting()
                standing += [now for _, now in queue.going()]
        waits = any(now.living or (now.state == "queued" and now.queued) for now in standing)
        self.busy = waits or bool(self._workers)

    def _begin(self, job: Job) -> int:
        made = self._context.Process(  # type: ignore[attr-defined]
            target=_work, args=(job.path, launcher.own())
        )
        try:
            made.start()
        except EOFError:
            raise OSError("the fork server has ended") from None
        self._workers.append((made, job.log))
        return int(made.pid)

    def some_ended(self) -> bool:
        """Drop the workers that have ended; True if there are any."""
        ended = [(worker, log) for worker, log in self._workers if not worker.is_alive()]
        self._workers = [entry for entry in self._workers if entry not in ended]
        for worker, log in ended:
            if worker.exitcode and worker.exitcode < 0:
                note_end(log, -worker.exitcode)
        return bool(ended)


def _nothing() -> None:
    pass


def note_end(log: Path, number: int) -> None:
    """Add to the log of a process that a signal has ended it."""
    with contextlib.suppress(ValueError):
        name = signal.Signals(number).name
        by = "; the system does that when memory runs out, or somebody did" if name == "SIGKILL" else ""
        # The folder of a job that was cancelled may be removed meanwhile: nothing is created there.
        with contextlib.suppress(OSError):
            text = f"\nlossviz: its process was ended by the signal {name}{by}\n"
            files.append_text(log, text, create=False)


def _work(folder: Path, environment: Mapping[str, str]) -> None:
    """Be a worker: with its own session and log, in the environment of the process that asked."""
    if hasattr(os, "setsid"):
        with contextlib.suppress(OSError):
            os.setsid()
    # multiprocessing has changed into the launcher's working directory.
    launcher.take_over(environment, "")
    try:
        _print_to(folder / "worker.log")
        faulthandler.enable(file=2)
        process.lower_priority()
        status = function_of(Job(folder).kind)(folder)
    except LossvizError as error:
        print(f"lossviz: {error}", file=sys.stderr)
        status = 2
    raise SystemExit(status)


def _print_to(log: Path) -> None:
    """Have all that this process prints, libraries too, added to a log."""
    handle = files.open_regular(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for number in (1, 2):
        os.dup2(handle, number)
    os.close(handle)
    sys.stdout, sys.stderr = _stream(1), _stream(2)


def _stream(number: int) -> TextIO:
    return open(number, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)


def let_others(place: Path) -> None:
    """Start what waits, if this process has no launcher that does so: it was killed, or there never was
    one."""
    parent = multiprocessing.parent_process()
    if parent is None or not parent.is_alive():
        with contextlib.suppress(LossvizError, OSError):
            Queue(place).start_waiting()
