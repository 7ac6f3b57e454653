"""A sweep with results that nobody trained, for tests of what is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from lossviz.runs.status import RunStatus
from lossviz.sweeps import Plan, Sweep, SweepStore, results
from lossviz.sweeps.plan import Cell
from lossviz.sweeps.results import Result

CLASSES = tuple("0123456789")


def write(sweep: Sweep, cell: Cell, result: Result) -> None:
    """End a cell with a result."""
    run = sweep.runs.cell(cell.id, cell.config)
    results.write(run, result)
    run.write_status(RunStatus(state=result.state, reason=result.reason, seconds=2.0))


def finished(**measures: float) -> Result:
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(10, 2)).astype(np.float32)
    labels = np.arange(20) % 10
    return Result("finished", "", measures, (0.5,), weights[labels], labels, weights, classes=CLASSES)


def sweep_of(
    store: SweepStore, plan: Plan, numbers: Callable[[Cell], Mapping[str, float] | str | None]
) -> Sweep:
    """A sweep whose cells end with these numbers; a word is the state of one that ended badly, None waits."""
    sweep = store.create(plan)
    for cell in plan.cells:
        told = numbers(cell)
        if told is not None:
            made = (
                Result(told, "made for a test", {"test_accuracy": 0.1})
                if isinstance(told, str)
                else finished(**told)
            )
            write(sweep, cell, made)
    return sweep
