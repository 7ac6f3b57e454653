"""The outcomes of searches for data sets, kept as long as the files are as they were; titles of sets."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from lossviz.core.cache import Cache
from lossviz.data import image_cache, uploads
from lossviz.data.names import printable
from lossviz.data.sets import catalogue
from lossviz.data.spec import Found


@dataclass(frozen=True)
class Look:
    """The outcome of the last `find` of a name: the data set found, or the problem.

    words: notes and warnings of the images when they were last read, where the cache has them.
    """

    found: Found | None
    problem: str
    words: tuple[str, ...] = ()


_Stats = tuple[tuple[str, int, int, int] | None, ...]
_MOST_WATCHED = 2000
# What lies two folders below one that LOSSVIZ_DATA names comes and goes without a sign above.
_CATALOGUE_S = 30.0


@dataclass(frozen=True)
class _Memory:
    look: Look
    stamp: tuple[Hashable, ...]
    watched: tuple[Path, ...]
    stats: _Stats
    at: float


_looks: Cache[_Memory] = Cache(100)


def recall(name: str) -> Look | None:
    """The outcome of the last `find` of this name in this process, whoever asked, without a search.

    None where nobody has asked, or the files and folders that it saw have changed since.
    """
    known = _looks.peek(name)
    if known is None or _stats(known.watched) != known.stats:
        return None
    if name in catalogue() and time.monotonic() - known.at > _CATALOGUE_S:
        return None
    found = known.look.found
    if found is None or not found.slow:
        return known.look
    return replace(known.look, words=image_cache.words(found, known.stamp))


def remember(name: str, first: Sequence[Path], found: Found | None, problem: str = "") -> None:
    """Keep the outcome of a `find` which looked first at these places."""
    watched, stamp = tuple(first), tuple[Hashable, ...]()
    if found is not None:
        watched = (*watched, *found.files, *found.folders)[:_MOST_WATCHED]
        with contextlib.suppress(OSError):
            stamp = image_cache.stamp_of(found)
    _looks.put(name, _Memory(Look(found, problem), stamp, watched, _stats(watched), time.monotonic()))


def _stats(paths: Sequence[Path]) -> _Stats:
    """A value that changes when one of the files and folders changes, comes or goes."""
    return tuple(map(_stat, paths))


def _stat(path: Path) -> tuple[str, int, int, int] | None:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return str(path), status.st_ino, status.st_size, status.st_mtime_ns


def is_known(name: str) -> bool:
    """True for the name of a set of the catalogue or of an upload; every other is a path, or nothing."""
    return name in catalogue() or name.startswith(uploads.PREFIX)


def title_of(name: str) -> str:
    """The title of a set, the file name of an upload, the last part of a path."""
    if name in catalogue():
        return catalogue()[name].title
    if not name.startswith(uploads.PREFIX):
        return printable(PurePath(name).name or name, 80)
    kept = uploads.stored(name.removeprefix(uploads.PREFIX))
    return f"upload {name[7:15]}" if kept is None else uploads.title(kept)
