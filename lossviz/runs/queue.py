"""The queue: which jobs wait, in which order, and whether more may. It is kept in the store's folders.

There is no daemon: whoever asks for a job, ends one or looks at one that waits calls `start_waiting`, and
a launcher takes what may start, under one lock.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lossviz.core.cache import Cache
from lossviz.core.errors import RunError
from lossviz.core.names import nameable
from lossviz.runs import files, launcher, process
from lossviz.runs.jobs import FOLDER, KINDS, TRAIN, Job, cap
from lossviz.runs.limits import Limits
from lossviz.runs.lock import hold
from lossviz.runs.status import RunStatus

Entry = tuple[Job, RunStatus]

UNLIMITED = Limits()
ELSEWHERE = "make it a folder that can be written, or start with LOSSVIZ_RUNS set to another"
# Jobs that are no runs are forgotten this long after their end; what they have made stays.
FORGOTTEN_S = 7 * 86_400.0
# Runs that have ended are looked at this often at least.
ALL_EACH_S = 10.0
LOCK = ".lock"


class Queue:
    """The jobs of a store: `place`, a folder that need not be there yet."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def names(self) -> list[str]:
        """The names of the folders of runs, newest first. RunError where they cannot be listed."""
        return list(self._names())

    def _names(self) -> tuple[str, ...]:
        try:
            return _listed(self.place)
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise RunError(
                f"the runs in {self.place} cannot be listed ({error.strerror}); {ELSEWHERE}"
            ) from None

    def job(self, id: str) -> Job:
        """A job that is no run, by its id."""
        return Job(self.place / FOLDER / id)

    def going(self) -> list[Entry]:
        """The jobs that wait or work and how they stand, runs first, newest first. Jobs that are no runs and
        ended long ago, or whose subject is gone, are forgotten. RunError as of `names`."""
        if any(forgotten for *_, forgotten in self._others()):
            with contextlib.suppress(RunError, OSError), self.lock():
                # Looked at once more: one may have been asked for again.
                for job, _, forgotten in self._others():
                    if forgotten:
                        files.remove_folder(job.path)
        return self._going()

    def _going(self) -> list[Entry]:
        """Give what `going` gives, and forget nothing: the caller may hold the lock."""
        others = [(job, now) for job, now, forgotten in self._others() if not (forgotten or now.ended)]
        return self._runs() + others

    def _runs(self) -> list[Entry]:
        """The runs that wait or work. One that has ended is looked at again only once a run was resumed
        (`note_resumed`), or after a while: its status may be written by hand or on another machine."""
        names, lock = self._names(), _stat(self.place / LOCK)
        before, now = _looks.peek(self.place), time.monotonic()
        key = (names, lock and files.mark(lock))
        known = before is not None and before.key == key and now - before.moment < ALL_EACH_S
        found = []
        for name in before.going if before is not None and known else names:
            job = Job(self.place / name)
            stands = job.status
            if not stands.ended:
                found.append((job, stands))
        if not known and (lock is None or files.settled(lock)):
            _looks.put(self.place, _Look(key, tuple(job.id for job, _ in found), now))
        return found

    def note_resumed(self) -> None:
        """Tell all who keep in mind which runs have ended that one of them goes on. The caller holds the
        lock."""
        with contextlib.suppress(OSError):
            os.utime(self.place / LOCK)

    def _others(self) -> Iterator[tuple[Job, RunStatus, bool]]:
        """Give the jobs that are no runs, how they stand, and True for one to be forgotten."""
        folder = self.place / FOLDER
        if not folder.is_dir():
            return
        for path in sorted(path for path in folder.iterdir() if path.name[0] != "."):
            job = Job(path)
            try:
                now = job.status
                subjects = [Path(name) for name in job.request["of"]]
                _ = job.kind
            except (RunError, KeyError, TypeError):
                continue
            old = now.ended and time.time() - now.updated > FORGOTTEN_S
            yield job, now, old or (not now.living and not any(map(os.path.lexists, subjects)))

    def waiting(self) -> list[Job]:
        """The jobs that wait, the next one first."""
        return [job for job, _ in queue_order(self.going())]

    def add(
        self,
        kind: str,
        id: str,
        asked: Mapping[str, Any],
        *,
        again: bool = False,
        limits: Limits = UNLIMITED,
    ) -> Job:
        """Ask for a job that is no run; asked["of"]: paths; once all of them are gone it is forgotten.

        Nothing happens if the job waits or works already, nor, without `again`, if it has failed or was
        cancelled. RunError if it cannot be written, or if as many jobs of its kind as are allowed wait or
        work already.
        """
        job = self.job(id)
        with self.lock():
            now = job.status
            if not now.ended or (now.resumable and not again):
                return job
            self._check_going(KINDS[kind].makes, limits)
            job.write_request(kind, asked)
            job.write_status(RunStatus(state="queued", queued=time.time_ns(), asker=limits.asker))
        self.start_waiting()
        return job

    def _check_going(self, makes: str, limits: Limits) -> None:
        going = sum(KINDS[job.kind].makes == makes for job, _ in self._going())
        if limits.going is not None and going >= limits.going:
            raise RunError(
                f"at most {limits.going} {makes} may wait or work at a time on this server, and {going} do: "
                "try again once some have ended"
            )

    def enqueue(self, new: Sequence[tuple[Job, RunStatus]], limits: Limits = UNLIMITED) -> None:
        """Write that runs wait, as their new statuses say; all or none. The caller holds the lock.
        RunError if more would wait than the limits allow."""
        new = [(job, waits.but(asker=limits.asker)) for job, waits in new]
        if limits != UNLIMITED:
            check(new, self._going(), limits)
        before = [(job, job.read_status()) for job, _ in new]
        try:
            for job, waits in new:
                (job.path / "control.json").unlink(missing_ok=True)
                job.write_status(waits)
        except OSError:
            for job, now in before:
                with contextlib.suppress(OSError):
                    job.write_status(now)
            raise
        finally:
            self.note_resumed()

    def start_waiting(self) -> dict[Job, int]:
        """Have the launcher start the waiting jobs that have a free place. Gives, for each job that waits,
        how many jobs that make the same are before it; -1 for a job that is about to start. RunError if no
        launcher can be begun."""
        entries = self.going()
        ahead = {job: -1 for job, _ in _free(entries)}
        try:
            if ahead:
                launcher.look_after(self.place)
        except OSError as error:
            raise RunError(
                f"no process can be started for what waits in {self.place} ({error.strerror}): try again"
            ) from error
        before: Counter[str] = Counter()
        for job, _ in queue_order(entries):
            if job not in ahead:
                ahead[job] = before[KINDS[job.kind].makes]
                before[KINDS[job.kind].makes] += 1
        return ahead

    def take(self, begin: Callable[[Job], int]) -> list[Job]:
        """Start jobs that wait while fewer than `cap` that make the same are at work; gives the jobs started.
        begin: starts a process for a job and gives its number; OSError where it cannot. Called by the
        launcher."""
        begun: list[Job] = []
        if not _free(self.going()):
            return begun
        with self.lock():
            for job, now in _free(self._going()):
                try:
                    files.append_text(job.log, log_head("started"))
                    left = now.starting(begin(job), job.path)
                    begun.append(job)
                except OSError as error:
                    full = error.errno in files.FULL
                    why = f"no space left for {job.path}: free some" if full else error.strerror or error
                    again = "resume it to try again" if job.kind == TRAIN else "try again"
                    left = now.over("failed", f"its process could not be started ({why}); {again}")
                job.write_status(left)
        return begun

    def end(self, job: Job, reason: str, *, gently: bool = False) -> None:
        """End the process of a job, or take the job from the queue. gently: by a request first. What is saved
        stays. RunError if that cannot be done."""
        with self.lock():
            now = job.status
            if now.ended:
                return
            if now.state != "queued":
                _end(job, now, gently)
            job.write_status(now.over("stopped", reason))
        self.start_waiting()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the store's lock within the block; RunError where the store cannot be written."""
        try:
            self.place.mkdir(parents=True, exist_ok=True)
            with hold(self.place / LOCK):
                yield
        except OSError as error:
            raise RunError(f"the runs in {self.place} cannot be changed ({why(error)}") from error


def page_status(job: Job) -> RunStatus:
    """Give the status of a job for a page. A job that waits is started if there is a place for it, otherwise
    its words say how many are before it; the words of a job whose process does not answer say that."""
    now = job.status
    if now.state == "queued":
        # Where the store cannot be written, only a request for something new says so.
        with contextlib.suppress(RunError):
            ahead = Queue(job.place).start_waiting().get(job, -1)
            more = f", {ahead} of them before it" if ahead > 0 else ""
            words, now = "starting" if ahead < 0 else f"waits for other jobs{more}", job.status
            return now.but(words=words) if now.state == "queued" else now
    if now.silent:
        return now.but(words=now.silent, seconds_left=None)
    return now.but(words=now.words or "starting") if now.state == "starting" else now


def queue_order(entries: Sequence[Entry]) -> list[Entry]:
    """Give the jobs that wait, the next one first."""
    asked = [(job, now) for job, now in entries if now.state == "queued" and now.queued]
    return sorted(asked, key=lambda entry: (entry[1].queued, entry[0].id))


def busy(entries: Sequence[Entry], makes: str) -> int:
    """Count the jobs that make this and are at work, neither paused nor silent."""
    return sum(
        now.state in ("starting", "running") and not now.silent and KINDS[job.kind].makes == makes
        for job, now in entries
    )


def _free(entries: Sequence[Entry]) -> list[Entry]:
    """Give the jobs that may start, the next one first."""
    at_work = {kind.makes: busy(entries, kind.makes) for kind in KINDS.values()}
    free = []
    for job, now in queue_order(entries):
        makes = KINDS[job.kind].makes
        if at_work[makes] < cap(makes):
            at_work[makes] += 1
            free.append((job, now))
    return free


def log_head(what: str) -> str:
    """Give the line of a log that separates the output of a new process from what came before."""
    return f"\n--- {time.strftime('%Y-%m-%d %H:%M:%S')} {what}\n"


def check(new: Sequence[Entry], entries: Sequence[Entry], limits: Limits) -> None:
    """Raise RunError if, with these runs, more would wait than the limits allow. Runs that begin at once
    do not wait."""
    runs = KINDS[TRAIN].makes
    line = [*(entry for entry in queue_order(entries) if entry[0].kind == TRAIN), *new]
    waiting = line[max(0, cap(runs) - busy(entries, runs)) :]
    own = [entry for entry in waiting if entry[1].asker == limits.asker]
    fresh = {job.id for job, _ in new}
    for line, most, whose in ((waiting, limits.waiting, ""), (own, limits.own, " of yours")):
        added = sum(job.id in fresh for job, _ in line)
        if most is not None and len(line) > most and added:
            raise RunError(
                f"at most {most} runs{whose} may wait for a free place; {len(line) - added} wait, and "
                f"{added} would be added. Nothing was started: start fewer, or wait until some have ended"
            )


def why(error: OSError) -> str:
    """Give the end of an error's sentence: what went wrong, a closing bracket, and what to do."""
    return f"{error.strerror}); " + ("free some space" if error.errno in files.FULL else ELSEWHERE)


def _end(job: Job, now: RunStatus, gently: bool) -> None:
    if now.host != process.host():
        does = "trained" if job.kind == TRAIN else "done"
        raise RunError(f"{job.id}: it is {does} on {now.host}; end it there")
    try:
        gone = process.end(now.pid, now.pid_started, gently=gently)
    except OSError as error:
        raise RunError(f"{job.id}: its process {now.pid} cannot be ended ({error.strerror})") from None
    if not gone:
        raise RunError(f"{job.id}: its process {now.pid} does not end: the system waits for a disk")


def _age(name: str) -> tuple[str, str]:
    """Give the key that sorts ids by time: the second, then the part of the second at the end of the id."""
    return name[:15], name.rpartition("-")[2]


def _names(path: Path) -> tuple[str, ...]:
    with os.scandir(path) as entries:
        # A name that no link or page can hold is left out: such a run is reached by its path alone.
        found = [e.name for e in entries if e.name[0] != "." and nameable(e.name) and e.is_dir()]
    return tuple(sorted(found, key=_age, reverse=True))


@dataclass(frozen=True)
class _Look:
    """A look at all runs of a store. key: the names of the folders, and the mark of the store's lock, as they
    were. going: the names of those that waited or worked. moment: of the clock of the machine."""

    key: tuple[Any, ...]
    going: tuple[str, ...]
    moment: float


def _stat(path: Path) -> os.stat_result | None:
    try:
        return os.stat(path)
    except OSError:
        return None


_listed = files.Parsed(_names, most=64)
_looks: Cache[_Look] = Cache(64)
