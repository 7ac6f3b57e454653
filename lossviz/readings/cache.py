"""Readings that were made a moment ago: each look at a page asks for them again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path

from lossviz.readings.reading import Reading

MOST_BYTES = 512 << 20

_recent: OrderedDict[Hashable, Reading] = OrderedDict()
_guard = threading.Lock()


def recalled(key: Hashable, make: Callable[[], Reading]) -> Reading:
    """The reading that was made under this key, or a new one; nobody can write into its arrays."""
    with _guard:
        if key in _recent:
            _recent.move_to_end(key)
            return _recent[key]
    made = make()
    for array in made.arrays().values():
        array.flags.writeable = False
    with _guard:
        _recent[key] = made
        while len(_recent) > 1 and sum(_size(reading) for reading in _recent.values()) > MOST_BYTES:
            _recent.popitem(last=False)
    return made


def mark(path: Path) -> tuple[str, int, int]:
    """Stands for a file as it is now: another once it is replaced."""
    try:
        found = path.stat()
    except OSError:
        return str(path), 0, 0
    return str(path), found.st_ino, found.st_mtime_ns


def _size(reading: Reading) -> int:
    return sum(array.nbytes for array in reading.arrays().values())
