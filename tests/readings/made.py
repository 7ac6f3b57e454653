"""Readings made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lossviz.readings.reading import Reading


def bare(logits: Any, labels: Any, **fields: Any) -> Reading:
    """A reading of scores and labels alone, with these fields of Reading besides."""
    logits = np.asarray(logits, dtype=np.float32)
    given = {
        "name": "A",
        "run_id": "",
        "features": None,
        "labels": np.asarray(labels, dtype=np.int64),
        "metrics": logits,
        "logits": logits,
        "weights": None,
        "bias": None,
        "thresholds": None,
        "loss_values": None,
        "classes": tuple(f"c{k}" for k in range(logits.shape[1])),
        "epoch": 3.0,
        "indices": None,
        "part": "test",
        "of": f"all {len(logits)} test images, epoch 3",
        "train_counts": None,
        "loss_key": "",
    }
    return Reading(**(given | fields))


def reading(
    labels: Sequence[int],
    predictions: Sequence[int],
    classes: int = 3,
    name: str = "A",
    train_counts: Sequence[int] | None = None,
    known: bool = True,
    images: str = "",
) -> Reading:
    """A reading whose largest logits are at these predictions; not known: without any scores. images: the
    same for readings of the same samples."""
    logits = np.eye(classes, dtype=np.float32)[list(predictions)]
    return bare(
        logits,
        labels,
        name=name,
        metrics=logits if known else None,
        classes=tuple("abcdefghij"[:classes]),
        epoch=1.0,
        part="file",
        of="some samples",
        images=images,
        train_counts=None if train_counts is None else np.array(train_counts),
    )
