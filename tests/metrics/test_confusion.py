"""Confusion matrices against scikit-learn, SciPy's interval, and hand numbers."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from lossviz.core.errors import MetricError
from lossviz.metrics import confusion as of

HAND = np.array([[8, 2, 0], [1, 4, 0], [0, 0, 0]])


@settings(max_examples=60, deadline=None)
@given(
    st.integers(2, 6).flatmap(
        lambda k: st.tuples(
            st.just(k),
            st.lists(st.tuples(st.integers(0, k - 1), st.integers(0, k - 1)), min_size=1, max_size=60),
        )
    )
)
def test_everything_is_scikit_learn_s(drawn: tuple[int, list[tuple[int, int]]]) -> None:
    classes, pairs = drawn
    labels, predictions = np.array(pairs).T
    counts = of.confusion(labels, predictions, classes)
    every = list(range(classes))
    np.testing.assert_array_equal(counts, sklearn.metrics.confusion_matrix(labels, predictions, labels=every))
    precision, recall, f1, _ = sklearn.metrics.precision_recall_fscore_support(
        labels, predictions, labels=every, zero_division=np.nan
    )
    np.testing.assert_allclose(of.precision(counts), precision)
    np.testing.assert_allclose(of.recall(counts), recall)
    np.testing.assert_allclose(of.f1(counts), f1)
    assert of.accuracy(counts) == pytest.approx(sklearn.metrics.accuracy_score(labels, predictions))
    present = [r for r in recall if not math.isnan(r)]
    assert of.balanced_accuracy(counts) == pytest.approx(sum(present) / len(present))


def test_rows_are_true_classes() -> None:
    assert of.confusion([0, 0, 1], [1, 1, 1], 3).tolist() == [[0, 2, 0], [0, 1, 0], [0, 0, 0]]


def test_scores_by_hand() -> None:
    np.testing.assert_allclose(of.recall(HAND), [0.8, 0.8, np.nan])
    np.testing.assert_allclose(of.precision(HAND), [8 / 9, 4 / 6, np.nan])
    np.testing.assert_allclose(of.f1(HAND), [16 / 19, 8 / 11, np.nan])
    np.testing.assert_allclose(of.shares(HAND), [[0.8, 0.2, 0], [0.2, 0.8, 0], [np.nan] * 3])
    assert of.accuracy(HAND) == 0.8
    assert of.balanced_accuracy(HAND) == pytest.approx(0.8)


def test_balanced_accuracy_is_not_moved_by_class_sizes() -> None:
    counts = np.array([[90, 10], [4, 6]])
    assert of.accuracy(counts) == pytest.approx(96 / 110)
    assert of.balanced_accuracy(counts) == of.balanced_accuracy(counts * [[1], [100]]) == 0.75


def test_without_samples_nothing_is_known() -> None:
    empty = np.zeros((2, 2))
    assert math.isnan(of.accuracy(empty))
    assert math.isnan(of.balanced_accuracy(empty))
    assert np.isnan(of.shares(empty)).all()


def test_one_class_is_always_right() -> None:
    counts = of.confusion([0], [0], 1)
    assert (of.accuracy(counts), of.recall(counts).tolist(), of.f1(counts).tolist()) == (1, [1], [1])


def test_a_difference_is_the_second_less_the_first() -> None:
    found = of.difference([[6, 4], [1, 3]], [[8, 2], [3, 1]])
    assert found.counts.tolist() == [[2, -2], [2, -2]]
    np.testing.assert_allclose(found.shares, [[0.2, -0.2], [0.5, -0.5]])
    gain = of.recall([[8, 2], [3, 1]]) - of.recall([[6, 4], [1, 3]])
    np.testing.assert_allclose(np.diag(found.shares), gain)


def test_runs_on_samples_of_other_sizes_are_compared_by_shares() -> None:
    found = of.difference([[6, 4], [1, 3]], [[60, 40], [10, 30]])
    np.testing.assert_allclose(found.shares, 0, atol=1e-15)


def test_several_important_classes_together() -> None:
    counts = np.diag([5, 8, 0, 9]) + np.diag([5, 2, 0], 1)
    counts[3, 0] = 1
    found = of.important_recall(counts, [1, 0, 2])
    assert found.classes == (0, 1, 2)
    np.testing.assert_allclose(found.recalls, [0.5, 0.8, np.nan])
    assert found.mean == pytest.approx(0.65)
    assert (found.minimum, found.minimum_class, found.others) == (0.5, 0, 0.9)
    single = of.important_recall(counts, 2)
    assert math.isnan(single.mean)
    assert math.isnan(single.minimum)
    assert single.minimum_class == -1
    assert math.isnan(of.important_recall(counts, range(4)).others)


def test_recall_by_size_puts_the_largest_first() -> None:
    counts = np.diag([9, 8, 6, 5, 3, 1]) + np.diag([1, 2, 4, 5, 7], 1)
    counts[5, 0] = 9
    groups = of.recall_by_size(counts, [500, 250, 120, 60, 30, 15])
    assert [g.classes for g in groups] == [(0, 1), (2, 3), (4, 5)]
    assert [(g.largest, g.smallest) for g in groups] == [(500, 250), (120, 60), (30, 15)]
    assert [g.recall for g in groups] == pytest.approx([0.85, 0.55, 0.2])
    for group, hits in zip(groups, (17, 11, 4), strict=True):
        assert group.samples == 20
        assert group.low < hits / 20 < group.high


def test_classes_of_one_size_stay_together() -> None:
    step = of.recall_by_size(np.eye(6, dtype=int), [100, 10, 100, 10, 100, 10])
    assert [g.classes for g in step] == [(0, 2, 4), (1, 3, 5)]
    flat = of.recall_by_size(np.eye(4, dtype=int), [7, 7, 7, 7])
    assert [(g.classes, g.recall) for g in flat] == [((0, 1, 2, 3), 1.0)]
    uneven = of.recall_by_size(np.eye(6, dtype=int), [9, 9, 9, 9, 2, 1], groups=2)
    assert [g.classes for g in uneven] == [(0, 1, 2, 3), (4, 5)]


def test_own_limits_of_size_groups() -> None:
    groups = of.recall_by_size(np.eye(4, dtype=int), [3, 100, 99, 500], edges=(20, 100))
    assert [g.classes for g in groups] == [(3, 1), (2,), (0,)]
    everyone = of.recall_by_size(np.eye(4, dtype=int), [500, 100, 99, 3], edges=(1000,))
    assert [g.classes for g in everyone] == [(0, 1, 2, 3)]


def test_a_group_without_test_samples_has_no_recall() -> None:
    large, small = of.recall_by_size(HAND[1:, 1:], [10, 2])
    assert large.recall == 1
    assert (math.isnan(small.recall), small.samples, math.isnan(small.low)) == (True, 0, True)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 5000), st.data(), st.floats(0.5, 0.999))
def test_the_ends_of_a_wilson_interval_solve_its_equation(
    total: int, data: st.DataObject, confidence: float
) -> None:
    """At its ends p lies z standard deviations, those of p itself, from the share that was found."""
    hits = data.draw(st.integers(0, total))
    (low,), (high,) = of.wilson([hits], [total], confidence)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    assert 0 <= low <= hits / total <= high <= 1
    for end in (low, high):
        assert (hits / total - end) ** 2 == pytest.approx(z * z * end * (1 - end) / total, abs=1e-12)


def test_wilson_at_the_ends_and_without_samples() -> None:
    low, high = of.wilson([0, 10, 0], [10, 10, 0])
    assert (low[0], high[1]) == (0, 1)
    # z² = 3.8415: 0 of 10 reaches up to z²/(10 + z²)
    assert high[0] == pytest.approx(3.841459 / 13.841459, rel=1e-6)
    assert math.isnan(low[2])
    assert math.isnan(high[2])


def test_recall_has_an_interval_for_each_class() -> None:
    low, high = of.recall_interval(HAND)
    assert (low[:2] < 0.8).all()
    assert (high[:2] > 0.8).all()
    assert high[1] - low[1] > high[0] - low[0]
    assert np.isnan([low[2], high[2]]).all()


def test_the_imbalance_ratio_is_of_classes_that_have_images() -> None:
    assert of.imbalance_ratio([5000, 50, 0, 400]) == 100
    assert of.imbalance_ratio([7]) == 1
    assert math.isnan(of.imbalance_ratio([0, 0]))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: of.confusion([], [], 3), "at least one sample"),
        (lambda: of.confusion([0, 3], [0, 1], 3), r"labels must lie in 0\.\.2 for 3 classes; got 3"),
        (lambda: of.confusion([0, 1], [0, -1], 3), "predictions must lie .* got -1"),
        (lambda: of.confusion([0, 1], [0], 3), r"predictions must have shape"),
        (lambda: of.confusion([0.5], [0], 3), "whole numbers"),
        (lambda: of.recall([[1, 2]]), r"must be \[K, K\]"),
        (lambda: of.recall([[-1]]), "least -1"),
        (lambda: of.accuracy([[np.nan]]), "finite"),
        (lambda: of.difference(np.eye(2), np.eye(3)), "got 2 and 3"),
        (lambda: of.important_recall(np.eye(2), 2), r"0\.\.1"),
        (lambda: of.recall_by_size(np.eye(2), [1]), "2 whole numbers"),
        (lambda: of.recall_by_size(np.eye(2), [1, -1]), "0 or more"),
        (lambda: of.recall_by_size(np.eye(2), [1, 2], edges=(5, 5)), "rise"),
        (lambda: of.recall_by_size(np.eye(2), [1, 2], groups=0), "at least 1"),
        (lambda: of.wilson([2], [1]), "0 ≤ hits ≤ totals"),
        (lambda: of.wilson([0.5], [2]), "whole numbers"),
        (lambda: of.wilson([1], [1, 2]), "one length"),
        (lambda: of.wilson([1], [1], 95), "percent"),
    ],
)
def test_what_cannot_be_measured_is_told(call, words: str) -> None:
    with pytest.raises(MetricError, match=words):
        call()
