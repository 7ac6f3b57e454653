"""How many seeds would tell two means apart, and the maths of maps and fronts, against hand calculations."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lossviz.core.errors import SettingError
from lossviz.sweeps.aggregate import borders, front
from lossviz.sweeps.measures import measure
from lossviz.sweeps.statistics import Sample, more_seeds


def test_a_sample_has_the_spread_with_one_less() -> None:
    # 1, 2, 6: mean 3, squares 4 + 1 + 9 = 14, 14 / 2 = 7.
    found = Sample.of([1.0, 2.0, math.nan, 6.0])
    assert (found.n, found.mean) == (3, 3.0)
    assert found.sd == pytest.approx(math.sqrt(7))
    assert math.isnan(Sample.of([1.0]).sd)
    assert math.isnan(Sample.of([]).mean)


def test_the_seeds_that_decide_are_those_of_a_hand_calculation() -> None:
    # s = 2, difference 1: 1.96·√(2·4/n) < 1 asks for n > 8·1.96² = 30.7328, so 31; three are there.
    assert more_seeds(Sample(3, 90.0, 2.0), Sample(3, 91.0, 2.0)) == 28
    # s² = (1 + 3) / 2 = 2, difference 4: n > 4·3.8416 / 16 = 0.9604: one seed would do, two are there.
    assert more_seeds(Sample(2, 90.0, 1.0), Sample(2, 94.0, math.sqrt(3))) == 0
    # Unequal numbers: the smaller sample needs most. n > 30.7328.
    assert more_seeds(Sample(30, 90.0, 2.0), Sample(40, 91.0, 2.0)) == 1


def test_what_no_seeds_decide_is_told_apart_from_what_is_not_known() -> None:
    assert more_seeds(Sample(3, 90.0, 2.0), Sample(3, 90.0, 1.0)) == math.inf
    assert math.isnan(more_seeds(Sample(1, 90.0, math.nan), Sample(3, 91.0, 1.0)))
    assert more_seeds(Sample(2, 90.0, 0.0), Sample(2, 91.0, 0.0)) == 0


@pytest.mark.parametrize("signs", [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0)])
def test_a_front_has_the_points_that_no_other_beats(signs: tuple[float, float]) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 12, 40).astype(float), rng.integers(0, 12, 40).astype(float)
    y[7] = math.nan
    found = front(x, y, signs)

    def at(i: int) -> tuple[float, float]:
        return signs[0] * x[i], signs[1] * y[i]

    good = [i for i in range(40) if i != 7]
    beaten = {
        i for i in good for j in good if at(j) != at(i) and at(j)[0] >= at(i)[0] and at(j)[1] >= at(i)[1]
    }
    assert {at(i) for i in found} == {at(i) for i in good if i not in beaten}
    assert [x[i] for i in found] == sorted(x[i] for i in found)
    assert len({at(i) for i in found}) == len(found)


def test_a_border_runs_between_cells_that_fit_and_those_that_do_not() -> None:
    # no yes      the border: right of (0, 0), below (0, 1)
    # no no
    assert borders([[False, True], [False, False]]) == [(0.5, -0.5, 0.5, 0.5), (0.5, 0.5, 1.5, 0.5)]
    assert borders([[False, None, True]]) == []


def test_measures_are_read_in_their_units() -> None:
    assert measure("test_accuracy").text(0.9312) == "93.1 %"
    assert measure("smallest_gap").text(math.pi / 5) == "36.0°"
    assert measure("recall_3", ("a", "b", "c", "cat")).title == "recall of class cat"
    assert measure("threshold").better is None
    assert measure("test_loss").better == "low"
    with pytest.raises(SettingError, match="recall_0"):
        measure("accuracy")
