"""The page of important classes: what its pictures and tables say of predictions made by hand."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lossviz.figures.chart import Dots, Line, Matrix
from lossviz.pages.important import cost, plane
from lossviz.readings import confusion_charts, important_classes
from lossviz.runs import RunStore
from lossviz.training.config import RunConfig
from tests.readings import folders
from tests.readings.made import reading

# Ten samples: a a a a b b b c c c.
LABELS = [0, 0, 0, 0, 1, 1, 1, 2, 2, 2]
FIRST = reading(
    LABELS, [0, 0, 1, 2, 1, 1, 0, 2, 2, 2], name="first", images="ten"
)  # 2 of 4, 2 of 3, 3 of 3 right
SECOND = reading(
    LABELS, [0, 0, 0, 1, 1, 0, 0, 2, 2, 0], name="second", images="ten"
)  # 3 of 4, 1 of 3, 2 of 3 right


def dots(chart: Any) -> dict[str, Dots]:
    return {mark.name: mark for mark in chart.panels[0].marks if isinstance(mark, Dots) and mark.name}


def test_the_plane_has_recall_above_accuracy() -> None:
    found = dots(plane.plane([FIRST, SECOND], [], [], (0,), paths=False))
    assert {name: (round(float(d.x[0]), 9), round(float(d.y[0]), 9)) for name, d in found.items()} == {
        "first": (70.0, 50.0),
        "second": (60.0, 75.0),
    }


def test_several_important_classes_count_with_their_mean_recall() -> None:
    found = dots(plane.plane([FIRST], [], [], (0, 1), paths=False))
    assert float(found["first"].y[0]) == pytest.approx(100 * (2 / 4 + 2 / 3) / 2)


def test_the_ends_of_the_axes_lie_around_the_runs_shown() -> None:
    panel = plane.plane([FIRST, SECOND], [], [], (0,), paths=False).panels[0]
    assert panel.x.low is not None
    assert panel.x.low < 60 < 70 < (panel.x.high or 0) <= 100.4
    # Wilson at 95 % for 2 of 4: 0.1500 to 0.8500.
    assert panel.y.low is not None
    assert panel.y.low < 15.0


def test_other_runs_come_from_their_own_last_test_and_stay_out_where_they_are_far(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    near = run_with(
        store, [{"test_accuracy": 0.2, "recall_0": 0.1}, {"test_accuracy": 0.65, "recall_0": 0.6}]
    )
    far = run_with(store, [{"test_accuracy": 0.1, "recall_0": 0.6}])
    silent = run_with(store, [{"test_accuracy": 0.65}])
    chart = plane.plane([FIRST, SECOND], [], [near, far, silent], (0,), paths=False)
    others = dots(chart)["other runs"]
    assert (others.x.tolist(), others.y.tolist()) == ([65.0], [60.0])
    assert "1 other run outside" in chart.panels[0].note


def run_with(store: RunStore, rows: list[dict[str, float]]) -> Any:
    import json

    run = folders.written(store, RunConfig(epochs=2))
    lines = [json.dumps({"step": 10 * n, "epoch": n, **row}) for n, row in enumerate(rows, 1)]
    (run.path / "metrics.jsonl").write_text("\n".join(lines) + "\n")
    return run


def test_a_path_goes_through_every_epoch(tmp_path: Path) -> None:
    run = run_with(
        RunStore(tmp_path),
        [{"test_accuracy": 0.2, "recall_0": 0.1}, {"test_accuracy": 0.65, "recall_0": 0.6}],
    )
    chart = plane.plane([replace(FIRST, run_id=run.id)], [run], [], (0,), paths=True)
    ways = [m for m in chart.panels[0].marks if isinstance(m, Line) and m.x.tolist() == [20.0, 65.0]]
    assert [w.y.tolist() for w in ways] == [[10.0, 60.0]]


def test_recall_of_each_class_stands_at_its_place_with_its_interval() -> None:
    chart = important_classes.class_chart([FIRST], (0,))
    line, points = chart.panels[0].marks
    assert isinstance(points, Dots)
    assert isinstance(line, Line)
    np.testing.assert_allclose(points.y, [50, 200 / 3, 100])
    np.testing.assert_allclose(points.x, [0, 1, 2])
    # Wilson: (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n) with z = 1.959964, n = 4, p = 1/2.
    np.testing.assert_allclose(line.y[:2], [15.0039, 84.9961], atol=1e-3)
    assert chart.panels[0].x.categories[0].endswith("●")


def test_the_tables_hold_recall_precision_and_f1() -> None:
    rows = list(csv.DictReader(io.StringIO(important_classes.class_table([FIRST]).csv(raw=True))))
    b = next(row for row in rows if row["class"] == "b")
    # b: 2 of 3 found; 3 taken for b, 2 rightly.
    assert float(b["recall, first (fraction)"]) == pytest.approx(2 / 3)
    assert float(b["precision, first (fraction)"]) == pytest.approx(2 / 3)
    assert float(b["F1, first (fraction)"]) == pytest.approx(2 / 3)


def test_the_difference_of_two_runs_is_second_less_first() -> None:
    chart = confusion_charts.difference_chart(FIRST, SECOND, (0,), in_counts=True)
    (matrix,) = chart.panels[0].marks
    assert isinstance(matrix, Matrix)
    assert matrix.values.tolist() == [[1, 0, -1], [1, -1, 0], [1, 0, -1]]
    assert confusion_charts.gains(FIRST, SECOND, (0,)) == (
        "Of class a: of 4 images 1 gained, 0 lost; paired p = 0.50; 1 fewer taken for c. Of other classes, 2 "
        "more images are taken for a. Of all classes: of 10 images 1 gained, 2 lost; paired p = 0.63."
    )


def test_what_was_read_on_different_images_has_no_difference() -> None:
    assert confusion_charts.apart(FIRST, SECOND) == ""
    assert "different images" in confusion_charts.apart(FIRST, replace(SECOND, images="others"))
    assert "two runs" in confusion_charts.apart(FIRST, FIRST)


def test_confusion_leaves_empty_cells_without_a_text() -> None:
    (matrix,) = confusion_charts.confusion_chart([FIRST], (0,), in_counts=True).panels[0].marks
    assert isinstance(matrix, Matrix)
    assert matrix.texts is not None
    assert matrix.texts[2] == ("", "", "3")


@pytest.mark.parametrize(("chosen", "found"), [((2,), (2,)), ((), (2,)), ((7,), (2,)), ((1, 9), (1,))])
def test_important_are_the_classes_chosen_that_exist_else_a_usual_one(chosen: Any, found: Any) -> None:
    assert important_classes.important_of([], [FIRST], chosen) == found


def test_important_are_those_of_a_run_s_loss(tmp_path: Path) -> None:
    run = folders.written(RunStore(tmp_path), RunConfig(loss="camri", params={"important": (0, 1)}))
    assert important_classes.important_of([run], [FIRST], ()) == (0, 1)


def test_a_file_without_scores_is_told_what_it_lacks() -> None:
    assert "no predictions" in important_classes.lacks(reading(LABELS, LABELS, known=False))
    assert important_classes.lacks(FIRST) == ""


def test_an_empty_class_one_class_and_one_sample_have_pictures() -> None:
    for odd in (reading([0, 0], [0, 1]), reading([0], [0], classes=1), reading([2], [0])):
        assert plane.plane([odd], [], [], (0,), paths=False).panels
        assert important_classes.class_chart([odd], (0,)).panels
        assert confusion_charts.confusion_chart([odd], (0,), in_counts=False).panels
        assert confusion_charts.difference_chart(odd, odd, (0,), in_counts=False).panels
        assert important_classes.run_table([odd], (0,)).csv()
        assert important_classes.class_table([odd]).latex()


def test_accuracy_has_its_interval_in_the_plane_and_in_the_table() -> None:
    panel = plane.plane([FIRST], [], [], (0,), paths=False).panels[0]
    lines = [m for m in panel.marks if isinstance(m, Line)]
    # Wilson at 95 % for 7 of 10: 0.39678 to 0.89221.
    (flat,) = [m for m in lines if m.y[0] == m.y[1]]
    np.testing.assert_allclose(flat.x, [39.678, 89.221], atol=2e-3)
    assert flat.y.tolist() == [50.0, 50.0]
    columns = {column.name: column.texts() for column in important_classes.run_table([FIRST], (0,)).columns}
    assert columns["95 % interval"] == ["39.7 to 89.2"]
    assert columns["95 % interval, recall"] == ["15.0 to 85.0"]


def test_of_dots_at_one_place_the_later_are_smaller() -> None:
    twin = reading(LABELS, [0, 0, 1, 2, 1, 1, 0, 2, 2, 2], name="twin")
    found = dots(plane.plane([FIRST, SECOND, twin], [], [], (0,), paths=False))
    sizes = {name: dot.size or 0 for name, dot in found.items()}
    assert sizes["first"] == sizes["second"] > sizes["twin"] > 0


def cared(tmp_path: Path, first: Any, second: Any, **settings: Any) -> str:
    """The words for a run under cross-entropy and one of these settings, with the class a important."""
    store = RunStore(tmp_path)
    runs = [folders.written(store, RunConfig()), folders.written(store, RunConfig(**settings))]
    pair = [replace(made, run_id=run.id) for made, run in zip((first, second), runs, strict=True)]
    return cost.notice(pair, runs, (0,))


CAMRI: dict[str, Any] = {"loss": "camri", "params": {"important": 0}}


def test_what_caring_gained_and_cost_is_told_image_by_image(tmp_path: Path) -> None:
    assert cared(tmp_path, FIRST, SECOND, **CAMRI) == (
        "second cares for class a, first does not. With it the recall is 25.0 points higher (75.0 % against "
        "50.0 %; of 4 images 1 gained, 0 lost; paired p = 0.50), the accuracy 10.0 points lower (60.0 % "
        "against 70.0 %; of 10 images 1 gained, 2 lost; paired p = 0.63). Too few images change sides to "
        "tell these runs apart. The test weighs these trained runs, not their losses: another seed may move "
        "as much."
    )


def test_what_is_more_than_chance_is_told_apart_from_what_is_not(tmp_path: Path) -> None:
    labels = [0] * 100 + [1] * 100

    def right(first: int, others: int) -> Any:
        """So many of class a right, and so many of class b."""
        taken = [0] * first + [1] * (100 - first) + [1] * others + [0] * (100 - others)
        return reading(labels, taken, classes=2, images="two hundred")

    assert "More than chance: the recall of class a; the accuracy may be chance." in cared(
        tmp_path, right(80, 80), right(90, 71), **CAMRI
    )
    assert "More than chance: the recall of class a and the accuracy." in cared(
        tmp_path, right(80, 80), right(100, 80), **CAMRI
    )
    # Intervals that overlap (80.0 and 90.0 % of 100) are no verdict: all ten changes go one way.
    assert "paired p = 0.0010" in cared(tmp_path, right(80, 80), right(90, 80), **CAMRI)


def test_what_else_differs_is_named_and_the_likest_run_is_compared_with(tmp_path: Path) -> None:
    told = cared(tmp_path, FIRST, SECOND, dimension=16, seed=3, **CAMRI)
    assert (
        "They differ in more than the loss, which may be what made the difference: feature dimension 16 "
        "against feature dimension 2, seed 3 against seed 0." in told
    )
    store = RunStore(tmp_path / "more")
    configs = (RunConfig(), RunConfig(dimension=16), RunConfig(dimension=16, **CAMRI))
    runs = [folders.written(store, config) for config in configs]
    three = [replace(FIRST, name=name, run_id=run.id) for name, run in zip("xyz", runs, strict=True)]
    assert cost.notice(three, runs, (0,)).startswith("z cares for class a, y does not.")


def test_runs_on_different_images_are_not_compared(tmp_path: Path) -> None:
    assert cared(tmp_path, FIRST, replace(SECOND, images="others"), **CAMRI) == ""


def test_a_run_that_changes_nothing_is_told_so(tmp_path: Path) -> None:
    told = cared(tmp_path, FIRST, replace(FIRST, name="twin"), **CAMRI)
    assert (
        "With it the recall is the same (50.0 % against 50.0 %; of 4 images none gained, none lost), " in told
    )
    assert "the accuracy the same (70.0 % against 70.0 %; of 10 images none gained, none lost)." in told


def test_other_runs_are_those_tested_on_the_same_images(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    shown = folders.written(store, RunConfig())
    same = folders.written(store, RunConfig(seed=3, train_images=100))
    for other in (RunConfig(data="mnist"), RunConfig(test_images=100), RunConfig(held_out=(3,))):
        folders.written(store, other)
    assert [run.id for run in plane.siblings(store.runs(), [shown], [shown])] == [same.id]


def test_where_no_run_cares_or_all_do_that_is_said(tmp_path: Path) -> None:
    assert cared(tmp_path, FIRST, SECOND).startswith("None of these runs cares for class a")
    elsewhere = {"loss": "camri", "params": {"important": 2}}
    assert cared(tmp_path, FIRST, SECOND, **elsewhere).startswith("None of these runs cares for class a")
    store = RunStore(tmp_path)
    runs = [folders.written(store, RunConfig(loss="camri", params={"important": 0})) for _ in range(2)]
    pair = [replace(FIRST, run_id=run.id) for run in runs]
    assert cost.notice(pair, runs, (0,)).startswith("All of these runs care for class a")
    assert cost.notice([FIRST, SECOND], [], (0,)) == ""
