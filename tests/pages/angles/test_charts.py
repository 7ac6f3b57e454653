"""The page of angles: what its pictures and tables say of features that lie where we put them."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lossviz.figures.chart import (
    Arrows,
    Bars,
    Chart,
    ClassColor,
    Dots,
    Line,
    Note,
    PolarSteps,
    RoleColor,
    Rule,
    Steps,
)
from lossviz.figures.table import Table
from lossviz.pages.angles import (
    SECTIONS,
    AnglesView,
    circle,
    collapse,
    compactness,
    gaps,
    histograms,
    labels,
    lacks,
    measures,
    nearest,
    spread,
)
from lossviz.readings.reading import Reading
from lossviz.readings.section import PageData
from tests.readings.made import reading as judged

RED = RoleColor("own")
# Class weights and, class by class, two features, in degrees. The last one is nearer to class 2.
WEIGHTS = (0, 60, 180, 270)
FEATURES = (10, -20, 60, 80, 180, 180, 270, 200)
LABELS = np.repeat(np.arange(4), 2)


def ring(degrees: Any, length: float = 1.0) -> np.ndarray:
    turn = np.radians(np.asarray(degrees, dtype=np.float64))
    return (length * np.stack([np.cos(turn), np.sin(turn)], axis=1)).astype(np.float32)


def made(weights: Any = WEIGHTS, features: Any = FEATURES, numbers: Any = LABELS, name: str = "A") -> Reading:
    """A reading in the plane, judged by W·z."""
    z, w = ring(features, 3.0), ring(weights)
    plain = judged([0], [0], classes=1, name=name)
    names = tuple("abcdefghij"[: len(w)]) if len(w) <= 10 else tuple(map(str, range(len(w))))
    scores = z @ w.T
    arrays = {"features": z, "weights": w, "labels": np.asarray(numbers), "metrics": scores, "logits": scores}
    return replace(plain, classes=names, **arrays)


FOUR = made()


def marks(chart: Chart, kind: Any, panel: int = 0) -> list[Any]:
    return [mark for mark in chart.panels[panel].marks if isinstance(mark, kind)]


def column(table: Table, name: str) -> list[float]:
    return next(c for c in table.columns if c.name == name).numbers.round(4).tolist()


def told(section: str, reading: Reading, important: tuple[int, ...]) -> str:
    """The sentences of a section."""
    parts = SECTIONS[section].parts(PageData(AnglesView(), [reading], (), important))
    return " ".join(part for part in parts if isinstance(part, str))


def test_features_lie_on_the_circle_and_the_important_class_is_red_on_top() -> None:
    chart = circle.circle_chart([FOUR], (1,))
    others, own = marks(chart, Dots)
    assert others.vivid == ()
    # Of the two features of class c in one place, one is drawn.
    assert others.classes.tolist() == [0, 0, 2, 3, 3]
    assert own.color == RED
    assert np.allclose(np.stack([own.x, own.y], 1), ring([60, 80]), atol=1e-6)
    assert own.hover[1] == "class b, 20.0° from the own class weight"
    arrow = next(a for a in marks(chart, Arrows) if a.color == RED)
    assert math.degrees(math.atan2(arrow.y[0], arrow.x[0])) == pytest.approx(60)


def test_the_gaps_beside_the_important_class_are_written_into_the_circle() -> None:
    notes = {note.text: note for note in marks(circle.circle_chart([FOUR], (1,)), Note)}
    assert {"60°", "120°", "a", "b", "c", "d"} <= set(notes)
    assert math.degrees(math.atan2(notes["60°"].y, notes["60°"].x)) == pytest.approx(30)
    assert math.degrees(math.atan2(notes["120°"].y, notes["120°"].x)) == pytest.approx(120)
    assert notes["b"].color == RED


def test_several_important_classes_keep_their_own_colours() -> None:
    colors = {mark.color for mark in marks(circle.circle_chart([FOUR], (1, 3)), Dots)[1:]}
    assert colors == {ClassColor(1), ClassColor(3)}


def test_features_that_others_cover_are_not_drawn() -> None:
    many = made(features=[*np.linspace(0, 1, 5000), -90, 90], numbers=[0] * 5000 + [0, 1])
    chart = circle.circle_chart([many], ())
    (dots,) = marks(chart, Dots)
    assert len(dots.x) == 7  # 0, 1/4, 2/4, 3/4 and 1 degree, and the two others
    assert "drawn" not in chart.panels[0].note


def test_too_many_features_are_thinned_and_that_is_said() -> None:
    many = made(features=np.linspace(0, 350, 9000), numbers=np.arange(9000) % 4)
    chart = circle.circle_chart([many], (1,))
    assert sum(len(mark.x) for mark in marks(chart, Dots)) == circle.MOST_DOTS
    assert "3,000 drawn" in chart.panels[0].note


def test_gaps_stand_in_their_order_with_the_important_class_in_the_middle() -> None:
    chart = gaps.gap_chart([FOUR], (1,), "weights")
    panel = chart.panels[0]
    # Around the circle: 180, 270, 0, 60 degrees.
    assert panel.x.categories == ("d–a", "a–b", "b–c", "c–d")
    grey, red = marks(chart, Bars)
    assert red.color == RED
    assert dict(zip(red.at.tolist(), red.heights.round(4).tolist(), strict=True)) == {1: 60, 2: 120}
    assert dict(zip(grey.at.tolist(), grey.heights.round(4).tolist(), strict=True)) == {0: 90, 3: 90}
    assert [rule.at for rule in marks(chart, Rule)] == [90]


def test_gaps_between_mean_features_are_others() -> None:
    found = measures.gaps(FOUR, "means")
    # Mean directions: -5, 70, 180, 235.
    assert np.degrees(found.after).round(4).tolist() == [75, 110, 55, 120]


def test_the_table_of_gaps_sets_the_important_class_against_the_mean_gap() -> None:
    table = gaps.gap_table([FOUR], (0, 1), "weights")
    assert [list(c.values) for c in table.columns if c.kind == "text"] == [
        ["A", "A"],
        ["a", "b"],
        ["d", "a"],
        ["b", "c"],
    ]
    assert column(table, "gap before") == [90, 60]
    assert column(table, "gap after") == [60, 120]
    assert column(table, "both, over mean gap") == [round(75 / 90, 4), 1]
    # Two sides together: 150, 180, 210, 180.
    assert column(table, "rank by width") == [4, 2]


def test_the_deviation_of_the_important_class_stands_against_the_others_as_in_table_2() -> None:
    # Own angles: 10 20, 0 20, 0 0, 0 70; so deviations 5, 10, 0, 35.
    table = spread.second_table([FOUR], (1,))
    assert list(table.columns[0].values) == ["b (important)", "minimum of the others", "median of the others"]
    assert column(table, "A") == [10, 0, 5]
    assert table.columns[1].bold() == [False, True, False]


def test_every_class_has_its_mean_and_deviation() -> None:
    table = spread.class_table([FOUR], (1,))
    rows = list(csv.reader(io.StringIO(table.csv(raw=True))))
    assert [row[0] for row in rows[1:]] == ["a", "b ●", "c", "d"]
    assert [float(row[2]) for row in rows[1:]] == pytest.approx(np.radians([15, 10, 0, 35]), abs=1e-6)
    assert [float(row[3]) for row in rows[1:]] == pytest.approx(np.radians([5, 10, 0, 35]), abs=1e-6)


def test_samples_of_other_sizes_have_a_column_each() -> None:
    fewer = made(features=FEATURES[:7], numbers=LABELS[:7], name="B")
    names = [c.name for c in spread.class_table([FOUR, fewer], ()).columns]
    assert "images, A" in names
    assert "images, B" in names
    assert measures.samples([FOUR, fewer]) == "some samples"
    assert measures.samples([FOUR, replace(fewer, of="7 others")]) == "A: some samples; B: 7 others"


def test_recognised_images_alone_are_measured_where_asked() -> None:
    assert measures.recognised(FOUR).tolist() == [True] * 7 + [False]
    assert column(spread.class_table([FOUR], (1,), right=True), "deviation, A")[3] == 0
    assert measures.sample(FOUR, right=True) == "7 recognised of some samples"
    assert len(measures.angles(FOUR, right=True).own) == 7
    assert "deviation" in told("spread", FOUR, (3,))
    assert spread.right_text([FOUR], (3,)) == "Of recognised images alone: A 0.0° (least of the others 0.0°)."


def test_the_median_and_the_middle_of_each_class_are_drawn() -> None:
    chart = spread.spread_chart([FOUR], (1,))
    (deviation,), (middle,) = marks(chart, Dots), marks(chart, Dots, 1)
    assert deviation.y.round(4).tolist() == [5, 10, 0, 35]
    assert middle.y.round(4).tolist() == [15, 10, 0, 35]
    (whisker,) = marks(chart, Line, 1)
    assert whisker.y[:2].round(4).tolist() == [11, 19]  # the tenth and the ninetieth of 10 and 20


def test_own_and_other_angles_are_shares_of_all_images() -> None:
    chart = nearest.nearest_chart([FOUR], (1,))
    own, other, alone = marks(chart, Steps)
    # The farthest nearest other is 90 degrees away; float32 may say a little more.
    assert own.edges[-1] in (90, 95)
    assert own.heights.sum() == pytest.approx(100)
    assert other.heights.sum() == pytest.approx(100)
    assert alone.heights.sum() == pytest.approx(100)
    assert alone.color == RED
    assert [rule.name for rule in marks(chart, Rule)] == ["own 5.0°", "other 75.0°"]
    assert "12.5 % of 8 images are nearer to the other" in chart.alt


def test_own_angles_beyond_the_axis_are_told() -> None:
    straying = made(features=[0] * 99 + [180], numbers=[0] * 100, weights=(0, 45))
    chart = nearest.nearest_chart([straying], ())
    # The farthest other weight is 135 degrees away, from the image at 180.
    assert chart.panels[0].x.high in (135, 140)
    close = made(features=[0] * 99 + [180], numbers=[0] * 100, weights=(0,))
    panel = nearest.nearest_chart([close], ()).panels[0]
    assert panel.x.high == 5
    assert [mark.text for mark in panel.marks if isinstance(mark, Note)] == ["1.0 % of own beyond 5° →"]
    assert marks(nearest.nearest_chart([close], ()), Steps)[0].heights.sum() == pytest.approx(99)


def test_one_class_has_no_other_weight() -> None:
    alone = made(weights=(0,), features=(0, 30), numbers=(0, 0))
    chart = nearest.nearest_chart([alone], (0,))
    assert [mark.name for mark in marks(chart, Steps)] == ["to the own weight"]
    assert "there is no other" in chart.alt


@pytest.mark.parametrize("polar", [True, False])
def test_directions_are_counted_as_shares_of_their_class(polar: bool) -> None:
    chart = histograms.plane_histograms([FOUR], (2,), polar)
    found = marks(chart, PolarSteps if polar else Steps)
    assert [mark.color for mark in found] == [
        ClassColor(0, muted=True),
        ClassColor(1, muted=True),
        ClassColor(3, muted=True),
        RED,
    ]
    for mark in found:
        assert mark.heights.sum() == pytest.approx(100)
    edges = np.degrees(found[-1].edges) if polar else found[-1].edges
    full = int(found[-1].heights.argmax())
    assert found[-1].heights[full] == 100
    assert edges[full] <= 180 <= edges[full + 1]


def test_many_classes_share_one_grey_histogram() -> None:
    crowd = made(np.arange(40) * 9, np.arange(80) * 4.5, np.arange(80) // 2)
    found = marks(histograms.plane_histograms([crowd], (5,), polar=False), Steps)
    assert [mark.color for mark in found] == [RoleColor("muted"), RED]
    assert found[0].heights.sum() == pytest.approx(100)


def test_in_more_dimensions_each_class_has_a_panel_with_both_angles() -> None:
    # d = 3: the same circle, lifted; off the edges of the bins.
    flat = made(features=(10, -20, 62, 82, 180, 180, 270, 200))
    lifted = replace(
        flat, features=np.pad(flat.features, ((0, 0), (0, 1))), weights=np.pad(flat.weights, ((0, 0), (0, 1)))
    )
    chart = histograms.class_histograms([lifted], (1,), polar=True)
    assert [panel.title for panel in chart.panels] == ["a", "b ●", "c", "d"]
    own, other = marks(chart, PolarSteps, 1)
    low, high = np.degrees(own.edges[:-1]), np.degrees(own.edges[1:])
    # The own angles 2 and 22 in the upper half.
    assert [(a, b) for a, b, h in zip(low, high, own.heights, strict=True) if h] == [
        (pytest.approx(0), pytest.approx(5)),
        (pytest.approx(20), pytest.approx(25)),
    ]
    # The nearest other of 62 and 82: 62 and 82 degrees, in the lower half.
    below = [a for a, h in zip(np.degrees(other.edges[1:]), other.heights, strict=True) if h]
    assert below == [pytest.approx(280), pytest.approx(300)]


def test_of_many_classes_twelve_have_a_panel_the_important_ones_first() -> None:
    assert histograms.panel_classes((30,), 43) == [30, *range(11)]
    assert histograms.panel_classes((3,), 10) == list(range(10))


def test_names_that_lie_together_are_one_label_also_across_the_seam() -> None:
    found = labels.labels(np.radians([178.0, -178.0, 0.0, 40.0]), "abcd", math.radians(9), (1,))
    assert [(label.text, label.classes) for label in found] == [
        ("b, a", (0, 1)),
        ("c", (2,)),
        ("d", (3,)),
    ]
    assert abs(math.degrees(found[0].at)) == pytest.approx(180)


def test_of_too_many_names_only_the_important_ones_are_written() -> None:
    found = labels.labels(np.radians(np.arange(100) * 3.0), [str(k) for k in range(100)], 0.1, (7,))
    assert [label.text for label in found] == ["7"]


def test_the_second_component_and_the_scatter_are_those_of_numpy() -> None:
    rng = np.random.default_rng(3)
    z = rng.normal(size=(60, 3)).astype(np.float32) * (1, 2, 3)
    numbers = np.arange(60) % 2
    z[numbers == 1] += 5
    found = replace(judged([0], [0], classes=2), features=z, labels=numbers)
    shares = []
    for k in range(2):
        own = np.sort(np.linalg.eigvalsh(np.cov(z[numbers == k].T)))[::-1]
        shares.append(100 * own[1] / own.sum())
    share, within = (
        marks(compactness.component_chart([found], (), normalised=False), Dots, n)[0] for n in (0, 1)
    )
    assert share.y == pytest.approx(shares)
    means = np.array([z[numbers == k].mean(0) for k in range(2)])
    between = ((means - z.mean(0)) ** 2).sum(1).mean()
    inner = [z[numbers == k].var(0).sum() / between for k in range(2)]
    assert within.y == pytest.approx(inner, rel=1e-6)
    table = compactness.scatter_table([found], normalised=False)
    assert column(table, "within / between")[0] == pytest.approx(np.mean(inner), abs=1e-3)


def test_collapse_has_its_ideal_beside_it_and_what_the_plane_allows() -> None:
    even = made((0, 90, 180, 270), (0, 0, 90, 90, 180, 180, 270, 270), name="even")
    columns = {c.name: c.numbers for c in collapse.collapse_table([FOUR, even]).columns if c.kind != "text"}
    assert list(columns) == ["ideal", "4 even directions", "A", "even"]
    assert set(columns["ideal"]) == {0.0}
    assert columns["even"] == pytest.approx(columns["4 even directions"], abs=1e-6)
    # Cosines of four even directions: -1 twice, 0 four times; their deviation is sqrt(2/9).
    assert columns["even"][3] == pytest.approx(math.sqrt(2) / 3, abs=1e-6)
    text = collapse.collapse_text([FOUR, even])
    assert "needs 3 dimensions" in text
    assert "0.471" in text
    assert "under even, the least of the 2 runs" in text


def test_a_simplex_that_fits_is_not_called_impossible() -> None:
    three = made((0, 120, 240), (0, 0, 120, 120, 240, 240), np.repeat(np.arange(3), 2))
    assert "needs" not in collapse.collapse_text([three])
    assert [c.name for c in collapse.collapse_table([three]).columns] == ["measure", "ideal", "A"]


def test_a_file_has_its_measures_at_one_place_without_epochs() -> None:
    chart = collapse.collapse_chart([FOUR], [], (1,), None)
    assert len(chart.panels) == 6
    assert all(panel.x.title == "" for panel in chart.panels)
    assert marks(chart, Dots, 5)[0].y == pytest.approx([1.0])  # the gaps beside class b over the mean gap


def test_the_run_with_the_widest_gaps_is_named() -> None:
    wide = made((0, 90, 250, 300), name="wide")
    told = gaps.room_text([FOUR, wide], (1,), "weights")
    # Beside class b: 60 and 120 against 90 and 160, mean gap 90.
    assert told.endswith("are the widest under wide: A 1.00, wide 1.39.")


def test_classes_in_one_direction_are_told() -> None:
    same = made((0, 0.5, 180, 270), name="merged")
    assert gaps.merged_text([FOUR, same], "weights").startswith("merged: 1 of 4 gaps are below 1°")
    # Of 400 classes evenly spread, each gap is 0.9 degrees.
    crowd = made(np.arange(400) * 0.9, np.arange(400) * 0.9, np.arange(400))
    assert gaps.merged_text([crowd], "weights") == ""


@pytest.mark.parametrize("name", ["small", "large"])
def test_whether_the_important_class_is_the_tightest_comes_from_the_numbers(name: str) -> None:
    important = {"small": (2,), "large": (1,)}[name]

    def often(times: int, name: str = "A") -> Reading:
        """The same angles so often that their deviation can be told."""
        return made(features=np.tile(FEATURES, times), numbers=np.tile(LABELS, times), name=name)

    told = spread.second_text([often(10)], important)
    assert "20 images a class" in told
    assert told.endswith(
        "It is the smallest of all." if name == "small" else "It is not clearly the smallest."
    )
    where = "every run" if name == "small" else "no run"
    for count in (2, 4):
        several = [often(10, letter) for letter in "ABCD"[:count]]
        end = f"It is clearly below that of every other class under {where}."
        assert spread.second_text(several, important).endswith(end)
    # Two images of a class have a deviation, and it says nothing.
    few = spread.second_text([FOUR, made(name="B")], important)
    assert "2 images a class" in few
    assert few.endswith("With so few images of a class their order says little.")


def test_a_deviation_that_is_less_by_a_hair_is_not_called_less() -> None:
    # Of 20 images two standard errors of a deviation of 5 degrees are 1.6: 5.5 is no more than that.
    def deviations(own: float, others: float) -> Reading:
        middles = np.repeat((0, 90, 180, 270), 20)
        away = np.tile((0, 2), 40) * np.repeat((own, others, others, others), 20)
        return made(features=middles + away, numbers=np.repeat(np.arange(4), 20))

    assert spread.second_text([deviations(5, 5.5)], (0,)).endswith("It is not clearly the smallest.")
    assert spread.second_text([deviations(5, 8)], (0,)).endswith("It is the smallest of all.")


def test_gaps_that_read_alike_are_widest_under_nobody() -> None:
    assert "widest" not in gaps.room_text([FOUR, made(name="B")], (1,), "weights")


@pytest.mark.parametrize(
    "section", ["circle", "nearest", "polar", "spread", "components", "collapse", "gaps"]
)
def test_one_class_and_one_sample_are_told_without_a_number_that_is_none(section: str) -> None:
    alone = made(weights=(0,), features=(30,), numbers=(0,))
    assert "nan" not in told(section, alone, (0,))


def test_class_means_stand_in_for_weights_and_empty_classes_are_nobody_s_neighbour() -> None:
    bare = replace(FOUR, weights=None, metrics=None, logits=np.full((8, 4), np.nan, np.float32))
    assert lacks(bare) == ""
    # Mean directions: -5, 70, 180, 235.
    assert np.degrees(measures.angles(bare).own).round(3).tolist() == [15, 15, 10, 10, 0, 0, 35, 35]
    gone = replace(bare, features=bare.features[2:], labels=bare.labels[2:], logits=bare.logits[2:])
    found = measures.angles(gone)
    assert np.degrees(found.other[:2]).round(3).tolist() == [120, 100]  # to 180, not to the empty class
    assert found.spread.count.tolist() == [0, 2, 2, 2]
    assert len(measures.gaps(gone, "weights").order) == 3
    assert "classes a" not in circle.circle_chart([gone], (0,)).alt


def test_a_file_called_as_a_column_has_a_column() -> None:
    assert len(spread.second_table([made(name="class")], (1,)).columns) == 2


def test_what_has_no_features_or_ran_away_is_told_what_to_do() -> None:
    assert "put features [N, d]" in lacks(replace(FOUR, features=None))
    away = FOUR.weights.copy()
    away[1, 0] = np.nan
    assert "earlier epoch" in lacks(replace(FOUR, weights=away))
