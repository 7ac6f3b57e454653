"""The slope of a loss over the plane: arrows down it, and the path of gradient descent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from lossviz.fields.field import Array, Extent, cast, labels_of
from lossviz.losses import ClassState
from lossviz.losses.spec import LossSpec, total


def downhill(
    spec: LossSpec, state: ClassState, points: Array, label: int, params: Mapping[str, Any]
) -> Array:
    """−∇L at points [N, 2]: [N, 2], float64."""
    features = torch.from_numpy(np.ascontiguousarray(points, dtype=np.float64)).requires_grad_()
    labels = labels_of(spec, label, len(points), state.weights.shape[0])
    value = spec.per_sample(features, labels, cast(state, torch.float64), **params).sum()
    (slope,) = torch.autograd.grad(value, features, allow_unused=True)
    return np.zeros_like(points) if slope is None else -slope.numpy()


def arrows(
    spec: LossSpec,
    state: ClassState,
    label: int,
    extent: Extent,
    params: Mapping[str, Any],
    count: int = 16,
) -> tuple[Array, Array]:
    """−∇L on a coarse grid: (points [N, 2], arrows [N, 2] in units of the plane).

    The length grows with the square root of the slope and the longest spans one cell: steep and
    gentle slopes can be seen side by side. `count` is even, so that no arrow stands on the origin,
    where losses on the angle are infinitely steep. Arrows say direction; the exact slope is in the read-out.
    """
    x0, x1, y0, y1 = extent
    cell = max(x1 - x0, y1 - y0) / count
    xs = np.arange(x0 + cell / 2, x1, cell)
    ys = np.arange(y0 + cell / 2, y1, cell)
    points = np.stack([a.ravel() for a in np.meshgrid(xs, ys)], -1)
    slope = downhill(spec, state, points, label, params)
    length = np.linalg.norm(slope, axis=-1, keepdims=True)
    largest = length.max(initial=0.0)
    if not largest > 0:
        return points, np.zeros_like(points)
    direction = slope / np.where(length == 0, 1.0, length)
    return points, direction * np.sqrt(length / largest) * cell


def descend(
    spec: LossSpec,
    state: ClassState,
    start: Sequence[float],
    label: int,
    params: Mapping[str, Any],
    *,
    rate: float = 0.1,
    steps: int = 100,
    reach: float = 1e4,
) -> Array:
    """Plain gradient descent of one feature from `start`: the path [at most steps + 1, 2].

    Stops early where the slope is not finite, the feature stands still, or it has left the disc
    of radius `reach`.
    """
    narrow = cast(state, torch.float64)
    feature = torch.tensor([list(start)], dtype=torch.float64)
    labels = labels_of(spec, label, 1, state.weights.shape[0])
    full = spec.complete(params, state.weights.shape[0])
    path = [feature[0].numpy().copy()]
    for _ in range(steps):
        here = feature.requires_grad_()
        # Unchecked: the inputs do not change from step to step.
        value = total(spec.terms_function(here, labels, narrow, **full)).sum()
        (slope,) = torch.autograd.grad(value, here)
        following = (here - rate * slope).detach()
        if not bool(following.isfinite().all()):
            break
        moved = float((following - here.detach()).abs().max())
        feature = following
        path.append(feature[0].numpy().copy())
        if moved < 1e-9 or float(feature.norm()) > reach:
            break
    return np.stack(path)
