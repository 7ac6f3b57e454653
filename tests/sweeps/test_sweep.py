"""A sweep trains every cell once, whoever is killed, and shares cells with other sweeps."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lossviz.core.errors import RunError
from lossviz.metrics import clusters
from lossviz.runs import RunStore, process
from lossviz.runs.worker import Worker
from lossviz.sweeps import Plan, Sweep, SweepStore, results, table
from lossviz.sweeps.worker import TRIES, CellTrainer, train, tried

BASE = {"data": "digits", "epochs": "1", "train_images": "200", "test_images": "60"}


@pytest.fixture
def sweeps(tmp_path: Path) -> SweepStore:
    return SweepStore(RunStore(tmp_path / "runs"))


pytestmark = pytest.mark.usefixtures("forked")


def plan(*vary: str, seeds: str = "2", **base: str) -> Plan:
    return Plan.read({**BASE, **base}, ["arcface"], vary, seeds)


def until(what: Callable[[], object], sweep: Sweep) -> None:
    end = time.monotonic() + 300
    while not what():
        sweep.keep_going()
        assert time.monotonic() < end, sweep.standing()
        time.sleep(0.05)


def trained_here(sweep: Sweep) -> None:
    trains = CellTrainer()
    for cell in sweep.plan.cells:
        train(sweep, cell, trains)


def test_a_sweep_in_the_queue_trains_all_cells(sweeps: SweepStore) -> None:
    sweep = sweeps.create(plan("margin=0,0.3"))
    assert sweep.standing().word == "paused"
    assert sweep.standing().cells == {"waiting": 4}
    sweep.start()
    until(lambda: sweep.standing().done, sweep)
    now = sweep.standing()
    assert (now.cells, now.word, now.seconds_left) == ({"finished": 4}, "finished", 0.0)
    found = sweep.results()
    assert set(found) == {cell.id for cell in sweep.plan.cells}
    assert all(0 <= result.measures["test_accuracy"] <= 1 for result in found.values())
    # Cells are runs, apart from those that were asked for one by one.
    assert sweeps.runs.names() == []
    assert sweeps.runs.get(sweep.plan.cells[0].id).config == sweep.plan.cells[0].config


def test_a_cell_ends_in_the_same_bits_as_a_run_by_itself(sweeps: SweepStore, tmp_path: Path) -> None:
    sweep = sweeps.create(plan("scale=4,16", seeds="1"))
    trained_here(sweep)
    for cell in sweep.plan.cells:
        alone = RunStore(tmp_path / "alone").create(cell.config)
        Worker(alone).work()
        ours = sweep.run(cell)
        assert ours.frames() == alone.frames()
        last = ours.frames()[-1]
        np.testing.assert_array_equal(ours.snapshot(last).features, alone.snapshot(last).features)
        np.testing.assert_array_equal(ours.snapshot(last).weights, alone.snapshot(last).weights)


def test_two_sweeps_share_their_cells(sweeps: SweepStore) -> None:
    one, other = (
        sweeps.create(plan("margin=0,0.3", seeds="1")),
        sweeps.create(plan("margin=0.3,0.5", seeds="1")),
    )
    trained_here(one)
    assert other.standing().cells == {"finished": 1, "waiting": 1}
    has = {cell.id for cell in other.plan.cells}
    shared = next(cell for cell in one.plan.cells if cell.id in has)
    before = (one.run(shared).path / results.FILE).stat().st_mtime_ns
    trained_here(other)
    assert (one.run(shared).path / results.FILE).stat().st_mtime_ns == before
    assert len(one.run(shared).metrics()) == 1
    assert sweeps.create(plan("margin=0.3,0", seeds="1")).id == one.id
    assert sweeps.delete(one, cells=True) == 1
    assert other.standing().done


def test_a_paused_sweep_goes_on_from_where_it_was(sweeps: SweepStore) -> None:
    sweep = sweeps.create(plan(seeds="2", epochs="400"))
    sweep.start(at_once=1)
    first = sweep.plan.cells[0]
    until(lambda: sweep.run(first).path.is_dir() and sweep.run(first).status.step > 20, sweep)
    sweep.pause()
    assert sweep.standing().workers == 0
    assert sweep.standing().word == "paused"
    kept = sweep.run(first).checkpoint()[1]["step"]
    assert kept > 0
    sweep.keep_going()
    assert sweep.standing().workers == 0
    with pytest.raises(RunError, match="go on with the sweep"):
        sweeps.runs.resume(sweep.run(first))
    sweep.start()
    until(lambda: sweep.run(first).status.step > kept, sweep)
    with pytest.raises(RunError, match="pause it first"):
        sweeps.delete(sweep)
    sweep.pause()
    sweeps.delete(sweep, cells=True)
    assert sweeps.sweeps() == []
    assert not sweep.run(first).path.exists()


def test_a_killed_process_is_replaced_and_no_cell_is_lost(sweeps: SweepStore) -> None:
    sweep = sweeps.create(plan("margin=0,0.3", seeds="2", epochs="3"))
    sweep.start(at_once=2)
    until(lambda: sweep.standing().cells["running"] > 0, sweep)
    killed = next(job.status for job in sweep.jobs() if job.status.state == "running")
    process.end(killed.pid, killed.pid_started, gently=False)
    until(lambda: sweep.standing().done, sweep)
    assert sweep.standing().cells == {"finished": 4}
    for cell in sweep.plan.cells:
        assert [row["epoch"] for row in sweep.run(cell).metrics()] == [1, 2, 3]


def test_a_cell_that_keeps_killing_its_process_is_given_up(sweeps: SweepStore) -> None:
    sweep = sweeps.create(plan(seeds="1"))
    cell = sweep.plan.cells[0]
    run = sweeps.runs.cell(cell.id, cell.config)
    gone = {"pid": 2**22 + 1, "pid_started": "1.0", "host": process.host(), "folder": run.id}
    run.write_status(run.read_status().but(state="running", tries=TRIES, **gone))
    assert tried(run) == TRIES
    train(sweep, cell, CellTrainer())
    assert run.status.state == "failed"
    result = sweep.result(cell)
    assert result is not None
    assert "without a word" in result.reason
    sweep.start(again=True)
    until(lambda: sweep.standing().done, sweep)
    assert sweep.state(cell) == "finished"


def test_divergence_is_a_result(sweeps: SweepStore) -> None:
    sweep = sweeps.create(
        plan(seeds="1", rate="10", optimizer="sgd", momentum="0.999", rate_schedule="constant")
    )
    cell = sweep.plan.cells[0]
    trained_here(sweep)
    result = sweep.result(cell)
    assert result is not None
    assert result.state in ("diverged", "finished")
    if result.state == "diverged":
        assert result.reason
    assert sweep.standing().done


def test_a_result_holds_what_the_run_ended_with(sweeps: SweepStore) -> None:
    sweep = sweeps.create(plan(seeds="1"))
    trained_here(sweep)
    cell = sweep.plan.cells[0]
    run, result = sweep.run(cell), sweep.result(cell)
    assert result is not None
    shot = run.snapshot(run.frames()[-1])
    step = np.abs(shot.features).max() / 32_767
    np.testing.assert_allclose(result.features, shot.features, atol=step)
    np.testing.assert_array_equal(result.labels, shot.labels)
    np.testing.assert_array_equal(result.weights, shot.weights)
    row = run.metrics()[-1]
    assert result.measures["test_accuracy"] == row["test_accuracy"]
    assert result.measures["recall_3"] == row["recall_3"]
    assert result.measures["silhouette"] == clusters.silhouette(shot.features, shot.labels, 10).value
    # By plain loops: the angle of each point to its class weight, and the nearest two class weights.
    unit = [w / np.linalg.norm(w) for w in shot.weights.astype(float)]
    points = zip(shot.features.astype(float), shot.labels, strict=True)
    own = [np.arccos(np.clip(f @ unit[k] / np.linalg.norm(f), -1, 1)) for f, k in points]
    gaps = [np.arccos(np.clip(unit[j] @ unit[k], -1, 1)) for j in range(10) for k in range(j)]
    assert result.measures["angular_spread"] == pytest.approx(np.mean(own), abs=1e-6)
    assert result.measures["smallest_gap"] == pytest.approx(min(gaps), abs=1e-6)


def test_a_damaged_result_is_made_again(sweeps: SweepStore) -> None:
    sweep = sweeps.create(plan(seeds="1"))
    trained_here(sweep)
    cell = sweep.plan.cells[0]
    whole = sweep.result(cell)
    path = sweep.run(cell).path / results.FILE
    path.write_bytes(path.read_bytes()[:50])
    again = sweep.result(cell)
    assert whole is not None
    assert again is not None
    assert again.measures == whole.measures
    assert path.stat().st_size > 50


def test_a_table_has_a_row_for_every_cell(sweeps: SweepStore) -> None:
    sweep = sweeps.create(plan("margin=0,22.5deg", seeds="1"))
    cell = sweep.plan.cells[0]
    train(sweep, cell, CellTrainer())
    done, waits = table.rows(sweep)
    assert done.keys() == waits.keys()
    assert (done["state"], waits["state"], waits["test_accuracy"]) == ("finished", "waiting", "")
    assert (done["margin"], waits["margin"]) == ("0deg", "22.5deg")
    assert done["recall_0"] == sweep.run(cell).metrics()[-1]["recall_0"]


def test_a_folder_of_a_newer_version_is_told(sweeps: SweepStore) -> None:
    sweep = sweeps.create(plan(seeds="1"))
    path = sweep.path / "sweep.json"
    path.write_text(path.read_text().replace('"format": 1', '"format": 7'))
    assert "another version" in Sweep(sweep.path).problem
    path.write_text("{")
    assert Sweep(sweep.path).problem
    with pytest.raises(RunError, match="no sweep is called"):
        sweeps.get("s-nothing")
