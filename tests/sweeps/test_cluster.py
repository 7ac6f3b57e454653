"""A sweep on a cluster of machines, as Ray knows them: each cell is trained once, whoever is killed."""

from __future__ import annotations

import contextlib
import importlib.util
import re
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from lossviz.runs import RunStore, launcher, process
from lossviz.sweeps import Plan, Sweep, SweepStore
from lossviz.sweeps.engine import VERSION, Engine
from lossviz.sweeps.plan import Cell
from lossviz.sweeps.worker import CellTrainer, train

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        importlib.util.find_spec("ray") is None,
        reason=f"Ray is not installed: .venv/bin/python -m pip install --group ray (ray {VERSION})",
    ),
    pytest.mark.filterwarnings("ignore"),  # those of Ray
]
MACHINE = {"num_cpus": 1, "object_store_memory": 80 * 2**20}
BASE = {"data": "digits", "epochs": "8", "train_images": "600", "test_images": "60"}
PATIENCE_S = 600.0


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A cluster of one machine, its head."""
    with pytest.MonkeyPatch.context() as patch:
        # A busy machine is not taken for a dead one.
        patch.setenv("RAY_agent_register_timeout_ms", "600000")
        patch.setenv("RAY_gcs_server_request_timeout_seconds", "600")
        from ray.cluster_utils import Cluster

        made = Cluster()
        machine(made, include_dashboard=False)
        yield made
        launcher.close()
        made.shutdown()


def machine(cluster: Any, **more: Any) -> Any:
    """A further machine of the cluster. Ray waits 15 s for ports that it chooses, and 30 s for all else."""
    for trial in range(6):
        names = ("metrics_agent", "metrics_export", "runtime_env_agent")
        ports = {f"{name}_port": port for name, port in zip(names, free_ports(3), strict=True)}
        try:
            return cluster.add_node(**MACHINE, **ports, **more)
        except Exception as error:
            if "timed out" not in str(error) or trial == 5:
                raise
    return None


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        taken = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in taken:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in taken]


@pytest.fixture
def sweeps(tmp_path: Path) -> SweepStore:
    return SweepStore(RunStore(tmp_path / "runs"))


def until(what: Callable[[], object], sweep: Sweep) -> None:
    end = time.monotonic() + PATIENCE_S
    while not what():
        sweep.keep_going()
        assert time.monotonic() < end, (sweep.standing(), sweep.jobs()[0].status)
        time.sleep(0.05)


def trains_beyond(sweep: Sweep, step: int) -> list[Cell]:
    """The cells that are at work and have come further than this step."""
    found = [(cell, sweep.run(cell)) for cell in sweep.plan.cells if sweep.run(cell).path.is_dir()]
    return [cell for cell, run in found if run.status.state == "running" and run.status.step > step]


def check_once(sweep: Sweep, place: Path) -> None:
    """Every cell has come to its end once, in the bits of the engine of this machine."""
    other, trains = SweepStore(RunStore(place)).create(sweep.plan), CellTrainer()
    for cell in sweep.plan.cells:
        assert len(re.findall(" finished at step ", sweep.run(cell).log.read_text())) == 1
        train(other, cell, trains)
        ours, theirs = sweep.result(cell), other.result(cell)
        assert ours is not None
        assert theirs is not None
        np.testing.assert_array_equal(ours.features, theirs.features)
        np.testing.assert_array_equal(ours.weights, theirs.weights)
        # All but the time that it took.
        assert {**ours.measures, "seconds": 0} == {**theirs.measures, "seconds": 0}
        assert ours.curve == theirs.curve


def beginnings(sweep: Sweep, cell: Cell) -> int:
    return len(re.findall(r" process \d+", sweep.run(cell).log.read_text()))


def test_a_machine_that_dies_costs_no_cell_and_repeats_none(
    cluster: Any, sweeps: SweepStore, tmp_path: Path
) -> None:
    sweep = sweeps.create(Plan.read(BASE, ["arcface"], ["margin=0,0.3"], "3"))
    lost = machine(cluster)
    raylet = psutil.Process(lost.all_processes["raylet"][0].process.pid)
    sweep.start(engine=Engine("ray", cluster.address))

    def there() -> list[Cell]:
        pids = {child.pid for child in raylet.children(recursive=True)}
        return [cell for cell in trains_beyond(sweep, 12) if sweep.run(cell).status.pid in pids]

    until(there, sweep)
    (cell,) = there()
    for each in (raylet, *raylet.children(recursive=True)):
        each.kill()
    cluster.remove_node(lost, allow_graceful=False)
    until(lambda: sweep.standing().done, sweep)
    assert sweep.standing().cells == {"finished": 6}
    # Another machine went on with it.
    assert beginnings(sweep, cell) == 2
    check_once(sweep, tmp_path / "here")


def test_a_sweep_is_paused_and_its_driver_killed_and_goes_on(
    cluster: Any, sweeps: SweepStore, tmp_path: Path
) -> None:
    sweep = sweeps.create(Plan.read(BASE, ["arcface"], ["scale=4,16"], "2"))
    sweep.start(engine=Engine("ray", cluster.address))
    until(lambda: sweep.standing().ended and trains_beyond(sweep, 12), sweep)
    sweep.pause()
    assert sweep.standing().word == "paused"
    begun = [cell for cell in sweep.plan.cells if sweep.run(cell).path.is_dir()]
    stopped = [cell for cell in begun if sweep.run(cell).status.state == "stopped"]
    assert stopped
    assert all(sweep.run(cell).checkpoint()[1]["step"] > 0 for cell in stopped)
    sweep.keep_going()
    assert sweep.jobs()[0].status.ended
    sweep.start()
    until(lambda: trains_beyond(sweep, 12), sweep)
    driver = sweep.jobs()[0].status
    process.end(driver.pid, driver.pid_started, gently=False)
    until(lambda: sweep.standing().done, sweep)
    assert sweep.standing().cells == {"finished": 4}
    check_once(sweep, tmp_path / "here")


def test_a_cell_takes_its_share_of_a_gpu(cluster: Any, sweeps: SweepStore) -> None:
    sweep = sweeps.create(Plan.read({**BASE, "epochs": "1", "device": "auto"}, ["ce"], (), "1"))
    sweep.start(engine=Engine("ray", cluster.address, 0.5))
    until(lambda: sweep.standing().problem, sweep)
    assert "at most 1 CPUs, 0 GPUs" in sweep.standing().problem
    # What Ray takes for a GPU.
    added = machine(cluster, num_gpus=1)
    sweep.start()
    until(lambda: sweep.standing().done, sweep)
    cluster.remove_node(added)
    assert sweep.standing().cells == {"finished": 1}
