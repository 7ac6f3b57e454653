"""Rates at which a flow of features (lossviz.fields.flow) is quick, and still comes to rest.

A step must suit how steep the loss is: ArcFace at s = 16 is ten times as steep as cross-entropy. A loss
that sees directions only (its slope is at right angles to the feature) has no use for a pull to the
origin: features would shrink until every step turned them about.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import torch

from lossviz import losses
from lossviz.fields import spread
from lossviz.losses import ClassState
from lossviz.losses.spec import LossSpec
from lossviz.losses.state import zero_bias

PLACES = 24  # directions in which the slope is looked at
MOST = 0.02
STEEP = 0.75


def even(classes: int, dimension: int) -> torch.Tensor:
    """Unit vectors [K, d], evenly spread on the circle, or nearly so on the sphere (a golden spiral)."""
    if dimension == 2:
        return spread(classes)
    places = torch.arange(classes, dtype=torch.float64) + 0.5
    height = 1 - 2 * places / classes
    turn = math.pi * (3 - math.sqrt(5)) * places
    across = (1 - height**2).sqrt()
    return torch.stack([across * torch.cos(turn), across * torch.sin(turn), height], -1)


def suited(spec: LossSpec, classes: int, dimension: int, params: Mapping[str, Any]) -> dict[str, float]:
    """The settings rate, weight_rate, decay and weight_decay that suit a loss. params: all, by name.

    rate = min(0.02, (0.75 / g)^1.5), g the steepest slope by a feature of length 1 among even weights;
    the exponent is a compromise between the same speed (1) and the same stability (2). Weights move by
    the mean loss, so their rate is 15 times that.
    """
    return dict(_suited(spec.key, classes, dimension, tuple(sorted(params.items()))))


@lru_cache(maxsize=256)
def _suited(
    key: str, classes: int, dimension: int, params: tuple[tuple[str, Any], ...]
) -> tuple[tuple[str, float], ...]:
    spec, weights = losses.get(key), even(classes, dimension)
    head = ClassState(
        weights, zero_bias(spec.needs.bias, classes), weights.clone() if spec.needs.centers else None
    )
    features = even(PLACES, dimension).repeat(classes, 1).requires_grad_()
    labels = torch.arange(classes).repeat_interleave(PLACES)
    each = spec.per_sample(features, labels, head, **dict(params))
    (slopes,) = torch.autograd.grad(each.sum(), [features])
    steepest = float(slopes.norm(dim=1).max())
    outwards = float((slopes * features.detach()).sum(1).abs().max())
    turns = outwards < 1e-6 * steepest
    # Two digits: a rate is shown, and travels in a link.
    rate = float(f"{min(MOST, (STEEP / max(steepest, 1e-9)) ** 1.5):.2g}")
    return (
        ("rate", rate),
        ("weight_rate", float(f"{15 * rate:.2g}")),
        ("decay", 0.0 if turns else 0.01),
        ("weight_decay", 0.0 if turns else 0.005),
    )
