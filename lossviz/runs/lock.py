"""Locks between processes, as files; the system frees them when their holder ends, however it ends."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from lossviz.core.errors import RunError
from lossviz.runs import files

LOOK_EACH_S = 0.01


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Wait for the lock and hold it within the block. Not to be nested on one path. OSError as the
    system gives it."""
    with _lock(path).acquire(poll_interval=LOOK_EACH_S):
        yield


class FolderLock:
    """A lock on a job's folder, so that two processes never do the same; `release` frees it. RunError if
    another process has it."""

    def __init__(self, folder: Path) -> None:
        # A file, not the folder itself: file systems on the net lock only what is open for writing.
        try:
            self._lock = _lock(folder / "worker.lock")
            self._lock.acquire(blocking=False)
        except filelock.Timeout:
            raise RunError(
                f"{folder.name}: another process trains this run; stop it first, or look at its folder"
                if (folder / "config.json").exists()
                else f"{folder.name}: another process does this"
            ) from None
        except OSError as error:
            raise RunError(
                f"{folder.name}: worker.lock cannot be opened ({error.strerror}) in {folder}"
            ) from None

    def release(self) -> None:
        """Free it for others."""
        self._lock.release()


def _lock(path: Path) -> filelock.BaseFileLock:
    with contextlib.suppress(FileNotFoundError):
        files.check_regular(path, os.stat(path))
    return filelock.FileLock(path, thread_local=False)
