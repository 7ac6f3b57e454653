"""The launcher's own side: it makes workers with `multiprocessing`, and is there when they end.

Where it can fork, workers come from multiprocessing's fork server, which has imported what they need and
never computes: threads of arithmetic and a GPU's driver do not survive a fork. This module itself
imports nothing large, since a worker must say in its log where that fails.
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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import connection, forkserver
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TextIO

from lossviz.core.errors import LossvizError
from lossviz.runs import files, launcher, process
from lossviz.runs.jobs import Job, function_of
from lossviz.runs.queue import Queue
from lossviz.runs.status import JobStatus

IDLE_S = 600.0
# A paused run frees its place without ending: so often the queue is looked at while workers live.
LOOK_EACH_S = 1.0


def serve(idle_s: float = IDLE_S) -> int:
    """Start the workers that are asked for on standard input, a line of JSON each (`Launcher.start`),
    until it closes or nothing was asked for `idle_s` seconds, and no worker lives; the exit status."""
    requests = _requests()
    launch = _Launch(requests)
    launcher.starts_here(launch.start)
    while launch.listening or launch.busy:
        busy = launch.busy
        ready = connection.wait([*launch.listening, *launch.workers], LOOK_EACH_S if busy else idle_s)
        if not ready and not busy:
            return 0
        launch.answer(ready)
    return 0


def _requests() -> connection.Connection:
    """What comes on standard input, as messages that can be waited for together with the ends of
    processes, on Windows too."""
    lines = os.fdopen(os.dup(0), "rb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    ours, theirs = multiprocessing.Pipe(duplex=False)

    def pass_on() -> None:
        with theirs:
            for line in lines:
                theirs.send_bytes(line)

    threading.Thread(target=pass_on, name="lossviz-requests", daemon=True).start()
    return ours


@dataclass(frozen=True)
class _Worker:
    process: BaseProcess
    pid: int
    began: str
    jobs: Mapping[Job, JobStatus]

    @property
    def lives(self) -> bool:
        return process.lives(self.pid, self.began)


class _Launch:
    """The workers of this launcher, by their sentinels; listening: where requests come from, while any
    can come."""

    def __init__(self, requests: connection.Connection) -> None:
        self.listening = [requests]
        self.workers: dict[Any, _Worker] = {}
        # Of a fork server that was killed: they live on.
        self._adrift: list[_Worker] = []
        self._begun: list[Sequence[Path]] = []
        # Places whose jobs were started here.
        self._places: set[Path] = set()
        self._context = multiprocessing.get_context(launcher.method())
        if launcher.method() == "forkserver":
            self._context.set_forkserver_preload(["lossviz.runs.preload"])
            forkserver.ensure_running()

    @property
    def busy(self) -> bool:
        """A worker lives."""
        self._adrift = [worker for worker in self._adrift if worker.lives]
        return bool(self.workers or self._adrift)

    def start(self, folders: Sequence[Path]) -> int:
        """Take jobs from the queue, whose lock is held: they are started once it is free."""
        self._begun.append(folders)
        return os.getpid()

    def answer(self, ready: Sequence[Any]) -> None:
        """Do what is asked for, see to workers that have ended, and start what may start."""
        for source in ready:
            if source in self.workers:
                self._ended(source)
                continue
            try:
                request = json.loads(source.recv_bytes())
            except EOFError:
                self.listening.clear()
                continue
            # What is started later, when one ends, has the environment of whoever asked last.
            launcher.take_over(request["environment"], request["directory"])
            self._make([Path(name) for name in request["folders"]])
        for place in self._places:
            with contextlib.suppress(LossvizError, OSError):
                Queue(place).start_waiting()
        while self._begun:
            self._make(self._begun.pop(0))

    def _make(self, folders: Sequence[Path]) -> None:
        """Start a worker; it takes its jobs over itself."""
        jobs = [Job(folder) for folder in folders]
        self._places |= {job.place for job in jobs}
        waits = _standing_in(jobs, os.getpid())
        if not waits:
            return
        made = self._context.Process(  # type: ignore[attr-defined]
            target=_work, args=(os.getpid(), list(folders), launcher.own())
        )
        try:
            made.start()
        except (OSError, EOFError) as error:
            _leave(waits, "failed", f"its process could not be started ({error}); resume it to try again")
            return
        self.workers[made.sentinel] = _Worker(made, made.pid, process.started(made.pid), waits)

    def _ended(self, sentinel: Any) -> None:
        worker = self.workers.pop(sentinel)
        worker.process.join()
        code = worker.process.exitcode or 0
        worker.process.close()
        if worker.lives:
            self._adrift.append(worker)
            return
        if code < 0:
            note_end(next(iter(worker.jobs)).log, -code)
        _leave(worker.jobs, "lost", "its process ended before it began: look into worker.log")


def _standing_in(jobs: Sequence[Job], pid: int) -> dict[Job, JobStatus]:
    """The jobs with their statuses, if this process stands in for all of them still; else none: they
    were cancelled, or are gone."""
    with contextlib.suppress(LossvizError, OSError), Queue(jobs[0].place).lock():
        told = {job: job.told() for job in jobs}
        if all(now.state == "starting" and now.pid == pid for now in told.values()):
            return told
    return {}


def _leave(jobs: Mapping[Job, JobStatus], state: str, reason: str) -> None:
    """Write the end of jobs that nobody has taken over: their statuses are what they were."""
    with contextlib.suppress(LossvizError, OSError), Queue(next(iter(jobs)).place).lock():
        for job, before in jobs.items():
            if job.told() == before:
                job.tell(before.over(state, reason))


def note_end(log: Path, number: int) -> None:
    """Add to the log of a process that a signal has ended it."""
    with contextlib.suppress(ValueError):
        name = signal.Signals(number).name
        by = "; the system does that when memory runs out, or somebody did" if name == "SIGKILL" else ""
        # A folder that is gone does not come back for this.
        with contextlib.suppress(OSError):
            if log.parent.is_dir():
                files.append_text(log, f"\nlossviz: its process was ended by the signal {name}{by}\n")


def _work(stand_in: int, folders: Sequence[Path], environment: Mapping[str, str]) -> None:
    """Be a worker: own session, own log, the asker's environment."""
    if hasattr(os, "setsid"):
        with contextlib.suppress(OSError):
            os.setsid()
    # multiprocessing has changed into the launcher's working directory.
    launcher.take_over(environment, "")
    try:
        _print_to(folders[0] / "worker.log")
        if not _taken(stand_in, folders):
            return
        status = begin(folders)
    except LossvizError as error:
        print(f"lossviz: {error}", file=sys.stderr)
        status = 2
    raise SystemExit(status)


def _print_to(log: Path) -> None:
    """Have all that this process prints, libraries too, added to a log."""
    handle = files.opened(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for number in (1, 2):
        os.dup2(handle, number)
    os.close(handle)
    sys.stdout, sys.stderr = _stream(1), _stream(2)


def _stream(number: int) -> TextIO:
    return open(number, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)


def _taken(stand_in: int, folders: Sequence[Path]) -> bool:
    """Take over jobs for which the launcher stands in; False if they were cancelled meanwhile."""
    jobs = [Job(folder) for folder in folders]
    with Queue(jobs[0].place).lock():
        told = {job: job.told() for job in jobs}
        if not all(now.state == "starting" and now.pid == stand_in for now in told.values()):
            return False
        for job, now in told.items():
            job.tell(now.starting(os.getpid(), job.path))
    return True


def begin(folders: Sequence[Path]) -> int:
    """Do the jobs in these folders in this process, with low priority; the exit status."""
    faulthandler.enable(file=2)
    process.lower_priority()
    return function_of(Job(folders[0]).kind)(folders)


def let_others(place: Path) -> None:
    """Start what waits, if no launcher of this process is there to do so: it has been killed, or there
    was none."""
    parent = multiprocessing.parent_process()
    if parent is None or not parent.is_alive():
        with contextlib.suppress(LossvizError, OSError):
            Queue(place).start_waiting()
