"""The page of imbalance: sizes, recall by size, maps."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lossviz.figures import maps as figures
from lossviz.figures import print_maps
from lossviz.figures.chart import Bars, Dots
from lossviz.pages.imbalance import maps, sizes
from lossviz.readings import pairs
from tests.readings.made import reading

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


def test_the_sentence_tells_the_recall_of_small_and_large_classes_with_their_images() -> None:
    assert sizes.notice([TAIL]) == (
        "Recall of the class with 1 training image (2 test images): 0.0 % under tail. Recall of the class "
        "with 100 training images (2 test images): 100.0 % under tail."
    )
    even = reading(LABELS, LABELS, name="even", train_counts=[37, 37, 37])
    assert sizes.notice([even]) == (
        "The classes were trained on 37 images each, so there is no small class to lose. What this page is "
        "about shows on a long tail."
    )
    # A run on other sizes is told of its own classes.
    assert "; of the 3 classes with 37 training images (6 test images): 100.0 % under even." in sizes.notice(
        [TAIL, even]
    )


def test_runs_on_one_tail_are_compared_image_by_image() -> None:
    labels = [0] * 20 + [1] * 20
    one = reading(labels, [0] * 40, 2, "one", [100, 10], images="forty")
    two = reading(labels, [0] * 20 + [1] * 8 + [0] * 12, 2, "two", [100, 10], images="forty")
    assert sizes.smallest([one, two]) == (1,)
    # Eight changes, all one way: mid-p is 2⁻⁸.
    assert (
        "Of the smallest classes under two against one, of 20 images 8 gained, 0 lost; paired p = 0.0039. "
        "More than chance: their recall." in sizes.notice([one, two])
    )
    found = pairs.table([one, two], (1,))
    assert found is not None
    rows = {column.name: list(column.values) for column in found.columns}
    assert (rows["gained"], rows["lost"]) == ([8], [0])
    assert rows["paired p of class b"] == [2**-8]
    assert pairs.table([one, replace(two, images="others")]) is None


def test_balanced_accuracy_has_a_column_where_it_is_another_number() -> None:
    names = {column.name: list(column.values) for column in sizes.summary([TAIL]).columns}
    assert names["accuracy"] == [pytest.approx(0.5)]
    assert "balanced accuracy" not in names
    assert names["recall of middle classes (10 images)"] == [pytest.approx(0.5)]
    odd = reading([0, 0, 0, 1, 2], [0, 0, 1, 0, 2], train_counts=[100, 10, 1])
    names = {column.name: list(column.values) for column in sizes.summary([odd]).columns}
    assert names["accuracy"] == [pytest.approx(3 / 5)]
    assert names["balanced accuracy"] == [pytest.approx((2 / 3 + 0 + 1) / 3)]


def test_how_the_tested_images_are_spread_is_what_was_counted() -> None:
    assert sizes.tested([TAIL]) == "Every class was tested on 2 images, so accuracy counts each as much."
    odd = reading([0, 0, 0, 1, 2], [0, 0, 1, 0, 2], train_counts=[100, 10, 1])
    assert sizes.tested([odd]) == (
        "The classes were tested on 1 to 3 images each: balanced accuracy counts each class as much, "
        "accuracy each image."
    )


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


def test_a_sheet_holds_the_image_the_mean_and_the_maps_with_their_names() -> None:
    image = np.zeros((1, 4, 4), dtype=np.uint8)
    rows = figures.sheet_rows(image, [[np.eye(2), np.eye(2)], [np.eye(2), np.eye(2)]])
    assert [len(row) for row in rows] == [3, 3]
    heads, names = ["A: right", "B: taken for 5"], ["the image", "mean of all", "map 1"]
    made = print_maps.figure(rows, heads, names, "Test image 3 of 100.")
    assert [axes.get_images()[0].get_array().shape for axes in made.axes] == [
        i.shape for r in rows for i in r
    ]
    assert [text.get_text() for text in made.texts] == [
        heads[0],
        *names,
        heads[1],
        *names,
        "Test image 3 of 100.",
    ]
    wide, tall = made.get_size_inches()
    renderer = made.canvas.get_renderer()  # type: ignore[attr-defined]
    boxes = [text.get_window_extent(renderer) for text in made.texts]
    assert all(b.x0 >= 0 and b.x1 <= wide * made.dpi and b.y0 >= 0 and b.y1 <= tall * made.dpi for b in boxes)
    for kind, start in (("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml")):
        assert print_maps.sheet(rows, heads, names, "n", kind).startswith(start)  # type: ignore[arg-type]
