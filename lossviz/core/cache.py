"""One cache for all that is made more than once: the values asked for last, by entries or by bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Cache(Generic[T]):
    """Values by all that determines them; the one that was used longest ago is forgotten first.

    entries, bytes: the most of either; the newest value is kept whatever its size. size: the bytes of a
    value. Threads may share a cache: a value is made once, and those who ask for it meanwhile wait for it.
    """

    def __init__(
        self,
        entries: int | None = None,
        bytes: int | None = None,
        size: Callable[[T], int] = lambda value: int(getattr(value, "nbytes", 0)),
    ) -> None:
        self._most, self._most_bytes, self._size = entries, bytes, size
        self._bytes = 0
        self._values: OrderedDict[Hashable, T] = OrderedDict()
        self._turns: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._values)

    def peek(self, key: Hashable) -> T | None:
        """The value of a key if it is there, at once; else None."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of a key, made if it is not there; where `make` fails the next who waits tries."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
            turn = self._turns.setdefault(key, threading.Lock())
        try:
            with turn:
                with self._lock:
                    if key in self._values:
                        return self._values[key]
                made = make()
                self.put(key, made)
                return made
        finally:
            with self._lock:
                self._turns.pop(key, None)

    def put(self, key: Hashable, value: T) -> None:
        """Keep a value, in place of an older one of its key."""
        with self._lock:
            self._drop(key)
            self._values[key] = value
            self._bytes += self._size(value)
            while len(self._values) > 1 and self._full():
                self._drop(next(iter(self._values)))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._values.clear()
            self._bytes = 0

    def _full(self) -> bool:
        many = self._most is not None and len(self._values) > self._most
        return many or (self._most_bytes is not None and self._bytes > self._most_bytes)

    def _drop(self, key: Hashable) -> None:
        if key in self._values:
            self._bytes -= self._size(self._values.pop(key))
