"""A cache of readings, since each look at a page asks for the same ones again."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from pathlib import Path

from lossviz.core.cache import Cache
from lossviz.readings.reading import Reading


def _size(reading: Reading) -> int:
    return sum(array.nbytes for array in reading.arrays().values())


_recent: Cache[Reading] = Cache(bytes=512 << 20, size=_size)


def recalled(key: Hashable, make: Callable[[], Reading]) -> Reading:
    """The reading that was made under this key, or a new one; nobody can write into its arrays."""

    def guarded() -> Reading:
        made = make()
        for array in made.arrays().values():
            array.flags.writeable = False
        return made

    return _recent.get(key, guarded)


def mark(path: Path) -> tuple[str, int, int]:
    """A key of a file as it is now; it changes when the file is replaced."""
    try:
        found = path.stat()
    except OSError:
        return str(path), 0, 0
    return str(path), found.st_ino, found.st_mtime_ns
