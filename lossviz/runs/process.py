"""Processes of this machine by number and creation time: a reused number is not mistaken for the worker."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import socket
import time
from dataclasses import dataclass

import psutil

END_WAIT_S = 5.0
# Creation times are of the wall clock, which may be set; a status is renewed before they differ by more.
_SLACK_S = 2.0
# Linux's mark of the process numbers outside containers.
_FIRST_NAMESPACE = 0xEFFFFFFC
# Creation time in statuses of earlier versions, on Linux: a mark of the boot, and clock ticks since then.
_TICKS = re.compile(r"[0-9a-f]{8}:(\d+)")


@dataclass(frozen=True)
class Process:
    """A process as it is now. created: seconds since 1970. computing: it runs on a processor. suspended: it
    does nothing until it is continued. seconds: processor time used."""

    created: float
    computing: bool
    suspended: bool
    seconds: float


def host() -> str:
    """This machine's name. A container whose processes have numbers of their own adds a mark of those: it may
    share the name of its machine."""
    return socket.gethostname() + _namespace()


@functools.cache
def _namespace() -> str:
    with contextlib.suppress(OSError):
        found = os.stat("/proc/self/ns/pid").st_ino
        return "" if found == _FIRST_NAMESPACE else f"/{found}"
    return ""


def look(pid: int) -> Process | None:
    """Look at the process of this number; None if none lives."""
    with contextlib.suppress(psutil.Error, ValueError):
        if pid <= 0:
            return None
        found = psutil.Process(pid)
        with found.oneshot():
            how, times = found.status(), found.cpu_times()
            if how in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD):
                return None
            suspended = how in (psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP)
            seconds = times.user + times.system
            return Process(found.create_time(), how == psutil.STATUS_RUNNING, suspended, seconds)
    return None


def creation_time(pid: int) -> str:
    """Give the creation time of a process, as a status keeps it; "" if none of this number lives."""
    found = look(pid)
    return "" if found is None else f"{found.created:.2f}"


def lives(pid: int, began: str) -> bool:
    """True if the process of this number still lives and was created at `began`, as of `creation_time`."""
    found = look(pid)
    return found is not None and abs(found.created - _created(began)) < _SLACK_S


def same_boot(began: str) -> bool:
    """True if a process created at `began` may still live: the machine was not restarted since."""
    return not 0.0 < _created(began) < psutil.boot_time() - _SLACK_S


def end(pid: int, began: str, *, gently: bool) -> bool:
    """End any process; True if it is gone. gently: by a request first, then by force; each has 5 s.
    OSError where that is not allowed."""
    try:
        found = psutil.Process(pid)
        for way in (found.terminate, found.kill) if gently else (found.kill,):
            if not lives(pid, began):
                return True
            way()
            until = time.monotonic() + END_WAIT_S
            while lives(pid, began) and time.monotonic() < until:
                time.sleep(0.02)
    except psutil.NoSuchProcess:
        return True
    except psutil.AccessDenied:
        raise PermissionError(1, "not allowed") from None
    return not lives(pid, began)


def lower_priority() -> None:
    """Lower the priority of this process: the page and other programs here go first."""
    with contextlib.suppress(psutil.Error, OSError):
        psutil.Process().nice(10 if os.name == "posix" else psutil.BELOW_NORMAL_PRIORITY_CLASS)


def _created(began: str) -> float:
    ticks = _TICKS.fullmatch(began)
    if ticks and hasattr(os, "sysconf"):
        return psutil.boot_time() + int(ticks[1]) / os.sysconf("SC_CLK_TCK")
    try:
        return float(began)
    except ValueError:
        return 0.0
