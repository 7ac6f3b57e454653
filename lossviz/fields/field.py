"""A loss over the plane of 2-D features: the heights and the boundaries.

A Field is what the contour page draws and what the exports hold. Rows run along z₂ from low to
high, columns along z₁.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lossviz import losses
from lossviz.core.errors import LossError
from lossviz.losses import ClassState
from lossviz.losses.spec import LossSpec, total

Array = NDArray[Any]
Extent = tuple[float, float, float, float]

DEFAULT_EXTENT: Extent = (-3.0, 3.0, -3.0, 3.0)
BOUNDARY_RESOLUTION = 121


@dataclass(frozen=True, eq=False)
class Field:
    """One loss over the plane, for samples of one class.

    x: [nx], y: [ny]: the coordinates z₁ and z₂. z_yx: [ny, nx]: the loss. terms: the same for
    each term of the loss. boundaries: polylines [n, 2] on which two classes tie for the
    prediction. state: the class state in float64 on the CPU.
    """

    spec: LossSpec
    params: Mapping[str, Any]
    label: int
    state: ClassState
    x: Array
    y: Array
    z_yx: Array
    terms: Mapping[str, Array]
    boundaries: tuple[Array, ...]

    @property
    def extent(self) -> Extent:
        """(lowest z₁, highest z₁, lowest z₂, highest z₂)."""
        return float(self.x[0]), float(self.x[-1]), float(self.y[0]), float(self.y[-1])

    @property
    def weights(self) -> Array:
        """The class weights [K, 2]."""
        return self.state.weights.detach().numpy()

    @property
    def classes(self) -> int:
        return int(self.state.weights.shape[0])


def spread(classes: int, radius: float = 1.0) -> Tensor:
    """`classes` vectors [K, 2] evenly spread on a circle, the first upwards."""
    angles = math.pi / 2 + 2 * math.pi * torch.arange(classes, dtype=torch.float64) / classes
    return radius * torch.stack([torch.cos(angles), torch.sin(angles)], -1)


def default_state(spec: LossSpec, classes: int = 3) -> ClassState:
    """Evenly spread weights of length 1 and whatever else the loss needs, for a first picture."""
    centers = spread(classes, 2.0) if spec.needs.centers or spec.needs.adversary else None
    adversary = None
    if spec.needs.adversary:
        from lossviz.fields.adversary import train_adversary

        assert centers is not None
        adversary = train_adversary(centers).network
    return ClassState(spread(classes), None, centers, adversary)


def cast(state: ClassState, dtype: torch.dtype) -> ClassState:
    """The state with its tensors, and those of its adversary, in another dtype."""

    def to(value: Any) -> Any:
        return value.to(dtype) if isinstance(value, Tensor) else value

    adversary = state.adversary
    if isinstance(adversary, torch.nn.Module):
        import copy

        adversary = copy.deepcopy(adversary).to(dtype)
    return ClassState(to(state.weights), to(state.bias), to(state.centers), adversary)


def axes(extent: Extent, resolution: int) -> tuple[Array, Array]:
    """The coordinates of the grid, `resolution` along the longer side, square cells."""
    x0, x1, y0, y1 = extent
    if not all(map(math.isfinite, extent)) or x1 <= x0 or y1 <= y0:
        raise LossError(f"fields: extent must be (low, high, low, high) with low < high; got {extent}")
    if not 2 <= resolution <= 4001:
        raise LossError(f"fields: resolution must lie in [2, 4001]; got {resolution}")
    step = max(x1 - x0, y1 - y0) / (resolution - 1)
    nx, ny = max(2, round((x1 - x0) / step) + 1), max(2, round((y1 - y0) / step) + 1)
    return np.linspace(x0, x1, nx), np.linspace(y0, y1, ny)


@lru_cache(maxsize=8)
def grid_features(extent: Extent, resolution: int, dtype: torch.dtype) -> Tensor:
    """The points of `axes` as features [ny·nx, 2], each coordinate contiguous in memory.

    Kept between calls, since every panel of a page has the same points: do not write into it.
    """
    zx, zy = np.meshgrid(*axes(extent, resolution))
    return torch.from_numpy(np.stack([zx.ravel(), zy.ravel()])).to(dtype).mT


def compute(
    loss: str | LossSpec,
    state: ClassState | None = None,
    *,
    label: int = 0,
    extent: Extent = DEFAULT_EXTENT,
    resolution: int = 300,
    dtype: torch.dtype = torch.float64,
    boundaries: Sequence[Array] | None = None,
    **params: Any,
) -> Field:
    """The field of a loss (key, alias or spec) for samples of class `label`.

    state: weights [K, 2] and what the loss needs; by default three evenly spread classes.
    dtype: float64 for figures to keep; float32 halves the time and is enough for a screen.
    boundaries: the decision boundaries where they are known already (for speed).
    Raises LossError for anything that the loss refuses.
    """
    spec = losses.get(loss) if isinstance(loss, str) else loss
    state = default_state(spec) if state is None else state
    if state.weights.dim() != 2 or state.weights.shape[1] != 2:
        raise LossError(
            f"{spec.key}: a plane needs 2-D class weights [K, 2]; got {tuple(state.weights.shape)}"
        )
    x, y = axes(extent, resolution)
    narrow = cast(state, dtype)
    with torch.inference_mode():
        features = grid_features(extent, resolution, dtype)
        labels = labels_of(spec, label, features.shape[0], state.weights.shape[0])
        terms = spec.terms(features, labels, narrow, **params)
        heights = total(terms)
    shape = (len(y), len(x))
    full = spec.complete(params, state.weights.shape[0])
    if boundaries is None:
        boundaries = decision_boundaries(spec, state, extent, **full)
    return Field(
        spec=spec,
        params=full,
        label=label,
        state=cast(state, torch.float64),
        x=x,
        y=y,
        z_yx=heights.reshape(shape).numpy(),
        terms={name: term.reshape(shape).numpy() for name, term in terms.items()},
        boundaries=tuple(boundaries),
    )


def labels_of(spec: LossSpec, label: int, count: int, classes: int) -> Tensor:
    """`count` labels of one class: [count]; LossError where there is no such class."""
    if isinstance(label, bool) or not isinstance(label, int) or not 0 <= label < classes:
        raise LossError(f"{spec.key}: label must lie in 0..{classes - 1}; got {label!r}")
    return torch.full((count,), label, dtype=torch.int64)


def decision_boundaries(
    spec: LossSpec,
    state: ClassState,
    extent: Extent = DEFAULT_EXTENT,
    resolution: int = BOUNDARY_RESOLUTION,
    **params: Any,
) -> tuple[Array, ...]:
    """The lines on which two classes tie for the highest logit: polylines [n, 2], each boundary once.

    Class k is held against the later classes; where an earlier class wins, the line is cut off.
    """
    import contourpy

    x, y = axes(extent, resolution)
    with torch.inference_mode():
        logits = spec.logits(
            grid_features(extent, resolution, torch.float64), cast(state, torch.float64), **params
        )
    scores = logits.mT.reshape(-1, len(y), len(x)).numpy()
    lines: list[Array] = []
    for k in range(len(scores) - 1):
        later = scores[k + 1 :].max(0)
        generator = contourpy.contour_generator(x, y, scores[k] - later)
        found: list[Array] = list(generator.lines(0.0))  # type: ignore[arg-type]
        earlier = scores[:k].max(0) - np.maximum(scores[k], later) if k else None
        for line in found:
            lines.extend([line] if earlier is None else _where_negative(line, earlier, x, y))
    return tuple(_corners(np.asarray(line)) for line in lines if len(line) > 1)


def _corners(line: Array) -> Array:
    """A polyline without the points that lie on the way between their neighbours.

    A corner that falls on a grid node comes as two points in one place, neither of which turns.
    """
    steps = np.diff(line, axis=0)
    apart = np.abs(steps).max(-1) > 1e-12 * max(1.0, float(np.abs(line).max()))
    line = line[np.concatenate([[True], apart])]
    steps = np.diff(line, axis=0)
    turn = steps[:-1, 0] * steps[1:, 1] - steps[:-1, 1] * steps[1:, 0]
    size = np.abs(steps[:-1]).max(-1) * np.abs(steps[1:]).max(-1)
    keep = np.ones(len(line), dtype=bool)
    keep[1:-1] = np.abs(turn) > 1e-9 * np.maximum(size, 1e-12)
    return line[keep]


def _where_negative(line: Array, surface: Array, x: Array, y: Array) -> list[Array]:
    """The pieces of a polyline on which a surface over the grid is at most 0, cut at its zeros."""
    heights = bilinear(surface, x, y, line)
    pieces: list[list[Array]] = [[]]
    for i, (point, height) in enumerate(zip(line, heights, strict=True)):
        if i and (height > 0) != (heights[i - 1] > 0):
            share = heights[i - 1] / (heights[i - 1] - height)
            pieces[-1].append(line[i - 1] + share * (point - line[i - 1]))
            if height > 0:
                pieces.append([])
        if height <= 0:
            pieces[-1].append(point)
    return [np.stack(piece) for piece in pieces if len(piece) > 1]


def bilinear(surface: Array, x: Array, y: Array, points: Array) -> Array:
    """A surface [ny, nx] over a grid, with even steps or not, at points [n, 2] inside it."""
    u = np.interp(points[:, 0], x, np.arange(len(x)))
    v = np.interp(points[:, 1], y, np.arange(len(y)))
    i, j = np.minimum(u.astype(int), len(x) - 2), np.minimum(v.astype(int), len(y) - 2)
    a, b = u - i, v - j
    low = (1 - a) * surface[j, i] + a * surface[j, i + 1]
    high = (1 - a) * surface[j + 1, i] + a * surface[j + 1, i + 1]
    return np.asarray((1 - b) * low + b * high)
