"""Files for the user: an ending that says what they hold, and the whole of it or nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from lossviz.core.errors import LossvizError
from lossviz.core.files import replacing


def checked(path: Path, endings: Sequence[str], who: str = "--out") -> str:
    """The ending of a file that is to be written, in small letters and without its dot.

    LossvizError in the name of `who`, before any work is done, for an ending that is none of `endings`
    and for a place that takes no file.
    """
    try:
        wrong = _wrong(path, endings)
    except OSError as error:
        wrong = f": {path} cannot be looked at ({error.strerror}); name another place"
    if wrong:
        raise LossvizError(f"{who}{wrong}")
    return path.suffix[1:].lower()


def _wrong(path: Path, endings: Sequence[str]) -> str:
    """The reason why a file cannot be written, as the rest of a sentence; "" where there is none."""
    *most, last = (f".{ending}" for ending in endings)
    allowed = f"{', '.join(most)} or {last}" if most else last
    if path.is_dir():
        return f": {path} is a folder; name a file in it, ending in {allowed}"
    if path.suffix[1:].lower() not in endings:
        return f" must end in {allowed}; got {path.name!r}"
    if not path.parent.is_dir():
        what = "is no folder" if path.parent.exists() else "does not exist; make it first"
        return f": the folder {path.parent} {what}"
    if path.exists() and not path.is_file():
        return f": {path} is no regular file; name another"
    if path.exists() and not os.access(path, os.W_OK):
        return f": {path} may not be written over (permission denied); name another"
    # The file that a link points to is replaced.
    folder = Path(os.path.realpath(path)).parent
    if not os.access(folder, os.W_OK | os.X_OK):
        return f": no file can be made in {folder} (permission denied); name another folder"
    return ""


def write(path: Path, content: bytes, who: str = "--out") -> None:
    """Write a file as a whole; LossvizError if that fails, and then the old content stays."""
    # What a link points to is replaced, not the link.
    real = Path(os.path.realpath(path))
    try:
        with replacing(real) as part:
            part.write_bytes(content)
            with contextlib.suppress(OSError):
                shutil.copymode(real, part)
    except OSError as error:
        raise LossvizError(
            f"{who}: {path} could not be written ({error.strerror}); {len(content):,} bytes are needed. "
            "Make room or name another place; nothing was changed."
        ) from None
