import itertools
import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossviz.core.errors import MetricError
from lossviz.metrics import histograms, separation, vectors
from tests.metrics.strategies import labelled_metrics

# class 0: two samples, the second is wrong; class 1: one sample; class 2: none
HAND = np.array([[5.0, 1.0, -2.0], [2.0, 3.0, 0.0], [-1.0, 4.0, 1.5]])
LABELS = np.array([0, 0, 1])


def plain(metrics, labels, right_only=False):
    """Positives, type I and type II negatives of each class, in plain Python."""
    classes = metrics.shape[1]
    positive, one, two = ([[] for _ in range(classes)] for _ in range(3))
    for row, label in zip(metrics.tolist(), labels.tolist(), strict=True):
        others = [v for k, v in enumerate(row) if k != label]
        if right_only and others and row[label] <= max(others):
            continue
        positive[label].append(row[label])
        one[label] += others
        for k, v in enumerate(row):
            if k != label:
                two[k].append(v)
    return positive, one, two


def same(got, lists, summary):
    expected = [summary(part) if part else math.nan for part in lists]
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-9)


@given(labelled_metrics(), st.booleans())
def test_ranges_are_those_of_a_plain_loop(case, right_only) -> None:
    positive, one, two = plain(*case, right_only)
    for kind, negative in (("I", one), ("II", two)):
        got = separation.ranges(*case, kind, right_only)
        assert got.kind == kind
        assert got.counts.tolist() == [len(part) for part in positive]
        for name, summary in (("min", min), ("mean", statistics.fmean), ("max", max)):
            same(getattr(got, f"positive_{name}"), positive, summary)
            same(getattr(got, f"negative_{name}"), negative, summary)


def test_ranges_of_a_hand_made_case() -> None:
    one, two = separation.ranges(HAND, LABELS), separation.ranges(HAND, LABELS, "II")
    np.testing.assert_equal(one.positive_min, [2, 4, math.nan])
    np.testing.assert_equal(one.negative_min, [-2, -1, math.nan])
    np.testing.assert_equal(one.negative_max, [3, 1.5, math.nan])
    np.testing.assert_equal(two.negative_max, [-1, 3, 1.5])
    np.testing.assert_equal(two.negative_mean, [-1, 2, -0.5 / 3])
    assert one.lowest_positive == (3.0, 1.0)
    assert one.highest_negative == (2.25, 0.75)


def test_only_right_samples_are_shown_as_in_the_paper() -> None:
    got = separation.ranges(HAND, LABELS, right_only=True)
    np.testing.assert_equal(got.positive_min, [5, 4, math.nan])
    assert got.counts.tolist() == [1, 1, 0]
    nothing = separation.ranges(np.zeros((2, 2)), [0, 1], right_only=True)
    assert np.isnan(nothing.positive_mean).all()
    assert np.isnan(nothing.negative_mean).all()
    assert all(map(math.isnan, (*nothing.lowest_positive, *nothing.highest_negative)))


def test_the_overlap_reaches_from_the_smallest_positive_to_the_largest_negative() -> None:
    got = separation.overlap(HAND, LABELS)
    assert (got.low, got.high, got.width, got.samples) == (2.0, 3.0, 1.0, 3)
    assert got.positives_inside == pytest.approx(1 / 3)  # the positive 2 of the second sample
    assert got.negatives_inside == pytest.approx(1 / 3)  # the negative 3 of the second sample
    assert got.samples_inside == pytest.approx(1 / 3)


def test_a_gap_has_a_negative_width_and_holds_nobody() -> None:
    got = separation.overlap(HAND, LABELS, right_only=True)
    assert (got.low, got.high, got.width, got.samples) == (4.0, 1.5, -2.5, 2)
    assert (got.positives_inside, got.negatives_inside, got.samples_inside) == (0, 0, 0)


@given(labelled_metrics())
def test_the_overlap_is_that_of_a_plain_loop(case) -> None:
    metrics, labels = case
    positive, one, _ = plain(metrics, labels)
    got = separation.overlap(metrics, labels)
    low = min(v for part in positive for v in part)
    if metrics.shape[1] == 1:
        assert math.isnan(got.width)
        assert got.samples_inside == 0
        return
    high = max(v for part in one for v in part)
    assert (got.low, got.high, got.width) == (low, high, high - low)
    pairs = [
        (row[k], max(v for j, v in enumerate(row) if j != k))
        for row, k in zip(metrics.tolist(), labels.tolist(), strict=True)
    ]
    assert got.positives_inside == pytest.approx(sum(p <= high for p, _ in pairs) / len(pairs))
    assert got.negatives_inside == pytest.approx(sum(n >= low for _, n in pairs) / len(pairs))
    either = sum(p <= high or n >= low for p, n in pairs)
    assert got.samples_inside == pytest.approx(either / len(pairs))


def test_the_overlap_of_no_samples_is_not_a_number() -> None:
    got = separation.overlap(np.zeros((2, 2)), [0, 1], right_only=True)
    assert math.isnan(got.width)
    assert got.samples == 0


@given(labelled_metrics(), st.booleans(), st.integers(1, 7))
def test_histograms_are_those_of_a_plain_loop_over_the_edges(case, right_only, bins) -> None:
    positive, one, _ = plain(*case, right_only)
    got = histograms.histograms(*case, bins, right_only)
    assert len(got.edges) == bins + 1
    assert got.edges[0] <= case[0].min()
    assert got.edges[-1] >= case[0].max()
    for parts, counts, density in (
        (positive, got.positive_counts, got.positive_density),
        (one, got.negative_counts, got.negative_density),
    ):
        flat = [v for part in parts for v in part]
        ends = got.edges.tolist()
        last = len(ends) - 2
        for i, (low, high) in enumerate(itertools.pairwise(ends)):
            assert counts[i] == sum(low <= v < high or (i == last and v == high) for v in flat)
        assert counts.sum() == len(flat)
        assert (density * np.diff(got.edges)).sum() == pytest.approx(1.0 if flat else 0.0)


@given(labelled_metrics())
def test_even_edges_give_the_same_counts_when_they_are_given(case) -> None:
    own = histograms.histograms(*case, 7)
    given_edges = histograms.histograms(*case, own.edges)
    np.testing.assert_array_equal(own.positive_counts, given_edges.positive_counts)
    np.testing.assert_array_equal(own.negative_counts, given_edges.negative_counts)


def test_what_lies_outside_of_given_edges_is_left_out() -> None:
    got = histograms.histograms(HAND, LABELS, [0.0, 1.0, 4.0])
    assert got.positive_counts.tolist() == [0, 2]  # 2 and 4; 5 is outside
    assert got.negative_counts.tolist() == [1, 3]  # 0; 1, 3, 1.5; −2 and −1 are outside
    assert got.positive_density.tolist() == pytest.approx([0, 2 / 3 / 3])
    for wrong in ([0.0], [1.0, 1.0], [2.0, 1.0], [0.0, math.nan]):
        with pytest.raises(MetricError, match="edges"):
            histograms.histograms(HAND, LABELS, wrong)
    with pytest.raises(MetricError, match="at least one bin; got 0"):
        histograms.histograms(HAND, LABELS, 0)


@pytest.mark.parametrize("value", [0.0, -3.0, 1e18])
def test_a_histogram_of_equal_metrics_has_edges_that_rise(value) -> None:
    got = histograms.histograms(np.full((2, 3), value), [0, 1], 10)
    assert (np.diff(got.edges) > 0).all()
    assert (got.positive_counts.sum(), got.negative_counts.sum()) == (2, 4)


@given(labelled_metrics(), st.integers(0, 4))
def test_the_metrics_of_one_class_are_those_of_a_plain_loop(case, number) -> None:
    number = min(number, case[0].shape[1] - 1)
    for right_only in (False, True):
        got = separation.of_class(*case, number, right_only)
        lists = [part[number] for part in plain(*case, right_only)]
        assert [got.positive.tolist(), got.type_one.tolist(), got.type_two.tolist()] == lists


def test_a_class_that_does_not_exist_is_told() -> None:
    for wrong in (3, -1, 1.0):
        with pytest.raises(MetricError, match=r"0\.\.2"):
            separation.of_class(HAND, LABELS, wrong)


@given(labelled_metrics(), st.booleans(), st.lists(st.integers(-4, 4).map(float), min_size=5, max_size=5))
def test_shares_at_thresholds_are_those_of_a_plain_loop(case, right_only, limits) -> None:
    limits = limits[: case[0].shape[1]]
    positive, one, two = plain(*case, right_only)
    for kind, negative in (("I", one), ("II", two)):
        above, below = separation.shares_at(*case, limits, kind, right_only)
        pairs = list(zip(positive, negative, limits, strict=True))
        expected = [sum(v > t for v in p) / len(p) if p else math.nan for p, _, t in pairs]
        np.testing.assert_allclose(above, expected)
        expected = [sum(v <= t for v in n) / len(n) if n else math.nan for _, n, t in pairs]
        np.testing.assert_allclose(below, expected)


def test_no_threshold_no_share() -> None:
    above, below = separation.shares_at(HAND, LABELS, [0.0, math.nan, 0.0])
    np.testing.assert_equal(above, [1, math.nan, math.nan])
    np.testing.assert_equal(below, [0.5, math.nan, math.nan])


def test_a_bias_moves_type_two_negatives_with_the_positives_of_the_class() -> None:
    """002 Section IV.C: biases can split type II negatives where they cannot split type I."""
    metrics, labels, bias = np.array([[1.0, 3.0], [-1.0, 5.0]]), [0, 1], np.array([0.0, -4.0])
    for kind, below in (("I", [0, 1]), ("II", [1, 1])):
        shares = separation.shares_at(metrics, labels, -bias, kind)
        assert [share.tolist() for share in shares] == [[1, 1], below]
    assert separation.overlap(metrics + bias, labels).width < 0 < separation.overlap(metrics, labels).width
    with pytest.raises(MetricError, match="each of 2 classes; got 3"):
        separation.shares_at(metrics, labels, [0.0, 1.0, 2.0])


def test_blocks_of_rows_change_nothing(monkeypatch) -> None:
    draw = np.random.default_rng(1)
    metrics, labels = draw.normal(size=(40, 6)).astype(np.float32), draw.integers(0, 6, 40)
    functions = (
        lambda: separation.ranges(metrics, labels).negative_mean,
        lambda: separation.ranges(metrics, labels, "II", True).negative_mean,
        lambda: separation.shares_at(metrics, labels, 0.1)[1],
        lambda: separation.shares_at(metrics, labels, 0.1, "II", True)[1],
        lambda: histograms.histograms(metrics, labels).negative_counts,
    )
    whole = [function() for function in functions]
    monkeypatch.setattr(vectors, "CHUNK", 25)
    for function, before in zip(functions, whole, strict=True):
        np.testing.assert_allclose(function(), before, rtol=1e-12)


def test_what_cannot_be_measured_is_told() -> None:
    for function in (
        separation.ranges,
        separation.overlap,
        histograms.histograms,
        lambda m, k: separation.of_class(m, k, 0),
        lambda m, k: separation.shares_at(m, k, 0.0),
    ):
        with pytest.raises(MetricError, match="labels"):
            function(HAND, [0, 0, 3])
        with pytest.raises(MetricError, match="finite"):
            function(np.full((3, 3), math.inf), LABELS)
    for function in (separation.ranges, lambda m, k, kind: separation.shares_at(m, k, 0.0, kind)):
        with pytest.raises(MetricError, match="got 'III'"):
            function(HAND, LABELS, "III")


def all_negatives(metrics, labels):
    return sorted(
        (
            float(v)
            for row, label in zip(metrics, labels, strict=True)
            for k, v in enumerate(row)
            if k != label
        ),
        reverse=True,
    )


@pytest.mark.parametrize("most", [0, 1, 7, 43, 60, 1000])
@pytest.mark.parametrize("block", [1, 11, 2_000_000])
def test_the_largest_negatives_are_the_first_of_all_sorted_negatives(monkeypatch, most, block):
    """Also where blocks hold fewer numbers than are asked for."""
    monkeypatch.setattr(vectors, "CHUNK", block)
    draw = np.random.default_rng(3)
    metrics = draw.integers(-5, 5, size=(15, 5)).astype(np.float32)
    labels = draw.integers(0, 5, size=15)
    assert (
        separation.largest_negatives(metrics, labels, most).tolist() == all_negatives(metrics, labels)[:most]
    )


def test_one_class_has_no_negatives():
    assert separation.largest_negatives(np.ones((4, 1)), np.zeros(4, int), 10).tolist() == []


def test_the_largest_of_metrics_that_are_not_finite_are_refused():
    with pytest.raises(MetricError, match="finite"):
        separation.largest_negatives(np.array([[1.0, np.nan]]), np.array([0]), 3)
