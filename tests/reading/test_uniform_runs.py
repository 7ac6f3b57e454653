"""The learned bias over training, Corollary 1 and open sets, of runs really trained."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from lossviz.figures.chart import Band, Dots, Line, Panel, Rule, Steps
from lossviz.reading import extract, shelf, source
from lossviz.reading.uniform import UniformView, bias, corollary, open_set, scores
from lossviz.runs import Run
from tests.reading.conftest import Trained
from tests.reading.uniform_made import cells, marks, reading

VIEW = UniformView()


@pytest.mark.parametrize("loss", ["bce-u", "bce-nu", "soft-nu", "bce-d", "bce-nd"])
def test_the_trajectory_ends_where_the_run_s_bias_stands(trained: Trained, loss: str) -> None:
    """Added to the linear metrics, subtracted from the normalised ones (002 Table I)."""
    run = trained(loss, dimension=8)
    one = bias.trajectory(run, "A")
    assert one is not None
    assert one.epochs.tolist() == [1, 2]
    assert one.bias[-1] == pytest.approx(source.of_run(run).thresholds, abs=1e-6)


def test_t_star_is_that_on_metrics_without_the_bias_where_there_is_one_bias(trained: Trained) -> None:
    for loss, sign in (("bce-u", -1), ("bce-nu", 1)):
        run = trained(loss, dimension=8)
        one, rows = bias.trajectory(run, "A"), run.metrics()
        assert one is not None
        assert one.best == pytest.approx([row["threshold"] + sign * row["bias"] for row in rows])
    diverse = trained("bce-d", dimension=8)
    found = bias.trajectory(diverse, "A")
    assert found is not None
    assert found.best == pytest.approx([row["threshold"] for row in diverse.metrics()])


def test_runs_that_learn_no_bias_are_told_what_learns_one(trained: Trained) -> None:
    runs = [trained("bce-u", dimension=8), trained("arcface"), trained("bce-0", dimension=8)]
    found, without = bias.trajectories(runs, {runs[0].id: "A", runs[1].id: "B", runs[2].id: "C"})
    assert [one.name for one in found] == ["A"]
    assert [text.split(":")[0] for text in without] == ["B, C"]
    assert "-u learn one" in without[0]


def test_the_picture_has_a_line_for_each_bias_and_one_for_t_star(trained: Trained) -> None:
    runs = [trained("bce-u", dimension=8), trained("bce-d", dimension=8)]
    found, _ = bias.trajectories(runs, {runs[0].id: "A", runs[1].id: "B"})
    one, ten = bias.chart(found).panels
    assert [line.name for line in marks(one, Line)] == ["bias", "t*"]
    assert [line.name for line in marks(ten, Line)] == [*map(str, range(10)), "t*"]
    assert "A: at the end the bias stands" in bias.notice(found)
    assert "B" not in bias.notice(found)


def test_the_corollary_s_answer_has_its_numbers() -> None:
    """Least γ for ten classes: log(17)/2 = 1.4166; with γ = 1.5 at most (e³ + 3)/2 = 11.5 classes."""
    assert corollary.answer(1.0, 10).startswith("With γ = 1 no bce-nu separates N = 10 classes")
    said = corollary.answer(1.5, 10)
    assert "separates N = 10 classes" in said
    assert "γ must exceed 1.417" in said
    assert "enough for up to 11 classes" in said
    assert "more than 10¹⁵" in corollary.answer(512.0, 1000)


def test_the_curve_crosses_the_positives_at_the_least_gamma() -> None:
    (panel,) = corollary.chart(3.0, 10, []).panels
    (curve,) = marks(panel, Line)
    least = math.log(17) / 2
    assert (curve.y[curve.x > least * 1.01] < 1).all()
    below = curve.y[curve.x < least * 0.99]
    assert (below[np.isfinite(below)] > 1).all()
    (shade,) = marks(panel, Band)
    assert shade.x[-1] == pytest.approx(least)
    (here,) = marks(panel, Dots)
    # log((8 e^-3 + sqrt(64 e^-6 + 36)) / 2) = 1.1654 by hand.
    assert here.y[0] == pytest.approx(1.1653 / 3, abs=1e-3)


def test_two_classes_need_no_least_gamma() -> None:
    (panel,) = corollary.chart(1.0, 2, []).panels
    assert marks(panel, Band) == []
    assert "least" not in " ".join(rule.name for rule in marks(panel, Rule))


def test_runs_with_a_scale_stand_in_the_picture_with_what_they_learned(trained: Trained) -> None:
    runs = [trained(loss, dimension=8, **more) for loss, more in RUNS]
    readings = [source.of_run(run, name=name) for run, name in zip(runs, "ABC", strict=True)]
    found = corollary.scaled(runs, readings)
    assert [(one.reading.name, one.gamma) for one in found] == [("B", 96.0), ("C", 2.0)]
    assert corollary.settings(VIEW, found, 10) == (96.0, 10)
    assert corollary.settings(UniformView(gamma=2.5, n=7), found, 10) == (2.5, 7)
    first, second = corollary.chart(96.0, 10, found).panels
    dots = {mark.name: float(mark.y[0]) for mark in marks(first, Dots)}
    assert dots["B"] == pytest.approx(float(readings[1].thresholds[0]) / 96)  # type: ignore[index]
    accuracies = {mark.name: mark.y for mark in marks(second, Line)}
    uniform = [scores.report(readings[n]).uniform for n in (2, 1)]
    assert accuracies["bce-nu A_Uni"] == pytest.approx([100 * share for share in uniform])
    lines = cells(corollary.table(found))
    assert [line["can be learned"] for line in lines] == ["yes", "yes"]


RUNS = (("bce-u", {}), ("bce-nu", {}), ("bce-nu", {"params": {"gamma": 2.0}}))


def pair(known: list[float], unknown: list[float], other: float = -9.0) -> open_set.Pair:
    """Two classes; the response of each image is its metric for class 0."""
    rows = [[value, other] for value in known]
    own = reading(rows, [0] * len(known), name="A")
    return open_set.Pair(0, own, reading([[value, -9.0] for value in unknown], [0] * len(unknown), name="A"))


def test_the_rates_are_those_counted_by_hand() -> None:
    """Known 1, 2, 3, 4; unknown 0, 1, 2.5. t* is the middle of [−9, 1): −4, which accepts everything."""
    found = pair([1, 2, 3, 4], [0, 1, 2.5])
    (line,) = cells(open_set.table([found], VIEW))
    # Pairs: 1 > 0, 1 = 1, 2 > 0, 2 > 1, 3 > all, 4 > all: 1.5 + 2 + 3 + 3 of 12.
    assert float(line["AUROC (fraction)"]) == pytest.approx(9.5 / 12)
    # 95 % of four are four: the threshold lies below 1, where 1 and 2.5 pass.
    assert float(line["FPR at 95 % TPR (fraction)"]) == pytest.approx(2 / 3)
    assert line["t*"] == "-4.0"
    rates = [line[f"{name} (fraction)"] for name in ("TPR at t*", "accepted and right", "FPR at t*")]
    assert rates == ["1.0", "1.0", "1.0"]


def test_the_ring_stands_on_the_curve() -> None:
    """With other metrics at 0.5, t* is 0.75: all known and two of three unknown images are accepted."""
    found = pair([1, 2, 3, 4], [0, 1, 2.5], 0.5)
    roc, spread = open_set.chart([found], VIEW).panels
    curve = marks(roc, Line)[1]
    (ring,) = marks(roc, Dots)
    assert (float(ring.x[0]), float(ring.y[0])) == pytest.approx((200 / 3, 100))
    assert (float(ring.x[0]), float(ring.y[0])) in set(zip(curve.x.tolist(), curve.y.tolist(), strict=True))
    assert [steps.heights.sum() for steps in marks(spread, Steps)] == pytest.approx([100, 100])
    assert spread.note == "n = 4 and 3"


def test_where_no_threshold_is_right_there_are_no_rates() -> None:
    wrong = open_set.Pair(0, reading([[0.0, 1.0]], [0]), reading([[0.0, 2.0]], [0]))
    (line,) = cells(open_set.table([wrong], VIEW))
    assert line["TPR at t* (fraction)"] == ""
    assert "nan" not in open_set.alt([wrong], VIEW) + open_set.notice([wrong], VIEW)
    assert marks(open_set.chart([wrong], VIEW).panels[0], Dots) == []


def test_responses_of_runs_have_their_own_axes_where_one_is_a_spike_beside_the_other() -> None:
    """Responses from 0 to 4, of t* −4, and ten times as wide."""
    wide = pair([10, 20, 30, 40], [0, 10, 25], -90.0)
    found = [pair([1, 2, 3, 4], [0, 1, 2.5]), wide]

    def ends(chosen: bool | None) -> list[float]:
        _, *spreads = open_set.chart(found, UniformView(own_axes=chosen)).panels
        assert all(held_by(panel) == pytest.approx([100, 100]) for panel in spreads)
        return [round(panel.x.high) for panel in spreads]

    assert ends(None) == ends(True) == [4, 42]
    assert ends(False) == [42, 42]
    assert open_set.own_axes(found, UniformView(softmax=True)) is False


def held_by(panel: Panel) -> list[float]:
    """The percent of known and of unknown images that lie on the axis."""
    return [float(steps.heights.sum()) for steps in marks(panel, Steps)]


def test_held_out_digits_are_offered_first_and_read(copied: Callable[..., Run]) -> None:
    run = copied("bce-nu", dimension=8, held_out=(8, 9))
    parts = open_set.offered([run])
    assert open_set.chosen(VIEW, parts) == shelf.HELD_OUT
    extract.extract(run, None, shelf.HELD_OUT)
    known, unknown = source.of_run(run), source.of_run(run, None, shelf.HELD_OUT)
    assert known.logits.shape[1] == unknown.logits.shape[1] == 8
    found = open_set.Pair(0, known, unknown)
    (line,) = cells(open_set.table([found], VIEW))
    assert 0 <= float(line["AUROC (fraction)"]) <= 1
    assert "unknown: all" in open_set.alt([found], VIEW)


def test_what_a_link_asks_for_is_taken_if_it_fits() -> None:
    parts = {"unknown:mnist": "MNIST", "unknown:kmnist": "KMNIST"}
    assert open_set.chosen(VIEW, parts) == "unknown:kmnist"
    assert open_set.chosen(UniformView(unknown="unknown:mnist"), parts) == "unknown:mnist"
    assert open_set.chosen(UniformView(unknown="unknown:cifar10"), parts) == "unknown:kmnist"
    assert open_set.chosen(VIEW, {}) == ""
