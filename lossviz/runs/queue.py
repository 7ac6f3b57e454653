"""The queue: which runs wait, in which order, and whether more may. Statuses in, no files touched."""

from __future__ import annotations

from collections.abc import Sequence

from lossviz.core.errors import RunError
from lossviz.runs.limits import Limits
from lossviz.runs.run import Run
from lossviz.runs.status import RunStatus

Entry = tuple[Run, RunStatus]


def ordered(all_runs: Sequence[Entry]) -> list[Entry]:
    """Those that wait, the next one first."""
    asked = [(run, s) for run, s in all_runs if s.state == "queued" and s.queued]
    return sorted(asked, key=lambda entry: (entry[1].queued, entry[0].id))


def busy(all_runs: Sequence[Entry]) -> int:
    """Worker processes that are neither paused nor silent; a cohort is one."""
    # Several that a spare process is about to fork may stand under its number.
    return len(
        {
            (s.host, s.pid, crew((run, s)))
            for run, s in all_runs
            if s.state in ("starting", "running") and not s.silent
        }
    )


def crew(entry: Entry) -> str:
    """What is trained in one process: a cohort, or a run of its own."""
    run, now = entry
    return f"cohort {now.cohort}" if now.cohort else run.id


def check(new: Sequence[Entry], everything: Sequence[Entry], cap: int, limits: Limits) -> None:
    """RunError if, with these runs, more would wait than the limits allow. Those that begin at once
    do not wait."""
    queue = [*ordered(everything), *new]
    crews = list(dict.fromkeys(map(crew, queue)))
    beginning = set(crews[: max(0, cap - busy(everything))])
    waiting = [entry for entry in queue if crew(entry) not in beginning]
    own = [entry for entry in waiting if entry[1].asker == limits.asker]
    fresh = {run.id for run, _ in new}
    for line, most, whose in ((waiting, limits.waiting, ""), (own, limits.own, " of yours")):
        added = sum(run.id in fresh for run, _ in line)
        if most is not None and len(line) > most and added:
            raise RunError(
                f"at most {most} runs{whose} may wait for a free place; {len(line) - added} wait, and "
                f"{added} would be added. Nothing was started: start fewer, or wait until some have ended"
            )
