"""The opening angle of a valley, against closed forms and a plain walk around the circle."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
import torch

from lossviz import losses
from lossviz.core.errors import LossError
from lossviz.fields.opening import Opening, opening
from lossviz.losses import ClassState
from lossviz.pages.contours.view import ContourView


def opposite(turn: float = 0.7) -> ClassState:
    """Two classes with opposite weight vectors of length 1, the first at the angle `turn`."""
    weight = [math.cos(turn), math.sin(turn)]
    return ClassState(torch.tensor([weight, [-w for w in weight]], dtype=torch.float64), torch.zeros(2))


def measured(key: str, level: float, radius: float = 2.0, turn: float = 0.7, **params: Any) -> Opening:
    spec = losses.get(key)
    state = opposite(turn)
    state = state if spec.needs.bias == "diverse" else replace(state, bias=None)
    return opening(spec, state, 0, params, radius=radius, level=level)


def half_angle(level: float, scale: float, margin: float = 0.0) -> float:
    """θ at which −log p is the level, p = σ(s cos(θ + m) + s cos θ): the two cosines add up to
    2 cos(θ + m/2) cos(m/2)."""
    cosine = -math.log(math.expm1(level)) / (2 * scale * math.cos(margin / 2))
    return math.acos(cosine) - margin / 2


@pytest.mark.parametrize("radius", [0.5, 2.0, 40.0])
@pytest.mark.parametrize("level", [0.5, math.log(2), 0.9])
def test_cross_entropy_of_two_opposite_classes_has_a_closed_form(level: float, radius: float) -> None:
    found = measured("soft-d", level, radius)
    assert found.degrees == pytest.approx(math.degrees(2 * half_angle(level, radius)), abs=1e-6)


@pytest.mark.parametrize("weight", [1.0, 4.0, 12.0])
def test_a_class_weight_opens_as_cross_entropy_does_at_that_share_of_the_level(weight: float) -> None:
    found = measured("weighted-ce", 1.1, weight=weight, important=0)
    assert found.degrees == pytest.approx(math.degrees(2 * half_angle(1.1 / weight, 2.0)), abs=1e-6)


@pytest.mark.parametrize("radius", [0.1, 30.0])
@pytest.mark.parametrize("margin", [0.0, 22.5, 60.0])
def test_at_the_loss_of_a_guess_arcface_opens_by_a_half_circle_less_the_margin(
    margin: float, radius: float
) -> None:
    found = measured("arcface", math.log(2), radius, margin=math.radians(margin))
    assert found.degrees == pytest.approx(180 - margin, abs=1e-6)


def test_arcface_at_another_level_has_a_closed_form() -> None:
    found = measured("arcface", 0.2, scale=5.0, margin=0.6)
    assert found.degrees == pytest.approx(math.degrees(2 * half_angle(0.2, 5.0, 0.6)), abs=1e-6)


@pytest.mark.parametrize("factor", [1, 2, 3, 4])
def test_a_factor_on_the_angle_leaves_a_turn_over_the_factor_and_one(factor: int) -> None:
    """As the notice of SphereFace says: mθ < π − θ on either side."""
    found = measured("sphereface", math.log(2), margin=factor)
    assert found.degrees == pytest.approx(360 / (factor + 1), abs=1e-6)


def test_the_arc_lies_about_the_own_weight_vector_also_across_the_start_of_the_circle() -> None:
    for turn in (0.01, 1.3, 3.0, 6.28):
        ((start, end),) = measured("soft-d", 0.5, turn=turn).arcs
        half = half_angle(0.5, 2.0)
        assert 0 <= start < 2 * math.pi
        assert math.remainder(start - (turn - half), 2 * math.pi) == pytest.approx(0, abs=1e-9)
        assert end - start == pytest.approx(2 * half, abs=1e-9)


def test_a_valley_between_two_samples_of_the_circle_is_found() -> None:
    """A level a billionth above the lowest loss, at an angle that no sample has."""
    turn, lowest, highest = 0.7013, math.log1p(math.exp(-4)), math.log1p(math.exp(4))
    narrow = measured("soft-d", lowest + 1e-9, turn=turn)
    assert 0 < narrow.degrees < 0.1
    assert narrow.degrees == pytest.approx(math.degrees(2 * half_angle(lowest + 1e-9, 2.0)), rel=1e-3)
    wide = measured("soft-d", highest - 1e-9, turn=turn)
    assert 359.9 < wide.degrees < 360
    assert len(wide.arcs) == 1


def test_a_level_beyond_the_losses_is_nowhere_or_everywhere() -> None:
    nowhere, everywhere = measured("soft-d", 0.01), measured("soft-d", 5.0)
    assert (nowhere.degrees, nowhere.arcs, nowhere.text) == (0.0, (), "0° (nowhere)")
    assert (everywhere.degrees, everywhere.text) == (pytest.approx(360), "360° (everywhere)")


def around(view: ContourView, key: str, count: int = 3607) -> list[float]:
    """The loss at many points on the circle."""
    spec = losses.get(key)
    angles = [2 * math.pi * (i + 0.37) / count for i in range(count)]
    points = [[view.circle * math.cos(a), view.circle * math.sin(a)] for a in angles]
    labels = torch.full((count,), view.label)
    points = torch.tensor(points, dtype=torch.float64)
    return spec.per_sample(points, labels, view.state(spec), **view.values(spec)).tolist()


def walked(heights: list[float], level: float) -> tuple[float, int]:
    """Degrees and arcs by the share of the points that are lower."""
    lower = [height < level for height in heights]
    arcs = sum(1 for i in range(len(lower)) if lower[i] and not lower[i - 1])
    return 360 * sum(lower) / len(lower), arcs


@pytest.mark.parametrize("key", losses.keys())
def test_every_loss_opens_as_a_walk_around_the_circle_says(key: str) -> None:
    weights = ((0.3, 1.2), (-1.0, -0.4), (0.8, -0.9))
    spec = losses.get(key)
    flags = {p.link: not p.default for p in spec.params if p.kind == "flag"}
    for view in (
        ContourView(losses=(key,)),
        ContourView(losses=(key,), weights=weights, bias=0.4, biases=(0.5, -0.3, 0.0), label=1, params=flags),
    ):
        heights = around(view, key)
        for level in (0.02, 0.7, view.edge, 3.0, 12.0):
            found = opening(spec, view.state(spec), view.label, view.values(spec), radius=2.0, level=level)
            degrees, arcs = walked(heights, level)
            assert found.degrees == pytest.approx(degrees, abs=0.21 * max(1, arcs)), (view, level)
            assert len(found.arcs) == (arcs or int(degrees > 0))


def test_without_the_monotone_form_the_valley_of_sphereface_has_several_arcs() -> None:
    found = measured("sphereface", math.log(2), margin=4, monotone=False)
    assert len(found.arcs) > 1
    assert found.text.endswith(f"° in {len(found.arcs)} arcs")


def test_a_term_has_an_opening_of_its_own() -> None:
    view = ContourView(losses=("center",))
    (spec,) = view.specs()
    state, values = view.state(spec), view.values(spec)
    whole = opening(spec, state, 0, values, radius=2.0, level=1.0)
    first = opening(spec, state, 0, values, radius=2.0, level=1.0, term="cross-entropy")
    plain = opening(losses.get("soft-d"), state, 0, {}, radius=2.0, level=1.0)
    assert first.degrees == pytest.approx(plain.degrees, abs=1e-9)
    assert whole.degrees < first.degrees


def test_a_circle_needs_a_radius() -> None:
    with pytest.raises(LossError, match="radius of the circle must be positive"):
        measured("soft-d", 1.0, radius=0.0)
