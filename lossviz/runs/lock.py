"""Locks between processes, as files; the system frees them when their holder ends, however it ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lossviz.core.errors import RunError
from lossviz.runs.files import opened


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Wait for the lock and hold it within the block. Not to be nested on one path."""
    handle = opened(path, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


class FileLock:
    """A lock on a file that is held until `release`; RunError with `refusal` if another process has it."""

    def __init__(self, path: Path, refusal: str) -> None:
        self._handle = opened(path, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._handle)
            raise RunError(refusal) from None
        except OSError:
            os.close(self._handle)
            raise

    def release(self) -> None:
        """Free it for others."""
        os.close(self._handle)


class FolderLock(FileLock):
    """A lock on a run folder, so that two processes never train the same run; `release` frees it."""

    def __init__(self, folder: Path) -> None:
        # A file, not the folder itself: file systems on the net lock only what is open for writing.
        refusal = f"{folder.name}: another process trains this run; stop it first, or look at its folder"
        try:
            super().__init__(folder / "worker.lock", refusal)
        except OSError as error:
            raise RunError(
                f"{folder.name}: worker.lock cannot be opened ({error.strerror}) in {folder}"
            ) from None
