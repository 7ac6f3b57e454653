"""Values that are made once, and which of them are kept."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from lossviz.core.cache import Cache


class Sheet:
    """Something of a size."""

    def __init__(self, nbytes: int) -> None:
        self.nbytes = nbytes


def test_those_who_ask_while_it_is_made_wait_for_one_maker() -> None:
    cache: Cache[Sheet] = Cache(bytes=100)
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
        # Who wants something else does not wait.
        assert cache.get("other", lambda: Sheet(2)).nbytes == 2
        go_on.set()
        assert {each.result(60) for each in asked} == {made[0]}
    assert len(made) == 1


def test_what_fails_is_tried_again_by_the_next_who_waits() -> None:
    cache: Cache[Sheet] = Cache(bytes=100)
    began, go_on = threading.Event(), threading.Event()

    def fail() -> Sheet:
        began.set()
        assert go_on.wait(60)
        raise ZeroDivisionError

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(cache.get, "key", fail)
        assert began.wait(60)
        second = pool.submit(cache.get, "key", lambda: Sheet(1))
        go_on.set()
        with pytest.raises(ZeroDivisionError):
            first.result(60)
        assert second.result(60).nbytes == 1


def test_no_more_bytes_are_kept_than_are_allowed_and_the_last_asked_for_stay() -> None:
    cache: Cache[Sheet] = Cache(bytes=100)
    for name in "ab":
        cache.get(name, lambda: Sheet(40))
    cache.peek("a")
    cache.get("c", lambda: Sheet(40))
    assert [cache.peek(name) is not None for name in "abc"] == [True, False, True]
    # The newest stays, whatever its size: it would be made again at once.
    cache.get("huge", lambda: Sheet(101))
    assert [cache.peek(name) is not None for name in ("a", "b", "c", "huge")] == [False, False, False, True]
    cache.put("huge", Sheet(1))
    cache.get("d", lambda: Sheet(99))
    assert len(cache) == 2


def test_of_more_values_than_are_kept_the_oldest_is_forgotten() -> None:
    recent: Cache[list[int]] = Cache(2)
    first = recent.get("a", list)
    assert recent.get("a", list) is first
    recent.get("b", list)
    recent.get("c", list)
    assert recent.peek("a") is None
