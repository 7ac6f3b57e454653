"""Which runs the page shows when nobody has said, and the runs that belong together."""

from __future__ import annotations

from collections.abc import Sequence

from lossviz.live.view import MOST_PANELS, LiveView
from lossviz.runs.run import Run
from lossviz.runs.store import RunStore

TOGETHER_S = 5


def newest(store: RunStore) -> tuple[str, ...]:
    """The ids of the last runs that were started together, in the order they were made."""
    runs = [run for run in store.runs() if not run.problem]
    if not runs:
        return ()
    last = _second(runs[0])
    group = [run.id for run in runs if last - _second(run) <= TOGETHER_S and _same(run, runs[0])]
    return tuple(reversed(group[:MOST_PANELS]))


def shown(store: RunStore, view: LiveView) -> tuple[list[Run], list[str]]:
    """The runs of the view that exist, and what is wrong with the others, in words."""
    found, problems = [], []
    known = {run.id: run for run in store.runs()}
    for name in view.runs:
        if name in known:
            found.append(known[name])
        else:
            problems.append(f"There is no run {name[:60]} (any more) among the {len(known)} kept here.")
    return found, problems


def start(store: RunStore, view: LiveView) -> tuple[str, ...]:
    """Make and start the runs that the view describes; their ids. LossvizError if one is not allowed."""
    configs = view.configs()[:MOST_PANELS]
    runs = [store.create(config) for config in configs]
    store.start(runs)
    return tuple(run.id for run in runs)


def states(runs: Sequence[Run]) -> tuple[str, ...]:
    """The state of each run."""
    return tuple(run.status.state for run in runs)


def _same(one: Run, other: Run) -> bool:
    return one.config.data == other.config.data


def _second(run: Run) -> int:
    day, clock = run.id[:8], run.id[9:15]
    if not (day + clock).isdigit():
        return 0
    hours, minutes, seconds = int(clock[:2]), int(clock[2:4]), int(clock[4:])
    return ((int(day) * 24 + hours) * 60 + minutes) * 60 + seconds
