"""Sweeps whose cells were never trained: results of random numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lossviz import losses
from lossviz.sweeps.plan import Cell, Plan
from lossviz.sweeps.results import Result
from lossviz.training.images import Points

POINTS, CLASSES = 40, 4
NAMES = ("zero", "one", "two", "three")
LABELS = np.arange(POINTS) % CLASSES


def plan(keys: Sequence[str], vary: Sequence[str] = (), seeds: str = "2", **base: str) -> Plan:
    return Plan.read({"data": "digits", "classes": "0,1,2,3", "epochs": "3", **base}, keys, vary, seeds)


def images() -> Points:
    rng = np.random.default_rng(7)
    pixels = rng.integers(0, 256, (POINTS, 1, 8, 8), dtype=np.uint8)
    return Points(
        pixels, LABELS, np.arange(POINTS) * 3, NAMES, "made up", (9, 9, 9, 9), POINTS, (0.5,), (0.2,)
    )


def result(cell: Cell, seed: int, points: int = POINTS, **more: Any) -> Result:
    rng = np.random.default_rng(seed)
    needs, dimension = losses.get(cell.config.loss).needs, cell.config.dimension
    biases = {"none": 0, "unified": 1, "diverse": CLASSES}[needs.bias]
    values: dict[str, Any] = {
        "state": "finished",
        "measures": {"test_accuracy": 0.75, "recall_2": 0.5, "seconds": 6.0},
        "curve": (0.25, 0.5, 0.75),
        "features": rng.normal(0, 3, (points, dimension)).astype(np.float32),
        "labels": LABELS[:points],
        "weights": rng.normal(0, 1, (CLASSES, dimension)).astype(np.float32),
        "bias": rng.normal(0, 1, biases).astype(np.float32) if biases else None,
        "centers": rng.normal(0, 2, (CLASSES, dimension)).astype(np.float32) if needs.centers else None,
        "params": dict(cell.config.loss_params()),
        "classes": NAMES,
        "step": 30,
    }
    return Result(**(values | more))


def results(made: Plan, **more: Any) -> Mapping[str, Result]:
    return {cell.id: result(cell, seed, **more) for seed, cell in enumerate(made.cells)}
