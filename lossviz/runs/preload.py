"""Import, once for all workers, the modules that a worker needs up to its first frame.

The fork server (`lossviz.runs.workers`) does this, and workers are forked from it.
"""

from __future__ import annotations

import contextlib
import gc
import importlib

MODULES = (
    "lossviz.runs.worker",
    "lossviz.training.trainer",
    "safetensors.torch",
    "safetensors.numpy",
    "numpy.random",
    "numpy.ctypeslib",
    "numpy.ma",
)

# An error is passed over here: a worker imports the same modules and writes the error into its log.
with contextlib.suppress(Exception):
    for _name in ("lossviz.losses", "models", "lossviz.data"):
        importlib.import_module(_name).catalogue()
    for _name in MODULES:
        importlib.import_module(_name)

# Memory stays shared with the workers: frozen objects are not touched when a worker collects garbage.
gc.collect()
gc.freeze()
