import numpy as np
import pytest
from hypothesis import given

from lossviz.core.errors import MetricError
from lossviz.metrics import uniform
from lossviz.metrics.matrix import metric_matrix
from tests.metrics.strategies import labelled_metrics

NAN = np.nan


def test_columns_are_samples_and_rows_are_classes() -> None:
    metrics = np.array([[5.0, 1.0, 2.0], [0.0, 3.0, 4.0], [-1.0, 6.0, 7.0]])
    got = metric_matrix(metrics, [0, 1, 2])
    assert got.matrix.tolist() == [[5, 0, -1], [1, 3, 6], [2, 4, 7]]
    # sample 1 of class 1 gives class 2 more than its own; class 1 gives the sample of class 2 more
    assert got.column_dominant.tolist() == [True, False, True]
    assert got.row_dominant.tolist() == [True, False, True]
    assert got.globally_dominant.tolist() == [False, False, True]
    assert (got.sample_wise, got.uniform) == (False, False)
    assert np.argwhere(got.breaks_column).tolist() == [[2, 1]]
    assert np.argwhere(got.breaks_global).tolist() == [[1, 2], [2, 1]]


def test_rows_and_columns_are_not_the_same() -> None:
    got = metric_matrix([[1.0, 0.0], [2.0, 3.0]], [0, 1])
    assert got.column_dominant.all()
    assert got.row_dominant.tolist() == [False, True]
    assert (got.sample_wise, got.uniform) == (True, False)


def test_ties_dominate_nothing() -> None:
    got = metric_matrix([[1.0, 1.0], [0.0, 2.0]], [0, 1])
    assert got.column_dominant.tolist() == [False, True]
    assert not got.uniform
    assert got.breaks_column[1, 0]


@given(labelled_metrics())
def test_dominance_is_classification_of_the_chosen_samples(case) -> None:
    """002 S.I (a) and (b): column-dominant = sample-wise, globally dominant = uniformly classified."""
    metrics, labels = case
    got = metric_matrix(metrics, labels, "random", seed=4)
    chosen = got.indices[got.present]
    report = uniform.evaluate(metrics[chosen], labels[chosen])
    assert got.sample_wise == (report.sample_wise == 1)
    assert got.uniform == (report.uniform == 1)
    assert got.sample_wise == (not got.breaks_column.any())
    assert got.uniform == (not got.breaks_global.any())
    assert got.column_dominant.sum() / len(chosen) == pytest.approx(report.sample_wise)


@given(labelled_metrics())
def test_dominance_is_that_of_plain_loops(case) -> None:
    metrics, labels = case
    got = metric_matrix(metrics, labels, "first")
    first = [list(labels).index(k) if k in labels else -1 for k in range(metrics.shape[1])]
    assert got.indices.tolist() == first
    there = [k for k, n in enumerate(first) if n >= 0]
    for j in there:
        e = {(i, k): float(metrics[first[k], i]) for i in range(metrics.shape[1]) for k in there}
        column = all(e[j, j] > v for (i, k), v in e.items() if k == j and i != j)
        row = all(e[j, j] > v for (i, k), v in e.items() if i == j and k != j)
        everywhere = all(e[j, j] > v for (i, k), v in e.items() if i != k)
        marks = got.column_dominant[j], got.row_dominant[j], got.globally_dominant[j]
        assert marks == (column, row, everywhere)


def test_a_class_without_samples_is_left_out() -> None:
    got = metric_matrix([[5.0, 9.0, 1.0], [0.0, 2.0, 3.0]], [0, 2])
    np.testing.assert_equal(got.matrix, [[5, NAN, 0], [9, NAN, 2], [1, NAN, 3]])
    assert got.indices.tolist() == [0, -1, 1]
    assert got.present.tolist() == [True, False, True]
    assert got.column_dominant.tolist() == [False, False, True]
    assert got.row_dominant.tolist() == [True, False, True]
    assert np.argwhere(got.breaks_global).tolist() == [[1, 0]]


def test_one_class_dominates_itself() -> None:
    got = metric_matrix([[-3.0]], [0])
    assert got.sample_wise
    assert got.uniform
    assert not got.breaks_global.any()


def test_the_sample_of_a_class_can_be_chosen() -> None:
    metrics = np.array([[3.0, 0], [9.0, 0], [1.0, 0], [4.0, 0], [0, 8.0]])
    labels = [0, 0, 0, 0, 1]
    assert metric_matrix(metrics, labels, "first").indices.tolist() == [0, 4]
    assert metric_matrix(metrics, labels, "median").indices.tolist() == [0, 4]  # 1, 3, 4, 9: the lower
    assert metric_matrix(np.zeros((4, 1)), [0] * 4, "median").indices.tolist() == [1]
    assert metric_matrix(metrics, labels, [4, 2]).indices.tolist() == [2, 4]
    assert metric_matrix(metrics, labels, np.array([1])).indices.tolist() == [1, -1]
    drawn = [tuple(metric_matrix(metrics, labels, "random", seed=s).indices) for s in range(40)]
    assert {pair[0] for pair in drawn} == {0, 1, 2, 3}
    assert drawn[7] == tuple(metric_matrix(metrics, labels, "random", seed=7).indices)


@pytest.mark.parametrize(
    ("pick", "told"),
    [
        ("best", "first, median, random, or indices; got 'best'"),
        ([0, 5], r"0\.\.3; got 5"),
        ([-1], r"0\.\.3; got -1"),
        ([0, 1], "several of class 0"),
        ([], "whole numbers"),
        ([0.0], "whole numbers"),
    ],
)
def test_a_choice_that_cannot_be_is_told(pick, told) -> None:
    with pytest.raises(MetricError, match=told):
        metric_matrix(np.eye(4), [0, 0, 1, 2], pick)
