"""Values at one point of the plane: exact loss, probabilities, angles, metrics."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from lossviz.fields import cast
from lossviz.losses import ClassState
from lossviz.losses.spec import LossSpec, total


@dataclass(frozen=True)
class Reading:
    """One loss at one feature.

    probabilities: [K], the softmax of the margin-free logits with bias. metrics: [K], the
    margin-free logits without bias (paper 002); `positive` is that of the own class, `negative`
    the largest of the others. slope: −∇L.
    """

    loss: float
    terms: Mapping[str, float]
    probabilities: tuple[float, ...]
    metrics: tuple[float, ...]
    positive: float
    negative: float
    slope: tuple[float, float]


def read(
    spec: LossSpec, state: ClassState, point: Sequence[float], label: int, params: Mapping[str, Any]
) -> Reading:
    """The loss and what surrounds it at a feature, in float64."""
    state = cast(state, torch.float64)
    feature = torch.tensor([list(point)], dtype=torch.float64, requires_grad=True)
    terms = spec.terms(feature, torch.tensor([label]), state, **params)
    value = total(terms)
    slope = torch.autograd.grad(value.sum(), feature, allow_unused=True)[0]
    with torch.inference_mode():
        logits = spec.logits(feature, state, **params)[0]
        metrics = spec.logits(feature, replace(state, bias=None), **params)[0].tolist()
    rest = [m for k, m in enumerate(metrics) if k != label]
    down = (0.0, 0.0) if slope is None else tuple((-slope[0]).tolist())
    return Reading(
        loss=float(value.detach()),
        terms={name: float(term.detach()) for name, term in terms.items()},
        probabilities=tuple(torch.softmax(logits, -1).tolist()),
        metrics=tuple(metrics),
        positive=metrics[label],
        negative=max(rest),
        slope=(down[0], down[1]),
    )


def angles(weights: Sequence[Sequence[float]], point: Sequence[float]) -> list[float]:
    """The angle in degrees, 0..180, between a 2-D point and each weight vector.

    90 where either is the zero vector (cosine 0), as in the losses.
    """
    found = []
    for weight in weights:
        across = weight[0] * point[1] - weight[1] * point[0]
        along = weight[0] * point[0] + weight[1] * point[1]
        zero = not any(weight) or not any(point)
        found.append(90.0 if zero else abs(math.degrees(math.atan2(across, along))))
    return found
