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

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lossviz.runs.run import Run
    from lossviz.runs.status import RunStatus
    from lossviz.runs.store import RunStore
    from lossviz.training.images import Points

# Imported when first used: the launcher needs none of them, and torch takes a second and 150 MB.
_WHERE = {
    "Points": "lossviz.training.images",
    "Run": "lossviz.runs.run",
    "RunStatus": "lossviz.runs.status",
    "RunStore": "lossviz.runs.store",
}

__all__ = ["Points", "Run", "RunStatus", "RunStore"]


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(importlib.import_module(_WHERE[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
