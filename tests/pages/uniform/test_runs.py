"""The learned bias over training, Corollary 1 and open sets, of runs really trained."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lossviz.figures.chart import Band, Dots, Line, Panel, Steps
from lossviz.pages.uniform import UniformView, bias, corollary, open_set, scores
from lossviz.pages.uniform.attainable import Question
from lossviz.pages.uniform.words import number
from lossviz.readings import extract, source, store
from lossviz.readings.reading import Reading
from lossviz.runs import Run
from tests.conftest import Copied, Trained
from tests.pages.uniform.made import cells, marks, reading

VIEW = UniformView()


def read(run: Run, name: str = "A", at: float | None = None) -> Reading:
    return source.of_run(run, at, name=name)


@pytest.mark.parametrize("loss", ["bce-u", "bce-nu", "soft-nu", "bce-d", "bce-nd"])
def test_the_trajectory_ends_where_the_run_s_bias_stands(trained: Trained, loss: str) -> None:
    """Added to the linear metrics, subtracted from the normalised ones (002 Table I)."""
    run = trained(loss, dimension=8)
    one = bias.trajectory(run, read(run))
    assert one is not None
    assert one.epochs.tolist() == [1, 2]
    assert one.bias[-1] == pytest.approx(read(run).thresholds, abs=1e-6)


def test_t_star_is_that_on_metrics_without_the_bias_where_there_is_one_bias(trained: Trained) -> None:
    """All 360 test images are shown in training: what training measured of them is an oracle."""
    for loss, sign in (("bce-u", -1), ("bce-nu", 1)):
        run = trained(loss, dimension=8, points=360)
        one, rows = bias.trajectory(run, read(run)), run.metrics()
        assert one is not None
        assert one.best == pytest.approx([row["threshold"] + sign * row["bias"] for row in rows], abs=1e-5)
        assert (one.low <= one.best).all()
        assert (one.best < one.high).all()
    diverse = trained("bce-d", dimension=8, points=360)
    found = bias.trajectory(diverse, read(diverse))
    assert found is not None
    assert found.best == pytest.approx([row["threshold"] for row in diverse.metrics()], abs=1e-5)


def test_the_trajectory_judges_the_images_that_the_page_judges(trained: Trained) -> None:
    """At the page's epoch t* is that of the other sections, whichever images these judge."""
    run = trained("bce-u", dimension=8)
    whole = read(run)
    few = replace(
        whole,
        labels=whole.labels[:50],
        logits=whole.logits[:50],
        metrics=whole.metrics[:50],
        part="train",
        of="50 training images, epoch 2",
    )
    one = bias.trajectory(run, few)
    assert one is not None
    expected = scores.report(few).threshold + float(whole.thresholds[0])
    assert one.best[1] == pytest.approx(expected, abs=1e-6)
    assert np.isnan(one.best[0])  # the fifty of that epoch were not read
    assert bias.chart([one]).panels[0].note == "t* of 50 training images"
    judged, said = bias.notice([one])
    assert judged == "Judged by 50 training images, epoch 2:"
    assert said.startswith("A: at the learned threshold")
    told = bias.trajectory(run, replace(whole, part="test", epoch=9.0))
    assert told is not None
    assert told.best == pytest.approx([row["threshold"] - row["bias"] for row in run.metrics()], abs=1e-5)


def test_runs_that_learn_no_bias_are_told_what_learns_one(trained: Trained) -> None:
    runs = [trained("bce-u", dimension=8), trained("arcface"), trained("bce-0", dimension=8)]
    found, without = bias.trajectories(runs, [read(run, name) for run, name in zip(runs, "ABC", strict=True)])
    assert [one.name for one in found] == ["A"]
    assert [text.split(":")[0] for text in without] == ["B, C"]
    assert "-u learn one" in without[0]


def test_the_picture_has_a_line_for_each_bias_and_one_for_t_star(trained: Trained) -> None:
    runs = [trained("bce-u", dimension=8), trained("bce-d", dimension=8), trained("soft-nu", dimension=8)]
    found, _ = bias.trajectories(runs, [read(run, name) for run, name in zip(runs, "ABC", strict=True)])
    one, ten, _ = bias.chart(found).panels
    assert [line.name for line in marks(one, Line)] == ["learned", "t*"]
    assert [line.name for line in marks(ten, Line)] == [*map(str, range(10)), "t*"]
    # A softmax leaves a common bias where it is: no threshold is learned.
    _, unified, diverse = bias.notice(found)
    assert unified.startswith("A: at the learned threshold")
    assert "Its learned threshold went from" in unified or "Its learned threshold has stood" in unified
    assert diverse.startswith("B: at the learned threshold")


def test_the_corollary_says_what_directions_allow() -> None:
    """Ten classes: −1/9 in sixteen dimensions, cos 36° in the plane; least γ 0.9 log 17 = 2.55."""
    said = corollary.answer(Question(32.0, 10, 16))
    assert "10 classes cannot all be opposite each other" in said
    assert "−1/(N−1) = −0.111, so that only a bias between −3.56 and γ = 32 separates them" in said
    # Half-way between log 9 − 32/9 and 32, since both slopes are exponentials there.
    assert "the learned bias is 15.3, which lies between" in said
    assert "γ must exceed 2.55 (Corollary 1: 1.42)" in said
    plane = corollary.answer(Question(96.0, 10, 2))
    assert "in the plane the cosine of the nearest two is at best cos(2π/N) = 0.809" in plane
    assert "a bias between 77.7 and γ = 96" in plane
    # log 2 + 77.67 − b = b − 96.
    assert "the learned bias is 87.2" in plane
    assert "it does not separate" in corollary.answer(Question(1.0, 10, 16))


def test_two_classes_can_be_opposite_each_other() -> None:
    said = corollary.answer(Question(3.0, 2, 2))
    assert said.startswith("In the plane the cosine of the nearest two is at best −1, so that only a bias")
    assert "the learned bias is 0," in said
    assert "Corollary" not in said


@pytest.mark.parametrize(("classes", "dimension"), [(10, 2), (10, 16), (8, 3)])
def test_the_attainable_bias_is_drawn_between_the_nearest_negatives_and_the_positives(
    classes: int, dimension: int
) -> None:
    (panel,) = corollary.chart(Question(96.0, classes, dimension), []).panels
    (shade,) = marks(panel, Band)
    positives, nearest, ideal, found = marks(panel, Line)
    assert (positives.y[0], nearest.y[0]) == (1.0, shade.low[0])
    large = found.x > 50
    assert (found.y[large] > shade.low[0]).all()
    assert (found.y[large] < 1).all()
    assert (ideal.y[large] < found.y[large]).all()
    (here,) = marks(panel, Dots)
    assert float(here.y[0]) == pytest.approx(float(np.interp(np.log(96), np.log(found.x), found.y)), abs=1e-3)


def test_of_more_directions_than_are_at_hand_only_the_bounds_are_told() -> None:
    asked = Question(96.0, 100, 3)
    assert "the learned bias is" not in corollary.answer(asked)
    names = [line.name for line in marks(corollary.chart(asked, []).panels[0], Line)]
    assert "bias that is learned" not in names


def test_only_a_bias_above_the_nearest_negatives_and_below_the_positives_separates() -> None:
    """In the plane negatives reach 96 cos 36° = 77.7."""
    asked = Question(96.0, 10, 2)
    assert [asked.separates(bias) for bias in (0.0, 77.6, 77.7, 95.9, 96.1)] == [
        False,
        False,
        True,
        True,
        False,
    ]


def test_the_doctor_is_asked_the_same() -> None:
    view = Question(32.0, 10, 16).doctor
    assert (view.loss, view.value, view.classes, view.dimension) == ("bce-nu", 32.0, 10, 16)
    assert Question(0.05, 10, 16).doctor.value == 1.0  # the doctor's least


def test_the_corollary_speaks_of_normalised_bce_alone(trained: Trained) -> None:
    runs = [trained(loss, dimension=8, **more) for loss, more in (*RUNS, ("soft-nu", {}))]
    readings = [read(run, name) for run, name in zip(runs, "ABCD", strict=True)]
    found = corollary.scaled(runs, readings)
    assert [(one.reading.name, one.gamma) for one in found] == [("B", 96.0), ("C", 2.0), ("D", 96.0)]
    assert [one.reading.name for one in corollary.concerned(found)] == ["B", "C"]
    assert corollary.question(VIEW, found, 10) == Question(96.0, 10, 8)
    assert corollary.question(UniformView(gamma=2.5, n=7, dimension=3), found, 10) == Question(2.5, 7, 3)
    assert corollary.speaks(VIEW, found)
    others = corollary.scaled([runs[0], runs[3]], [readings[0], readings[3]])
    assert not corollary.speaks(VIEW, others)
    assert corollary.speaks(UniformView(gamma=2.5), others)
    assert corollary.silent([readings[0], readings[3]]).endswith("A and D are not.")


def test_runs_with_a_scale_stand_in_the_picture_with_what_they_learned(trained: Trained) -> None:
    runs = [trained(loss, dimension=8, **more) for loss, more in RUNS]
    readings = [read(run, name) for run, name in zip(runs, "ABC", strict=True)]
    found = corollary.scaled(runs, readings)
    first, second = corollary.chart(Question(96.0, 10, 8), found).panels
    dots = {mark.name: float(mark.y[0]) for mark in marks(first, Dots)}
    assert dots["B"] == pytest.approx(float(readings[1].thresholds[0]) / 96)  # type: ignore[index]
    accuracies = {mark.name: mark.y for mark in marks(second, Line)}
    uniform = [scores.report(readings[n]).uniform for n in (2, 1)]
    assert accuracies["bce-nu A_Uni"] == pytest.approx([100 * share for share in uniform])
    lines = cells(corollary.table(corollary.concerned(found)))
    assert [line["γ"] for line in lines] == ["96.0", "2.0"]
    # Ten classes are one too many for a simplex in eight dimensions; ±e_i reach a right angle.
    assert lines[0]["separates if all directions are best"] == f"{number(96 * NEAREST)} to 96"
    said, _ = corollary.notice(corollary.concerned(found))
    assert said.startswith("B: its bias ended at ")
    assert "at the learned threshold" in said


def test_a_bias_that_nothing_draws_is_told_why() -> None:
    """Three classes in the plane: negatives at −γ/2. The loss is flat about 1 at γ = 96, not at γ = 1."""
    data = reading(thresholds=[1.0])
    flat, steep = (corollary.Scaled(0, data, gamma, 0.8, 2) for gamma in (96.0, 1.0))
    # Half-way between log 2 − 48 and 96.
    assert "next to nothing draws it on to 24.3." in corollary.notice([flat])[0]
    assert "next to nothing" not in corollary.notice([steep])[0]


# The largest cosine of ten directions in eight dimensions: ten of ±e_i.
NEAREST = 0.0
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
    assert float(line["unknown accepted at 95 % known (fraction)"]) == pytest.approx(2 / 3)
    # Falling: 4, 3, (2.5), 2, (1 and 1), (0): precision 1, 1, 3/4, 4/6 at four quarters of recall.
    assert float(line["AUPR (fraction)"]) == pytest.approx((1 + 1 + 3 / 4 + 4 / 6) / 4)
    assert line["t*"] == "-4.0"
    named = ("known accepted", "accepted and right", "unknown accepted")
    rates = [line[f"{name} at t* (fraction)"] for name in named]
    assert rates == ["1.0", "1.0", "1.0"]


def test_the_ring_stands_on_the_curve() -> None:
    """With other metrics at 0.5, t* is 0.75: all known and two of three unknown images are accepted."""
    found = pair([1, 2, 3, 4], [0, 1, 2.5], 0.5)
    roc, spread = open_set.chart([found], UniformView(log=False, known=75.0)).panels
    curve = marks(roc, Line)[1]
    dot, ring = marks(roc, Dots)
    # Of four known images 2, 3 and 4 pass above 1, and of the unknown 2.5.
    assert (float(dot.x[0]), float(dot.y[0])) == pytest.approx((100 / 3, 75))
    assert (float(ring.x[0]), float(ring.y[0])) == pytest.approx((200 / 3, 100))
    assert (float(ring.x[0]), float(ring.y[0])) in set(zip(curve.x.tolist(), curve.y.tolist(), strict=True))
    assert [steps.heights.sum() for steps in marks(spread, Steps)] == pytest.approx([100, 100])
    assert spread.note == "n = 4 and 3"


def test_where_no_threshold_is_right_there_are_no_rates() -> None:
    wrong = open_set.Pair(0, reading([[0.0, 1.0]], [0]), reading([[0.0, 2.0]], [0]))
    (line,) = cells(open_set.table([wrong], VIEW))
    assert line["known accepted at t* (fraction)"] == ""
    assert "nan" not in open_set.alt([wrong], VIEW) + open_set.notice([wrong], VIEW)
    assert [dots.symbols for dots in marks(open_set.chart([wrong], VIEW).panels[0], Dots)] == ["circle"]


def test_runs_are_compared_at_one_rate_of_known_images_first() -> None:
    """At 75 % of the known: A accepts 2.5 of three, B none; t* is of the known alone, and another rate."""
    first, second = pair([1, 2, 3, 4], [0, 1, 2.5]), pair([1, 2, 3, 4], [0, 0.5, 0.7], 0.5)
    view = UniformView(known=75.0)
    said = open_set.notice([first, second], view)
    assert said.startswith(
        "Where each run accepts 75 % of the known images, it accepts of the unknown ones: A 0.0 % and "
        "A 33.3 %."
    )
    assert "t* is made from known images alone" in said
    assert "Known: all 4 test images, epoch 3; unknown: all 3 test images, epoch 3." in said
    other = open_set.notice([first, second], UniformView(known=75.0, response="energy"))
    assert "t*" not in other
    assert "t*" not in [c.name for c in open_set.table([first], UniformView(response="softmax")).columns]


def test_on_a_logarithmic_axis_no_false_accept_stands_at_half_an_image() -> None:
    (roc, _) = open_set.chart([pair([1, 2, 3, 4], [0, 0.5], 0.5)], VIEW).panels
    assert roc.x.spacing == "log"
    assert roc.x.low == pytest.approx(25)
    assert all((mark.x >= 25).all() for mark in marks(roc, Line))


def test_an_old_link_with_softmax_compares_the_largest_probability() -> None:
    assert open_set.response(UniformView(softmax=True)) == "softmax"
    assert open_set.response(UniformView(softmax=True, response="energy")) == "energy"


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
    assert open_set.own_axes(found, UniformView(softmax=True, own_axes=False)) is False


def held_by(panel: Panel) -> list[float]:
    """The percent of known and of unknown images that lie on the axis."""
    return [float(steps.heights.sum()) for steps in marks(panel, Steps)]


def test_held_out_digits_are_offered_first_and_read(copied: Copied) -> None:
    run = copied("bce-nu", dimension=8, held_out=(8, 9))
    parts = open_set.offered([run])
    assert open_set.unknown_part(VIEW, parts) == store.HELD_OUT
    extract.extract(run, None, store.HELD_OUT)
    known, unknown = source.of_run(run), source.of_run(run, None, store.HELD_OUT)
    assert known.logits.shape[1] == unknown.logits.shape[1] == 8
    found = open_set.Pair(0, known, unknown)
    (line,) = cells(open_set.table([found], VIEW))
    assert 0 <= float(line["AUROC (fraction)"]) <= 1
    assert "unknown: all" in open_set.alt([found], VIEW)


def test_what_a_link_asks_for_is_taken_if_it_fits() -> None:
    parts = {"unknown:mnist": "MNIST", "unknown:kmnist": "KMNIST"}
    assert open_set.unknown_part(VIEW, parts) == "unknown:kmnist"
    assert open_set.unknown_part(UniformView(unknown="unknown:mnist"), parts) == "unknown:mnist"
    assert open_set.unknown_part(UniformView(unknown="unknown:cifar10"), parts) == "unknown:kmnist"
    assert open_set.unknown_part(VIEW, {}) == ""
