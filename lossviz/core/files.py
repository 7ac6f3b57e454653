"""Files that are replaced as a whole."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A place beside a file for its new content, which takes the file's place when the block ends well.

    Readers see the old content or the new, never a part. Where the block or the replacement fails the old
    content stays, nothing else is left behind, and the error goes on.
    """
    part = path.with_name(f".lossviz.{secrets.token_hex(8)}.part")
    try:
        yield part
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
