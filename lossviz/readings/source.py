"""Runs as Readings: from what was shown in training, or from what a background job has kept."""

from __future__ import annotations

import math
import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from lossviz.core.errors import ReadingError, RunError
from lossviz.data.looks import title_of
from lossviz.readings import cache, images, store
from lossviz.readings.checkpoints import moment
from lossviz.readings.reading import Array, Reading
from lossviz.readings.scores import class_scores, thresholds
from lossviz.runs import files, names
from lossviz.runs.run import Run, snapshot_path
from lossviz.runs.store import word
from lossviz.training.snapshot import spec_of


def of_run(
    run: Run, epoch: float | None = None, part: str = "shown", name: str = "", layer: str = ""
) -> Reading:
    """The reading of a part of a run's images at the newest epoch, or at the newest up to `epoch`.

    part: "shown", the stratified test images of the snapshots (at once, from the run folder alone,
    while it trains too); "test" (all of them), "train" (up to 10,000, stratified), "unknown:held-out"
    or "unknown:<data set>", once `jobs.extraction` has kept them. layer: of the network, its output
    in place of the features (kept by a job for "shown" too). name: of the reading; else that of the
    loss and its parameters. A run that trains gives the newest that is kept. ReadingError says what is
    missing and what gives it.
    """
    if run.problem:
        raise ReadingError(run.problem)
    store.check_part(part)
    if part == "shown" and not layer:
        made = _shown(run, epoch)
    else:
        path = store.extraction(run, epoch, part, layer)
        if path is None:
            raise ReadingError(f"{run.id}: {missing(run, epoch, part, layer)}")
        key = (cache.mark(path), cache.mark(run.path / "points.safetensors"))
        made = cache.recalled(key, lambda: _of_file(run, path))
    return replace(made, name=name or names.title(run.config))


def available(run: Run, epoch: float | None, part: str, layer: str = "") -> bool:
    """True if `of_run` gives this at once; ReadingError where no checkpoint of the epoch is kept."""
    if part == "shown" and not layer:
        return True
    store.check_part(part)
    return store.extraction(run, epoch, part, layer) is not None


def missing(run: Run, epoch: float | None, part: str, layer: str = "") -> str:
    """Say in a sentence what a job must still make before `of_run` gives this reading, or the one of the
    newest step; "" if nothing is missing."""
    if part == "shown" and not layer:
        return ""
    found, what = store.extraction(run, epoch, part, layer), _what(part, layer)
    if found is None:
        return (
            f"{what} have not been put through the network of epoch {moment(run, epoch).epoch:.3g} yet; "
            f"python -m lossviz read {word(run)} --what {shlex.quote(part)} does it, or the page"
        )
    newest = moment(run, epoch)
    step = store.facts_of(found).get("step")
    if epoch is None and step != newest.step:
        return f"{what} were read at step {step:,}; the run has come to step {newest.step:,} since"
    return ""


def pixels(run: Run, part: str = "shown") -> Array | None:
    """The images of a part, uint8 [N, C, H, W], in the order of its Reading; None until a job has kept
    them, and where they are too large to be kept."""
    if part == "shown":
        return run.points().pixels
    path = store.pixels_path(run, part)
    return files.read_arrays(path)[0]["pixels"] if path.is_file() else None


def _what(part: str, layer: str) -> str:
    known = {"shown": "the images shown in training", "test": "the test images", "train": "training images"}
    what = known.get(part, f"unknown images ({part.removeprefix(store.UNKNOWN)[:60]})")
    return f"{what}, as {layer} sees them," if layer else what


def _shown(run: Run, epoch: float | None) -> Reading:
    """A reading of the last complete snapshot."""
    step = _step_at(run, epoch)
    counts = store.train_counts(run)
    key = (cache.mark(snapshot_path(run.path, step)), cache.mark(run.path / "points.safetensors"), counts)
    return cache.recalled(key, lambda: _of_snapshot(run, step, counts))


def epoch_ends(run: Run) -> dict[int, float]:
    """The epochs at whose ends a snapshot of all points is kept, by step."""
    frames = set(run.frames())
    return {
        row["step"]: float(row["epoch"])
        for row in run.metrics()
        if row.get("step") in frames and isinstance(row.get("epoch"), (int, float))
    }


def _step_at(run: Run, epoch: float | None) -> int:
    """The step of the last snapshot with all points at or before an epoch."""
    ends = epoch_ends(run)
    if not ends:
        now = run.status
        why = f" ({now.reason})" if now.reason else ""
        raise ReadingError(
            f"{run.id}: nothing can be read before its first epoch has ended; the run is {now.state}{why}"
        )
    limit = math.inf if epoch is None else epoch + 1e-6
    before = [step for step, at in ends.items() if at <= limit]
    if not before:
        first = min(ends.values())
        raise ReadingError(f"{run.id}: the first epoch that can be read is {first:g}; got epoch {epoch:g}")
    return int(max(before))


def _of_snapshot(run: Run, step: int, counts: tuple[int, ...] | None) -> Reading:
    shot, points = run.snapshot(step), run.points()
    spec, state = spec_of(run.config, shot), shot.state()
    if not np.isfinite(shot.features).all():
        raise ReadingError(
            f"{run.id}: features of epoch {shot.epoch:g} are not finite: training ran away; "
            "read an earlier epoch, or train with a smaller learning rate"
        )
    labels = np.array(shot.labels, dtype=np.int64)
    features = np.asarray(shot.features, dtype=np.float32)
    found = class_scores(spec, torch.tensor(features), torch.tensor(labels), state, shot.params)
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
        of=images.count_text(len(labels), points.test_count, "test images") + f", epoch {shot.epoch:g}",
        train_counts=None if counts is None else np.array(counts, dtype=np.int64),
        loss_key=spec.key,
        images=images.identity(run.config, "shown", points.indices[: len(labels)], labels),
        data=title_of(run.config.data),
    )


def _of_file(run: Run, path: Path) -> Reading:
    """A reading of a kept extraction."""
    try:
        arrays, facts = files.read_arrays(path)
        return Reading(
            name="",
            run_id=run.id,
            features=arrays["features"],
            labels=arrays["labels"],
            metrics=arrays["metrics"],
            logits=arrays["logits"],
            # Of a layer: the class weights belong to the embedding, not to this layer's outputs.
            weights=None if facts["layer"] else arrays["weights"],
            bias=arrays.get("bias"),
            thresholds=arrays.get("thresholds"),
            loss_values=arrays.get("loss_values"),
            classes=tuple(facts["classes"]),
            epoch=float(facts["epoch"]),
            indices=arrays["indices"],
            part=str(facts["part"]),
            of=str(facts["of"]),
            train_counts=np.array(facts["train_counts"], dtype=np.int64),
            loss_key=str(facts["loss"]),
            images=images.identity(run.config, str(facts["part"]), arrays["indices"], arrays["labels"]),
            data=title_of(run.config.data),
        )
    except (RunError, KeyError, TypeError, ValueError) as error:
        raise ReadingError(
            f"{run.id}: {path.relative_to(run.path)} is damaged ({error!s:.80}); delete it and read again"
        ) from None
