"""How far apart K directions in d dimensions can be, against known values and plain integration."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from lossviz.core.errors import MetricError
from lossviz.metrics.bounds import codes, repulsion_table
from lossviz.metrics.bounds.angles import cap_angle, separation

# Known optima of the Tammes problem, degrees.
TAMMES = {7: 77.8695, 8: 74.8585, 9: 70.5288, 10: 66.1468, 11: 63.4349, 12: 63.4349, 24: 43.6908}


def integral(top: float, power: int, steps: int = 20_000) -> float:
    """∫ sin^power from 0 to top, by midpoints."""
    width = top / steps
    return width * sum(math.sin((i + 0.5) * width) ** power for i in range(steps))


@pytest.mark.parametrize("dimension", [2, 3, 4, 9, 64])
@pytest.mark.parametrize("degrees", [3.0, 40.0, 90.0, 130.0])
def test_the_angle_of_a_cap_has_its_share_by_plain_integration(dimension: int, degrees: float) -> None:
    theta = math.radians(degrees)
    share = integral(theta, dimension - 2) / integral(math.pi, dimension - 2)
    assert cap_angle(share, dimension) == pytest.approx(theta, rel=1e-5)


@pytest.mark.parametrize("classes", [2, 3, 4, 10, 1000])
def test_in_the_plane_directions_share_the_turn(classes: int) -> None:
    bound = separation(classes, 2)
    assert bound.exact
    assert math.degrees(bound.low) == pytest.approx(180 if classes == 2 else 360 / classes)


@pytest.mark.parametrize("dimension", [2, 3, 5, 511])
def test_up_to_one_more_than_the_dimensions_form_a_simplex(dimension: int) -> None:
    bound = separation(dimension + 1, dimension)
    assert bound.exact
    assert math.cos(bound.low) == pytest.approx(-1 / dimension)
    # a dimension more changes nothing
    assert separation(dimension + 1, dimension + 1).low == bound.low


@pytest.mark.parametrize("dimension", [2, 3, 7, 64])
def test_up_to_twice_the_dimensions_are_at_right_angles(dimension: int) -> None:
    for classes in range(dimension + 2, 2 * dimension + 1):
        assert separation(classes, dimension).low == separation(classes, dimension).high == math.pi / 2
    more = separation(2 * dimension + 1, dimension)
    assert more.high < math.pi / 2


@pytest.mark.parametrize(("classes", "degrees"), TAMMES.items())
def test_on_the_sphere_the_bounds_close_on_the_tammes_values(classes: int, degrees: float) -> None:
    bound = separation(classes, 3)
    assert math.degrees(bound.low) <= degrees + 1e-4
    assert math.degrees(bound.high) >= degrees - 1e-4
    assert math.degrees(bound.high) - math.degrees(bound.low) < 0.01


@pytest.mark.parametrize(
    ("classes", "dimension", "cosine"), [(16, 5, 1 / 5), (27, 6, 1 / 4), (24, 4, 1 / 2), (240, 8, 1 / 2)]
)
def test_famous_arrangements_lie_within_the_bounds(classes: int, dimension: int, cosine: float) -> None:
    """Clebsch, Schläfli, the 24-cell and E8; the first two meet Levenshtein's bound."""
    bound, angle = separation(classes, dimension), math.acos(cosine)
    assert bound.low <= angle + 1e-9
    assert bound.high >= angle - 1e-9
    if classes in (16, 27):
        assert bound.high == pytest.approx(angle, abs=1e-9)


def test_bounds_are_ordered_and_fall_with_classes_and_rise_with_dimensions() -> None:
    counts = [2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 17, 24, 25, 33, 65, 100, 129, 500, 1000, 1025, 3000, 100_000]
    sizes = [2, 3, 4, 5, 8, 9, 16, 17, 33, 64, 100, 512]
    bounds = {(k, d): separation(k, d) for k in counts for d in sizes}
    for (k, d), bound in bounds.items():
        assert 0 < bound.low <= bound.high <= math.pi, (k, d)
    for d in sizes:
        for few, many in pairwise(counts):
            assert bounds[many, d].low <= bounds[few, d].low + 1e-12, (many, d)
            assert bounds[many, d].high <= bounds[few, d].high + 1e-12, (many, d)
    for k in counts:
        for small, large in pairwise(sizes):
            assert bounds[k, small].low <= bounds[k, large].low + 1e-12, (k, large)


def test_a_part_of_directions_that_were_found_counts_too() -> None:
    """For 22 directions in 7-D repulsion found 78.996°, for 23 it found 79.470°; 22 of these have that too,
    in 8-D and 9-D as in 7-D."""
    table = repulsion_table.angles()
    assert math.degrees(dict(table[7])[22]) == pytest.approx(78.996)
    for dimension in (7, 8, 9):
        for classes in (22, 23, 24):
            assert math.degrees(separation(classes, dimension).low) >= 79.470 - 1e-9
    for size, pairs in table.items():
        for count, angle in pairs:
            for dimension in (size, size + 1, 2 * size, 512):
                for classes in (count, count - 1, 2 * count // 3):
                    assert separation(classes, dimension).low >= angle, (classes, dimension, count, size)


@pytest.mark.parametrize("dimension", [3, 5, 6, 7, 10, 11, 12, 13])
def test_one_class_fewer_never_has_less_room(dimension: int) -> None:
    lows = [separation(classes, dimension).low for classes in range(2, 70)]
    assert all(fewer >= more for fewer, more in pairwise(lows))


@pytest.mark.parametrize("classes", [16, 22, 29, 31, 33, 57, 70])
def test_one_dimension_more_never_has_less_room(classes: int) -> None:
    lows = [separation(classes, dimension).low for dimension in range(1, 40)]
    assert all(more >= fewer for fewer, more in pairwise(lows))


def test_every_angle_kept_lies_below_what_is_proved() -> None:
    for dimension, pairs in repulsion_table.angles().items():
        assert [count for count, _ in pairs] == sorted({count for count, _ in pairs})
        for count, angle in pairs:
            assert count > 2 * dimension
            assert angle <= separation(count, dimension).high + 1e-12, (count, dimension)


@pytest.mark.parametrize(("classes", "dimension"), [(7, 3), (12, 3), (16, 5), (40, 16)])
def test_the_angles_kept_are_those_of_directions_that_can_be_made_again(classes: int, dimension: int) -> None:
    kept = dict(repulsion_table.angles()[dimension])[classes]
    points = codes.by_repulsion(classes, dimension)
    assert np.linalg.norm(points, axis=1) == pytest.approx(1)
    cosines = [float(points[i] @ points[j]) for i in range(classes) for j in range(i)]
    assert math.degrees(math.acos(max(cosines))) > math.degrees(kept) - 1
    assert codes.smallest_angle(points) == pytest.approx(math.acos(max(cosines)), abs=1e-7)


@pytest.mark.parametrize(("classes", "degrees"), [(8, 74.8585), (9, 70.5288), (12, 63.4349), (24, 43.6908)])
def test_repulsion_finds_the_best_of_the_sphere(classes: int, degrees: float) -> None:
    points = codes.by_repulsion(classes, 3)
    assert math.degrees(codes.smallest_angle(points)) == pytest.approx(degrees, abs=0.01)


@pytest.mark.parametrize(
    ("classes", "dimension"), [(2, 2), (3, 2), (7, 2), (4, 3), (3, 5), (10, 9), (6, 3), (5, 3)]
)
def test_known_arrangements_have_their_angle(classes: int, dimension: int) -> None:
    points = codes.optimal(classes, dimension)
    assert points is not None
    assert points.shape == (classes, dimension)
    assert codes.smallest_angle(points) == pytest.approx(separation(classes, dimension).low, abs=1e-9)
    assert codes.optimal(2 * dimension + 1, dimension) is None or dimension == 2


def test_what_are_no_classes_or_dimensions_is_told() -> None:
    with pytest.raises(MetricError, match="whole number from 2"):
        separation(1, 3)
    with pytest.raises(MetricError, match="dimension"):
        separation(3, 0)
