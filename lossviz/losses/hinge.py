"""The multi-class hinge loss (asked for as future work in paper 000)."""

from __future__ import annotations

import torch
from torch import Tensor

from lossviz.core.settings import Setting
from lossviz.losses._ops import linear_logits, of_own, without_own
from lossviz.losses.spec import Family, LossSpec, Needs
from lossviz.losses.state import ClassState

FAMILY = Family(
    key="hinge",
    title="Hinge",
    order=7,
    question="What does a loss look like that is content once the margin is met?",
)


def hinge(
    features: Tensor, labels: Tensor, state: ClassState, *, margin: float | Tensor
) -> dict[str, Tensor]:
    """Σ_{j≠y} max(0, margin + o_j − o_y)/(K−1)."""
    logits = linear_logits(features, state)
    short = torch.relu(logits - (of_own(logits, labels) - margin).unsqueeze(-1))
    others = without_own(short, labels, 0.0).sum(-2)
    return {"hinge": others / (logits.shape[-1] - 1)}


LOSSES = (
    LossSpec(
        key="hinge",
        title="Multi-class hinge",
        family="hinge",
        source="future work in 000",
        template=r"\frac{1}{K-1}\sum_{j\neq y}\max(0,\ <margin> + o_j - o_y)",
        notice="Flat floor and straight walls: exactly zero once every other logit is a margin behind, "
        "with creases where one of them gives up.",
        terms_function=hinge,
        logits_function=linear_logits,
        params=(
            Setting(
                name="margin",
                symbol=r"\Delta",
                default=1.0,
                low=0.0,
                high=5.0,
                meaning="by how much the true logit must lead",
                link="hinge-margin",
                title="margin of the logits",
                sweep=(0.0, 0.5, 1.0, 2.0, 5.0),
            ),
        ),
        needs=Needs(bias="diverse"),
        in_title=("margin",),
    ),
)
