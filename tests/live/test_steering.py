"""The buttons under the picture act on the runs that they name, in an order that starts nothing anew."""

from __future__ import annotations

from lossviz.runs import RunStatus, RunStore
from lossviz.training.config import RunConfig
from lossviz.ui.live import steering


def test_those_in_the_queue_are_stopped_before_the_one_that_trains(store: RunStore) -> None:
    """Else the next of them would begin in the place that has become free."""
    first, second, third, fourth = runs = [store.create(RunConfig(seed=seed)) for seed in range(4)]
    states = ("running", "queued", "finished", "queued")
    now = {run.id: RunStatus(state=state) for run, state in zip(runs, states, strict=True)}
    chosen = steering._in(runs, now, ("queued", "starting", "running", "paused"))
    assert chosen == [second, fourth, first]
    assert third not in chosen
