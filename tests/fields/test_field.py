"""The plane: heights, boundaries, slopes and descent against hand calculations."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import torch

from lossviz import losses
from lossviz.core.errors import LossError
from lossviz.fields import (
    arrows,
    axes,
    compute,
    decision_boundaries,
    default_state,
    descend,
    downhill,
    spread,
)
from lossviz.losses import ClassState


def test_rows_run_along_z2_and_columns_along_z1() -> None:
    field = compute("naive", extent=(-1, 1, -2, 2), resolution=41)
    assert field.z_yx.shape == (41, 21)
    # −W₀·z + mean of the others with W₀ = (0, 1) and weights that sum to 0: −1.5 z₂
    np.testing.assert_allclose(field.z_yx[:, 3], -1.5 * field.y, atol=1e-12)


def test_the_field_is_the_loss_point_by_point() -> None:
    field = compute("arcface", label=2, resolution=12, margin=0.4)
    spec = losses.get("arcface")
    for j, i in [(0, 0), (3, 7), (11, 2)]:
        z = torch.tensor([[field.x[i], field.y[j]]])
        value = spec.per_sample(z, torch.tensor([2]), field.state, margin=0.4)
        assert field.z_yx[j, i] == pytest.approx(value.item(), rel=1e-12)


@pytest.mark.parametrize("key", losses.keys())
def test_terms_add_up_and_float32_is_near_enough_for_a_screen(key: str) -> None:
    state = default_state(losses.get(key))
    exact = compute(key, state, resolution=40)
    np.testing.assert_allclose(sum(exact.terms.values()), exact.z_yx, rtol=1e-12, atol=1e-14)
    screen = compute(key, state, resolution=40, dtype=torch.float32)
    assert screen.z_yx.dtype == np.float32
    span = np.ptp(exact.z_yx)
    np.testing.assert_allclose(screen.z_yx, exact.z_yx, atol=2e-5 * span)
    assert losses.get(key).composite == (len(exact.terms) > 1)


def drawn(lines: tuple[np.ndarray, ...]) -> np.ndarray:
    """Points along the polylines, 0.01 apart."""
    pieces = []
    for line in lines:
        for a, b in pairwise(line):
            share = np.linspace(0, 1, int(np.hypot(*(b - a)) / 0.01) + 2)[:, None]
            pieces.append(a + share * (b - a))
    return np.concatenate(pieces)


def test_boundaries_of_evenly_spread_classes_are_three_rays() -> None:
    spec = losses.get("soft-0")
    lines = decision_boundaries(spec, ClassState(spread(3)))
    points = drawn(lines)
    radius = np.hypot(*points.T)
    angle = np.degrees(np.arctan2(points[:, 1], points[:, 0]))[radius > 0.2]
    nearest = np.min(np.abs(angle[:, None] - np.array([30.0, 150.0, -90.0])), axis=1)
    assert nearest.max() < 0.5
    for ray in (30.0, 150.0, -90.0):
        assert (np.abs(angle - ray) < 1).sum() > 20


def test_a_bias_moves_the_boundary_to_where_logits_tie() -> None:
    # W = (±1, 0), b = (0, 1): z₁ = −z₁ + 1 at z₁ = 1/2
    state = ClassState(torch.tensor([[1.0, 0.0], [-1.0, 0.0]]), torch.tensor([0.0, 1.0]))
    (line,) = decision_boundaries(losses.get("soft-d"), state)
    np.testing.assert_allclose(line[:, 0], 0.5, atol=1e-9)


def test_a_boundary_turns_where_its_corner_falls_on_a_grid_node() -> None:
    """Class 0 meets class 1 on 2.112 z₁ + 0.877 z₂ = 0 and class 2 on 0.38 z₁ + 0.877 z₂ = 0."""
    weights = torch.tensor([[1.246, 0.377], [-0.866, -0.5], [0.866, -0.5]], dtype=torch.float64)
    lines = decision_boundaries(losses.get("soft-0"), ClassState(weights))
    first = next(line for line in lines if len(line) == 3)
    np.testing.assert_allclose(first[1], [0, 0], atol=1e-9)
    for x, y in first[[0, 2]]:
        assert min(abs(2.112 * x + 0.877 * y), abs(0.38 * x + 0.877 * y)) < 1e-9


def test_every_boundary_point_is_a_tie_of_the_two_highest_logits() -> None:
    generator = torch.Generator().manual_seed(4)
    state = ClassState(torch.randn(6, 2, generator=generator), torch.randn(6, generator=generator))
    spec = losses.get("soft-d")
    lines = decision_boundaries(spec, state)
    assert len(lines) >= 3
    logits = spec.logits(torch.from_numpy(drawn(lines)).float(), state)
    top = logits.topk(2).values
    gap = (top[:, 0] - top[:, 1]).abs()
    assert len(np.concatenate(lines)) < 100  # straight lines need few corners
    # Exact along straight lines; only where three classes meet may a cell (0.04 wide) cut a corner.
    assert gap.quantile(0.9) < 1e-5
    assert gap.max() < 0.1


def test_downhill_is_minus_the_slope() -> None:
    spec = losses.get("center")
    state = default_state(spec)
    point = np.array([[0.7, -0.3]])
    params = {"lam": 0.5}

    def value(z: np.ndarray) -> float:
        return spec.per_sample(torch.from_numpy(z), torch.tensor([1]), state, **params).item()

    step = 1e-6
    expected = [
        -(value(point + step * e) - value(point - step * e)) / (2 * step) for e in np.eye(2)[:, None, :]
    ]
    np.testing.assert_allclose(downhill(spec, state, point, 1, params)[0], expected, rtol=1e-6)


def test_descent_takes_plain_gradient_steps() -> None:
    # The naive loss is linear: every step is 0.1 · 1.5 upwards for class 0.
    spec = losses.get("naive")
    path = descend(spec, default_state(spec), (1.0, 0.0), 0, {}, rate=0.1, steps=4)
    np.testing.assert_allclose(path[:, 0], 1.0)
    np.testing.assert_allclose(path[:, 1], [0, 0.15, 0.3, 0.45, 0.6], atol=1e-12)


def test_descent_ends_where_the_loss_is_flat_or_far_away() -> None:
    hinge = losses.get("hinge")
    still = descend(hinge, default_state(hinge), (0.0, 2.9), 0, {})
    assert len(still) == 2
    naive = losses.get("naive")
    away = descend(naive, default_state(naive), (0.0, 0.0), 0, {}, rate=100.0, steps=500, reach=1e3)
    assert len(away) < 12


def test_descent_of_a_small_step_never_climbs() -> None:
    for key in ("soft-d", "arcface", "bce-u", "cce", "center", "wasserstein"):
        spec = losses.get(key)
        state = default_state(spec)
        path = descend(spec, state, (0.5, -0.4), 0, {}, rate=1e-3, steps=200)
        values = spec.per_sample(torch.from_numpy(path), torch.zeros(len(path), dtype=torch.int64), state)
        assert (values.diff() <= 1e-9).all(), key


def test_arrows_point_downhill_and_fit_their_cells() -> None:
    spec = losses.get("soft-d")
    state = default_state(spec)
    points, vectors = arrows(spec, state, 0, (-3, 3, -3, 3), {}, count=10)
    assert points.shape == vectors.shape == (100, 2)
    slope = downhill(spec, state, points, 0, {})
    cross = slope[:, 0] * vectors[:, 1] - slope[:, 1] * vectors[:, 0]
    np.testing.assert_allclose(cross, 0, atol=1e-12)
    assert ((slope * vectors).sum(-1) >= 0).all()
    assert np.hypot(*vectors.T).max() == pytest.approx(0.6)


def test_a_flat_loss_has_arrows_of_length_zero() -> None:
    spec = losses.get("hinge")
    _, vectors = arrows(spec, default_state(spec), 0, (-0.1, 0.1, 2.8, 3.0), {})
    assert not vectors.any()


def test_an_odd_plane_or_label_is_refused_in_words() -> None:
    with pytest.raises(LossError, match="extent"):
        axes((1, -1, 0, 1), 10)
    with pytest.raises(LossError, match="extent"):
        axes((0, math.inf, 0, 1), 10)
    with pytest.raises(LossError, match=r"label must lie in 0\.\.2; got 3"):
        compute("hinge", label=3, resolution=5)
    with pytest.raises(LossError, match="2-D"):
        compute("hinge", ClassState(torch.randn(3, 4)))
