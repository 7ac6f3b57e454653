"""The recipe of the page Train: the runs that its view describes, and a view with that of other runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lossviz.core.errors import LossvizError
from lossviz.pages.train.view import LiveView
from lossviz.readings.view import MOST_RUNS
from lossviz.runs.run import Run
from lossviz.training.config import SETTINGS, RunConfig


def configs(view: LiveView) -> list[RunConfig]:
    """The runs that the view describes; LossvizError if one is not allowed, or if they are more than can
    be shown side by side."""
    configs = view.configs()
    if len(configs) > MOST_RUNS:
        raise LossvizError(
            f"at most {MOST_RUNS} runs can be started at once, to be seen side by side; got "
            f"{len(configs)}: choose fewer losses, or fewer values of {view.vary[0]}"
        )
    return configs


def trained_part(view: LiveView) -> tuple[object, ...]:
    """The settings of a view that say what is trained."""
    return view.losses, dict(view.params), dict(view.settings), view.vary


def untouched(view: LiveView) -> bool:
    """True if nobody has chosen yet what to train."""
    return trained_part(view) == trained_part(LiveView())


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
