"""Runs as Readings: from what was shown in training, or from what a background job has kept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from lossviz.errors import ReadingError
from lossviz.live import charts, panels
from lossviz.reading import memo
from lossviz.reading.judged import judged, thresholds
from lossviz.reading.reading import Reading
from lossviz.runs.run import Run, snapshot_path


def of_run(run: Run, epoch: float | None = None, part: str = "shown", name: str = "") -> Reading:
    """What a run says of a part of its images at the newest epoch, or at the newest up to `epoch`.

    part: "shown", the stratified test images of the snapshots (at once, from the run folder alone,
    while it trains too). name: of the reading; else that of the loss and its parameters. ReadingError
    says what is missing and what gives it.
    """
    if run.problem:
        raise ReadingError(run.problem)
    if part != "shown":
        raise ReadingError(f"part must be shown; got {part[:40]!r}")
    made = _shown(run, epoch)
    return replace(made, name=name or panels.title(run.config))


def names(runs: Sequence[Run]) -> dict[str, str]:
    """Short names that tell the runs apart, by their ids."""
    return charts.names(runs)


def _shown(run: Run, epoch: float | None) -> Reading:
    """A reading of the last complete snapshot."""
    step = _step_at(run, epoch)
    key = (memo.mark(snapshot_path(run.path, step)), memo.mark(run.path / "points.safetensors"))
    return memo.recalled(key, lambda: _of_snapshot(run, step))


def _step_at(run: Run, epoch: float | None) -> int:
    """The step of the last snapshot with all points at or before an epoch."""
    frames = set(run.frames())
    ends = {
        row["step"]: float(row["epoch"])
        for row in run.metrics()
        if row.get("step") in frames and isinstance(row.get("epoch"), (int, float))
    }
    if not ends:
        now = run.status
        why = f" ({now.reason})" if now.reason else ""
        raise ReadingError(
            f"{run.id}: nothing can be read before its first epoch has ended; the run is {now.state}{why}"
        )
    wanted = math.inf if epoch is None else epoch + 1e-6
    before = [step for step, at in ends.items() if at <= wanted]
    if not before:
        first = min(ends.values())
        raise ReadingError(f"{run.id}: the first epoch that can be read is {first:g}; got epoch {epoch:g}")
    return int(max(before))


def _of_snapshot(run: Run, step: int) -> Reading:
    shot, points = run.snapshot(step), run.points()
    spec, state = panels.spec_of(run.config, shot), shot.state()
    if not np.isfinite(shot.features).all():
        raise ReadingError(
            f"{run.id}: features of epoch {shot.epoch:g} are not finite: training ran away; "
            "read an earlier epoch, or train with a smaller learning rate"
        )
    labels = np.asarray(shot.labels, dtype=np.int64)
    features = np.asarray(shot.features, dtype=np.float32)
    found = judged(spec, torch.tensor(features), torch.tensor(labels), state, shot.params)
    counts = points.train_counts
    return Reading(
        name="",
        run_id=run.id,
        features=features,
        labels=labels,
        metrics=found["metrics"],
        logits=found["logits"],
        weights=np.asarray(shot.weights, dtype=np.float32),
        bias=shot.bias,
        thresholds=thresholds(spec, state, shot.params),
        loss_values=found["loss_values"],
        classes=points.classes,
        epoch=shot.epoch,
        indices=points.indices[: len(labels)],
        part="shown",
        of=_of_shown(len(labels), points.test_count) + f", epoch {shot.epoch:g}",
        train_counts=None if counts is None else np.array(counts, dtype=np.int64),
        loss_key=spec.key,
    )


def _of_shown(count: int, whole: int | None) -> str:
    if whole is None:
        return f"{count:,} test images"
    return f"all {count:,} test images" if count == whole else f"{count:,} of {whole:,} test images"
