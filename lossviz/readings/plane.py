"""The plane on which many dimensions are drawn: one for all frames of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from lossviz.core.cache import Cache
from lossviz.readings.reading import Array
from lossviz.runs.run import Run
from lossviz.runs.status import RunStatus

# A frame sets the plane anew when its step is this many times that of the frame that set it before.
GROWTH = 1.5
# Principal axes are computed from at most this many points: 2,000 in 4,096 dimensions would take seconds.
MOST = 400


@dataclass(frozen=True, eq=False)
class Axes:
    """Two directions at right angles, float32 [d, 2], and the epoch whose principal plane they span."""

    axes: Array
    epoch: float


# The axes at the frames that set them, for each run by its folder. Each follows from the one before.
_known: Cache[dict[int, Axes]] = Cache(64)


def axes_of(run: Run, now: RunStatus, dimension: int) -> Axes:
    """The axes for all frames of a run as it stands: those of its end, once it has ended.

    They span the first two principal axes, about the origin, of one frame, and are turned within that
    plane to lie as near as they can to those before. So nothing jumps between frames, and axes
    change seldom while a run trains.
    """
    known = _known.get(run.path, dict)
    frames = run.frames()
    setting = turns(frames)
    if frames and (now.ended or frames[-1] == now.steps):
        setting = [step for step in setting if step != frames[-1]] + frames[-1:]
    found = None
    for step in setting:
        if step not in known:
            shot = run.snapshot(step)
            own = None if shot.stopped else principal(shot.features)
            if own is None:
                continue  # it diverged here
            known[step] = Axes(own if found is None else turned(own, found.axes), shot.epoch)
        found = known[step]
    return found or Axes(np.eye(dimension, 2, dtype=np.float32), 0.0)


def turns(frames: Sequence[int]) -> list[int]:
    """The frames that set the axes: the first, and each that is half as far again as the one before."""
    chosen: list[int] = []
    for step in frames:
        if not chosen or step >= max(1, GROWTH * chosen[-1]):
            chosen.append(step)
    return chosen


def principal(features: Array) -> Array | None:
    """The first two principal axes about the origin, [d, 2], signs fixed; None without two finite points."""
    fine = features[:MOST]
    fine = fine[np.isfinite(fine).all(-1)]
    if len(fine) < 2:
        return None
    # torch computes this, since the app keeps it to one thread: NumPy has several, which wait for a core
    # beside the workers, and took 9 s for 2,000 points in 128 dimensions.
    wide = torch.tensor(fine, dtype=torch.float64)
    wide /= wide.abs().max().clamp_min(1e-300)
    if wide.shape[0] > wide.shape[1]:
        _, columns = torch.linalg.eigh(wide.T @ wide)
        axes = columns.flip(1)[:, :2].numpy()
    else:
        _, _, rows = torch.linalg.svd(wide, full_matrices=False)
        axes = rows[:2].T.numpy()
    signs = np.sign(axes[np.abs(axes).argmax(0), np.arange(axes.shape[1])])
    return (axes * np.where(signs == 0, 1, signs)).astype(np.float32)


def turned(axes: Array, before: Array) -> Array:
    """The axes [d, 2] turned and mirrored within their plane to be nearest to others (Procrustes)."""
    left, _, right = np.linalg.svd(axes.T.astype(float) @ before)
    return (axes @ (left @ right)).astype(np.float32)


def share(features: Array, axes: Array) -> float:
    """The share of the sum of squares of the features [P, d] that lies in the plane of the axes [d, 2]."""
    fine = features[np.isfinite(features).all(-1)].astype(float)
    fine /= max(np.abs(fine).max(initial=0.0), 1e-300)
    return float(np.square(fine @ axes).sum() / max(np.square(fine).sum(), 1e-300))
