"""From a trained run to the contour page: its class weights, biases and centres as a view."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lossviz.core.errors import RunError
from lossviz.core.points import rounded
from lossviz.pages.contours.view import (
    BIAS_LIMIT,
    MAX_CLASSES,
    MAX_REACH,
    MIN_REACH,
    WEIGHT_LIMIT,
    ContourView,
)
from lossviz.readings.plane_extent import plane_reach
from lossviz.runs import Run, RunStore
from lossviz.training.snapshot import Snapshot, spec_of


def suitable(store: RunStore) -> list[Run]:
    """The runs whose weights the contour page can show: in 2-D, with a frame, at most ten classes."""
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


def contour_view(run: Run, shot: Snapshot, start: ContourView | None = None) -> ContourView:
    """The run's loss over the plane at one snapshot, with the annealed values of that step.

    start: a view whose losses and other settings stay; only weights, biases, centres and extent are
    taken from the run. RunError where the page cannot show them.
    """
    classes, dimension = shot.weights.shape
    if dimension != 2 or classes > MAX_CLASSES:
        raise RunError(
            f"{run.id}: the contour page shows 2-D weights of up to {MAX_CLASSES} classes; "
            f"got {classes} classes in {dimension} dimensions"
        )
    largest = max(np.abs(a).max() for a in (shot.weights, shot.centers) if a is not None)
    if not np.isfinite(largest) or largest > WEIGHT_LIMIT:
        raise RunError(f"{run.id}: weights must lie within ±{WEIGHT_LIMIT:g} to be shown; got {largest:.3g}")
    view = (start or ContourView(losses=(spec_of(run.config, shot).key,))).with_classes(classes)
    weights = [(rounded(x), rounded(y)) for x, y in shot.weights.tolist()]
    view = view.with_points("weights", weights)
    if shot.centers is not None:
        view = view.with_points("centers", [(rounded(x), rounded(y)) for x, y in shot.centers.tolist()])
    if shot.bias is not None:
        biases = [rounded(min(max(b, -BIAS_LIMIT), BIAS_LIMIT)) for b in shot.bias.tolist()]
        view = replace(view, bias=biases[0]) if len(biases) == 1 else replace(view, biases=tuple(biases))
    reach = min(max(plane_reach(shot.features, None), MIN_REACH), MAX_REACH)
    view = replace(view, reach=reach)
    if start is None:
        spec = spec_of(run.config, shot)
        for param in spec.params:
            if param.name in shot.params:
                view = view.with_param(param.link, shot.params[param.name])
    return view
