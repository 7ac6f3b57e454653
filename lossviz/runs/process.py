"""Whether the process that trains a run still lives; a reused process number is not mistaken."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from lossviz.runs import files

# What this process started, and where it is told how it ended: a child that ended stays in the process
# table until it is asked for.
_children: dict[int, Path | None] = {}
END_WAIT_S = 5.0


@dataclass(frozen=True)
class Seen:
    """How a process is. began: as text that no other process of its number shares; "" if none lives.
    state: a letter, R runs, T is held, S and D wait. seconds: processor time used; None if unknown."""

    began: str = ""
    state: str = ""
    seconds: float | None = None


def host() -> str:
    """This machine's name."""
    return socket.gethostname()


def adopt(child: subprocess.Popen[bytes], log: Path | None = None) -> None:
    """Remember a child, so that it can be seen to end; it may outlive this process. log: where it is
    written if a signal ends it."""
    _children[child.pid] = log
    # Otherwise Popen complains of a child that still runs when this process ends.
    child.returncode = 0


def reap() -> None:
    """Let go of the children that have ended; cheap where there are none."""
    for pid, log in list(_children.items()):
        try:
            gone, status = os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            gone, status = pid, 0
        if gone == pid:
            _children.pop(pid, None)
            note_end(log, status)


def note_end(log: Path | None, status: int) -> None:
    """Add to the log of a child that a signal ended it, where one did; status: as waitpid gives it."""
    if log is None or not os.WIFSIGNALED(status):
        return
    number = os.WTERMSIG(status)
    with contextlib.suppress(ValueError):
        name = signal.Signals(number).name
        by = "; the system does that when memory runs out, or somebody did" if name == "SIGKILL" else ""
        # A folder that is gone does not come back for this.
        with contextlib.suppress(OSError):
            if log.parent.is_dir():
                files.append_text(log, f"\nlossviz: its process was ended by the signal {name}{by}\n")


def kill(pid: int, began: str) -> None:
    """End a child that `adopt` remembers, and wait until it is gone; nothing if it is another by now."""
    if began and started(pid) == began:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    _children.pop(pid, None)


def end(pid: int, began: str, signals: tuple[int, ...]) -> bool:
    """End any process by these signals, one after the other with 5 s for each; whether it is gone.
    OSError as the system gives it."""
    for number in signals:
        if started(pid) == began:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        until = time.monotonic() + END_WAIT_S
        while time.monotonic() < until:
            if started(pid) != began:
                return True
            time.sleep(0.02)
    return False


def started(pid: int) -> str:
    """When a process began, as text that no other process of this number shares; "" if none lives."""
    return look(pid).began


def look(pid: int) -> Seen:
    """How a process is now."""
    if pid <= 0:
        return Seen()
    reap()
    try:
        # The name in parentheses may itself hold spaces and parentheses.
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return Seen() if Path("/proc/self/stat").exists() else _by_ps(pid)
    if fields[0] in "ZX":
        return Seen()
    ticks = os.sysconf("SC_CLK_TCK")
    return Seen(f"{_boot()}{fields[19]}", fields[0], (int(fields[11]) + int(fields[12])) / ticks)


def same_boot(began: str) -> bool:
    """Whether a process that began then may live on: the machine was not started anew since."""
    boot = _boot()
    return not boot or ":" not in began or began.startswith(boot)


def _boot() -> str:
    # Ticks count from the start of the machine: another start, another count.
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8] + ":"
    return ""


def _by_ps(pid: int) -> Seen:
    """For systems without /proc."""
    made = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state, _, when = made.stdout.strip().partition(" ")
    return Seen() if not when or state.startswith("Z") else Seen(when.strip(), state[:1])
