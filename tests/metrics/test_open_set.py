import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logsumexp
from scipy.special import softmax as plain_softmax
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from lossviz.core.errors import MetricError
from lossviz.metrics import open_set

scores = st.lists(
    st.one_of(st.integers(-3, 3).map(float), st.floats(-100, 100, width=32)), min_size=1, max_size=20
)


@given(scores, scores)
def test_the_curve_is_that_of_counting_at_every_threshold(known, unknown) -> None:
    got = open_set.roc(known, unknown)
    assert got.thresholds.tolist() == [*sorted({*known, *unknown}, reverse=True), -math.inf]
    for t, true, false in zip(got.thresholds, got.true_accept, got.false_accept, strict=True):
        assert true == sum(v > t for v in known) / len(known)
        assert false == sum(v > t for v in unknown) / len(unknown)
    assert (got.true_accept[0], got.false_accept[0]) == (0, 0)
    assert (got.true_accept[-1], got.false_accept[-1]) == (1, 1)


@given(scores, scores)
def test_curve_and_area_are_those_of_scikit_learn(known, unknown) -> None:
    truth, all_scores = [1] * len(known) + [0] * len(unknown), [*known, *unknown]
    false, true, _ = roc_curve(truth, all_scores, drop_intermediate=False)
    got = open_set.roc(known, unknown)
    np.testing.assert_allclose(got.false_accept, false, atol=1e-12)
    np.testing.assert_allclose(got.true_accept, true, atol=1e-12)
    assert open_set.auroc(known, unknown) == pytest.approx(roc_auc_score(truth, all_scores), abs=1e-12)


@given(scores, scores)
def test_average_precision_is_that_of_scikit_learn(known, unknown) -> None:
    truth, all_scores = [1] * len(known) + [0] * len(unknown), [*known, *unknown]
    expected = average_precision_score(truth, all_scores)
    assert open_set.aupr(known, unknown) == pytest.approx(expected, abs=1e-12)


def test_average_precision_by_hand() -> None:
    """Falling: known 4, unknown 3, known 2: precision 1 at recall ½, 2/3 at recall 1."""
    assert open_set.aupr([4.0, 2.0], [3.0]) == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    assert open_set.aupr([1.0] * 3, [1.0]) == pytest.approx(0.75)


@given(scores, scores)
def test_the_area_is_the_share_of_pairs_in_the_right_order(known, unknown) -> None:
    pairs = [(k > u) + (k == u) / 2 for k in known for u in unknown]
    assert open_set.auroc(known, unknown) == pytest.approx(sum(pairs) / len(pairs), abs=1e-12)
    mirrored = open_set.auroc(unknown, known)
    assert open_set.auroc(known, unknown) + mirrored == pytest.approx(1, abs=1e-12)


@given(scores, scores, st.sampled_from([0.05, 0.5, 0.8, 0.95, 1.0]))
def test_no_threshold_with_enough_known_accepts_fewer_unknown(known, unknown, share) -> None:
    false, threshold = open_set.fpr_at_tpr(known, unknown, share)
    assert sum(k > threshold for k in known) / len(known) >= share
    assert false == sum(u > threshold for u in unknown) / len(unknown)
    tried = sorted({*known, *unknown})
    for t in [tried[0] - 1, *tried, *((a + b) / 2 for a, b in zip(tried[1:], tried, strict=False))]:
        if sum(k > t for k in known) / len(known) >= share:
            assert sum(u > t for u in unknown) / len(unknown) >= false


def test_rates_by_hand() -> None:
    known, unknown = [1.0, 2.0, 2.0, 5.0], [0.0, 2.0, 4.0]
    got = open_set.rates(known, unknown, 2.0)
    assert (got.known_accepted, got.known, got.true_accept) == (1, 4, 0.25)
    assert (got.unknown_accepted, got.unknown, got.false_accept) == (1, 3, pytest.approx(1 / 3))
    assert open_set.rates(known, unknown, -math.inf).false_accept == 1
    assert open_set.rates(known, unknown, math.inf).true_accept == 0
    assert open_set.fpr_at_tpr(known, unknown, 0.75) == (pytest.approx(2 / 3), 1.0)
    assert open_set.fpr_at_tpr(known, unknown, 1.0) == (pytest.approx(2 / 3), 0.0)
    assert open_set.fpr_at_tpr([0.0, 9.0], [1.0], 1.0) == (1.0, -math.inf)


def test_ninety_five_percent_of_a_hundred_are_ninety_five() -> None:
    false, threshold = open_set.fpr_at_tpr(np.arange(100.0), np.arange(100.0))
    assert (false, threshold) == (0.95, 4.0)


def test_equal_responses_tell_nothing_apart() -> None:
    assert open_set.auroc([2.0] * 5, [2.0] * 3) == 0.5
    got = open_set.roc([2.0] * 5, [2.0] * 3)
    assert got.true_accept.tolist() == got.false_accept.tolist() == [0, 1]


def test_a_response_is_the_largest_metric() -> None:
    got = open_set.responses(np.array([[1, 3, 2], [-5, -7, -6]], np.float32))
    assert (got.tolist(), got.dtype) == ([3.0, -5.0], np.float64)


def test_other_responses_are_those_of_scipy() -> None:
    metrics = np.random.default_rng(0).normal(0, 3, (50, 6))
    largest = plain_softmax(metrics, axis=1).max(1)
    odds = open_set.responses(metrics, "softmax")
    assert odds == pytest.approx(np.log(largest / (1 - largest)), abs=1e-9)
    assert open_set.responses(metrics, "energy") == pytest.approx(logsumexp(metrics, axis=1), abs=1e-12)


def test_probabilities_that_would_round_to_one_keep_their_order() -> None:
    """Two classes: the log odds of the larger are the difference of both metrics."""
    metrics = np.array([[100.0, 0.0], [0.0, 200.0], [5.0, 5.0]])
    assert open_set.responses(metrics, "softmax").tolist() == pytest.approx([100, 200, 0])
    assert open_set.responses(metrics * 1e4, "energy").tolist() == pytest.approx(
        [1e6, 2e6, 5e4 + math.log(2)]
    )


def test_with_one_class_its_probability_is_one() -> None:
    assert open_set.responses(np.array([[3.0]]), "softmax").tolist() == [math.inf]
    assert open_set.responses(np.array([[3.0]]), "energy").tolist() == [3.0]


def test_a_response_that_is_none_is_told() -> None:
    with pytest.raises(MetricError, match="metric, softmax, energy"):
        open_set.responses(np.zeros((2, 3)), "margin")  # type: ignore[arg-type]


def test_a_thinned_curve_lies_on_the_whole_one() -> None:
    draw = np.random.default_rng(2)
    known, unknown = draw.normal(2, 1, 3000), draw.normal(0, 1, 2000)
    whole, thin = open_set.roc(known, unknown), open_set.roc(known, unknown, 100)
    assert len(whole.thresholds) == 5001
    assert 50 <= len(thin.thresholds) <= 100
    places = {t: n for n, t in enumerate(whole.thresholds)}
    for t, true, false in zip(thin.thresholds, thin.true_accept, thin.false_accept, strict=True):
        assert (whole.true_accept[places[t]], whole.false_accept[places[t]]) == (true, false)
    assert (thin.true_accept[0], thin.false_accept[-1]) == (0, 1)
    area = np.trapezoid(thin.true_accept, thin.false_accept)
    assert area == pytest.approx(open_set.auroc(known, unknown), abs=0.01)


@pytest.mark.parametrize("wrong", [[], [[1.0]], [math.nan], [math.inf], ["a"], 3.0])
def test_responses_that_cannot_be_measured_are_told(wrong) -> None:
    for ask in (open_set.roc, open_set.auroc, open_set.fpr_at_tpr, lambda k, u: open_set.rates(k, u, 0.0)):
        with pytest.raises(MetricError, match="responses to known"):
            ask(wrong, [1.0])
        with pytest.raises(MetricError, match="responses to unknown"):
            ask([1.0], wrong)


def test_a_share_or_threshold_that_is_none_is_told() -> None:
    for share in (0.0, 1.5, math.nan):
        with pytest.raises(MetricError, match="above 0"):
            open_set.fpr_at_tpr([1.0], [0.0], share)
    with pytest.raises(MetricError, match="got nan"):
        open_set.rates([1.0], [0.0], math.nan)
