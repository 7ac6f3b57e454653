"""Run folders: the only interface between what trains and what shows. Nothing here draws or trains.

>>> from lossviz.runs import RunStore
>>> store = RunStore()
>>> run = store.create(config)
>>> store.start(run)

A run folder holds `config.json`, `status.json` (replaced as a whole), `metrics.jsonl` and
`steps.jsonl` (appended), `points.safetensors`, `snapshots/`, `checkpoint.safetensors`, `epochs/`,
`control.json` (what viewers ask for) and `worker.log`. Nothing in it is pickled.
"""

from __future__ import annotations

from lossviz.runs.run import Run
from lossviz.runs.status import RunStatus
from lossviz.runs.store import RunStore
from lossviz.training.images import Points

__all__ = ["Points", "Run", "RunStatus", "RunStore"]
