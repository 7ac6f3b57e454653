"""The page of imbalance: sizes, recall by size, maps."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lossviz.figures import maps as figures
from lossviz.figures.chart import Bars, Dots
from lossviz.reading.imbalance import maps, sizes
from tests.reading.made import reading

LABELS = [0, 0, 1, 1, 2, 2]
TAIL = reading(LABELS, [0, 0, 1, 0, 0, 0], name="tail", train_counts=[100, 10, 1])


def test_a_training_set_is_drawn_once_for_all_runs_on_it() -> None:
    same, other = (
        reading(LABELS, LABELS, name="same", train_counts=[100, 10, 1]),
        reading(LABELS, LABELS, name="other", train_counts=[5, 5, 5]),
    )
    assert len(sizes.size_chart([TAIL, same], log=True).panels) == 1
    chart = sizes.size_chart([TAIL, same, other], log=True)
    assert [p.title for p in chart.panels] == ["tail; same", "other"]
    (bars,) = chart.panels[0].marks
    assert isinstance(bars, Bars)
    assert bars.heights.tolist() == [100, 10, 1]
    assert "100 times the smallest" in chart.panels[0].note


def test_a_class_that_was_never_trained_on_has_no_place_on_a_log_axis() -> None:
    none = reading(LABELS, LABELS, train_counts=[100, 10, 0])
    assert sizes.size_chart([none], log=True).panels[0].y.spacing == "linear"
    assert sizes.recall_chart([none], log=True).panels[0].x.spacing == "linear"


def test_recall_stands_above_the_size_of_its_class() -> None:
    panel = sizes.recall_chart([TAIL], log=True).panels[0]
    (dots,) = (mark for mark in panel.marks if isinstance(mark, Dots))
    assert dict(zip(dots.x.tolist(), dots.y.tolist(), strict=True)) == {100.0: 100.0, 10.0: 50.0, 1.0: 0.0}


def test_runs_on_one_size_are_moved_apart_by_less_than_a_quarter() -> None:
    runs = [reading(LABELS, LABELS, name=str(n), train_counts=[100, 10, 1]) for n in range(6)]
    panel = sizes.recall_chart(runs, log=True).panels[0]
    places = [m.x[0] for m in panel.marks if isinstance(m, Dots)]
    assert len(set(places)) == 6
    assert max(abs(p / 100 - 1) for p in places) < 0.25


def test_the_sentence_tells_the_recall_of_small_and_large_classes() -> None:
    assert sizes.notice([TAIL]) == (
        "Of the classes with 1 training images is recognised: 0.0 % (tail). Of the largest classes: 100.0 %."
    )
    assert "no small class" in sizes.notice([reading(LABELS, LABELS, train_counts=[10, 9, 10])])


def test_the_table_has_balanced_accuracy_and_three_groups() -> None:
    names = {column.name: list(column.values) for column in sizes.summary([TAIL]).columns}
    assert names["accuracy"] == [pytest.approx(0.5)]
    assert names["balanced accuracy"] == [pytest.approx(0.5)]
    assert names["recall of middle classes (10 images)"] == [pytest.approx(0.5)]


def test_what_is_not_known_of_the_training_set_is_said() -> None:
    assert "train_counts" in sizes.lacks(reading(LABELS, LABELS))
    assert sizes.lacks(TAIL) == ""


def test_the_smallest_class_is_looked_at_and_what_is_wrong_comes_first() -> None:
    assert maps.of_class([TAIL], -1) == 2
    assert maps.of_class([TAIL], 1) == 1
    assert maps.of_class([TAIL], 9) == 2
    assert maps.places(TAIL, 1).tolist() == [3, 2]


def pixels(png: bytes) -> Any:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def test_a_map_goes_from_blue_to_yellow_and_holes_are_grey() -> None:
    made = pixels(figures.map_png(np.array([[0.0, 1.0], [np.nan, 2.0]]), 0.0, 1.0)).astype(int)
    low, high = made[0, 0], made[0, 1]
    assert low[2] > low[0] + 50
    assert high[0] > 180
    assert high[2] < 120
    assert made[1, 0].tolist() == [128, 128, 128]
    assert made[1, 1].tolist() == high.tolist()


def test_a_constant_map_is_drawn() -> None:
    assert pixels(figures.map_png(np.zeros((2, 2)), 0.0, 0.0)).shape == (2, 2, 3)


def test_a_sheet_holds_the_image_the_mean_and_the_maps() -> None:
    image = np.zeros((1, 4, 4), dtype=np.uint8)
    rows = figures.sheet_rows(image, [[np.eye(2), np.eye(2)], [np.eye(2), np.eye(2)]])
    assert [len(row) for row in rows] == [3, 3]
    side, gap = figures.SIDE, figures.GAP
    shape = (2 * (side + gap) + gap, 3 * (side + gap) + gap, 3)
    assert pixels(figures.sheet(rows)).shape == shape
    assert figures.sheet(rows, "pdf").startswith(b"%PDF")
    svg = figures.sheet(rows, "svg").decode()
    assert f'width="{shape[1]}" height="{shape[0]}"' in svg
    png = base64.b64decode(svg.partition("base64,")[2].partition('"')[0])
    np.testing.assert_array_equal(pixels(png), pixels(figures.sheet(rows)))
