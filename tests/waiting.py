"""Waiting for what other processes do: for a condition, as long as a busy machine needs."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_S = 180.0


def wait(seen: Callable[[], object], say: Callable[[], str] = lambda: "waited in vain") -> None:
    """Until something is so."""
    until = time.monotonic() + PATIENCE_S
    while not seen():
        assert time.monotonic() < until, say()
        time.sleep(0.01)
