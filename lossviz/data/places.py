"""The folders in which data sets are looked for, and the cache to which they are downloaded."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lossviz.data.spec import DataSpec
from lossviz.errors import DataError


def cache_folder() -> Path:
    """LOSSVIZ_CACHE, or the folder `lossviz` among this platform's caches; it need not exist yet."""
    named = os.environ.get("LOSSVIZ_CACHE")
    if named:
        return Path(named).expanduser()
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "lossviz"


def data_folders() -> list[Path]:
    """The folders named by LOSSVIZ_DATA, in their order."""
    named = os.environ.get("LOSSVIZ_DATA", "").split(os.pathsep)
    return [Path(name).expanduser() for name in named if name]


def places(spec: DataSpec) -> Iterator[Path]:
    """Every folder in which this data set may lie, those of the user before the cache."""
    for root in data_folders():
        yield root
        for name in (spec.key, *spec.folders):
            yield root / name
    yield cache_folder() / spec.key


def searched() -> str:
    """The places as part of a sentence, for an error."""
    named = ", ".join(str(folder) for folder in data_folders())
    cache = f"the cache {cache_folder()}"
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
