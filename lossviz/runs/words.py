"""Why a run is lost, or does not answer, in sentences that say what to do."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

from lossviz.runs import files, process
from lossviz.runs.status import STARTING_S, RunStatus, folder_name

# A worker on this machine renews its status several times a second, every ten seconds while paused. During
# a longer step or read it uses processor time; with less than the share IDLE of the time it does nothing.
SILENT_S, IDLE = 60.0, 0.01
# With fewer bytes free than this, no status can be written either.
ROOM = 64 << 10


def end_reason(folder: Path, now: RunStatus) -> str:
    """Say why the process that did a job is gone."""
    name = folder_name(folder)
    if now.folder not in ("", name):
        return f"its folder was called {now.folder} while it trained, and has been renamed or copied since"
    if folder.is_dir() and not os.access(folder, os.W_OK):
        return f"nothing can be written into {folder} any more: allow that, then resume"
    if said := last_words(folder / "worker.log"):
        return said
    if now.host != process.host():
        quiet = max(0.0, time.time() - now.updated) / 60
        return f"nothing has come from its process on {now.host or 'another machine'} for {quiet:,.0f} min"
    if _free(folder) < ROOM:
        return f"no space left for {folder}; free some space, then resume"
    if not process.same_boot(now.pid_started):
        return "the machine was switched off or started anew while it trained"
    return "its process ended without a word: killed, or out of memory"


def _free(folder: Path) -> float:
    """The bytes that this user may still write."""
    if not hasattr(os, "statvfs"):
        return float("inf")
    try:
        found = os.statvfs(folder)
    except OSError:
        return float("inf")
    return float(found.f_frsize * (found.f_bavail if os.geteuid() else found.f_bfree))


def silence(now: RunStatus) -> str:
    """Say that the living process of a job does not answer, and what to do; "" while it answers.

    Judged only on the machine of the process, by a clock that stands still while the machine sleeps.
    """
    if now.host != process.host():
        return ""
    seen = process.look(now.pid)
    if seen is None:
        return ""
    if seen.suspended:
        return (
            f"its process {now.pid} is held (by SIGSTOP, Ctrl-Z or a debugger): kill -CONT {now.pid} lets it "
            "go on"
        )
    quiet = time.monotonic() - now.beat if now.beat else 0.0
    allowed = STARTING_S if now.state == "starting" or not now.device.startswith("CPU") else SILENT_S
    if quiet < allowed or seen.computing:
        return ""
    if seen.seconds - now.cpu > IDLE * quiet:
        return ""
    return (
        f"its process {now.pid} has said and computed nothing for {quiet:.0f} s: it waits for a disk or the "
        "network, or hangs"
    )


def last_words(log: Path) -> str:
    """The error that ended a process, from the end of its log; "" if it left none."""
    try:
        with open(files.open_regular(log), "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - 16_384))
            text = file.read(16_384).decode(errors="replace")
    except OSError:
        return ""
    # Each start of a worker adds a line with ---: lines before the last one are of earlier starts.
    own = text.rpartition("\n--- ")[2].splitlines()
    fatal = [line for line in own if line.startswith("Fatal Python error")]
    if fatal:
        return fatal[0].strip()
    last = next((line.strip() for line in reversed(own) if line.strip()), "")
    if last.startswith("lossviz: "):
        return last.removeprefix("lossviz: ")
    return last[:500] if re.match(r"[\w.]*(Error|Exception|Interrupt)\b|libgomp: ", last) else ""
