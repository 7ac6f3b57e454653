"""What a loss declares of itself besides its formula, held against its values."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from lossviz import losses
from lossviz.losses import ClassState
from lossviz.losses.spec import LossSpec

SPECS = losses.catalogue().values()
EVERY_LOSS = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.key)


def state(classes: int, seed: int = 0) -> ClassState:
    draw = torch.Generator().manual_seed(seed)
    bias, (weights, centers) = (
        torch.randn(classes, generator=draw),
        torch.randn(2, classes, 2, generator=draw),
    )
    return ClassState(weights, bias, centers, lambda z: torch.tanh(z @ torch.ones(2, 2 * classes)))


def values(spec: LossSpec, classes: int, length: float = 1.0, **params: object) -> Tensor:
    """The loss of 400 features of a length in all directions, of every class; centres lie as far out."""
    angles = torch.arange(400) * 2 * torch.pi / 400
    features = length * torch.stack([torch.cos(angles), torch.sin(angles)], -1)
    labels, made = torch.arange(400) % classes, []
    for s in (state(classes, seed) for seed in range(5)):
        bias = s.bias if spec.needs.bias == "diverse" else s.bias[0]  # type: ignore[index]
        made.append(ClassState(s.weights, bias, length * s.centers, s.adversary))
    return torch.cat([spec.per_sample(features, labels, s, **params) for s in made])


@EVERY_LOSS
def test_only_losses_without_a_floor_fall_for_ever(spec: LossSpec) -> None:
    strong = {p.name: p.high for p in spec.params if p.name == "lam"}
    far, farther = (float(values(spec, 4, length, **strong).min()) for length in (1e3, 1e6))
    assert spec.bounded_below == (farther > min(2 * far, -1e3))


@EVERY_LOSS
def test_a_loss_is_0_everywhere_below_the_classes_from_which_it_teaches(spec: LossSpec) -> None:
    for classes in range(2, 5):
        nothing = bool((values(spec, classes).abs() < 1e-6).all())
        assert nothing == (classes < spec.teaches_from), classes


@EVERY_LOSS
def test_a_learned_threshold_pulls_at_one_common_bias(spec: LossSpec) -> None:
    """Moving all biases together changes the loss where they are thresholds, and nothing under softmax."""
    if spec.needs.bias == "none":
        assert not spec.learns_threshold
        return
    features, labels = torch.randn(50, 2, generator=torch.Generator().manual_seed(1)), torch.arange(50) % 3
    made = state(3)
    bias = made.bias if spec.needs.bias == "diverse" else made.bias[0]  # type: ignore[index]
    both = [
        spec.per_sample(features, labels, ClassState(made.weights, b, made.centers, made.adversary))
        for b in (bias, bias + 1)
    ]
    assert spec.learns_threshold != torch.allclose(*both, atol=1e-4)


@EVERY_LOSS
def test_what_a_loss_asks_for_hangs_on_a_parameter_that_it_has(spec: LossSpec) -> None:
    links = {p.link for p in spec.params}
    needed = {"margin": {"margin", "cosine-margin", "angle-factor"}, "probability": {"scale", "gamma"}}
    if spec.asks:
        assert links & needed.get(spec.asks, {"gamma"})
    assert not spec.corollary or "gamma" in links
    assert set(spec.in_title) <= {p.name for p in spec.params}
