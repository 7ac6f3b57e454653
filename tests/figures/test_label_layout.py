"""Labels do not cover each other."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as some

from lossviz.figures.label_layout import rows_for, sides, spread_apart


@given(some.lists(some.tuples(some.floats(0, 500), some.floats(1, 120)), max_size=9))
def test_names_of_rules_in_one_row_do_not_overlap(labels: list[tuple[float, float]]) -> None:
    places, widths = [at for at, _ in labels], [width for _, width in labels]
    rows = rows_for(places, widths)
    for i, j in itertools.combinations(range(len(labels)), 2):
        if rows[i] == rows[j]:
            assert abs(places[i] - places[j]) >= (widths[i] + widths[j]) / 2


def test_rules_far_apart_need_one_row() -> None:
    assert rows_for([10, 200, 400], [50, 50, 50]) == [0, 0, 0]
    assert rows_for([100, 110], [50, 50]) == [0, 1]


def test_labels_of_points_avoid_each_other() -> None:
    points = [(100.0, 100.0), (130.0, 100.0), (100.0, 112.0)]
    chosen = sides(points, [60.0, 60.0, 60.0], (400, 300))
    boxes = []
    for (x, y), side in zip(points, chosen, strict=True):
        left = x + side.dx - {"left": 0, "center": 30, "right": 60}[side.anchor]
        boxes.append((left, left + 60, y + side.dy - 7, y + side.dy + 7))
    for (a, b, c, d), (e, f, g, h) in itertools.combinations(boxes, 2):
        assert b <= e or f <= a or d <= g or h <= c


def test_a_label_at_the_right_edge_stands_to_the_left() -> None:
    assert sides([(395.0, 150.0)], [60.0], (400, 300))[0].anchor == "right"
    assert sides([(5.0, 150.0)], [60.0], (400, 300))[0].anchor == "left"


def test_a_label_avoids_what_is_written_beside_its_point() -> None:
    written = [(110.0, 100.0, 80.0, "left")]
    (side,) = sides([(100.0, 100.0)], [60.0], (400, 300), texts=written)  # type: ignore[arg-type]
    right = 100 + side.dx + {"left": 60, "center": 30, "right": 0}[side.anchor]
    assert right <= 110 or abs(side.dy) >= 14


@given(some.lists(some.floats(0, 300), max_size=14))
def test_labels_spread_apart_keep_order_distance_and_bounds(places: list[float]) -> None:
    spread = spread_apart(places, 18, 300)
    least = min(18, 300 / max(1, len(places) - 1))
    ordered = sorted(spread)
    assert all(b - a >= least - 1e-6 for a, b in itertools.pairwise(ordered))
    assert all(-1e-6 <= p <= 300 + 1e-6 for p in spread)
    for (a, at), (b, bt) in itertools.combinations(zip(places, spread, strict=True), 2):
        assert a == b or (a < b) == (at < bt)


def test_labels_with_room_stay_where_they_are() -> None:
    assert spread_apart([10, 200, 100], 18, 300) == [10, 200, 100]
    assert spread_apart([100, 100], 20, 300) == [110, 90]
