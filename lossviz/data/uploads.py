"""Data sent by a browser: checked as a whole, then kept in the cache under its checksum."""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from lossviz.core.errors import DataError
from lossviz.core.paths import cache_folder
from lossviz.data import image_cache, user_data
from lossviz.data.dataset import Raw
from lossviz.data.spec import silent

LARGEST_UPLOAD = 500 << 20
PREFIX = "upload:"
_ID = re.compile(r"[0-9a-f]{24}")

# Folders of the cache for what is uploaded: images, and files for the reading pages.
FOLDERS = ("uploads", "readings")


@dataclass(frozen=True)
class Quota:
    """The most uploaded files that may be kept, and their bytes in all; infinite: no limit."""

    files: float = math.inf
    bytes: float = math.inf

    def check(self, name: str, arriving: int) -> None:
        """DataError if a file of `arriving` bytes has no room; none that is kept is removed for it."""
        if self == Quota():
            return
        sizes = [_size(path) for path in _kept()]
        taken, most = sum(sizes) / 1e9, self.bytes / 1e9
        if len(sizes) + 1 > self.files or taken + arriving / 1e9 > most:
            raise DataError(
                f"{name}: no room is left for it: {len(sizes)} files with {taken:.2g} GB are kept, "
                f"and at most {self.files:g} files with {most:g} GB may be. Ask whoever runs this server "
                "to remove old ones"
            )


UNLIMITED = Quota()


def _kept() -> list[Path]:
    images, files = (cache_folder() / name for name in FOLDERS)
    return [*images.glob(f"{'[0-9a-f]' * 24}-*"), *files.glob(f"{'[0-9a-f]' * 24}/*.npz")]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def private(folder: Path) -> None:
    """Make a folder that its owner alone may enter: what visitors upload is theirs. OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(OSError):
        folder.chmod(0o700)


def upload(content: bytes, filename: str, quota: Quota = UNLIMITED) -> str:
    """Check an .npz or a .zip of class folders and keep it; gives its name for a Choice, "upload:<id>".

    It is read through before it is kept: DataError says what is wrong, and nothing stays behind.
    The same content gets the same id. quota: what may be kept.
    """
    path = Path(filename.replace("\\", "/"))
    ending = path.suffix.lower()
    if ending not in (".npz", ".zip"):
        raise DataError(f"upload: the file must be an .npz, or a .zip of class folders; got {path.name!r}")
    if len(content) > LARGEST_UPLOAD:
        raise DataError(
            f"upload: {path.name} must have at most {LARGEST_UPLOAD:,} bytes; got {len(content):,}. "
            "Put it on the machine's disk and give its path."
        )
    identity = hashlib.sha256(content).hexdigest()[:24]
    if stored(identity) is not None:
        return PREFIX + identity
    quota.check(path.name, len(content))
    folder = cache_folder() / "uploads"
    name = (re.sub(r"[^\w.-]+", "-", path.stem).strip("-.")[:60] or "data") + ending
    try:
        private(folder)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".arriving-") as arriving:
            arrived = Path(arriving) / name
            arrived.write_bytes(content)
            found = user_data.look(arrived, path.name)
            assert found is not None
            raw = found.read(silent)
            place = folder / f"{identity}-{name}"
            os.replace(arrived, place)
    except OSError as error:
        raise DataError(
            f"upload: it could not be kept in {folder} ({error.strerror}). Free space there, or name another "
            "folder in LOSSVIZ_CACHE."
        ) from error
    _keep(place, raw)
    return PREFIX + identity


def _keep(place: Path, raw: Raw) -> None:
    """Keep the images that were read for the check, to train on them; a full disk costs only that."""
    from safetensors import SafetensorError

    found = user_data.look(place, title(place))
    if found is not None and found.slow:
        with contextlib.suppress(OSError, SafetensorError):
            image_cache.keep(found, image_cache.stamp_of(found), raw)


def stored(identity: str) -> Path | None:
    """The kept file of an id, or None."""
    if not _ID.fullmatch(identity):
        return None
    return next(iter((cache_folder() / "uploads").glob(f"{identity}-*")), None)


def title(path: Path) -> str:
    """The name under which the file was sent."""
    return path.name.split("-", 1)[1]
