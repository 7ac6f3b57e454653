"""McNemar's test against published numbers, scipy's binomial test and a sum over all outcomes."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from lossviz.core.errors import MetricError
from lossviz.metrics.paired import Paired, mcnemar


def pair(gained: int, lost: int, right: int = 3, wrong: int = 2) -> tuple[Any, Any]:
    """Which samples a first and a second classifier get right."""
    first = [False] * gained + [True] * lost + [True] * right + [False] * wrong
    second = [True] * gained + [False] * lost + [True] * right + [False] * wrong
    return np.array(first), np.array(second)


def test_the_published_example() -> None:
    # Fagerland, Lydersen and Laake (2013), airway hyper-responsiveness of 21 children before and after
    # transplantation, 1 and 7 discordant: exact 0.0703, mid-p 0.0391.
    found = mcnemar(*pair(7, 1, right=1, wrong=12))
    assert (found.samples, found.gained, found.lost) == (21, 7, 1)
    assert found.exact == pytest.approx(0.0703, abs=5e-5)
    assert found.mid == pytest.approx(0.0391, abs=5e-5)


@pytest.mark.parametrize(
    ("gained", "lost"), [(0, 0), (1, 0), (0, 5), (4, 4), (9, 2), (40, 61), (300, 250), (2000, 1900)]
)
def test_exact_is_the_binomial_test_and_mid_p_takes_half_of_what_was_seen(gained: int, lost: int) -> None:
    found, changed = mcnemar(*pair(gained, lost)), gained + lost
    exact = binomtest(gained, changed).pvalue if changed else 1.0
    assert found.exact == pytest.approx(exact, rel=1e-9)
    fewer = min(gained, lost)
    there = binom.pmf(fewer, changed, 0.5)
    mid = 2 * binom.cdf(fewer, changed, 0.5) - there if gained != lost else 1 - there / 2
    assert found.mid == pytest.approx(mid if changed else 1.0, rel=1e-9)
    assert found.mid <= found.exact
    assert found.least <= found.mid


@pytest.mark.parametrize(("gained", "lost"), [(3, 1), (0, 4), (5, 5), (2, 7)])
def test_counted_over_all_ways_in_which_changes_could_have_gone(gained: int, lost: int) -> None:
    changed, fewer = gained + lost, min(gained, lost)
    ends = [min(sum(way), changed - sum(way)) for way in product((0, 1), repeat=changed)]
    beyond, same = sum(end < fewer for end in ends), sum(end == fewer for end in ends)
    found = mcnemar(*pair(gained, lost))
    assert found.exact == pytest.approx((beyond + same) / 2**changed)
    assert found.mid == pytest.approx((beyond + same / 2) / 2**changed)


def test_the_order_of_the_two_turns_gained_into_lost_and_what_both_get_does_not_count() -> None:
    one, other = mcnemar(*pair(9, 3)), mcnemar(*reversed(pair(9, 3, right=500, wrong=100)))
    assert (one.gained, one.lost, one.mid) == (other.lost, other.gained, other.mid)
    assert mcnemar(np.ones(4, bool), np.ones(4, bool)) == Paired(4, 0, 0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("first", "second"), [([True], [True, False]), ([1, 0], [True, False]), ([[True]], [[True]])]
)
def test_what_are_no_answers_to_the_same_samples_is_refused(first: Any, second: Any) -> None:
    with pytest.raises(MetricError, match="of the same samples"):
        mcnemar(first, second)
