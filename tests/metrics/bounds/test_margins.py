"""Which margins all classes can have: hand numbers, witnesses, and gradient descent of the loss itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from lossviz import losses
from lossviz.losses import ClassState
from lossviz.metrics.bounds import margins


@pytest.mark.parametrize(("classes", "degrees"), [(2, 180), (3, 120), (10, 36)])
def test_an_angular_margin_in_the_plane_stays_below_the_gap(classes: int, degrees: float) -> None:
    bound = margins.largest("margin", classes, 2)
    assert math.degrees(bound.low) == pytest.approx(degrees)
    assert margins.answer(math.radians(degrees) * 0.999, bound) == "fits"
    assert margins.answer(math.radians(degrees), bound) == "does not fit"


@pytest.mark.parametrize(("classes", "dimension"), [(2, 2), (3, 2), (4, 3), (10, 9), (10, 512)])
def test_a_cosine_margin_of_few_classes_is_that_of_the_cosface_paper(classes: int, dimension: int) -> None:
    assert margins.largest("cosine-margin", classes, dimension).low == pytest.approx(classes / (classes - 1))


def test_a_cosine_margin_in_the_plane_is_one_less_the_cosine_of_the_gap() -> None:
    bound = margins.largest("cosine-margin", 10, 2)
    assert bound.low == bound.high == pytest.approx(0.1909830, abs=1e-7)  # 1 − cos 36° = (3 − √5)/4
    assert margins.largest("cosine-margin", 7, 2).low > 0.35 > margins.largest("cosine-margin", 8, 2).low


def test_a_margin_between_the_bounds_is_open_and_none_at_all_always_fits() -> None:
    bound = margins.largest("margin", 100, 4)
    assert bound.low < bound.high
    assert margins.answer((bound.low + bound.high) / 2, bound) == "open"
    assert margins.answer(0.0, margins.largest("margin", 100_000, 2)) == "fits"


def test_a_factor_on_the_angle_has_no_bound_and_narrows_the_beam() -> None:
    assert margins.answer(8, margins.largest("angle-factor", 1000, 2)) == "fits"
    assert math.degrees(margins.beam(4, 10, 2).low) == pytest.approx(36 / 5)
    # On the rim of the beam the factor times the angle to the own weight is that to the next.
    rim = margins.beam(4, 10, 2).low
    assert 4 * rim == pytest.approx(math.radians(36) - rim)


@pytest.mark.parametrize(("important", "degrees"), [(1, 180), (2, 120), (4, 72), (9, 36), (10, 36)])
def test_classes_without_a_margin_need_one_direction_together(important: int, degrees: float) -> None:
    bound = margins.largest("margin", 10, 2, important)
    assert math.degrees(bound.low) == pytest.approx(degrees)


def test_two_important_classes_among_ten_keep_a_margin_that_ten_cannot_have() -> None:
    """A witness: two at 0° and 119°, eight others within half a degree at 240°."""
    places = np.radians([0, 119, *np.linspace(239.5, 240, 8)])
    margin = math.radians(118.9)
    for k in (0, 1):
        apart = [
            abs(math.remainder(places[k] - other, 2 * math.pi)) for j, other in enumerate(places) if j != k
        ]
        assert min(apart) > margin
    assert margins.answer(margin, margins.largest("margin", 10, 2, 2)) == "fits"
    assert margins.answer(margin, margins.largest("margin", 10, 2)) == "does not fit"


def test_the_most_classes_and_fewest_dimensions_lie_on_the_border() -> None:
    m = math.radians(40)
    assert margins.most_classes(m, "margin", 2) == 8  # 45° fits, 40° does not
    assert margins.fewest_dimensions(m, "margin", 8) == 2
    assert margins.fewest_dimensions(m, "margin", 9) == 3
    assert margins.most_classes(math.radians(95), "margin", 3) == 4  # tetrahedron: 109°, five: 90°
    assert margins.fewest_dimensions(math.radians(89), "margin", 1000) == 500
    assert margins.fewest_dimensions(math.radians(91), "margin", 1000) == 0  # 999 dimensions are not offered


def descended(classes: int, margin: float, seed: int | None) -> torch.Tensor:
    """θ_j − θ_y − m for every class y and other j, after ArcFace has moved features and class weights.

    seed: of a random start; None: weights evenly spread, features near them.
    """
    draw = torch.Generator().manual_seed(seed or 0)
    turn = 2 * math.pi * torch.arange(classes) / classes
    even = torch.stack([torch.cos(turn), torch.sin(turn)], -1).double()
    if seed is None:
        weights = even.clone()
        features = even + 0.3 * torch.randn((classes, 2), generator=draw, dtype=torch.float64)
    else:
        weights = torch.randn((classes, 2), generator=draw, dtype=torch.float64)
        features = torch.randn((classes, 2), generator=draw, dtype=torch.float64)
    weights.requires_grad_()
    features.requires_grad_()
    spec, labels = losses.get("arcface"), torch.arange(classes)
    mover = torch.optim.Adam([weights, features], lr=0.03)
    for _ in range(250):
        mover.zero_grad()
        value = spec.per_sample(features, labels, ClassState(weights=weights), margin=margin, scale=30.0)
        value.mean().backward()
        mover.step()
    unit = torch.nn.functional.normalize
    angles = torch.acos((unit(features.detach()) @ unit(weights.detach()).T).clamp(-1, 1))
    own = angles.diagonal()[:, None]
    return (angles - own - margin)[~torch.eye(classes, dtype=torch.bool)]


def test_gradient_descent_reaches_a_margin_below_the_bound_and_none_above_it() -> None:
    bound = margins.largest("margin", 5, 2).low  # 72°
    assert (descended(5, 0.95 * bound, None) > 0).all()
    for seed in (None, 1):
        assert not (descended(5, 1.02 * bound, seed) > 0).all()
