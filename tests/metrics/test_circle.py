"""Directions and gaps in the plane: hand numbers, whole turns, rotations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossviz.core.errors import MetricError
from lossviz.metrics import angular, circle


def polar(*angles: float) -> np.ndarray:
    return np.stack([np.cos(angles), np.sin(angles)], 1)


def test_directions_by_hand() -> None:
    found = circle.directions([[1, 0], [0, 2], [-3, 0], [0, -1], [-1.0, -0.0], [0, 0]])
    expected = [0, math.pi / 2, math.pi, -math.pi / 2, math.pi, np.nan]
    np.testing.assert_array_equal(found, expected)


def test_the_mean_direction_is_of_points_not_of_angles_nor_of_lengths() -> None:
    features = polar(3.0, -3.0, 0.2, 0.4) * [[1.0], [1.0], [1.0], [100.0]]
    found = circle.mean_directions(features, [0, 0, 1, 1], 3)
    np.testing.assert_allclose(found, [math.pi, 0.3, np.nan], atol=1e-12)


def test_directions_that_cancel_have_no_mean() -> None:
    assert np.isnan(circle.mean_directions(polar(0.3, 0.3 + math.pi), [0, 0], 1)).all()
    assert np.isnan(circle.mean_directions([[0.0, 0.0]], [0], 1)).all()


def test_gaps_by_hand() -> None:
    found = circle.gaps([0.0, math.pi / 2, np.nan, -math.pi / 4])
    assert found.order.tolist() == [3, 0, 1]
    np.testing.assert_allclose(found.gaps, np.pi * np.array([1 / 4, 1 / 2, 5 / 4]))
    np.testing.assert_allclose(found.before, np.pi * np.array([1 / 4, 1 / 2, np.nan, 5 / 4]))
    np.testing.assert_allclose(found.after, np.pi * np.array([1 / 2, 5 / 4, np.nan, 1 / 4]))
    assert found.mean == pytest.approx(2 * math.pi / 3)
    np.testing.assert_allclose(found.relative, [9 / 16, 21 / 16, np.nan, 9 / 8])


def test_an_important_class_with_more_room_stands_out_against_the_others() -> None:
    found = circle.gaps([0.0, 1.5, 2.5, 3.5, 4.5])
    wide = angular.against_others(found.relative, 0)
    # gaps of 1.5 and 1.7832 beside class 0; beside the others 1 on at least one side
    mean_gap = 2 * math.pi / 5
    assert wide.mean == pytest.approx((1.5 + 2 * math.pi - 4.5) / 2 / mean_gap)
    assert wide.median == pytest.approx((1 + 1.25) / 2 / mean_gap)
    assert wide.mean > max(found.relative[1:])


def test_a_class_alone_has_the_whole_circle() -> None:
    found = circle.gaps([np.nan, 1.0])
    assert found.gaps.tolist() == [2 * math.pi]
    assert found.before[1] == found.after[1] == 2 * math.pi
    assert found.relative[1] == 1


def test_without_directions_there_are_no_gaps() -> None:
    found = circle.gaps([np.nan, np.nan])
    assert not len(found.gaps)
    assert math.isnan(found.mean)
    assert np.isnan(found.relative).all()


def test_classes_in_one_direction_have_no_gap() -> None:
    found = circle.gaps([0.5, 0.5, -0.5])
    assert found.order.tolist() == [2, 0, 1]
    np.testing.assert_allclose(found.gaps, [1, 0, 2 * math.pi - 1])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-3, 3), min_size=1, max_size=12), st.floats(-20, 20))
def test_gaps_fill_the_circle_and_turn_with_it(angles: list[float], turn: float) -> None:
    found, turned = circle.gaps(angles), circle.gaps(np.array(angles) + turn)
    assert found.gaps.sum() == pytest.approx(2 * math.pi)
    assert (found.gaps >= 0).all()
    np.testing.assert_allclose(np.sort(turned.gaps), np.sort(found.gaps), atol=1e-9)
    distinct = np.unique(np.round(np.mod(angles, 2 * math.pi), 6)).size == len(angles)
    if distinct:
        np.testing.assert_allclose(turned.relative, found.relative, atol=1e-9)
        assert found.relative.mean() == pytest.approx(1)


def test_a_tiny_negative_turn_does_not_leave_the_circle() -> None:
    found = circle.gaps([-math.pi - 1e-20, -math.pi, 0.0])
    np.testing.assert_allclose(np.sort(found.gaps), [0, math.pi, math.pi], atol=1e-12)


def test_directions_are_of_the_plane() -> None:
    with pytest.raises(MetricError, match=r"plane .* got d = 3"):
        circle.directions([[1.0, 2.0, 3.0]])
    with pytest.raises(MetricError, match="infinite"):
        circle.gaps([np.inf])
