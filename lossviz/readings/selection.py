"""Which runs the page shows when nobody has said, and the runs that belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from lossviz import data
from lossviz.core.errors import LossvizError, RunError
from lossviz.pages.train.view import MOST_PANELS, LiveView
from lossviz.runs.limits import Limits
from lossviz.runs.names import TOGETHER_S, second
from lossviz.runs.run import Run
from lossviz.runs.store import UNLIMITED, RunStore
from lossviz.training.config import SETTINGS, RunConfig


def newest(store: RunStore) -> tuple[str, ...]:
    """The ids of the last runs that were started together, in the order they were made."""
    # A folder that somebody has renamed comes first in the list, and says nothing about its time.
    runs = sorted((run for run in store.runs() if not run.problem), key=second, reverse=True)
    if not runs:
        return ()
    last = second(runs[0])
    group = [run.id for run in runs if last - second(run) <= TOGETHER_S and _same(run, runs[0])]
    return tuple(reversed(group[:MOST_PANELS]))


class ShowsRuns(Protocol):
    """A page's view with runs side by side."""

    @property
    def runs(self) -> tuple[str, ...]:
        """Their ids."""


def shown(store: RunStore, view: ShowsRuns) -> tuple[list[Run], list[str]]:
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
        else:
            problems.append(f"There is no run {name[:60]} (any more) among the {len(known)} kept here.")
    return found, problems


def wanted(view: LiveView) -> list[RunConfig]:
    """The runs that the view describes; LossvizError if one is not allowed, or if they are more than can
    be shown side by side."""
    configs = view.configs()
    if len(configs) > MOST_PANELS:
        raise LossvizError(
            f"at most {MOST_PANELS} runs can be started at once, to be seen side by side; got "
            f"{len(configs)}: choose fewer losses, or fewer values of {view.vary[0]}"
        )
    return configs


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
    """What was started for someone who has no runs yet, why, and where it is; stop: what ends it, or
    nothing."""
    configs = [run.config for run in runs if not run.problem]
    titles = {key: spec.title for key, spec in data.catalogue().items()}
    names = ", ".join(dict.fromkeys(config.spec.title for config in configs))
    images = " and ".join(dict.fromkeys(titles.get(config.data, config.data) for config in configs))
    epochs = " or ".join(str(count) for count in sorted({config.epochs for config in configs}))
    return (
        f"There were no runs yet, so {len(runs)} were started: {names} ({images}, {epochs} epochs), kept "
        f"in {store.path}. {stop}".rstrip()
    )


def untouched(view: LiveView) -> bool:
    """Whether nobody has said yet what to train."""
    start = LiveView()
    return (view.losses, dict(view.params), dict(view.settings), view.vary) == (
        start.losses, dict(start.params), dict(start.settings), start.vary,
    )  # fmt: skip


def with_recipe(view: LiveView, other: LiveView) -> LiveView:
    """The view with what another one trains; what is shown, and how, stays."""
    return replace(view, losses=other.losses, params=other.params, settings=other.settings, vary=other.vary)


def with_recipe_of(view: LiveView, runs: Sequence[Run]) -> LiveView:
    """The view with the losses, parameters and settings of the runs, as far as they agree in them."""
    configs = [run.config for run in runs if not run.problem]
    if not configs:
        return view
    losses = tuple(dict.fromkeys(config.loss for config in configs))
    changed = replace(view, losses=losses, params={}, settings={})
    for name in SETTINGS:
        values = {getattr(config, name) for config in configs}
        if len(values) == 1 and name not in ("loss", "fork_run", "fork_epoch"):
            changed = changed.with_setting(name, values.pop())
    given: dict[str, list[object]] = {}
    for config in configs:
        for param in config.spec.params:
            given.setdefault(param.link, []).append(config.loss_params()[param.name])
    for link, said in given.items():
        if all(value == said[0] for value in said):
            changed = changed.with_param(link, said[0])
    return changed


def _same(one: Run, other: Run) -> bool:
    return one.config.data == other.config.data
