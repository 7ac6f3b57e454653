"""What a worker needs up to its first frame, imported once by the fork server (`lossviz.runs.workers`)."""

from __future__ import annotations

import contextlib
import gc
import importlib

MODULES = (
    "lossviz.runs.worker", "lossviz.training.trainer", "safetensors.torch", "safetensors.numpy",
    "numpy.random", "numpy.ctypeslib", "numpy.ma",
)  # fmt: skip

# Where something is wrong, a worker will say so in its log: it imports the same.
with contextlib.suppress(Exception):
    for _name in ("lossviz.losses", "models", "lossviz.data"):
        importlib.import_module(_name).catalogue()
    for _name in MODULES:
        importlib.import_module(_name)

# What lies here stays shared with the workers: nothing of it is moved by their collections.
gc.collect()
gc.freeze()
