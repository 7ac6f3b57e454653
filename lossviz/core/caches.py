"""Caches that all visitors of the app share: values that age, and bytes that are made once."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")
# A value rests for so many times what making it took: a busy machine gets fewer looks, not a queue of them.
REST = 10.0


class TimedValue(Generic[T]):
    """A value that is made again when it is older than `rest_s` seconds, and than `rest` times what it cost.

    One thread makes it; others that ask meanwhile wait and get the same.
    """

    def __init__(self, make: Callable[[], T], rest_s: Callable[[T], float], rest: float = REST) -> None:
        self._make, self._rest_s, self._rest = make, rest_s, rest
        self._lock = threading.Lock()
        self._known: tuple[float, T] | None = None

    def peek(self) -> T | None:
        """The value while it is young enough, at once; else None."""
        known = self._known
        return known[1] if known is not None and time.monotonic() < known[0] else None

    def get(self) -> T:
        """The value; made first where it is too old."""
        known = self.peek()
        if known is not None:
            return known
        with self._lock:
            known = self.peek()
            return self._made() if known is None else known

    def renew(self) -> T:
        """The value as it is now, whatever was known."""
        with self._lock:
            return self._made()

    def _made(self) -> T:
        began = time.monotonic()
        made = self._make()
        now = time.monotonic()
        self._known = (now + max(self._rest_s(made), self._rest * (now - began)), made)
        return made


class Recent(Generic[T]):
    """The values that were asked for last, by key; of more than `most` the oldest is forgotten."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._values: OrderedDict[Hashable, T] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of a key; `make` must be quick, others wait for it."""
        with self._lock:
            if key not in self._values:
                self._values[key] = make()
            self._values.move_to_end(key)
            while len(self._values) > self._most:
                self._values.popitem(last=False)
            return self._values[key]

    def peek(self, key: Hashable) -> T | None:
        """The value of a key, if there is one."""
        return self._values.get(key)


class Sized(Protocol):
    """Something that takes memory."""

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""


S = TypeVar("S", bound=Sized)


class ByteCache(Generic[S]):
    """Values by all that determines them, of at most `most` bytes together; each is made once.

    Who asks for one that is being made waits for it.
    """

    def __init__(self, most: int) -> None:
        self._most, self._bytes = most, 0
        self._lock = threading.Lock()
        self._values: OrderedDict[Hashable, S] = OrderedDict()
        self._makers: dict[Hashable, Future[S]] = {}

    def peek(self, key: Hashable) -> S | None:
        """The value if it is there, at once."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def get(self, key: Hashable, make: Callable[[], S]) -> S:
        """The value, made if it is not there; what `make` raises is raised to all who wait."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
            maker = self._makers.get(key)
            own = maker is None
            if maker is None:
                maker = self._makers[key] = Future()
        if own:
            try:
                made = make()
                self._keep(key, made)
                maker.set_result(made)
            except BaseException as error:
                maker.set_exception(error)
            finally:
                with self._lock:
                    del self._makers[key]
        return maker.result()

    def _keep(self, key: Hashable, made: S) -> None:
        with self._lock:
            self._values[key] = made
            self._bytes += made.nbytes
            while self._bytes > self._most and self._values:
                _, old = self._values.popitem(last=False)
                self._bytes -= old.nbytes
