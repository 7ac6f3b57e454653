"""Data sent by a browser: checked as a whole, then kept in the cache under its checksum."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

from lossviz.data import own
from lossviz.errors import DataError
from lossviz.paths import cache_folder

LARGEST_UPLOAD = 500 << 20
PREFIX = "upload:"
_ID = re.compile(r"[0-9a-f]{24}")


def upload(content: bytes, filename: str) -> str:
    """Checks an .npz or a .zip of class folders and keeps it; the name to use in a Choice, "upload:<id>".

    It is read through before it is kept: DataError says what is wrong, and nothing stays behind.
    The same content gets the same id.
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
    kept = stored(identity)
    if kept is not None:
        return PREFIX + identity
    folder = cache_folder() / "uploads"
    name = (re.sub(r"[^\w.-]+", "-", path.stem).strip("-.")[:60] or "data") + ending
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".arriving-") as arriving:
            arrived = Path(arriving) / name
            arrived.write_bytes(content)
            found = own.look(arrived, path.name)
            assert found is not None
            found.read(lambda what, share: None)
            os.replace(arrived, folder / f"{identity}-{name}")
    except OSError as error:
        raise DataError(
            f"upload: it could not be kept in {folder} ({error.strerror}). Free space there, or name another "
            "folder in LOSSVIZ_CACHE."
        ) from error
    return PREFIX + identity


def stored(identity: str) -> Path | None:
    """The kept file of an id, or None."""
    if not _ID.fullmatch(identity):
        return None
    return next(iter((cache_folder() / "uploads").glob(f"{identity}-*")), None)


def title(path: Path) -> str:
    """The name under which the file was sent."""
    return path.name.split("-", 1)[1]
