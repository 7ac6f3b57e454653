"""The adversary that is trained on the spot."""

from __future__ import annotations

import torch

from lossviz import losses
from lossviz.fields import compute, spread
from lossviz.fields.adversary import train_adversary
from lossviz.losses import ClassState

CENTERS = spread(3, 2.0)


def test_the_seed_decides_everything() -> None:
    first, again, other = (train_adversary(CENTERS, seed) for seed in (0, 0, 1))
    assert torch.equal(first.anchors, again.anchors)
    for a, b in zip(first.network.parameters(), again.network.parameters(), strict=True):
        assert torch.equal(a, b)
    assert not torch.equal(first.anchors, other.anchors)


def test_training_leaves_the_random_numbers_of_others_alone() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    train_adversary(CENTERS, 0)
    assert torch.equal(torch.rand(3), expected)


def test_it_tells_anchors_from_the_rest() -> None:
    accuracies = [train_adversary(CENTERS, seed).accuracy for seed in range(5)]
    assert min(accuracies) > 0.75  # six ways, by chance 0.17


def test_features_are_drawn_to_the_anchor() -> None:
    """Along the adversary's term, the anchor lies lower than the centre of the other samples."""
    trained = train_adversary(CENTERS, 0)
    state = ClassState(spread(3), None, CENTERS, trained.network)
    spec = losses.get("adversarial")
    labels = torch.arange(3)
    at_anchor = spec.terms(trained.anchors, labels, state)["adversary"]
    at_center = spec.terms(CENTERS, labels, state)["adversary"]
    assert (at_anchor < -0.5).all()
    assert (at_center > at_anchor).all()


def test_the_field_shows_the_term_within_its_bounds() -> None:
    field = compute("adversarial", resolution=50)
    term = field.terms["adversary"]
    assert -1 <= term.min() < -0.5 < 0.5 < term.max() <= 1
