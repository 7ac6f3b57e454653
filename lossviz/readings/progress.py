"""The progress of runs, read once for all who watch them: one look serves the whole process."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lossviz.core.cache import Cache
from lossviz.core.errors import LossvizError
from lossviz.core.timed_value import TimedValue
from lossviz.readings.advice.runs import verdicts_of
from lossviz.runs.run import Run
from lossviz.runs.status import LIVING, RunStatus
from lossviz.runs.store import RunStore

LOOK_S = 0.06
QUEUE_S = 0.2
LONGEST_ID = 255


@dataclass(frozen=True, eq=False)
class RunProgress:
    """A run as a look has found it. steps: of its frames, ascending. tested, learned: rows of
    `metrics.jsonl` and `steps.jsonl`. verdicts: on it, in sentences."""

    run: Run
    status: RunStatus
    steps: tuple[int, ...] = ()
    tested: int = 0
    learned: int = 0
    problem: str = ""
    verdicts: tuple[str, ...] = ()

    @property
    def moves(self) -> bool:
        """True if it trains, or will as soon as there is room."""
        return moves(self.status)

    @property
    def waits(self) -> bool:
        """True if it is in the queue."""
        return waits(self.status)


@dataclass(frozen=True, eq=False)
class Queue:
    """The queue of runs. places: the number of runs ahead of each that waits, by id; -1 for one that is
    about to start. problem: the reason why none can be started."""

    places: dict[str, int]
    problem: str = ""


def moves(now: RunStatus) -> bool:
    """True if a run trains, or will as soon as there is room."""
    return now.state in LIVING or waits(now)


def waits(now: RunStatus) -> bool:
    """True if a run is in the queue."""
    return now.state == "queued" and now.queued > 0


_progress: Cache[TimedValue[RunProgress]] = Cache(256)
_queues: Cache[TimedValue[Queue]] = Cache(8)


def find(store: RunStore, id: str) -> Run | None:
    """The run of an id, if there is one: an id is the name of a folder in the store, never a path."""
    if not 0 < len(id) <= LONGEST_ID or id.startswith(".") or any(c in "/\\\0" for c in id):
        return None
    path = store.path_of(id)
    return Run(path) if path.name == id and path.is_dir() else None


def follow(store: RunStore, ids: Sequence[str]) -> list[RunProgress]:
    """The progress of the runs of these ids, as of a moment ago; runs that do not exist are left out."""
    return [_timed(run).get() for id in ids if (run := find(store, id)) is not None]


def renew(runs: Sequence[Run]) -> list[RunProgress]:
    """The progress of runs as of now, read anew; all who follow them get it too."""
    return [_timed(run).renew() for run in runs]


def at_once(store: RunStore, ids: Sequence[str]) -> list[RunProgress] | None:
    """Give the result of `follow` if nothing has to be read for it; else None."""
    found = []
    for id in ids:
        timed = _progress.peek(store.path_of(id))
        known = timed.peek() if timed is not None else None
        if known is None:
            return None
        found.append(known)
    return found


def queue(store: RunStore) -> Queue:
    """The queue, as of a moment ago; waiting runs have been started if there was room."""
    return _queue(store).get()


def queue_at_once(store: RunStore) -> Queue | None:
    """Give the result of `queue` if nothing has to be read for it; else None."""
    return _queue(store).peek()


def state_token(seen: Sequence[RunProgress]) -> str:
    """A word that changes with what a page says of its runs: begun, paused, ended, a new verdict."""
    parts = []
    for each in seen:
        now = each.status
        step = now.step if now.state == "paused" else 0
        # The process id tells one start from the next, even if both end between two looks.
        parts.append(
            (each.run.id, now.word, now.reason, each.verdicts, now.queued, now.pid, step, each.problem)
        )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _timed(run: Run) -> TimedValue[RunProgress]:
    return _progress.get(run.path, lambda: TimedValue(lambda: _read(run.path), lambda _: LOOK_S))


def _read(path: Path) -> RunProgress:
    run = Run(path)
    problem = run.problem
    # The status first: a frame that it speaks of is there.
    now = run.status
    tested = learned = 0
    said: list[str] = []
    with contextlib.suppress(LossvizError):
        if not problem:
            tested, learned, said = len(run.metrics()), len(run.steps()), verdicts_of(run, now)
    return RunProgress(run, now, tuple(run.frames()), tested, learned, problem, tuple(said))


def _queue(store: RunStore) -> TimedValue[Queue]:
    path = store.path
    return _queues.get(path, lambda: TimedValue(lambda: _ahead(RunStore(path)), lambda _: QUEUE_S))


def _ahead(store: RunStore) -> Queue:
    try:
        return Queue({job.id: ahead for job, ahead in store.queue.start_waiting().items()})
    except (LossvizError, OSError) as error:
        return Queue({}, str(error))
