"""Reads the rows of a file that grows by whole lines of JSON; rows read before are not read again."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lossviz.core.cache import Cache
from lossviz.runs import files

_TAIL = 400
# The most bytes of a line, which is read as a whole; no line of a run is nearly as long.
_PIECE = 1 << 20


@dataclass
class _Read:
    """A file as it was read: its mark, how many bytes were read, the last of these bytes, the rows."""

    mark: tuple[int, int, int] = (0, 0, 0)
    known: int = 0
    tail: bytes = b""
    rows: list[dict[str, Any]] = field(default_factory=list)


# By path: several tabs look at the same runs several times a second.
_kept: Cache[_Read] = Cache(128)


def read(path: Path) -> list[dict[str, Any]]:
    """The rows, as `files.parse_lines` makes them; none where the file is absent.

    OSError as the system gives it, for what is no file, and for one with more bytes, or a longer
    line, than any run writes.
    """
    before = _kept.peek(path) or _Read()
    try:
        found = os.stat(path)
        files.check_size(path, found, files.MOST_LINES)
        if before.known and before.mark == files.mark(found):
            return list(before.rows)
        with open(files.open_regular(path), "rb") as file:
            file.seek(before.known - len(before.tail))
            if file.read(len(before.tail)) != before.tail:
                # The file was replaced: a resumed run drops the lines that it will write again.
                before = _Read()
            now = _read_on(path, file, before)
    except FileNotFoundError:
        return []
    now.mark = files.mark(found) if files.settled(found) and now.known == found.st_size else (0, 0, 0)
    _kept.put(path, now)
    return list(now.rows)


def _read_on(path: Path, file: Any, before: _Read) -> _Read:
    known, tail, rows = before.known, before.tail, list(before.rows)
    while True:
        file.seek(known)
        content = file.read(_PIECE)
        fresh, length = files.parse_lines(content)
        if not length:
            if len(content) == _PIECE:
                raise files.no_file(path, f"it has a line of more than {_PIECE:,} bytes")
            return _Read((0, 0, 0), known, tail, rows)
        rows += fresh
        known, tail = known + length, (tail + content[:length])[-_TAIL:]
