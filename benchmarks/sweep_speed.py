"""The cost of a sweep's harness, beside a bare loop of warm processes that write the same files."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.report import heading, say, spread, verdict
from lossviz.core import cores
from lossviz.runs import RunStore, files, launcher
from lossviz.runs.run import POINT_FACTS, snapshot_path
from lossviz.sweeps import Plan, SweepStore
from lossviz.training.config import RunConfig
from lossviz.training.trainer import Trainer

CELLS, ROUNDS = 16, 5
TARGET_SHARE, TARGET_MS = 5.0, 50.0
BASE = {"data": "digits", "epochs": "4"}
WAIT_S = 600.0


def run() -> None:
    """Print the cost of the harness, as a share and in milliseconds a cell."""
    at_once = cores.count()
    heading(f"Sweep: {CELLS} cells of digits, {at_once} at once, against a bare loop of warm processes")
    plans = [_plan(first) for first in range(0, CELLS * (ROUNDS + 1), CELLS)]
    shares, each, alone = [], [], []
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder, context.Pool(at_once) as pool, _launcher():
        home, store = Path(folder), SweepStore(RunStore(Path(folder) / "runs"))
        for number, plan in enumerate(plans):
            bare = _bare(pool, [cell.config for cell in plan.cells], home / f"bare{number}")
            ours = _ours(store, plan)
            if number:  # the first round warms up
                shares.append(100 * (ours / bare - 1))
                each.append(1000 * (ours - bare) * at_once / CELLS)
                alone.append(bare * at_once / CELLS)
    say(f"a cell in the bare loop: {spread(alone, 2)} s of a core, n = {ROUNDS}")
    share, ms = sorted(shares)[ROUNDS // 2], sorted(each)[ROUNDS // 2]
    say(f"more with the harness: {spread(shares)} %; {verdict(share, TARGET_SHARE, '%')}")
    say(f"more a cell: {spread(each, 0)} ms of a core; {verdict(ms, TARGET_MS, 'ms')}")


@contextlib.contextmanager
def _launcher():  # type: ignore[no-untyped-def]
    launcher.warm()
    try:
        yield
    finally:
        launcher.close()


def _plan(first: int) -> Plan:
    seeds = ",".join(map(str, range(first, first + CELLS)))
    return Plan.read(BASE, ["arcface"], (), seeds)


def _ours(store: SweepStore, plan: Plan) -> float:
    sweep = store.create(plan)
    began = time.perf_counter()
    sweep.start()
    while not all((sweep.run(cell).path / "result.safetensors").exists() for cell in plan.cells):
        if time.perf_counter() - began > WAIT_S:
            raise RuntimeError(f"the sweep has not ended: {sweep.standing()}")
        time.sleep(0.01)
    return time.perf_counter() - began


def _bare(pool, configs: Sequence[RunConfig], home: Path) -> float:  # type: ignore[no-untyped-def]
    began = time.perf_counter()
    work = [(config.to_json(), str(home / str(k))) for k, config in enumerate(configs)]
    pool.starmap(_train, work, chunksize=1)
    return time.perf_counter() - began


def _train(text: str, folder: str) -> None:
    """Train a run and write its files, and no more."""
    config, path = RunConfig.from_json(text), Path(folder)
    (path / "snapshots").mkdir(parents=True)
    (path / "config.json").write_text(text)
    trainer = Trainer(config)
    points = trainer.points()
    arrays = {"pixels": points.pixels, "labels": points.labels, "indices": points.indices}
    facts = {name: getattr(points, name) for name in POINT_FACTS}
    (path / "points.safetensors").write_bytes(files.encode_arrays(arrays, facts))
    with (path / "metrics.jsonl").open("w") as rows, (path / "steps.jsonl").open("w") as steps:
        while True:
            at_end = trainer.step and trainer.step % trainer.steps_per_epoch == 0
            if at_end:
                kept = files.encode_tensors(*trainer.checkpoint())
                (path / "checkpoint.safetensors").write_bytes(kept)
            if trainer.due:
                shot = trainer.snapshot()
                snapshot_path(path, shot.step).write_bytes(files.encode_arrays(shot.arrays(), shot.facts()))
                row = {"step": shot.step, "epoch": shot.epoch, "seconds": trainer.seconds, **shot.metrics}
                (rows if shot.complete else steps).write(json.dumps(row) + "\n")
            if trainer.done:
                break
            trainer.advance()
    (path / "status.json").write_text(json.dumps({"state": "finished"}))
