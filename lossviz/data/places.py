"""The folders in which data sets are looked for, and the cache to which they are downloaded."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lossviz.core.errors import DataError, PathError
from lossviz.core.paths import cache_folder, resolve, variable
from lossviz.data.names import printable
from lossviz.data.spec import DataSpec


def data_folders() -> list[Path]:
    """The folders named by LOSSVIZ_DATA, in their order; PathError for one that cannot be resolved."""
    named = variable("LOSSVIZ_DATA").split(os.pathsep)
    return [resolve(name, "LOSSVIZ_DATA") for name in named if name.strip()]


def in_cache(folder: Path) -> bool:
    """True for a folder that data sets are downloaded to."""
    try:
        return folder.parent == cache_folder()
    except PathError:
        return False


# Folders that are looked through in each one.
_MOST_FOLDERS = 500


def names_of(spec: DataSpec) -> frozenset[str]:
    """The names of folders that mean this data set, as `plain` writes them."""
    return frozenset(plain(name.split("/")[0]) for name in (spec.key, spec.title, *spec.folders))


def places(spec: DataSpec) -> Iterator[Path]:
    """Every folder in which this data set may lie, those of the user before the cache.

    Of each folder that LOSSVIZ_DATA names: itself; folders at most two below it that have the name of
    the set, in any case, with hyphens or without; and what is at most two folders within these.
    One of any name for a data set that comes with the program. Where no home folder can be told there is no
    cache; PathError where LOSSVIZ_DATA or LOSSVIZ_CACHE cannot be resolved.
    """
    if not spec.sources:
        yield Path()
        return
    names = names_of(spec)
    known: set[Path] = set()
    for root in data_folders():
        for folder in _places(root, names):
            if folder not in known:
                known.add(folder)
                yield folder
    try:
        cache = cache_folder()
    except PathError:
        if variable("LOSSVIZ_CACHE"):
            raise
        return
    yield cache / spec.key


def _places(root: Path, names: frozenset[str]) -> Iterator[Path]:
    """The root, then the folders below that have one of the names or lie within such a one, nearest first."""
    within = 2 if plain(root.name) in names or plain(root.parent.name) in names else 0
    yield root
    # A folder, and how many levels of it are searched for the names and how many lie within one of them.
    waiting = [(root, 2, within)]
    while waiting:
        folder, below, within = waiting.pop(0)
        inner = subfolders(folder)[:_MOST_FOLDERS] if below or within else []
        for path in sorted(inner, key=lambda path: plain(path.name) not in names):
            named = plain(path.name) in names
            if named or within:
                yield path
            waiting.append((path, max(0, below - 1), 2 if named else max(0, within - 1)))


def subfolders(folder: Path) -> list[Path]:
    """The folders in a folder, by name, without hidden ones; none where it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            found = [e.name for e in entries if not e.name.startswith(".") and e.is_dir()]
    except (OSError, ValueError):
        return []
    return [folder / name for name in sorted(found)]


def file_in(folder: Path, *names: str) -> Path | None:
    """The first of the files that is there, whatever the case of its name."""
    try:
        with os.scandir(folder) as entries:
            there = {entry.name.lower(): entry.name for entry in entries if entry.is_file()}
    except (OSError, ValueError):
        return None
    return next((folder / there[name.lower()] for name in names if name.lower() in there), None)


def searched(spec: DataSpec) -> str:
    """The folders in which this data set is searched for, what they hold, and the names it may have."""
    seen = [f"{root} {_seen(root)}" for root in data_folders()] or ["LOSSVIZ_DATA names no folder"]
    names = " or ".join(dict.fromkeys((spec.key, *spec.folders)))
    files = ", ".join(source.file for source in spec.sources)
    wanted = f"a folder {names} with {files} is looked for" if files else f"a folder {names} is looked for"
    return f"{'; '.join(seen)}; {_cache()}; {wanted}"


def _cache() -> str:
    try:
        return f"the cache is {cache_folder()}"
    except PathError:
        return "there is no cache"


def _seen(folder: Path) -> str:
    try:
        names = sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except OSError as error:
        return f"cannot be read ({error.strerror})" if folder.exists() else "does not exist"
    if not names:
        return "is empty"
    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
    return f"holds {printable(', '.join(names[:6]), 200)}{more}"


def plain(name: str) -> str:
    """A name without case, hyphens, underscores and spaces: "Fashion-MNIST" and "fashion_mnist" are one."""
    return re.sub(r"[-_ ]", "", name.lower())


# What lies there shows the state of the system; reading it may never end.
_SYSTEM = ("/proc", "/sys", "/dev")
_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def of_the_system(real: str) -> bool:
    """True for a path without links where the system shows its state; /dev/shm is memory of the user."""
    top = next((top for top in _SYSTEM if real == top or real.startswith(f"{top}/")), None)
    return top is not None and not real.startswith("/dev/shm/")


def check(path: Path, what: str) -> None:
    """DataError unless there is a file or a folder of a disk, or nothing, at the path.

    Pipes, sockets, devices and the files in which the system shows its state are not opened: they
    may never end.
    """
    try:
        real = os.path.realpath(path)
    except ValueError:
        raise DataError(f"{what}: no file or folder can have this name; check the path") from None
    if of_the_system(real):
        raise DataError(
            f"{what}: data are read from files and folders of a disk; {printable(str(path), 200)} "
            f"lies in {', '.join(_SYSTEM[:-1])} or {_SYSTEM[-1]}, where the system shows its state"
        )
    with system_errors(path, what):
        kind = stat.S_IFMT(os.stat(path).st_mode)
    if kind not in (stat.S_IFREG, stat.S_IFDIR):
        raise DataError(
            f"{what}: data are read from files and folders; {printable(str(path), 200)} is "
            f"{_KINDS.get(kind, 'neither')}"
        )


@contextmanager
def reading(path: Path, what: str, damaged: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """`check` a path, and turn what the system refuses while it is read into a DataError; also what a reader
    raises for damaged bytes."""
    if os.path.lexists(path):
        check(path, what)
    with system_errors(path, what):
        try:
            yield
        except (DataError, PermissionError, FileNotFoundError, IsADirectoryError):
            raise
        except damaged as error:
            raise DataError(
                f"{what}: {path.name} is damaged or cut off ({error}). Fetch it again."
            ) from error


@contextmanager
def system_errors(path: Path, what: str) -> Iterator[None]:
    """Turn every refusal of the system into a DataError; for files that are checked already."""
    try:
        yield
    except OSError as error:
        raise DataError(_refusal(error, path, what)) from error


def _refusal(error: OSError, path: Path, what: str) -> str:
    name = error.filename if isinstance(error.filename, str | os.PathLike) else path
    where = printable(os.fspath(name), 200)
    if isinstance(error, PermissionError):
        return f"{what}: {where} cannot be read: permission denied. Give this user the right to read it."
    if isinstance(error, IsADirectoryError):
        return f"{what}: {where} must be a file; got a folder"
    if isinstance(error, FileNotFoundError):
        return f"{what}: {where} is gone; it was there a moment ago, or is a link to nothing"
    if error.errno == errno.ENAMETOOLONG:
        return f"{printable(what, 80)}: no file or folder has so long a name; check the path"
    if error.errno == errno.ELOOP:
        return f"{what}: {where} is a link that leads back to itself. Remove it."
    return f"{what}: {where} cannot be read ({error.strerror or error}). Check the path and the disk."
