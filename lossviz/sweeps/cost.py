"""The cost of a sweep before it is begun: cells, time, memory and disk, as estimated."""

from __future__ import annotations

from dataclasses import dataclass

from lossviz.runs import jobs
from lossviz.runs.cost import pace
from lossviz.runs.store import RunStore
from lossviz.sweeps import results
from lossviz.sweeps.plan import Plan
from lossviz.sweeps.store import FOLDER, MAKES, Sweep
from lossviz.training import estimate

# A folder without its checkpoint (config, status, rows, log, result) and a block of the disk for each file.
FOLDER_BYTES = 90_000
# A checkpoint has the parameters and two moments of each, four bytes a number.
NUMBERS = 3 * 4


@dataclass(frozen=True)
class Cost:
    """cells: how many are to be trained. seconds: with so many at once; None where that is not known without
    looking into files, as bytes, of memory, is. disk: bytes of the cells that are not there yet."""

    cells: int
    at_once: int
    seconds: float | None
    bytes: int | None
    disk: int

    @property
    def words(self) -> str:
        """The cost as a sentence without a full stop."""
        count = f"{self.cells:,} cell{'s' if self.cells != 1 else ''}"
        if self.seconds is None or self.bytes is None:
            return f"{count}, {self.at_once} at once; how long they take shows once the first have ended"
        time, memory = estimate.duration(self.seconds), estimate.size(self.bytes)
        disk = f"{self.disk / 1e6:,.0f} MB" if self.disk < 1e9 else estimate.size(self.disk)
        return f"{count}, {self.at_once} at once: about {time}, {memory} of memory, {disk} of disk"


def of(plan: Plan, runs: RunStore, at_once: int | None = None) -> Cost:
    """The cost of the cells of a plan that have not ended in this store."""
    sweep = Sweep(runs.path / FOLDER / plan.id)
    left = [cell for cell in plan.cells if sweep.state(cell) not in results.ENDED]
    width = max(1, min(at_once or jobs.cap(MAKES), len(left)))
    by_kind: dict[object, list[int]] = {}
    for index, cell in enumerate(left):
        c = cell.config
        by_kind.setdefault((c.net, c.data, c.dimension, c.epochs, c.batch, c.loss), []).append(index)
    seconds, most, disk = 0.0, 0, 0
    for places in by_kind.values():
        config = left[places[0]].config
        made = estimate.images(config)
        if made is None:
            return Cost(len(left), width, None, None, FOLDER_BYTES * len(left))
        each = estimate.of(config, made, estimate.kind(config), pace(runs, config))
        seconds += each.seconds * len(places)
        most = max(most, each.bytes)
        disk += (FOLDER_BYTES + NUMBERS * estimate.network_cost(config, made).parameters) * len(places)
    return Cost(len(left), width, seconds / width, most * width, disk)
