"""Caches that all visitors share: made once, looked at seldom, bounded."""

from __future__ import annotations

import pytest

from lossviz.core import timed_value
from lossviz.core.timed_value import TimedValue


class Clock:
    """A clock that stands until it is moved."""

    now = 100.0

    def monotonic(self) -> float:
        """What it shows."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(timed_value, "time", made)
    return made


def test_a_value_is_made_again_only_when_it_is_old(clock: Clock) -> None:
    made: list[float] = []
    value = TimedValue(lambda: made.append(clock.now) or len(made), lambda _: 0.2)
    assert [value.get(), value.get()] == [1, 1]
    clock.now += 0.19
    assert (value.get(), value.peek()) == (1, 1)
    clock.now += 0.02
    assert (value.peek(), value.get()) == (None, 2)
    assert value.renew() == 3


def test_what_costs_more_rests_longer(clock: Clock) -> None:
    def slow() -> float:
        clock.now += 1.0
        return clock.now

    value = TimedValue(slow, lambda _: 0.2, rest=3.0)
    first = value.get()
    clock.now += 2.9
    assert value.get() == first
    clock.now += 0.2
    assert value.get() > first


def test_a_value_whose_making_fails_is_asked_for_again() -> None:
    answers = iter([OSError("no"), 5])

    def make() -> int:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    value = TimedValue(make, lambda _: 9.0)
    with pytest.raises(OSError, match="no"):
        value.get()
    assert value.get() == 5
