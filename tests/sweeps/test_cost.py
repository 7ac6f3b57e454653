"""The cost of a sweep follows the cells like its own that have ended in the store."""

from __future__ import annotations

from pathlib import Path

import pytest

from lossviz.runs import RunStore, process
from lossviz.runs.status import RunStatus
from lossviz.sweeps import Plan, Sweep, SweepStore, cost
from lossviz.training import estimate


def plan(vary: str, **base: str) -> Plan:
    return Plan.read({"data": "digits", **base}, ["arcface"], [vary], "2")


def end(sweep: Sweep, seconds: list[float], host: str = "") -> None:
    for cell, took in zip(sweep.plan.cells, seconds, strict=False):
        run = sweep.runs.cell(cell.id, cell.config)
        run.write_status(RunStatus(state="finished", seconds=took, host=host or process.host()))


def test_before_a_cell_has_ended_it_takes_longer_than_the_steps_of_a_run_alone(tmp_path: Path) -> None:
    store, asked = RunStore(tmp_path), plan("margin=0,0.3")
    found = cost.of(asked, store, at_once=1)
    config = asked.cells[0].config
    made = estimate.images(config)
    assert made is not None
    alone = estimate.of(config, made, estimate.kind(config)).seconds
    assert not found.measured
    assert found.seconds is not None
    # 1,437 digits in batches of 32 are 45 steps an epoch, or 360.
    assert found.seconds == pytest.approx(4 * (alone + 360 * cost.STEP_S + cost.CELL_S))


def test_a_sweep_takes_as_long_as_cells_like_its_own_took(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    end(SweepStore(store).create(plan("margin=0,0.3")), [20.0, 40.0])
    found = cost.of(plan("margin=0.1,0.2,0.4"), store, at_once=2)
    assert found.measured
    # Six cells of (20 + 40) / 2 seconds, two at once.
    assert found.seconds == pytest.approx(6 * (30 + cost.CELL_S) / 2)
    assert "took here" in found.words
    # Two of these four have ended.
    assert cost.of(plan("margin=0,0.3"), store, at_once=1).seconds == pytest.approx(2 * (30 + cost.CELL_S))


@pytest.mark.parametrize("other", [{"epochs": "9"}, {"net": "lenet++"}, {"dimension": "3"}, {"batch": "64"}])
def test_cells_of_another_kind_and_of_another_machine_say_nothing(
    tmp_path: Path, other: dict[str, str]
) -> None:
    store = RunStore(tmp_path)
    end(SweepStore(store).create(plan("margin=0,0.3", **other)), [2000.0, 4000.0])
    end(SweepStore(store).create(plan("margin=0.5,0.6")), [2000.0, 4000.0], host="elsewhere")
    found = cost.of(plan("margin=0.1,0.2"), store, at_once=1)
    assert not found.measured
    assert found.seconds is not None
    assert found.seconds < 100
