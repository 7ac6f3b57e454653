"""Values that age, which all visitors of the app share."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

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
