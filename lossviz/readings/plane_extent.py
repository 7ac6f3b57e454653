"""The extent of a run's plane at each frame, which does not depend on the frames looked at before."""

from __future__ import annotations

import math

import numpy as np

from lossviz.core.cache import Cache
from lossviz.readings.reading import Array
from lossviz.runs.run import Run

STEPS = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)

# The reach at each frame in order, for each run by its folder. Each follows from the one before.
_reaches: Cache[dict[int, float]] = Cache(64)


def reach_at(run: Run, step: int, features: Array) -> float:
    """Half the width of the plane at one of the run's frames. features: of that frame.

    It follows from all frames up to this one, so that playing, jumping and a picture on paper show
    the same axes; frames that were looked at before are not read again.
    """
    known = _reaches.get(run.path, dict)
    if step in known:
        return known[step]
    reach = None
    for frame in run.frames():
        if frame > step:
            break
        if frame not in known:
            shown = features if frame == step else run.snapshot(frame).features
            known[frame] = plane_reach(_shown(shown), reach)
        reach = known[frame]
    return plane_reach(_shown(features), None) if reach is None else reach


def _shown(features: Array) -> Array:
    """The numbers that bound the drawn coordinates: the features, or beyond 3-D their lengths."""
    return (
        features if features.shape[1] <= 3 else np.linalg.norm(features.astype(float), axis=-1, keepdims=True)
    )


def plane_reach(features: Array, before: float | None) -> float:
    """Half the width of the plane for these points: grows at once, shrinks only by half or more.

    One point in a hundred may lie outside. Steps are coarse, so that axes do not tremble.
    """
    lengths = np.abs(features).max(-1)
    lengths = lengths[np.isfinite(lengths)]
    needed = 1.15 * float(np.quantile(lengths, 0.99)) if len(lengths) else 1.0
    needed = min(max(needed, 1e-6), 1e12)
    if before is not None and 0.5 * before <= needed <= before:
        return before
    power = 10.0 ** math.floor(math.log10(needed))
    return next((s * power for s in STEPS if s * power >= needed), 10 * power)
