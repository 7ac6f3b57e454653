"""Names of classes in a crowd: each on a point of its own class, inside, none on another."""

from __future__ import annotations

import numpy as np
import pytest

from lossviz.figures.scatter import names

ENDS = [(-10.0, 10.0), (-10.0, 10.0)]
BOX = np.array([0.6, 0.8])


def crowd(seed: int, classes: int = 10) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Classes that lie partly on each other: points, labels, medians."""
    draw = np.random.default_rng(seed)
    middles = draw.uniform(-4, 4, (classes, 2))
    labels = np.repeat(np.arange(classes), 40)
    points = middles[labels] + draw.normal(size=(len(labels), 2))
    return points, labels, np.array([np.median(points[labels == k], axis=0) for k in range(classes)])


def test_a_name_with_room_stands_at_its_anchor() -> None:
    anchors = np.array([[-5.0, 0.0], [5.0, 0.0]])
    points = np.repeat(anchors, 3, axis=0)
    found = names.places(points, np.repeat([0, 1], 3), anchors, np.tile(BOX, (2, 1)), ENDS)
    np.testing.assert_array_equal(found, anchors)


@pytest.mark.parametrize("seed", range(5))
def test_in_a_crowd_no_name_covers_another_or_leaves_its_class(seed: int) -> None:
    points, labels, anchors = crowd(seed)
    found = names.places(points, labels, anchors, np.tile(BOX, (len(anchors), 1)), ENDS)
    there = np.flatnonzero(np.isfinite(found[:, 0]))
    assert len(there) >= 6
    for n, k in enumerate(there):
        for j in there[:n]:
            assert (np.abs(found[k] - found[j]) > 2 * BOX).any()
        own = points[labels == k]
        apart = np.linalg.norm(own - anchors[k], axis=1)
        # On its anchor, or on one of the points of its nearer half.
        if not np.array_equal(found[k], anchors[k]):
            at = np.flatnonzero((own == found[k]).all(1))
            assert len(at)
            assert apart[at[0]] <= np.median(apart) + 1e-9


def test_a_name_without_room_is_left_out() -> None:
    points, anchors = np.zeros((6, 2)), np.zeros((2, 2))
    found = names.places(points, np.repeat([0, 1], 3), anchors, np.tile(BOX, (2, 1)), ENDS)
    assert np.isfinite(found[0]).all()
    assert np.isnan(found[1]).all()


def test_at_the_edge_a_name_goes_to_a_point_where_it_is_whole() -> None:
    points = np.array([[9.9, 0.0], [9.0, 0.0], [8.0, 0.0], [7.0, 0.0], [-9.0, 0.0], [-9.5, 0.0]])
    found = names.places(points, np.zeros(6, int), np.array([[9.9, 0.0]]), BOX[None], ENDS)
    assert found.tolist() == [[9.0, 0.0]]


def test_a_class_without_points_has_no_name() -> None:
    anchors = np.array([[0.0, 0.0], [np.nan, np.nan]])
    found = names.places(np.zeros((2, 2)), np.zeros(2, int), anchors, np.tile(BOX, (2, 1)), ENDS)
    assert np.isnan(found[1]).all()
