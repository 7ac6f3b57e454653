"""The folders in which data sets are looked for, and the cache to which they are downloaded."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lossviz.data.spec import DataSpec
from lossviz.errors import DataError, PathError
from lossviz.paths import cache_folder, given, resolve


def data_folders() -> list[Path]:
    """The folders named by LOSSVIZ_DATA, in their order; PathError for one that cannot be resolved."""
    named = given("LOSSVIZ_DATA").split(os.pathsep)
    return [resolve(name, "LOSSVIZ_DATA") for name in named if name.strip()]


def in_cache(folder: Path) -> bool:
    """Whether the folder is one that was downloaded to."""
    try:
        return folder.parent == cache_folder()
    except PathError:
        return False


def places(spec: DataSpec) -> Iterator[Path]:
    """Every folder in which this data set may lie, those of the user before the cache.

    One of any name for a data set that comes with the program. Where no home folder can be told there is no
    cache; PathError where LOSSVIZ_DATA or LOSSVIZ_CACHE cannot be resolved.
    """
    if not spec.sources:
        yield Path()
        return
    for root in data_folders():
        yield root
        for name in (spec.key, *spec.folders):
            yield root / name
    try:
        cache = cache_folder()
    except PathError:
        if given("LOSSVIZ_CACHE"):
            raise
        return
    yield cache / spec.key


def searched() -> str:
    """The places as part of a sentence, for an error."""
    named = ", ".join(str(folder) for folder in data_folders())
    try:
        cache = f"the cache {cache_folder()}"
    except PathError:
        cache = "no cache"
    return f"{named} and {cache}" if named else f"{cache} (LOSSVIZ_DATA names no folder)"


def plain(name: str) -> str:
    """A name without case, hyphens and underscores: "Fashion-MNIST" and "fashion_mnist" are one."""
    return name.lower().replace("-", "").replace("_", "")


@contextmanager
def reading(path: Path, what: str) -> Iterator[None]:
    """Tells what the system refuses while `path` is read as a DataError."""
    try:
        yield
    except PermissionError as error:
        raise DataError(
            f"{what}: {error.filename or path} cannot be read: permission denied. "
            "Give this user the right to read it."
        ) from error
    except IsADirectoryError as error:
        raise DataError(f"{what}: {path} must be a file; got a folder") from error
    except FileNotFoundError as error:
        raise DataError(f"{what}: {error.filename or path} is gone; it was there a moment ago") from error
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        raise DataError(f"{what[:80]}: no file or folder has so long a name; check the path") from error
