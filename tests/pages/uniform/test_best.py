"""How t* is written, where thresholds are as good, and what a learned threshold costs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lossviz.figures.chart import Dots
from lossviz.metrics.plateau import Plateau
from lossviz.pages.uniform import UniformView, accuracies, best, scores, threshold, words
from tests.metrics.strategies import labelled_metrics
from tests.pages.uniform.made import METRICS, marks, reading

VIEW = UniformView()


@settings(max_examples=60)
@given(labelled_metrics(), st.sampled_from([0.0, 0.37, -12.0]))
@example((np.array([[21.0, 1.0], [2.0, 1.0]], np.float32), np.array([0, 0])), 0.0)
def test_t_star_as_it_is_written_is_as_good_within_one_sample(case, shift) -> None:
    found = best.of(reading(*case))
    if found is None or not all(map(math.isfinite, found.one.around(found.threshold))):
        return
    low, high = found.one.around(found.threshold)
    if high - low < 1e-6:  # three digits are all that is written of it
        return
    written = float(found.text(shift).replace("−", "-"))
    assert low + shift <= written < high + shift


@pytest.mark.parametrize(
    ("value", "width", "text"),
    [
        (-0.6135, 0.065, "−0.61"),
        (-0.6135, 0.5, "−0.6"),
        (0.0263, 0.9, "0.0"),
        (71.31, 3.0, "71"),
        (1234.0, 500.0, "1200"),
        (2.5, 5.0, "3"),
        (-2.5, 5.0, "−3"),
        (0.12345, math.inf, "0.123"),
        (0.12345, 0.0, "0.123"),
        (math.nan, 1.0, "none"),
    ],
)
def test_a_number_has_the_digits_that_a_range_determines(value: float, width: float, text: str) -> None:
    assert words.rounded(value, words.unit_of(width)) == text


def test_the_ends_of_thresholds_as_good_have_one_digit_more() -> None:
    assert best.reach(Plateau(1, np.array([[-0.646, -0.5812]]))) == "from −0.646 to −0.581"
    assert best.reach(Plateau(1, np.array([[-0.95, -0.5], [-0.4, 0.06]]))) == "from −0.95 to 0.06, with gaps"
    assert best.reach(Plateau(1, np.array([[-0.95, 0.06]])), 1.0) == "from 0.05 to 1.06"
    assert best.reach(Plateau(1, np.array([[-np.inf, 2.0]]))) == "up to 2"
    assert best.reach(Plateau(1, np.array([[-np.inf, np.inf]]))) == "everywhere"


def test_of_thousands_of_samples_a_tenth_of_a_point_is_told_too() -> None:
    many = reading(np.tile(METRICS, (1000, 1)), [0, 1, 2, 1] * 1000)
    found = best.of(many)
    assert found is not None
    assert (found.one.lose, found.near.lose) == (1, 4)
    # All of a place are right or none: within four of 4,000 as at the best.
    assert found.as_good() == (
        "as good within one sample from 2.0 to 5.0, with gaps, within 0.1 points from 2.0 to 5.0, with gaps"
    )
    few = best.of(reading())
    assert few is not None
    assert few.near.lose == 1
    assert "0.1 points" not in few.as_good()


def test_the_cost_of_a_learned_threshold_is_counted_in_samples() -> None:
    """Two of four are right in [2, 3) and [4, 5), one in [1, 2): less the bias, at 0."""
    assert best.cost(reading(thresholds=[2.5])) == "at the learned threshold 50.0 % are right, as at t*"
    assert best.cost(reading(thresholds=[1.5])) == (
        "at the learned threshold 25.0 % are right, at best 50.0 % (1 sample more)"
    )
    assert best.cost(reading(thresholds=[0.5])).endswith("at best 50.0 % (2 samples more)")
    assert best.cost(reading()) == ""


def test_a_softmax_learns_no_threshold_whatever_its_bias() -> None:
    assert scores.learns(reading(thresholds=[1.0], loss_key="bce-u"))
    assert scores.learns(reading(thresholds=[1.0], loss_key=""))  # a file
    assert not scores.learns(reading(thresholds=[1.0], loss_key="soft-u"))
    assert best.cost(reading(thresholds=[1.0], loss_key="soft-u")) == ""
    assert threshold.rows([reading(thresholds=[1.0], loss_key="soft-u")], False)[0].bias is None


def test_a_run_that_has_not_learned_is_told_so_and_one_that_has_how_it_parts() -> None:
    """One of three is right with a threshold for each; then three of three, apart."""
    lost = reading([[1.0, 0.0, 0.5], [1.0, 0.0, 0.5], [1.0, 0.0, 0.5]], [0, 1, 2], name="lost")
    learnt = reading(np.eye(3) * 4, [0, 1, 2], name="learnt", thresholds=[2.0])
    first, second = threshold.of_each([lost, learnt], VIEW)
    assert first.startswith("lost tells few classes apart: 33.3 % are right even with a threshold for each")
    assert second == (
        "learnt: 100.0 % of the positive metrics lie above t* and 100.0 % of the negative ones at or "
        "below; at the learned threshold 100.0 % are right, as at t*; it ended at 2 on metrics without the "
        "bias, where t* lies at 2."
    )
    nothing = reading([[0.0, 1.0]], [0], name="nothing")
    assert threshold.of_each([nothing], VIEW) == ["nothing: no threshold gets a sample right."]


def test_the_three_accuracies_stand_on_one_line_for_each_run() -> None:
    (panel,) = accuracies.chart([reading(thresholds=[1.5]), reading(name="B")], VIEW).panels
    found = {dots.name: dots.x.tolist() for dots in marks(panel, Dots)}
    assert found["sample-wise A_SW"] == [75, 75]
    assert found["class-wise A_CW"] == [75, 75]
    assert found["uniform A_Uni"] == [50, 50]
    assert found["at the learned threshold"] == [25, pytest.approx(math.nan, nan_ok=True)]
    assert panel.y.categories == ("A", "B")
    assert panel.x.low < 25
    assert "at the learned threshold" not in {
        dots.name for dots in marks(accuracies.chart([reading()], VIEW).panels[0], Dots)
    }


def test_images_are_told_once_where_all_runs_are_judged_by_the_same() -> None:
    whole = reading()
    assert words.images([whole, reading(name="B")]) == "all 4 test images, epoch 3"
    other = reading(labels=[0, 1, 2, 2], name="B")
    assert words.images([whole, other]) == "all 4 test images, epoch 3 (not the same ones for each run)"
    later = reading(name="B", of="all 4 test images, epoch 4")
    assert words.images([whole, later]) == "A: all 4 test images, epoch 3; B: all 4 test images, epoch 4"


def test_of_runs_that_are_judged_by_other_images_none_is_called_best() -> None:
    def bold(other: object) -> bool:
        return any(any(c.bold()) for c in accuracies.table([reading(), other], VIEW).columns if c.best)

    better = {"metrics": np.eye(3)[[0, 1, 2, 1]] * 4}
    assert bold(reading(name="B", **better))
    assert not bold(reading(name="B", of="all 4 other images, epoch 3", **better))
