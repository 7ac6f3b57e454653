"""Files by name in a folder or a .zip, read into memory one at a time; nothing is unpacked to the disk."""

from __future__ import annotations

import hashlib
import lzma
import os
import re
import stat
import struct
import time
import zipfile
import zlib
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Protocol

from lossviz.core.errors import DataError
from lossviz.data.names import printable
from lossviz.data.places import check, of_the_system, reading, system_errors
from lossviz.data.spec import Progress
from lossviz.data.zip_names import decoded

# Files and folders together, in a folder or in a .zip.
MOST_ENTRIES = 400_000
DEEPEST = 40
# Seconds for a walk that is told and can be stopped.
PATIENCE_S = 600.0
_TELL_EACH_S = 0.25
# One packed file may unpack to at most this much: no image of a data set is larger.
LARGEST_FILE = 64 << 20
# What zipfile and numpy raise for bytes that are not what they say; RuntimeError: a password.
_DAMAGED_BYTES = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, ValueError)
DAMAGED = (*_DAMAGED_BYTES, RuntimeError, KeyError, OverflowError, SystemError, MemoryError)
# Written by systems, wanted by nobody.
_LITTER = frozenset({"thumbs.db", "desktop.ini", "__macosx", "@eadir", "$recycle.bin"})


def is_litter(name: str) -> bool:
    """True for a file or folder that is hidden, or that a system writes for itself."""
    return name.startswith(".") or name.lower() in _LITTER


class Tree(Protocol):
    """Files by their names relative to the top, with forward slashes, as text that can be shown.

    folders: those whose time of change tells of new and missing files. notes: sentences on the names.
    """

    names: tuple[str, ...]
    stamp: str
    path: Path
    folders: tuple[Path, ...]
    notes: tuple[str, ...]

    def read(self, name: str) -> bytes:
        """The content of a file."""


class FolderTree:
    """The files below a folder, sorted by name; hidden ones are left out.

    Each real folder is walked once, whatever links lead to it; what the system shows of itself, pipes,
    sockets and devices are left out. DataError beyond MOST_ENTRIES files and folders, DEEPEST folders
    within each other, or `seconds`. progress is called while it walks, and may end it by raising.
    """

    def __init__(
        self, path: Path, what: str, progress: Progress | None = None, seconds: float = PATIENCE_S
    ) -> None:
        self.path, self.what = path, what
        check(path, what)
        walk = _Walk(path, what, progress, seconds)
        walk.files.sort()
        self._real = {printable(name): name for name, _, _ in walk.files}
        self.names = tuple(sorted(self._real))
        self.folders = tuple(walk.folders)
        self.notes: tuple[str, ...] = ()
        # Names, sizes and times of change: another value when a file changes.
        self.stamp = hashlib.sha256(repr(walk.files).encode()).hexdigest()[:20]

    def read(self, name: str) -> bytes:
        """The content of a file."""
        file = self.path / self._real[name]
        with system_errors(file, self.what):
            if not stat.S_ISREG(file.stat().st_mode):
                raise DataError(f"{self.what}: {name} was a file a moment ago, and is none now")
            return file.read_bytes()


class _Walk:
    """Goes through a folder: files as (name below it, bytes, time of change), and the folders walked."""

    def __init__(self, top: Path, what: str, progress: Progress | None, seconds: float) -> None:
        self.what, self.progress = what, progress
        self.files: list[tuple[str, int, int]] = []
        self.folders: list[Path] = []
        self.entries = 0
        self.began, self.told_at, self.seconds = time.monotonic(), 0.0, seconds
        known: set[tuple[int, int]] = set()
        # (folder, name below the top, depth). Links last: a folder keeps the name that it has without them.
        self.waiting = [(os.path.realpath(top), "", 1)]
        self.links: list[tuple[str, str, int]] = []
        while self.waiting or self.links:
            folder, prefix, depth = self.waiting.pop() if self.waiting else self.links.pop()
            with system_errors(Path(folder), what):
                status = os.stat(folder)
                here = (status.st_dev, status.st_ino)
                if here in known:
                    continue
                known.add(here)
                if depth > DEEPEST:
                    raise DataError(
                        f"{what}: folders may lie at most {DEEPEST} deep within each other; "
                        f"{printable(prefix, 120)} lies deeper. Give the folder that holds the class folders."
                    )
                found = self._entries(folder)
            self.folders.append(Path(folder))
            for entry in found:
                self._take(entry, prefix, depth)

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        found = []
        with os.scandir(folder) as entries:
            for entry in entries:
                self._count()
                if not is_litter(entry.name):
                    found.append(entry)
        return found

    def _take(self, entry: os.DirEntry[str], prefix: str, depth: int) -> None:
        name, linked = prefix + entry.name, entry.is_symlink()
        real = os.path.realpath(entry.path) if linked else entry.path
        if of_the_system(real):
            return
        try:
            status = entry.stat()
        except FileNotFoundError:
            return  # a link to nothing
        except OSError as error:
            with system_errors(Path(entry.path), self.what):
                raise error
        if stat.S_ISDIR(status.st_mode):
            (self.links if linked else self.waiting).append((real, f"{name}/", depth + 1))
        elif stat.S_ISREG(status.st_mode):
            self.files.append((name, status.st_size, status.st_mtime_ns))

    def _count(self) -> None:
        self.entries += 1
        if self.entries > MOST_ENTRIES:
            raise DataError(
                f"{self.what}: at most {MOST_ENTRIES:,} files and folders are looked through; there are "
                "more. Give the folder that holds the class folders, or a .zip of fewer images."
            )
        if self.entries % 64 and self.entries > 1:
            return
        now = time.monotonic()
        if now - self.began > self.seconds:
            raise DataError(
                f"{self.what}: looking through it took more than {self.seconds:g} s; {self.entries:,} files "
                "and folders were seen. Give the folder that holds the class folders, or a .zip."
            )
        if self.progress is not None and now - self.told_at > _TELL_EACH_S:
            self.told_at = now
            self.progress(f"looking through {self.what}, {self.entries:,} files and folders", 0.0)


class ZipTree:
    """The files of a .zip below `prefix`, sorted by name; backslashes are slashes.

    Refused are names that lead out of the folder, encrypted files, and files that unpack to more
    than LARGEST_FILE, or all together to more than `limit` bytes. A file that holds more than the
    directory of the archive says is refused while it is read.
    """

    folders: tuple[Path, ...] = ()

    def __init__(self, path: Path, what: str, prefix: str = "", limit: int | None = None) -> None:
        self.path, self.what, self.prefix = path, what, prefix
        check(path, what)
        with system_errors(path, what):
            status = path.stat()
        self.stamp = f"{status.st_size}-{status.st_mtime_ns}"
        sizes, self._stored, self.notes = _listing(path, what, status.st_size, status.st_mtime_ns)
        if limit is not None and sum(sizes.values()) > limit:
            raise DataError(
                f"{what}: {path.name} must unpack to at most {limit:,} bytes; it says {sum(sizes.values()):,}"
            )
        self.names = tuple(sorted(n[len(prefix) :] for n in sizes if n.startswith(prefix) and n != prefix))
        self._archive: zipfile.ZipFile | None = None

    def read(self, name: str) -> bytes:
        """The content of a file; at most as many bytes as the archive's directory says."""
        with system_errors(self.path, self.what):
            try:
                if self._archive is None:
                    self._archive = zipfile.ZipFile(self.path)
                return self._archive.read(self._stored[self.prefix + name])
            except DAMAGED as error:
                raise DataError(
                    f"{self.what}: {name} in {self.path.name} is damaged ({reason(error)}). Pack it again."
                ) from error


def reason(error: BaseException) -> str:
    """The words of a library on damaged bytes, on one line and not at length."""
    if isinstance(error, MemoryError):
        return "it asks for more memory than there is"
    return printable(" ".join(str(error).split()), 160) or type(error).__name__


Listing = tuple[dict[str, int], dict[str, str], tuple[str, ...]]


@lru_cache(maxsize=4)
def _listing(path: Path, what: str, size: int, modified: int) -> Listing:
    """(unpacked bytes by name, the names as the archive has them, notes on the names)."""
    with reading(path, what):
        try:
            with zipfile.ZipFile(path) as archive:
                infos = archive.infolist()
        except DAMAGED as error:
            raise _no_zip(path, what, error) from error
        except OSError as error:
            # Offsets that lie outside the file.
            if error.filename is not None or error.errno not in (None, 22):
                raise
            raise _no_zip(path, what, error) from error
    if len(infos) > MOST_ENTRIES:
        raise DataError(
            f"{what}: a .zip may hold at most {MOST_ENTRIES:,} files; {path.name} has {len(infos):,}"
        )
    names, note = decoded(infos)
    sizes, stored = {}, {}
    for info, raw in zip(infos, names, strict=True):
        name = printable(raw.replace("\\", "/"))
        pure = PurePosixPath(name)
        if ".." in pure.parts or pure.is_absolute() or re.match("[A-Za-z]:", name):
            raise DataError(
                f"{what}: names in a .zip must stay within its folder; got {name!r}. Pack it again."
            )
        if name.endswith("/") or any(is_litter(part) for part in pure.parts):
            continue
        if info.flag_bits & 1:
            raise DataError(f"{what}: {name} in {path.name} is encrypted. Pack it without a password.")
        if info.file_size > LARGEST_FILE:
            raise DataError(
                f"{what}: a file in a .zip must unpack to at most {LARGEST_FILE:,} bytes; "
                f"{name} says {info.file_size:,}"
            )
        sizes[name], stored[name] = info.file_size, info.filename
    return sizes, stored, (note,) if note else ()


def _no_zip(path: Path, what: str, error: Exception) -> DataError:
    return DataError(
        f"{what}: {path.name} is no .zip, or is cut off ({reason(error)}). Pack or fetch it again."
    )
