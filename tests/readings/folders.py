"""Run folders with contents that can be said by hand; nothing is trained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from lossviz.runs import Run, RunStore, files
from lossviz.runs.writer import RunWriter
from lossviz.training.config import RunConfig
from lossviz.training.images import Points
from lossviz.training.snapshot import Snapshot

STEPS_PER_EPOCH = 10


def points(count: int, classes: int = 3) -> Points:
    """Grey 2×2 images whose four pixels are their number; labels 0, 1, 2, 0, ..."""
    pixels = np.repeat(np.arange(count, dtype=np.uint8), 4).reshape(count, 1, 2, 2)
    labels = np.arange(count, dtype=np.int64) % classes
    return Points(
        pixels, labels, np.arange(count) + 100, tuple("abcdefghij"[:classes]), f"{count} test images"
    )


@contextmanager
def shown_changed(run: Run) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """The arrays and facts of what was shown in training of a run; as they are changed they are kept."""
    path = run.path / "points.safetensors"
    arrays, facts = files.read_arrays(path)
    yield arrays, facts
    files.replace_file(path, files.encode_arrays(arrays, facts))


def age(run: Run) -> None:
    """Make a run folder one of an earlier version, which knew less of its images."""
    with shown_changed(run) as (_, facts):
        for name in facts.keys() - {"classes", "data_found"}:
            del facts[name]


def shot(step: int, features: Any, weights: Any, labels: Any = None, **rest: Any) -> Snapshot:
    """A snapshot of these features and class weights; complete at the end of an epoch."""
    features = np.asarray(features, dtype=np.float32)
    weights = np.asarray(weights, dtype=np.float32)
    labels = np.arange(len(features)) % len(weights) if labels is None else np.asarray(labels)
    complete = step > 0 and step % STEPS_PER_EPOCH == 0
    return Snapshot(
        step=step,
        epoch=step / STEPS_PER_EPOCH,
        features=features,
        labels=labels,
        weights=weights,
        complete=complete,
        **rest,
    )


def written(
    store: RunStore,
    config: RunConfig,
    shots: Sequence[Snapshot] = (),
    of: Points | None = None,
    **status: Any,
) -> Run:
    """A run folder that holds these snapshots, in this state."""
    run = store.create(config)
    writer = RunWriter(run)
    if shots:
        writer.points(of or points(max(len(s.features) for s in shots), len(shots[0].weights)))
    for each in shots:
        writer.snapshot(each, seconds=each.step / 10, steps_per_epoch=STEPS_PER_EPOCH)
    last = shots[-1].step if shots else 0
    told = {
        "state": "finished",
        "step": last,
        "epoch": last / STEPS_PER_EPOCH,
        "steps": STEPS_PER_EPOCH * config.epochs,
        "epochs": config.epochs,
    }
    writer.tell(**{**told, **status})
    return run
