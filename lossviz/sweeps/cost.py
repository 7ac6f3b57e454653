"""The cost of a sweep before it is begun: cells, time, memory and disk, as estimated."""

from __future__ import annotations

import statistics
from collections.abc import Hashable
from dataclasses import dataclass
from itertools import islice

from lossviz.runs import jobs, process
from lossviz.runs.cost import alike, pace
from lossviz.runs.store import RunStore
from lossviz.sweeps import results
from lossviz.sweeps.plan import Plan
from lossviz.sweeps.store import FOLDER, MAKES, Sweep, SweepStore
from lossviz.training import batches, estimate
from lossviz.training.config import RunConfig
from lossviz.training.estimate import Images

# A folder without its checkpoint (config, status, rows, log, result) and a block of the disk for each file.
FOLDER_BYTES = 90_000
# A checkpoint has the parameters and two moments of each, four bytes a number.
NUMBERS = 3 * 4
# Beyond the estimate of a run, measured on 360 steps of 32 digits with every core at work: a step takes
# 6.9 ms, where it says 3.6; tests, snapshots, status and result take 0.25 s.
STEP_S, CELL_S = 3e-3, 0.25
# Cells that have ended are looked for in so many sweeps, among the first of each; so many are enough.
SWEEPS, FIRST, ENOUGH = 10, 200, 8


@dataclass(frozen=True)
class Cost:
    """cells: how many are to be trained. seconds: with so many at once; measured: as cells like these took
    here. None where that is not known without looking into files, as bytes, of memory, is. disk: bytes of the
    cells that are not there yet."""

    cells: int
    at_once: int
    seconds: float | None
    bytes: int | None
    disk: int
    measured: bool = False

    @property
    def words(self) -> str:
        """The cost as a sentence without a full stop."""
        count = f"{self.cells:,} cell{'s' if self.cells != 1 else ''}"
        if self.seconds is None:
            return f"{count}, {self.at_once} at once; how long they take shows once the first have ended"
        time = f"about {estimate.duration(self.seconds)}"
        if self.measured:
            time += ", as cells like these took here"
        memory = [] if self.bytes is None else [f"{estimate.size(self.bytes)} of memory"]
        disk = f"{self.disk / 1e6:,.0f} MB" if self.disk < 1e9 else estimate.size(self.disk)
        return f"{count}, {self.at_once} at once: {', '.join([time, *memory, f'{disk} of disk'])}"


def of(plan: Plan, runs: RunStore, at_once: int | None = None) -> Cost:
    """The cost of the cells of a plan that have not ended in this store."""
    sweep = Sweep(runs.path / FOLDER / plan.id)
    left = [cell for cell in plan.cells if sweep.state(cell) not in results.ENDED]
    width = max(1, min(at_once or jobs.cap(MAKES), len(left)))
    by_kind: dict[Hashable, list[RunConfig]] = {}
    for cell in left:
        by_kind.setdefault(kind(cell.config), []).append(cell.config)
    took = measured(runs, set(by_kind))
    seconds: float | None = 0.0
    memory: int | None = 0
    disk = 0
    for key, configs in by_kind.items():
        config, count = configs[0], len(configs)
        made, each = estimate.images(config), took.get(key)
        disk += FOLDER_BYTES * count
        if made is None:
            memory = None
        else:
            guess = estimate.of(config, made, estimate.kind(config), pace(runs, config))
            memory = None if memory is None else max(memory, guess.bytes)
            disk += NUMBERS * estimate.network_cost(config, made).parameters * count
            each = each or guess.seconds + _steps(config, made) * STEP_S + CELL_S
        seconds = None if seconds is None or each is None else seconds + each * count
    return Cost(
        len(left),
        width,
        None if seconds is None else seconds / width,
        None if memory is None else memory * width,
        disk,
        bool(by_kind) and took.keys() == by_kind.keys(),
    )


def kind(config: RunConfig) -> Hashable:
    """The settings that decide how long a cell takes: the family of its loss, network, images, epochs."""
    images = config.data, config.classes, config.held_out, config.train_images, config.test_images
    thinned = config.imbalance, config.imbalance_ratio
    steps = config.dimension, config.epochs, config.batch
    return config.spec.family, *alike(config), images, thinned, steps


def measured(runs: RunStore, kinds: set[Hashable]) -> dict[Hashable, float]:
    """The mean seconds of a cell of each kind, of those that have finished on this machine; no kind without
    one."""
    found: dict[Hashable, list[float]] = {}
    for sweep in SweepStore(runs).sweeps()[:SWEEPS]:
        for cell in islice(() if sweep.problem else sweep.plan.cells, FIRST):
            key, run = kind(cell.config), sweep.run(cell)
            if key not in kinds or len(found.get(key, ())) >= ENOUGH or not run.path.is_dir():
                continue
            now = run.status
            if now.state == "finished" and now.seconds and now.host == process.host():
                found.setdefault(key, []).append(now.seconds + CELL_S)
    return {key: statistics.fmean(seconds) for key, seconds in found.items()}


def _steps(config: RunConfig, made: Images) -> int:
    batch = batches.batch_size(config, max(2, made.train))
    return config.epochs * batches.steps_per_epoch(max(1, made.train), batch)
