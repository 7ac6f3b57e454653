import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from lossviz.core.errors import MetricError
from lossviz.metrics.corollary import learned_bias, least_gamma, most_classes, separates

bounds = st.tuples(st.floats(-50, 50), st.floats(0.01, 100)).map(lambda b: (b[0], b[0] + b[1]))


def printed(classes, low, high):
    """002 Eq. 45 as printed, with 600 digits."""
    with localcontext() as context:
        context.prec = 600
        n, a, b = Decimal(classes), Decimal(low), Decimal(high)
        root = ((n - 2) ** 2 * (2 * a).exp() + 4 * (n - 1) * (a + b).exp()).sqrt()
        return float((((n - 2) * a.exp() + root) / 2).ln())


@given(st.integers(2, 10**6), bounds)
def test_the_learned_bias_is_equation_45(classes, ends) -> None:
    assert learned_bias(classes, *ends) == pytest.approx(printed(classes, *ends), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("gamma", [1, 16, 96, 512])
@pytest.mark.parametrize("classes", [2, 3, 10, 1000])
def test_no_scale_overflows(classes, gamma) -> None:
    assert learned_bias(classes, -gamma, gamma) == pytest.approx(printed(classes, -gamma, gamma), abs=1e-11)


@given(st.integers(2, 5000), st.floats(-20, 20), st.floats(0.1, 25))
def test_the_learned_bias_is_where_the_perfectly_trained_loss_is_least(classes, low, width) -> None:
    high = low + width

    def slope(bias):
        own, other = 1 / (1 + math.exp(high - bias)), 1 / (1 + math.exp(bias - low))
        return own - (classes - 1) * other

    got = learned_bias(classes, low, high)
    assert slope(got - 1e-6) < 0 < slope(got + 1e-6)


def test_a_search_over_the_loss_finds_the_same_bias() -> None:
    for classes, low, high in ((2, -3.0, 1.0), (10, -4.0, 4.0), (100, -2.0, 2.0), (1000, 0.0, 9.0)):

        def loss(bias, classes=classes, low=low, high=high):
            return np.logaddexp(0, bias - high) + (classes - 1) * np.logaddexp(0, low - bias)

        found = minimize_scalar(loss, bracket=(low, high), tol=1e-12)
        assert learned_bias(classes, low, high) == pytest.approx(found.x, abs=1e-5)
        grid = np.linspace(low - 5, high + 5, 20001)
        assert loss(learned_bias(classes, low, high)) <= loss(grid).min() + 1e-12


@given(bounds)
def test_with_two_classes_the_bias_is_the_middle(ends) -> None:
    low, high = ends
    assert learned_bias(2, low, high) == pytest.approx((low + high) / 2, abs=1e-12)
    assert learned_bias(2, -512, 512) == 0
    assert separates(2, low, high)


@given(st.integers(2, 10**6), bounds)
def test_the_bias_lies_between_the_bounds_exactly_when_it_separates(classes, ends) -> None:
    low, high = ends
    limit = (Decimal(high - low).exp() + 3) / 2
    # closer to the bound than a float64 can tell
    assume(abs(classes / limit - 1) > Decimal("1e-9"))
    between = low < printed(classes, low, high) < high
    assert separates(classes, low, high) == between
    assert (low < learned_bias(classes, low, high) < high) == between


@given(st.floats(0.001, 40))
def test_the_most_classes_separate_and_one_more_does_not(width) -> None:
    most = most_classes(-1.0, width - 1.0)
    assert isinstance(most, int)
    assert separates(most, -1.0, width - 1.0)
    assert not separates(most + 1, -1.0, width - 1.0)


def test_counts_of_classes_by_hand() -> None:
    # (e^2 + 3)/2 = 5.19; (e^4 + 3)/2 = 28.8
    assert most_classes(-1, 1) == 5
    assert most_classes(-2, 2) == 28
    assert most_classes(0, math.log(7)) in (4, 5)  # the bound is 5 itself, which rounding may miss
    assert most_classes(0, 1e-300) == 2
    assert most_classes(-512, 512) == math.inf
    assert separates(10**400, -512, 512)
    assert not separates(10**500, -512, 512)


@given(st.integers(2, 10**9))
def test_the_least_gamma_is_where_separation_begins(classes) -> None:
    gamma = least_gamma(classes)
    assert separates(classes, -gamma - 1e-9, gamma + 1e-9)
    if classes > 2:
        assert not separates(classes, -gamma + 1e-9, gamma - 1e-9)


def test_scales_by_hand() -> None:
    assert least_gamma(2) == 0
    assert least_gamma(10) == pytest.approx(1.41660667)  # log(17)/2
    assert least_gamma(1000) == pytest.approx(3.79970110)  # log(1997)/2


@pytest.mark.parametrize("classes", [1, 0, 2.5, True, "10"])
def test_fewer_than_two_classes_are_told(classes) -> None:
    for ask in (lambda: learned_bias(classes, -1, 1), lambda: least_gamma(classes)):
        with pytest.raises(MetricError, match="from 2 on"):
            ask()


@pytest.mark.parametrize("ends", [(1.0, 1.0), (2.0, 1.0), (-math.inf, 0.0), (0.0, math.nan)])
def test_bounds_in_the_wrong_order_are_told(ends) -> None:
    for ask in (lambda: learned_bias(3, *ends), lambda: separates(3, *ends), lambda: most_classes(*ends)):
        with pytest.raises(MetricError, match="lower bound below"):
            ask()
