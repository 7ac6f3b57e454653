"""Files that are replaced as a whole."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

REFUSALS = 100
# How a file is called that is not yet in its place: what a killed process has left.
PART = re.compile(r"\.lossviz\.[0-9a-f]{16}\.part")


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A place beside a file for its new content, which takes the file's place when the block ends well.

    Readers see the old content or the new, never a part. Where the block or the replacement fails the old
    content stays, nothing else is left behind, and the error goes on.
    """
    part = path.with_name(f".lossviz.{secrets.token_hex(8)}.part")
    try:
        yield part
        _put_in_place(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise


def _put_in_place(part: Path, path: Path) -> None:
    """Windows refuses to replace a file while somebody reads it, which takes a moment."""
    for _ in range(REFUSALS):
        try:
            os.replace(part, path)
            return
        except PermissionError:
            if os.name != "nt":
                raise
            time.sleep(0.01)
    os.replace(part, path)
