"""The runs that a page shows by itself, and runs that belong together."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Protocol

from lossviz import data
from lossviz.core.errors import LossvizError, RunError
from lossviz.readings.view import MOST_RUNS
from lossviz.runs.jobs import CELL
from lossviz.runs.limits import Limits
from lossviz.runs.names import TOGETHER_S, second
from lossviz.runs.run import Run
from lossviz.runs.store import UNLIMITED, RunStore
from lossviz.training.config import RunConfig


def newest(store: RunStore) -> tuple[str, ...]:
    """The ids of the last runs that were started together, in the order they were made."""
    # Sorted by time, since a folder that somebody has renamed comes first in the store's list.
    runs = sorted(store.runs(), key=second, reverse=True)
    first = next((run for run in runs if not run.problem), None)
    if first is None:
        return ()
    last = second(first)
    near = [run for run in runs if 0 <= last - second(run) <= TOGETHER_S]
    group = [run.id for run in near if not run.problem and _same(run, first)]
    return tuple(reversed(group[:MOST_RUNS]))


class ShowsRuns(Protocol):
    """A page's view with runs side by side."""

    @property
    def runs(self) -> tuple[str, ...]:
        """Their ids."""


def runs_of(store: RunStore, view: ShowsRuns) -> tuple[list[Run], list[str]]:
    """The runs of the view that exist, and what is wrong with the others, in words."""
    found: list[Run] = []
    problems: list[str] = []
    try:
        known = set(store.names())
    except RunError as error:
        return found, [str(error)]
    for name in view.runs:
        if name in known:
            found.append(Run(store.path / name))
        elif cell := _cell(store, name):
            found.append(cell)
        else:
            problems.append(f"There is no run {name[:60]} (any more) among the {len(known)} kept here.")
    return found, problems


def _cell(store: RunStore, name: str) -> Run | None:
    """The cell of a sweep of this name, which the store does not list; None if there is none."""
    if name.startswith(CELL):
        with contextlib.suppress(RunError):
            return store.get(name)
    return None


def start_all(store: RunStore, configs: Sequence[RunConfig], limits: Limits = UNLIMITED) -> tuple[str, ...]:
    """Make and start these runs; their ids. If one is not allowed, none is left behind."""
    runs = store.create_all(configs)
    try:
        store.start(runs, limits)
    except (LossvizError, OSError):
        store.discard(runs)
        raise
    return tuple(run.id for run in runs)


def opened(runs: Sequence[Run], store: RunStore, stop: str) -> str:
    """A message that runs were started because there were none yet, and where they are kept. stop: its last
    sentence."""
    configs = [run.config for run in runs if not run.problem]
    titles = {key: spec.title for key, spec in data.catalogue().items()}
    names = ", ".join(dict.fromkeys(config.spec.title for config in configs))
    images = " and ".join(dict.fromkeys(titles.get(config.data, config.data) for config in configs))
    epochs = " or ".join(str(count) for count in sorted({config.epochs for config in configs}))
    return (
        f"There were no runs yet, so {len(runs)} were started: {names} ({images}, {epochs} epochs), kept "
        f"in {store.path}. {stop}".rstrip()
    )


def _same(one: Run, other: Run) -> bool:
    return one.config.data == other.config.data
