"""The width of a loss's valley: the opening angle, on a circle ‖z‖ = r, of where the loss is below a level.

Ends of the opening are found to rounding: samples along the circle, then the extremes and the crossings
between them. The browser does the same with the loss's code (lossviz/ui/components/contours/valley.js).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from lossviz.core.errors import LossError
from lossviz.core.text import fixed
from lossviz.fields import cast
from lossviz.losses import ClassState
from lossviz.losses.spec import LossSpec

Array = NDArray[Any]

SAMPLES = 720  # along the circle; a dip or peak between two of them is looked for
TURN = 2 * math.pi


@dataclass(frozen=True)
class Opening:
    """The arcs of the circle ‖z‖ = `radius` on which a loss is below `level`.

    arcs: (start, end) in radians, counter-clockwise from z₁, start in [0, 2π), each longer than 0 and
    none touching another; the whole circle is one arc of 2π.
    """

    radius: float
    level: float
    arcs: tuple[tuple[float, float], ...]

    @property
    def degrees(self) -> float:
        """The opening angle: all arcs together, 0 to 360."""
        return math.degrees(sum(end - start for start, end in self.arcs))

    @property
    def nowhere(self) -> bool:
        return not self.arcs

    @property
    def everywhere(self) -> bool:
        return bool(self.arcs) and self.arcs[0][1] - self.arcs[0][0] >= TURN

    @property
    def text(self) -> str:
        """The angle for a reader: "122.9°", "78.6° in 3 arcs", "0° (nowhere)", "360° (everywhere)"."""
        if self.nowhere:
            return "0° (nowhere)"
        if self.everywhere:
            return "360° (everywhere)"
        several = f" in {len(self.arcs)} arcs" if len(self.arcs) > 1 else ""
        return f"{fixed(self.degrees)}°{several}"


def opening(
    spec: LossSpec,
    state: ClassState,
    label: int,
    params: Mapping[str, Any],
    *,
    radius: float,
    level: float,
    term: str = "",
) -> Opening:
    """The opening of a loss, or of one of its terms, for samples of class `label`, in float64.

    state: 2-D class weights [K, 2] and what the loss needs. Where the loss is not finite it is not below.
    Raises LossError for a radius that is not positive.
    """
    if not radius > 0:
        raise LossError(f"{spec.key}: the radius of the circle must be positive; got {radius:g}")
    state = cast(state, torch.float64)

    def heights(angles: Array) -> Array:
        turned = torch.from_numpy(angles.ravel())
        features = radius * torch.stack([torch.cos(turned), torch.sin(turned)], -1)
        labels = torch.full((len(turned),), label)
        with torch.inference_mode():
            if term:
                found = spec.terms(features, labels, state, **params)[term]
            else:
                found = spec.per_sample(features, labels, state, **params)
        return found.numpy().reshape(angles.shape)

    return Opening(radius, level, _arcs(heights, level))


def _arcs(heights: Callable[[Array], Array], level: float) -> tuple[tuple[float, float], ...]:
    """The arcs on which `heights` is below the level."""
    angles = TURN * np.arange(SAMPLES) / SAMPLES
    values = heights(angles)
    more = _extremes(heights, angles, values, level)
    if more.size:
        order = np.argsort(angles := np.concatenate([angles, more]), kind="stable")
        angles, values = angles[order], np.concatenate([values, heights(more)])[order]
    below = values < level
    turns = np.flatnonzero(below != np.roll(below, -1))
    if not turns.size:
        return ((0.0, TURN),) if below[0] else ()
    ends = np.append(angles, angles[0] + TURN)
    crossings = _crossings(heights, ends[turns], ends[turns + 1], below[turns], level)
    starts, stops = crossings[~below[turns]], crossings[below[turns]]
    if stops[0] < starts[0]:
        stops = np.append(stops[1:], stops[0] + TURN)
    arcs = ((float(a % TURN), float(b - a)) for a, b in zip(starts, stops, strict=True))
    return tuple((start, start + width) for start, width in arcs if width > 0)


def _extremes(heights: Callable[[Array], Array], angles: Array, values: Array, level: float) -> Array:
    """Places between the samples where the heights are on the other side of the level than around them."""
    before, after = np.roll(values, 1), np.roll(values, -1)
    found = []
    for sign in (1.0, -1.0):  # dips below the level, then peaks above it
        with np.errstate(invalid="ignore"):
            gap = sign * (values - level)
            rises = np.maximum(sign * (before - values), sign * (after - values))
            lowest = (sign * (before - values) >= 0) & (sign * (after - values) >= 0)
            near = np.flatnonzero(lowest & (gap >= 0) & (gap <= rises))
        low, high = angles[near] - TURN / SAMPLES, angles[near] + TURN / SAMPLES
        for _ in range(14 if near.size else 0):
            places = np.linspace(low, high, 9, axis=-1)
            best = np.clip(np.argmin(sign * heights(places), axis=-1), 1, 7)[:, None]
            low = np.take_along_axis(places, best - 1, -1)[:, 0]
            high = np.take_along_axis(places, best + 1, -1)[:, 0]
        middle = (low + high) / 2
        crossed = heights(middle) < level if sign > 0 else heights(middle) >= level
        found.append(middle[crossed] % TURN)
    return np.concatenate(found)


def _crossings(
    heights: Callable[[Array], Array], low: Array, high: Array, below: Array, level: float
) -> Array:
    """The angles between low and high at which the heights pass the level; below: bool, where low is."""
    for _ in range(13):
        places = np.linspace(low, high, 17, axis=-1)
        changed = (heights(places) < level) != below[:, None]
        changed[:, 0], changed[:, -1] = False, True
        first = np.argmax(changed, axis=-1)[:, None]
        low = np.take_along_axis(places, first - 1, -1)[:, 0]
        high = np.take_along_axis(places, first, -1)[:, 0]
    return np.asarray((low + high) / 2)
