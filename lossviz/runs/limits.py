"""Limits for runs: how many may wait, and how much memory a worker process may take.

Whoever starts runs decides which limits there are; here they are kept.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from dataclasses import dataclass

from lossviz.core.errors import ConfigError

MEMORY = "LOSSVIZ_WORKER_MEMORY"
# A worker that has read nothing yet takes about 230 MB.
LEAST_MEMORY = 512 * 2**20


@dataclass(frozen=True)
class Limits:
    """The limits that hold for a start or a resume; None: no limit.

    waiting: runs that may wait for a free place, in all. own: of these, runs that one asker may have.
    going: other jobs of a kind that may wait or work.
    asker: a name for whoever asks, kept in the status of the runs that wait.
    """

    waiting: int | None = None
    own: int | None = None
    going: int | None = None
    asker: str = ""


def worker_memory() -> int | None:
    """The bytes that a worker may take, as LOSSVIZ_WORKER_MEMORY says; None without it.

    ConfigError if that is no whole number, or too little for any run.
    """
    text = os.environ.get(MEMORY, "").strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or int(text) < LEAST_MEMORY:
        raise ConfigError(
            f"{MEMORY} must be a whole number of bytes, at least {LEAST_MEMORY:,}; got {text[:40]!r}"
        )
    return int(text)


def keep_worker_memory() -> None:
    """Have the system keep this process to `worker_memory`, if there is such a limit."""
    if most := worker_memory():
        keep_to_memory(most)


def keep_to_memory(most: int) -> bool:
    """Have the system refuse this process more memory than `most` bytes; True if it will.

    Only private memory that the process may write counts: code of libraries and address space that
    is only reserved do not. Linux alone knows this limit.
    """
    if sys.platform != "linux":
        return False
    import resource

    with contextlib.suppress(ValueError, OSError):
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (allowed, hard))
        return True
    return False


def out_of_memory(error: Exception) -> str:
    """Give the words for an error that means that memory was refused; "" for any other error."""
    text = str(error)
    if not (
        isinstance(error, MemoryError)
        or (isinstance(error, OSError) and error.errno == errno.ENOMEM)
        or any(words in text for words in _REFUSED)
    ):
        return ""
    with contextlib.suppress(ConfigError):
        most = worker_memory()
        if most:
            return f"not enough memory: {most / 2**30:.1f} GB is what a process may take here"
    return "not enough memory"


# Words of torch, C++, Python and zlib for refused memory.
_REFUSED = (
    "out of memory",
    "can't allocate memory",
    "annot allocate memory",
    "bad_alloc",
    "start new thread",
)
