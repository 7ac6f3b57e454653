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
from pathlib import Path
from typing import Any

from lossviz.core.errors import RunError
from lossviz.core.names import nameable
from lossviz.runs import files, launcher, process
from lossviz.runs.jobs import FOLDER, KINDS, TRAIN, Job, cap
from lossviz.runs.limits import Limits
from lossviz.runs.lock import held
from lossviz.runs.status import LIVING, RunStatus

Entry = tuple[Job, RunStatus]

UNLIMITED = Limits()
ELSEWHERE = "make it a folder that can be written, or start with LOSSVIZ_RUNS set to another"
# Jobs that are no runs are forgotten this long after their end; what they have made stays.
FORGOTTEN_S = 7 * 86_400.0


class Queue:
    """The jobs of a store: `place`, a folder that need not be there yet."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def names(self) -> list[str]:
        """The names of the folders of runs, newest first. RunError where they cannot be listed."""
        try:
            return list(_listed(self.place))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise RunError(
                f"the runs in {self.place} cannot be listed ({error.strerror}); {ELSEWHERE}"
            ) from None

    def job(self, id: str) -> Job:
        """A job that is no run, by its id."""
        return Job(self.place / FOLDER / id)

    def read(self) -> list[Entry]:
        """All jobs and how they stand, runs first, newest first. Jobs that are no runs and ended long ago, or
        whose subject is gone, are forgotten. RunError as of `names`."""
        if any(forgotten for *_, forgotten in self._others()):
            with contextlib.suppress(RunError, OSError), self.lock():
                # Looked at once more: one may have been asked for again.
                for job, _, forgotten in self._others():
                    if forgotten:
                        files.remove_folder(job.path)
        return self._read()

    def _read(self) -> list[Entry]:
        """Give what `read` gives, and forget nothing: the caller may hold the lock."""
        runs = [Job(self.place / name) for name in self.names()]
        others = [(job, now) for job, now, forgotten in self._others() if not forgotten]
        return [(job, job.status) for job in runs] + others

    def _others(self) -> Iterator[tuple[Job, RunStatus, bool]]:
        """Give the jobs that are no runs, how they stand, and True for one to be forgotten."""
        folder = self.place / FOLDER
        if not folder.is_dir():
            return
        for path in sorted(path for path in folder.iterdir() if path.name[0] != "."):
            job = Job(path)
            try:
                now = job.status
                subjects = [Path(name) for name in job.asked["of"]]
                _ = job.kind
            except (RunError, KeyError, TypeError):
                continue
            old = now.ended and time.time() - now.updated > FORGOTTEN_S
            yield job, now, old or (not now.living and not any(map(os.path.lexists, subjects)))

    def waiting(self) -> list[Job]:
        """The jobs that wait, the next one first."""
        return [job for job, _ in ordered(self.read())]

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
            job.put_down(kind, asked)
            job.tell(RunStatus(state="queued", queued=time.time_ns(), asker=limits.asker))
        self.start_waiting()
        return job

    def _check_going(self, makes: str, limits: Limits) -> None:
        going = sum(KINDS[job.kind].makes == makes and not now.ended for job, now in self._read())
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
            check(new, self._read(), limits)
        before = [(job, job.told()) for job, _ in new]
        try:
            for job, waits in new:
                (job.path / "control.json").unlink(missing_ok=True)
                job.tell(waits)
        except OSError:
            for job, now in before:
                with contextlib.suppress(OSError):
                    job.tell(now)
            raise

    def start_waiting(self) -> dict[Job, int]:
        """Have the launcher start the waiting jobs that have a free place. Gives, for each job that waits,
        how many jobs that make the same are before it; -1 for a job that is about to start. RunError if no
        launcher can be begun."""
        everything = self.read()
        ahead = {job: -1 for group in _free(everything) for job, _ in group}
        try:
            if ahead:
                launcher.look_after(self.place)
        except OSError as error:
            raise RunError(
                f"no process can be started for what waits in {self.place} ({error.strerror}): try again"
            ) from error
        before: Counter[str] = Counter()
        for job, _ in ordered(everything):
            if job not in ahead:
                ahead[job] = before[KINDS[job.kind].makes]
                before[KINDS[job.kind].makes] += 1
        return ahead

    def take(self, begin: Callable[[Sequence[Job]], int]) -> list[Job]:
        """Start jobs that wait while fewer than `cap` that make the same are at work; gives the jobs started.
        begin: starts a process for a job, or for the runs of a cohort, and gives the number of the process;
        OSError where it cannot. Called by the launcher."""
        begun: list[Job] = []
        if not any(_free(self.read())):
            return begun
        with self.lock():
            for group in _free(self._read()):
                jobs = [job for job, _ in group]
                try:
                    files.append_text(jobs[0].log, log_head("started"))
                    pid = begin(jobs)
                    left = [now.starting(pid, job.path) for job, now in group]
                    begun += jobs
                except OSError as error:
                    full = error.errno in files.FULL
                    why = f"no space left for {jobs[0].path}: free some" if full else error.strerror or error
                    again = "resume it to try again" if jobs[0].kind == TRAIN else "try again"
                    reason = f"its process could not be started ({why}); {again}"
                    left = [now.over("failed", reason) for _, now in group]
                for job, now in zip(jobs, left, strict=True):
                    job.tell(now)
        return begun

    def end(self, job: Job, reason: str, *, gently: bool = False) -> None:
        """End the process of a job, with all jobs that it does, or take the job from the queue. gently: by a
        request first. What is saved stays. RunError if that cannot be done."""
        with self.lock():
            now = job.status
            if now.ended:
                return
            ours = [(job, now)]
            if now.state != "queued":
                ours = [e for e in self._read() if e[1].state in LIVING and _process(e[1]) == _process(now)]
                _end(job, now, gently)
            for member, told in ours:
                member.tell(told.over("stopped", reason))
        self.start_waiting()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the store's lock within the block; RunError where the store cannot be written."""
        try:
            self.place.mkdir(parents=True, exist_ok=True)
            with held(self.place / ".lock"):
                yield
        except OSError as error:
            raise RunError(f"the runs in {self.place} cannot be changed ({why(error)}") from error


def stands(job: Job) -> RunStatus:
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


def ordered(everything: Sequence[Entry]) -> list[Entry]:
    """Give the jobs that wait, the next one first."""
    asked = [(job, now) for job, now in everything if now.state == "queued" and now.queued]
    return sorted(asked, key=lambda entry: (entry[1].queued, entry[0].id))


def busy(everything: Sequence[Entry], makes: str) -> int:
    """Count the workers that make this and are neither paused nor silent; a cohort has one worker."""
    return len(
        {
            (now.host, now.pid)
            for job, now in everything
            if now.state in ("starting", "running") and not now.silent and KINDS[job.kind].makes == makes
        }
    )


def _free(everything: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Give the jobs that may start, grouped by the process that will do them, the next one first."""
    line, at_work = ordered(everything), {kind.makes: busy(everything, kind.makes) for kind in KINDS.values()}
    while line:
        key, makes = _together(line[0]), KINDS[line[0][0].kind].makes
        group = [entry for entry in line if _together(entry) == key]
        line = [entry for entry in line if _together(entry) != key]
        if at_work[makes] < cap(makes):
            at_work[makes] += 1
            yield group


def log_head(what: str) -> str:
    """Give the line of a log that separates the output of a new process from what came before."""
    return f"\n--- {time.strftime('%Y-%m-%d %H:%M:%S')} {what}\n"


def check(new: Sequence[Entry], everything: Sequence[Entry], limits: Limits) -> None:
    """Raise RunError if, with these runs, more would wait than the limits allow. Runs that begin at once
    do not wait."""
    runs = KINDS[TRAIN].makes
    queue = [*(entry for entry in ordered(everything) if entry[0].kind == TRAIN), *new]
    together = list(dict.fromkeys(map(_together, queue)))
    beginning = set(together[: max(0, cap(runs) - busy(everything, runs))])
    waiting = [entry for entry in queue if _together(entry) not in beginning]
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


def _together(entry: Entry) -> str:
    """Give the name of what is done in one process: a cohort, or a single job."""
    job, now = entry
    return f"cohort {now.cohort}" if now.cohort else str(job.path)


def _process(now: RunStatus) -> tuple[str, int, str]:
    return now.host, now.pid, now.pid_started


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


_listed = files.Parsed(_names, most=64)
