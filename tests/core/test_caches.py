"""Caches that all visitors share: made once, looked at seldom, bounded."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from lossviz.core import caches
from lossviz.core.caches import ByteCache, Recent, TimedValue


class Clock:
    """A clock that stands until it is moved."""

    now = 100.0

    def monotonic(self) -> float:
        """What it shows."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(caches, "time", made)
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


class Sheet:
    """Something of a size."""

    def __init__(self, nbytes: int) -> None:
        self.nbytes = nbytes


def test_those_who_ask_while_it_is_made_wait_for_one_maker() -> None:
    cache: ByteCache[Sheet] = ByteCache(100)
    began, go_on, made = threading.Event(), threading.Event(), []

    def make() -> Sheet:
        began.set()
        assert go_on.wait(60)
        made.append(Sheet(1))
        return made[-1]

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(cache.get, "key", make) for _ in range(8)]
        assert began.wait(60)
        assert cache.peek("key") is None
        go_on.set()
        assert {each.result(60) for each in asked} == {made[0]}
    assert len(made) == 1


def test_an_error_goes_to_all_who_wait_and_is_not_kept() -> None:
    cache: ByteCache[Sheet] = ByteCache(100)
    with pytest.raises(ZeroDivisionError):
        cache.get("key", lambda: 1 / 0)  # type: ignore[arg-type, return-value]
    assert cache.get("key", lambda: Sheet(1)).nbytes == 1


def test_no_more_bytes_are_kept_than_are_allowed_and_the_last_asked_for_stay() -> None:
    cache: ByteCache[Sheet] = ByteCache(100)
    for name in "ab":
        cache.get(name, lambda: Sheet(40))
    cache.peek("a")
    cache.get("c", lambda: Sheet(40))
    assert [cache.peek(name) is not None for name in "abc"] == [True, False, True]
    cache.get("huge", lambda: Sheet(101))
    assert cache.peek("huge") is None


def test_of_more_values_than_are_kept_the_oldest_is_forgotten() -> None:
    recent: Recent[list[int]] = Recent(2)
    first = recent.get("a", list)
    assert recent.get("a", list) is first
    recent.get("b", list)
    recent.get("c", list)
    assert recent.peek("a") is None
