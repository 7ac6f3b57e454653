"""The adversary of paper 004: a small network from a feature to 2K logits."""

from __future__ import annotations

from torch import nn

from lossviz.losses.spec import NetSpec


def build(dimension: int = 2, classes: int = 3, hidden: int = 16) -> nn.Sequential:
    """d features -> 2K logits through two hidden layers of `hidden` tanh units.

    Logit y stands for "the anchor of class y", y + K for "another sample of class y".
    """
    return nn.Sequential(
        nn.Linear(dimension, hidden),
        nn.Tanh(),
        nn.Linear(hidden, hidden),
        nn.Tanh(),
        nn.Linear(hidden, 2 * classes),
    )


NET = NetSpec(
    key="adversary",
    title="Adversary on embeddings",
    source="004 Section 3, Eq. 5",
    build=build,
)
