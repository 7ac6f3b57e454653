"""Cuts through a loss: against the angle, as a target logit, against the true class's probability.

Every curve is read off the loss itself; no formula is written a second time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lossviz.core.errors import LossError
from lossviz.fields import cast
from lossviz.losses import ClassState
from lossviz.losses.spec import LossSpec

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Profile:
    """A curve: x [n] and y [n]; what they are, with units, is said by the function that made it."""

    name: str
    x: Array
    y: Array

    def at(self, places: Sequence[float]) -> Array:
        """y at some x, between two points of the curve by a straight line; NaN beyond its ends."""
        return np.interp(places, self.x, self.y, left=np.nan, right=np.nan)


def against_angle(
    spec: LossSpec,
    state: ClassState,
    label: int,
    params: Mapping[str, Any],
    *,
    radius: float = 2.0,
    count: int = 721,
) -> Profile:
    """The loss on the circle ‖z‖ = radius; x: angle from the own weight vector in degrees, −180..180.

    Positive angles turn counter-clockwise. A zero weight vector counts as pointing along z₁.
    """
    state = cast(state, torch.float64)
    turn = torch.linspace(-math.pi, math.pi, count, dtype=torch.float64)
    features = _on_circle(state.weights[label], turn, radius)
    with torch.inference_mode():
        values = spec.per_sample(features, torch.full((count,), label), state, **params)
    return Profile(spec.title, np.degrees(turn.numpy()), values.numpy())


def target_logit(
    spec: LossSpec,
    state: ClassState,
    label: int,
    params: Mapping[str, Any],
    *,
    radius: float = 2.0,
    count: int = 721,
) -> Profile:
    """ψ(θ), the target logit as a share of its plain value at θ = 0; x: θ in degrees, 0..180.

    For a loss that is the cross-entropy of a changed target logit: with the other logits known,
    L = log(1 + e^{lse − t}) is solved for t. Without margin ψ(θ) = cosθ. Raises LossError for
    losses of another kind.
    """
    if not spec.target_logit:
        raise LossError(
            f"{spec.key}: has no target logit: it is not the cross-entropy of a changed true logit"
        )
    state = cast(state, torch.float64)
    turn = torch.linspace(0.0, math.pi, count, dtype=torch.float64)
    features = _on_circle(state.weights[label], turn, radius)
    labels = torch.full((count,), label)
    with torch.inference_mode():
        loss = spec.per_sample(features, labels, state, **params)
        logits = spec.logits(features, ClassState(state.weights), **params)
        others = logits.clone()
        others[:, label] = -math.inf
        target = torch.logsumexp(others, -1) - (loss + torch.log(-torch.expm1(-loss)))
        size = logits[0, label].abs().clamp_min(1e-300)
    return Profile(spec.title, np.degrees(turn.numpy()), (target / size).numpy())


def against_probability(
    spec: LossSpec, classes: int, params: Mapping[str, Any], *, count: int = 600
) -> Profile:
    """The loss against p_y, the softmax probability without margin, in per cent.

    The other K − 1 classes are equally likely; the weights are the K unit vectors of R^K and the
    feature moves in the plane of its own vector and the sum of the others. A loss on cosines
    reaches only the probabilities that its scale allows. Raises LossError where the loss is not
    built on softmax probabilities.
    """
    if not spec.of_probability:
        raise LossError(f"{spec.key}: is not built on the softmax probability of the true class")
    label = 0
    state = ClassState(torch.eye(classes, dtype=torch.float64))
    own = state.weights[label]
    others = (torch.ones(classes, dtype=torch.float64) - own) / math.sqrt(classes - 1)
    if "features" in spec.invariances:
        turn = torch.linspace(0.0, math.pi - math.atan(1 / math.sqrt(classes - 1)), 20001).unsqueeze(-1)
        features = torch.cos(turn.double()) * own + torch.sin(turn.double()) * others
    else:
        features = (torch.linspace(-14.0, 14.0, 2001).double().unsqueeze(-1) + math.log(classes - 1)) * own
    with torch.inference_mode():
        logits = spec.logits(features, state, **params)
        loss = spec.per_sample(features, torch.full((len(features),), label), state, **params)
        odds = -torch.logsumexp(logits[:, 1:] - logits[:, :1], -1)
    order = torch.argsort(odds, stable=True)
    odds, loss = odds[order], loss[order]
    even = torch.linspace(max(-14.0, float(odds[0])), min(14.0, float(odds[-1])), count).double()
    heights = np.interp(even.numpy(), odds.numpy(), loss.numpy())
    return Profile(spec.title, 100 * torch.sigmoid(even).numpy(), heights)


def _on_circle(weight: Tensor, turn: Tensor, radius: float) -> Tensor:
    """Features [n, 2] of length `radius` at the angles `turn` from a weight vector [2]."""
    start = torch.atan2(weight[1], weight[0])
    angle = start + turn
    return radius * torch.stack([torch.cos(angle), torch.sin(angle)], -1)
