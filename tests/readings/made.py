"""Readings made by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lossviz.readings.reading import Reading


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
    logits = np.zeros((len(labels), classes), dtype=np.float32)
    logits[np.arange(len(labels)), predictions] = 1.0
    return Reading(
        name=name,
        run_id="",
        features=None,
        labels=np.array(labels),
        metrics=logits if known else None,
        logits=logits,
        weights=None,
        bias=None,
        thresholds=None,
        loss_values=None,
        classes=tuple("abcdefghij"[:classes]),
        epoch=1.0,
        indices=None,
        part="file",
        of="some samples",
        train_counts=None if train_counts is None else np.array(train_counts),
        loss_key="",
        images=images,
    )
