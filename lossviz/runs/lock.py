"""Locks between processes, as files; the system frees them when their holder ends, however it ends."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from lossviz.core.errors import RunError
from lossviz.runs import files

LOOK_EACH_S = 0.01
LONGEST_S = 60.0


@contextmanager
def hold(path: Path, patient: bool = False) -> Iterator[None]:
    """Wait for the lock and hold it within the block. Must not be nested on one path. OSError as the
    system gives it, and after a minute of waiting; patient: wait for as long as the work of another takes."""
    lock = _lock(path)
    try:
        lock.acquire(timeout=-1 if patient else LONGEST_S, poll_interval=LOOK_EACH_S)
    except filelock.Timeout:
        raise OSError(
            errno.EAGAIN,
            f"another process has held it for {LONGEST_S:.0f} s; is one of lossviz stopped?",
            str(path),
        ) from None
    try:
        yield
    finally:
        lock.release()


class FolderLock:
    """A lock on a job's folder, so that two processes never do the same job; `release` frees it. RunError if
    another process still holds it after so many seconds."""

    def __init__(self, folder: Path, patience_s: float = 0.0) -> None:
        # A file, not the folder itself: network file systems lock only files that are open for writing.
        try:
            self._lock = _lock(folder / "worker.lock")
            self._lock.acquire(timeout=patience_s, poll_interval=LOOK_EACH_S)
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
    # `filelock` would make the folder too, and so a run anew that was deleted meanwhile.
    if filelock.FileLock is filelock.SoftFileLock:
        os.stat(path.parent)  # where the system has no locks, the file is the lock
    else:
        os.close(files.open_regular(path, os.O_RDWR | os.O_CREAT))
    return filelock.FileLock(path, thread_local=False)
