"""How much of a disk a store takes: counted within a bounded time, what has not changed only once."""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Run folders counted before, by path: their `_mark` at that time, and their bytes.
_known: dict[str, tuple[tuple[int, ...], int]] = {}
_guard = threading.Lock()


@dataclass(frozen=True)
class Size:
    """bytes: counted on the disk. whole: True if that is all; otherwise the next call counts on."""

    bytes: int
    whole: bool


def of_store(path: Path, within_s: float) -> Size:
    """The size of the folders in a store; 0 where there is none. Links are not followed."""
    until, total, whole = time.monotonic() + within_s, 0, True
    seen = set()
    for entry in _entries(str(path)):
        seen.add(entry.path)
        mark = _mark(entry)
        with _guard:
            known, size = _known.get(entry.path, ((), 0))
        if known != mark:
            if time.monotonic() > until:
                # No time is left to count it: the size of an earlier count is better than none.
                total, whole = total + size, False
                continue
            size = _counted(entry)
            with _guard:
                _known[entry.path] = (mark, size)
        total += size
    with _guard:
        for gone in [p for p in _known if os.path.dirname(p) == str(path) and p not in seen]:
            del _known[gone]
    return Size(total, whole)


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            yield from found
    except OSError:
        return


def _mark(entry: os.DirEntry[str]) -> tuple[int, ...]:
    """Give a value that changes when a run folder does: the number (inode), time and size of the folder
    and of what is written into it."""
    times: list[int] = []
    for name in ("", "status.json", "snapshots", "epochs", "readings"):
        try:
            found = os.stat(os.path.join(entry.path, name) if name else entry.path, follow_symlinks=False)
        except OSError:
            times.append(0)
        else:
            times += (found.st_ino, found.st_mtime_ns, found.st_size)
    return tuple(times)


def _counted(entry: os.DirEntry[str]) -> int:
    total, waiting = 0, [entry]
    while waiting:
        one = waiting.pop()
        try:
            found = one.stat(follow_symlinks=False)
        except OSError:
            continue
        blocks = getattr(found, "st_blocks", None)
        total += found.st_size if blocks is None else blocks * 512
        if stat.S_ISDIR(found.st_mode):
            waiting += _entries(one.path)
    return total
