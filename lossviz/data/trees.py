"""Files by name in a folder or a .zip, read into memory one at a time; nothing is unpacked to the disk."""

from __future__ import annotations

import hashlib
import os
import zipfile
import zlib
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Protocol

from lossviz.data.places import reading
from lossviz.errors import DataError

MOST_FILES = 400_000
# One packed file may unpack to at most this much: no image of a data set is larger.
LARGEST_FILE = 64 << 20


class Tree(Protocol):
    """Files by their names relative to the top, with forward slashes."""

    names: tuple[str, ...]
    stamp: str
    path: Path

    def read(self, name: str) -> bytes:
        """The content of a file."""
        ...


class FolderTree:
    """The files below a folder, sorted by name; hidden ones are left out."""

    def __init__(self, path: Path, what: str) -> None:
        self.path, self.what = path, what
        found: list[tuple[str, int, int]] = []
        with reading(path, what):
            self._walk(path, "", (), found)
        found.sort()
        self.names = tuple(name for name, _, _ in found)
        # Names, sizes and times of change: another value when a file changes.
        self.stamp = hashlib.sha256(repr(found).encode()).hexdigest()[:20]

    def _walk(
        self, folder: Path, prefix: str, above: tuple[tuple[int, int], ...], found: list[tuple[str, int, int]]
    ) -> None:
        stat = folder.stat()
        here = (stat.st_dev, stat.st_ino)
        if here in above:
            return  # a link back to a folder that holds it
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir():
                    self._walk(Path(entry.path), f"{prefix}{entry.name}/", (*above, here), found)
                elif entry.is_file():
                    stat = entry.stat()
                    found.append((prefix + entry.name, stat.st_size, stat.st_mtime_ns))
                    if len(found) > MOST_FILES:
                        raise DataError(
                            f"{self.what}: at most {MOST_FILES:,} files are read; {self.path} holds more"
                        )

    def read(self, name: str) -> bytes:
        """The content of a file."""
        file = self.path / name
        with reading(file, self.what):
            return file.read_bytes()


class ZipTree:
    """The files of a .zip below `prefix`, sorted by name.

    Refused are names that lead out of the folder, encrypted files, and files that unpack to more
    than LARGEST_FILE, or all together to more than `limit` bytes. A file that holds more than the
    directory of the archive says is refused while it is read.
    """

    def __init__(self, path: Path, what: str, prefix: str = "", limit: int | None = None) -> None:
        self.path, self.what, self.prefix = path, what, prefix
        stat = path.stat()
        self.stamp = f"{stat.st_size}-{stat.st_mtime_ns}"
        sizes = _listing(path, what, stat.st_size, stat.st_mtime_ns)
        if limit is not None and sum(sizes.values()) > limit:
            raise DataError(
                f"{what}: {path.name} must unpack to at most {limit:,} bytes; it says {sum(sizes.values()):,}"
            )
        self.names = tuple(sorted(n[len(prefix) :] for n in sizes if n.startswith(prefix) and n != prefix))
        self._archive: zipfile.ZipFile | None = None

    def read(self, name: str) -> bytes:
        """The content of a file; at most as many bytes as the archive's directory says."""
        with reading(self.path, self.what):
            try:
                if self._archive is None:
                    self._archive = zipfile.ZipFile(self.path)
                return self._archive.read(self.prefix + name)
            except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
                raise DataError(
                    f"{self.what}: {name} in {self.path.name} is damaged ({error}). Pack it again."
                ) from error

    def __del__(self) -> None:
        if getattr(self, "_archive", None) is not None:
            self._archive.close()  # type: ignore[union-attr]


@lru_cache(maxsize=4)
def _listing(path: Path, what: str, size: int, modified: int) -> dict[str, int]:
    """Unpacked bytes by name, from the directory at the end of the archive."""
    with reading(path, what):
        try:
            with zipfile.ZipFile(path) as archive:
                infos = archive.infolist()
        except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
            if isinstance(error, PermissionError | IsADirectoryError | FileNotFoundError):
                raise
            raise DataError(
                f"{what}: {path.name} is no .zip, or is cut off ({error}). Pack or fetch it again."
            ) from error
    if len(infos) > MOST_FILES:
        raise DataError(
            f"{what}: a .zip may hold at most {MOST_FILES:,} files; {path.name} has {len(infos):,}"
        )
    sizes = {}
    for info in infos:
        name = PurePosixPath(info.filename)
        if ".." in name.parts or name.is_absolute() or "\\" in info.filename or ":" in info.filename:
            raise DataError(
                f"{what}: names in a .zip must stay within its folder; got {info.filename!r}. Pack it again."
            )
        if info.is_dir() or any(part.startswith((".", "__MACOSX")) for part in name.parts):
            continue
        if info.flag_bits & 1:
            raise DataError(
                f"{what}: {info.filename} in {path.name} is encrypted. Pack it without a password."
            )
        if info.file_size > LARGEST_FILE:
            raise DataError(
                f"{what}: a file in a .zip must unpack to at most {LARGEST_FILE:,} bytes; "
                f"{info.filename} says {info.file_size:,}"
            )
        sizes[info.filename] = info.file_size
    return sizes
