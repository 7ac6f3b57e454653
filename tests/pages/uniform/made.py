"""Metrics counted by hand, as readings, and how to look into pictures and tables made of them."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np

from lossviz.readings.reading import Reading
from tests.readings.made import bare

# Samples (rows) of classes 0, 1, 2, 1: intervals [1, 5), [2, 3), [4, 6), and the last is never right.
METRICS = [[5.0, 1.0, 0.0], [2.0, 3.0, 0.0], [0.0, 4.0, 6.0], [2.0, 1.0, 0.0]]
LABELS = [0, 1, 2, 1]


def reading(
    metrics: Any = METRICS, labels: Any = LABELS, thresholds: Any = None, name: str = "A", **changes: Any
) -> Reading:
    """A reading of these metrics without bias; thresholds: subtracted from them for the logits."""
    plain = np.asarray(metrics, dtype=np.float32)
    limits = None if thresholds is None else np.asarray(thresholds, dtype=np.float32)
    logits = changes.pop("logits", plain if limits is None else plain - limits)
    given = {"name": name, "metrics": plain, "bias": limits, "thresholds": limits, "loss_key": "bce-nu"}
    return bare(logits, labels, **(given | changes))


def marks(panel: Any, kind: type) -> list[Any]:
    return [mark for mark in panel.marks if isinstance(mark, kind)]


def cells(table: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table.csv(raw=True))))
