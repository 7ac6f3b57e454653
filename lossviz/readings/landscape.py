"""The landscape of a run for the page Contours: its class weights, biases and centres as a link."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from lossviz.core.errors import RunError
from lossviz.core.points import POINT_LIMIT, exact_text, points_text, rounded
from lossviz.fields.panel import BIAS_LIMIT, MAX_CLASSES, MAX_REACH, MIN_REACH
from lossviz.readings.plane_extent import plane_reach
from lossviz.runs import Run, RunStore
from lossviz.training.snapshot import Snapshot, spec_of


def suitable(store: RunStore) -> list[Run]:
    """The runs whose weights a plane can show: in 2-D, with a frame, at most ten classes."""
    found = []
    for run in store.runs():
        if run.problem or run.config.dimension != 2 or not run.frames():
            continue
        try:
            if len(run.points().classes) <= MAX_CLASSES:
                found.append(run)
        except RunError:
            continue
    return found


def link(run: Run, shot: Snapshot) -> dict[str, str]:
    """The loss of a run over the plane at one snapshot, with the annealed values of that step.

    RunError where the page cannot show it.
    """
    spec = spec_of(run.config, shot)
    named = {p.link: p.write(shot.params[p.name]) for p in spec.params if p.name in shot.params}
    return {"losses": spec.key, **named, **points(run, shot)}


def points(run: Run, shot: Snapshot) -> dict[str, str]:
    """The part of that link on points: number of classes, weights, biases, centres, extent of the plane."""
    classes, dimension = shot.weights.shape
    if dimension != 2 or classes > MAX_CLASSES:
        raise RunError(
            f"{run.id}: the contour page shows 2-D weights of up to {MAX_CLASSES} classes; "
            f"got {classes} classes in {dimension} dimensions"
        )
    largest = max(np.abs(a).max() for a in (shot.weights, shot.centers) if a is not None)
    if not np.isfinite(largest) or largest > POINT_LIMIT:
        raise RunError(f"{run.id}: weights must lie within ±{POINT_LIMIT:g} to be shown; got {largest:.3g}")
    query = {"classes": str(classes), "weights": _points(shot.weights.tolist())}
    if shot.centers is not None:
        query["centers"] = _points(shot.centers.tolist())
    if shot.bias is not None:
        biases = [exact_text(rounded(b)) for b in np.clip(shot.bias, -BIAS_LIMIT, BIAS_LIMIT).tolist()]
        query["bias" if len(biases) == 1 else "biases"] = ",".join(biases)
    reach = min(max(plane_reach(shot.features, None), MIN_REACH), MAX_REACH)
    return query | {"reach": exact_text(reach)}


def _points(rows: Iterable[list[float]]) -> str:
    return points_text((rounded(x), rounded(y)) for x, y in rows)
