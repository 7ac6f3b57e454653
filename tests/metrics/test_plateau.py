"""Thresholds nearly as good as the best, against trying every threshold."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossviz.core.errors import MetricError
from lossviz.metrics import uniform
from lossviz.metrics.plateau import plateau
from tests.metrics.strategies import labelled_metrics


def right_at(positive, negative, t):
    """How many samples are right at t, in plain Python (002 Eq. 13)."""
    return sum(p > t >= n for p, n in zip(positive, negative, strict=True))


def thresholds_to_try(positive, negative):
    """Every metric, the middle between each two neighbours, and beyond both ends."""
    ends = sorted({v for v in [*positive, *negative] if math.isfinite(v)})
    middles = [a / 2 + b / 2 for a, b in itertools.pairwise(ends)]
    return sorted([ends[0] - 1, *ends, *middles, ends[-1] + 1])


@given(labelled_metrics(), st.integers(0, 4))
def test_a_threshold_is_held_exactly_where_it_is_as_good(case, lose) -> None:
    sides = [side.tolist() for side in uniform.positives_and_negatives(*case)]
    got = plateau(*map(np.array, sides), lose)
    tried = thresholds_to_try(*sides)
    best = max(right_at(*sides, t) for t in tried)
    for t in tried:
        assert got.holds(t) == (best > 0 and right_at(*sides, t) >= best - lose), t
        low, high = got.around(t)
        assert (low <= t < high) == got.holds(t)


@given(labelled_metrics(), st.integers(0, 4))
def test_between_two_ranges_and_beyond_them_a_threshold_is_worse(case, lose) -> None:
    positive, negative = uniform.positives_and_negatives(*case)
    got = plateau(positive, negative, lose)
    assert (got.ranges[:, 0] < got.ranges[:, 1]).all()
    assert (got.ranges[1:, 0] > got.ranges[:-1, 1]).all()
    _, best = uniform.best_threshold(positive, negative)
    assert got.holds(best) == (len(got.ranges) > 0)


def test_by_hand() -> None:
    """Right on [0, 4), [1, 3), [2, 6), [10, 11): 1 from 0, 2 from 1, 3 from 2, 2 from 3, 1 from 4 to 6."""
    sides = np.array([4.0, 3.0, 6.0, 11.0]), np.array([0.0, 1.0, 2.0, 10.0])
    assert plateau(*sides, 0).ranges.tolist() == [[2, 3]]
    assert plateau(*sides, 1).ranges.tolist() == [[1, 4]]
    two = plateau(*sides, 2)
    assert two.ranges.tolist() == [[0, 6], [10, 11]]
    assert (two.low, two.high, two.holds(6), two.holds(10)) == (0, 11, False, True)
    assert plateau(*sides, 3).ranges.tolist() == [[-math.inf, math.inf]]


def test_with_one_class_there_is_no_lower_end() -> None:
    found = plateau(np.array([1.0, 2.0]), np.full(2, -np.inf), 0)
    assert found.ranges.tolist() == [[-math.inf, 1]]


def test_where_nothing_can_be_right_no_threshold_is_good() -> None:
    found = plateau(np.array([1.0, np.nan]), np.array([1.0, 0.0]), 5)
    assert len(found.ranges) == 0
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert not found.holds(0.0)


@pytest.mark.parametrize("lose", [-1, 0.5, True, math.nan])
def test_a_number_of_samples_that_is_none_is_told(lose) -> None:
    with pytest.raises(MetricError, match="whole and at least 0"):
        plateau(np.ones(2), np.zeros(2), lose)
