import itertools
import math
import tracemalloc
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossviz.core.errors import LossvizError, MetricError
from lossviz.metrics import uniform, vectors
from tests.metrics.strategies import labelled_metrics as cases


def right_at(metrics, labels, t):
    """The samples that are right at t, by the definition (002 Eq. 7), in plain Python."""
    right = []
    for row, label in zip(metrics.tolist(), labels.tolist(), strict=True):
        others = [v for k, v in enumerate(row) if k != label]
        right.append(row[label] > t and all(t >= v for v in others))
    return right


def thresholds_to_try(metrics):
    """Every entry, the middle between each two neighbours, and beyond both ends."""
    ends = sorted({float(v) for v in metrics.ravel()})
    middles = [(a + b) / 2 for a, b in itertools.pairwise(ends)]
    return sorted([ends[0] - 1, *ends, *middles, ends[-1] + 1])


def most_right(metrics, labels):
    return max(sum(right_at(metrics, labels, t)) for t in thresholds_to_try(metrics))


@given(cases())
def test_the_three_accuracies_are_those_of_trying_every_threshold(case) -> None:
    metrics, labels = case
    got = uniform.evaluate(metrics, labels)
    n = len(labels)
    assert got.uniform == most_right(metrics, labels) / n
    by_class = [
        most_right(metrics[labels == k], labels[labels == k]) for k in range(metrics.shape[1]) if k in labels
    ]
    assert got.class_wise == sum(by_class) / n
    own = [most_right(metrics[i : i + 1], labels[i : i + 1]) for i in range(n)]
    assert got.sample_wise == sum(own) / n


@given(cases())
def test_the_reported_thresholds_reach_the_reported_accuracies(case) -> None:
    metrics, labels = case
    got = uniform.evaluate(metrics, labels)
    if got.uniform == 0:
        assert math.isnan(got.threshold)
    else:
        assert sum(right_at(metrics, labels, got.threshold)) / len(labels) == got.uniform
    assert got.class_thresholds.shape == (metrics.shape[1],)
    reached = 0
    for k, t in enumerate(got.class_thresholds):
        mine = labels == k
        if math.isnan(t):
            assert not mine.any() or most_right(metrics[mine], labels[mine]) == 0
        else:
            reached += sum(right_at(metrics[mine], labels[mine], t))
    assert got.class_wise == reached / len(labels)


@given(cases())
def test_uniform_is_at_most_class_wise_is_at_most_sample_wise(case) -> None:
    got = uniform.evaluate(*case)
    assert got.uniform <= got.class_wise <= got.sample_wise


def test_a_hand_made_case_has_three_different_accuracies() -> None:
    metrics = np.array(
        [
            [3.0, 0.0, 0.0],  # right on [0, 3)
            [9.0, 5.0, 1.0],  # right on [5, 9), but not together with the first
            [1.0, 4.0, 0.0],  # right on [1, 4)
            [7.0, 8.0, 6.0],  # right on [7, 8)
            [2.0, 2.0, 2.0],  # never: the positive equals a negative
        ]
    )
    got = uniform.evaluate(metrics, np.array([0, 0, 1, 1, 2]))
    assert (got.sample_wise, got.class_wise, got.uniform) == (4 / 5, 2 / 5, 2 / 5)
    assert got.threshold == 2.0  # [1, 3) comes before [7, 8)
    assert got.class_thresholds[:2].tolist() == [1.5, 2.5]
    assert math.isnan(got.class_thresholds[2])


def test_equal_positive_and_negative_are_wrong_and_a_negative_at_the_threshold_is_right() -> None:
    assert uniform.evaluate([[1.0, 1.0]], [0]).sample_wise == 0
    # [0, 1) and [1, 2) share no threshold, [0, 1] and [1, 2] would
    apart = uniform.evaluate([[1.0, 0.0], [2.0, 1.0]], [0, 0])
    assert (apart.sample_wise, apart.uniform) == (1.0, 0.5)


def test_of_ranges_that_touch_the_whole_is_the_range_and_of_others_the_first() -> None:
    assert uniform.best_threshold(np.array([1.0, 2.0]), np.array([0.0, 1.0])) == (0.5, 1.0)
    assert uniform.best_threshold(np.array([9.0, 1.0]), np.array([8.0, 0.0])) == (0.5, 0.5)


def test_a_range_without_a_number_inside_is_reported_by_its_lower_end() -> None:
    low = 1.0 + 2**-52
    high = np.nextafter(low, 2.0)  # the mean of the two rounds up to high
    assert uniform.best_threshold(np.array([high]), np.array([low])) == (1.0, low)
    low32 = np.float32(1) + np.float32(2**-23)
    high32 = np.nextafter(low32, np.float32(2))
    got = uniform.evaluate(np.array([[high32, low32]]), [0])
    assert float(low32) < got.threshold < float(high32)


def test_a_class_without_samples_has_no_threshold_and_costs_nothing() -> None:
    got = uniform.evaluate([[2.0, 0.0, 5.0]], [2])
    assert (got.sample_wise, got.class_wise, got.uniform) == (1, 1, 1)
    assert np.isnan(got.class_thresholds).tolist() == [True, True, False]


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_with_one_class_every_sample_is_right_at_a_threshold_below_all(kind) -> None:
    metrics = np.array([[0.5], [-3e8], [7.0]], kind)
    got = uniform.evaluate(metrics, [0, 0, 0])
    assert (got.sample_wise, got.class_wise, got.uniform) == (1, 1, 1)
    assert (metrics > got.threshold).all()
    assert math.isfinite(got.threshold)
    assert got.class_thresholds.tolist() == [got.threshold]


def test_constant_metrics_are_all_wrong() -> None:
    got = uniform.evaluate(np.full((6, 3), 2.5), [0, 1, 2, 0, 1, 2])
    assert (got.sample_wise, got.class_wise, got.uniform) == (0, 0, 0)
    assert math.isnan(got.threshold)


def test_blocks_of_rows_change_nothing(monkeypatch) -> None:
    draw = np.random.default_rng(3)
    metrics = np.asfortranarray(draw.normal(size=(57, 7)).astype(np.float32))
    labels = draw.integers(0, 7, 57)
    whole = uniform.evaluate(metrics, labels), uniform.softmax(metrics), uniform.at(metrics, labels, 0.5)
    for size in (1, 20, 7 * 19):
        monkeypatch.setattr(vectors, "CHUNK", size)
        part = uniform.evaluate(metrics, labels), uniform.softmax(metrics), uniform.at(metrics, labels, 0.5)
        assert part[0].uniform == whole[0].uniform
        assert part[0].threshold == whole[0].threshold
        np.testing.assert_array_equal(part[0].class_thresholds, whole[0].class_thresholds)
        np.testing.assert_array_equal(part[1], whole[1])
        assert part[2] == whole[2]


def test_the_metrics_are_left_as_they_were_and_hardly_any_memory_is_taken() -> None:
    draw = np.random.default_rng(0)
    metrics = draw.standard_normal((40_000, 200), dtype=np.float32)
    labels = draw.integers(0, 200, 40_000).astype(np.uint8)
    before = metrics.copy()
    tracemalloc.start()
    try:
        uniform.evaluate(metrics, labels)
        taken = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    np.testing.assert_array_equal(metrics, before)
    assert taken < metrics.nbytes


@pytest.mark.parametrize(
    ("metrics", "labels", "told"),
    [
        (np.zeros(3), [0, 0, 0], r"metrics .*\(3,\)"),
        (np.zeros((0, 3)), [], r"metrics .*\(0, 3\)"),
        (np.zeros((2, 0)), [0, 0], r"metrics .*\(2, 0\)"),
        (np.zeros((2, 3)), [0], r"labels .*\(1,\)"),
        (np.zeros((2, 3)), [[0], [1]], r"labels .*\(2, 1\)"),
        (np.zeros((2, 3)), [0, 3], r"labels .*0\.\.2 .*got 3"),
        (np.zeros((2, 3)), [-1, 2], r"labels .*got -1"),
        (np.zeros((2, 3)), [0.0, 1.0], "labels .*float64"),
        (np.array([["a", "b"]]), [0], "metrics .*numbers"),
        (np.zeros((1, 2), complex), [0], "metrics .*numbers"),
        (np.array([[0.0, 1.0], [np.nan, 1.0]]), [0, 1], "1 of 2 rows .*row 1"),
        (np.array([[0.0, np.inf]]), [0], "metrics must be finite"),
        (np.array([[-np.inf, 0.0]]), [0], "metrics must be finite"),
    ],
)
@pytest.mark.parametrize("function", [uniform.evaluate, uniform.curve, lambda m, k: uniform.at(m, k, 0.0)])
def test_what_cannot_be_measured_is_told(function, metrics, labels, told) -> None:
    with pytest.raises(MetricError, match=told):
        function(metrics, labels)
    assert issubclass(MetricError, LossvizError)


def test_whole_numbers_are_metrics_too() -> None:
    assert uniform.evaluate([[3, 0], [1, 2]], [0, 1]).threshold == 1.5


@given(cases())
def test_after_softmax_the_same_samples_are_sample_wise_right(case) -> None:
    metrics, labels = case
    for values in (metrics, metrics * metrics.dtype.type(1e-9), metrics * metrics.dtype.type(1e-30)):
        after = uniform.softmax(values)
        assert after.dtype == values.dtype
        own = np.arange(len(labels)), labels
        for p, m, label in zip(after, values, labels, strict=True):
            was = all(m[label] > v for k, v in enumerate(m) if k != label)
            assert was == all(p[label] > v for k, v in enumerate(p) if k != label)
        assert uniform.evaluate(after, labels).sample_wise == uniform.evaluate(values, labels).sample_wise
        assert (after[own] >= 0).all()


def test_softmax_is_that_of_plain_python_and_does_not_overflow() -> None:
    metrics = np.array([[0.0, 1.0, 2.0], [512.0, -512.0, 0.0], [1e300, -1e308, 0.0]])
    after = uniform.softmax(metrics)
    total = 1 + math.e + math.e**2
    assert after[0] == pytest.approx([1 / total, math.e / total, math.e**2 / total], rel=1e-15)
    assert after[1:].tolist() == [[1, 0, pytest.approx(math.exp(-512))], [1, 0, 0]]
    assert uniform.softmax(np.full((1, 4), 7, np.float32)).tolist() == [[0.25] * 4]


def test_softmax_can_only_help_where_metrics_differ_by_a_shift() -> None:
    # two samples with the same gaps but far apart: no common threshold before, one after
    metrics = np.array([[5.0, 0.0], [105.0, 100.0]])
    assert uniform.evaluate(metrics, [0, 0]).uniform == 0.5
    after = uniform.evaluate(uniform.softmax(metrics), [0, 0])
    assert (after.uniform, after.threshold) == (1.0, pytest.approx(0.5))


@given(cases())
def test_the_curve_is_the_accuracy_at_every_threshold(case) -> None:
    metrics, labels = case
    got = uniform.curve(metrics, labels)
    assert (np.diff(got.thresholds) > 0).all()
    for t in thresholds_to_try(metrics):
        place = max(0, int(np.searchsorted(got.thresholds, t, "right")) - 1)
        rows = list(zip(metrics.tolist(), labels.tolist(), strict=True))
        n = len(rows)
        assert got.accuracy[place] == sum(right_at(metrics, labels, t)) / n
        assert got.positives_right[place] == pytest.approx(sum(r[k] > t for r, k in rows) / n)
        clean = sum(all(v <= t for j, v in enumerate(r) if j != k) for r, k in rows) / n
        assert got.negatives_right[place] == pytest.approx(clean)


def test_a_thinned_curve_keeps_its_maximum_and_its_ends() -> None:
    draw = np.random.default_rng(5)
    metrics = draw.normal(size=(4000, 4))
    labels = draw.integers(0, 4, 4000)
    metrics[np.arange(4000), labels] += 2
    whole, thin = uniform.curve(metrics, labels, 10**6), uniform.curve(metrics, labels, 60)
    best = uniform.evaluate(metrics, labels)
    assert len(whole.thresholds) == 8002
    assert 30 <= len(thin.thresholds) <= 60
    assert thin.accuracy.max() == whole.accuracy.max() == best.uniform
    top = int(thin.accuracy.argmax())
    assert thin.thresholds[top] <= best.threshold < thin.thresholds[top + 1]
    assert thin.thresholds[[0, -1]].tolist() == whole.thresholds[[0, -1]].tolist()
    places = np.searchsorted(whole.thresholds, thin.thresholds)
    np.testing.assert_array_equal(whole.accuracy[places], thin.accuracy)
    assert (thin.positives_right[0], thin.negatives_right[0], thin.accuracy[-1]) == (1, 0, 0)
    with pytest.raises(MetricError, match="got 4"):
        uniform.curve(metrics, labels, 4)


def test_a_curve_of_one_class_and_of_constant_metrics_is_defined() -> None:
    one = uniform.curve([[2.0], [3.0]], [0, 0])
    assert one.thresholds[1:-1].tolist() == [2.0, 3.0]
    assert one.accuracy.tolist() == one.positives_right.tolist() == [1, 0.5, 0, 0]
    assert one.negatives_right.tolist() == [1, 1, 1, 1]
    flat = uniform.curve(np.full((3, 2), 1e6), [0, 1, 0])
    assert flat.accuracy.tolist() == [0, 0, 0]
    assert (np.diff(flat.thresholds) > 0).all()
    with pytest.raises(MetricError, match="finite positive"):
        uniform.curve_of(np.array([np.nan]), np.array([0.0]))


@given(cases(), st.integers(-5, 5).map(lambda v: v / 2))
def test_what_a_threshold_gets_wrong_is_counted_as_in_a_plain_loop(case, t) -> None:
    metrics, labels = case
    counts = {"right": 0, "low_positive": 0, "high_negative": 0, "both": 0}
    false_accepts = true_accepts = 0
    for row, label in zip(metrics.tolist(), labels.tolist(), strict=True):
        high = sum(v > t for k, v in enumerate(row) if k != label)
        false_accepts += high
        true_accepts += row[label] > t
        low = not row[label] > t
        counts[
            "both" if low and high else "low_positive" if low else "high_negative" if high else "right"
        ] += 1
    got = uniform.at(metrics, labels, t)
    assert {name: getattr(got, name) for name in counts} == counts
    assert (got.true_accepts, got.false_accepts) == (true_accepts, false_accepts)
    assert (got.samples, got.negatives) == (len(labels), metrics.size - len(labels))
    assert got.accuracy == counts["right"] / len(labels)
    assert got.true_accept_rate == true_accepts / len(labels)
    if got.negatives:
        assert got.false_accept_rate == false_accepts / got.negatives
    else:
        assert math.isnan(got.false_accept_rate)


def test_a_threshold_is_not_rounded_to_the_precision_of_the_metrics() -> None:
    value = np.float32(0.1)
    just_below = float(np.nextafter(float(value), 0.0))
    metrics = np.array([[value, 0.0]], np.float32)
    assert uniform.at(metrics, [0], just_below).right == 1
    assert uniform.at(metrics, [0], float(value)).right == 0
    assert uniform.at(metrics, [1], just_below).false_accepts == 1


def test_infinite_thresholds_accept_all_or_nothing_and_nan_is_told() -> None:
    assert uniform.at([[1.0, 0.0]], [0], -math.inf).false_accepts == 1
    assert uniform.at([[1.0, 0.0]], [0], math.inf).low_positive == 1
    for wrong in (math.nan, "0", None):
        with pytest.raises(MetricError, match="threshold must be a number"):
            uniform.at([[1.0, 0.0]], [0], wrong)


def test_a_run_that_ran_away_is_measured_without_a_word() -> None:
    metrics = np.array([[np.nan, 1.0], [np.inf, 0.0], [1.0, -np.inf], [2.0, 0.0]], np.float32)
    labels = np.array([0, 0, 0, 0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        positive, negative = uniform.positives_and_negatives(metrics, labels)
        share, threshold = uniform.best_threshold(positive, negative)
    assert (share, threshold) == (0.5, 0.5)


@settings(max_examples=30)
@given(cases(), st.sampled_from([-2.0, 0.5, 4.0]))
def test_a_shift_of_all_metrics_shifts_the_threshold(case, shift) -> None:
    metrics, labels = np.round(case[0].astype(np.float64) * 2) / 2, case[1]
    before, after = uniform.evaluate(metrics, labels), uniform.evaluate(metrics + shift, labels)
    assert before.uniform == after.uniform
    if metrics.shape[1] > 1:
        np.testing.assert_allclose(after.threshold, before.threshold + shift)
        np.testing.assert_allclose(after.class_thresholds, before.class_thresholds + shift)
