"""Whether the process that trains a run still lives; a reused process number is not mistaken."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
from pathlib import Path

# What this process started: a child that ended stays in the process table until it is asked for.
_children: set[int] = set()


def host() -> str:
    """This machine's name."""
    return socket.gethostname()


def adopt(child: subprocess.Popen[bytes]) -> None:
    """Remember a child, so that it can be seen to end; it may outlive this process."""
    _children.add(child.pid)
    # Otherwise Popen complains of a child that still runs when this process ends.
    child.returncode = 0


def kill(pid: int, began: str) -> None:
    """End a child that `adopt` remembers, and wait until it is gone; nothing if it is another by now."""
    if began and started(pid) == began:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    _children.discard(pid)


def started(pid: int) -> str:
    """When a process began, as text that no other process of this number shares; "" if none lives."""
    if pid <= 0:
        return ""
    if pid in _children:
        try:
            gone = os.waitpid(pid, os.WNOHANG)[0] == pid
        except ChildProcessError:
            gone = True
        if gone:
            _children.discard(pid)
    try:
        # The name in parentheses may itself hold spaces and parentheses.
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return "" if Path("/proc/self/stat").exists() else _by_ps(pid)
    if fields[0] in "ZX":
        return ""
    return f"{_boot()}{fields[19]}"


def _boot() -> str:
    # Ticks count from the start of the machine: another start, another count.
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8] + ":"
    return ""


def _by_ps(pid: int) -> str:
    """For systems without /proc."""
    made = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state, _, when = made.stdout.strip().partition(" ")
    return "" if not when or state.startswith("Z") else when.strip()
