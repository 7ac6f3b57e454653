"""The processor cores that this process may use: of the machine, its affinity and a container's quota."""

from __future__ import annotations

import math
import os
from pathlib import Path, PurePosixPath

CGROUPS, OWN = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")


def count() -> int:
    """Cores, at least 1; of a quota of 1.5 processors, 2."""
    if hasattr(os, "sched_getaffinity"):
        have = len(os.sched_getaffinity(0))
    else:
        have = os.cpu_count() or 1
    return max(1, math.ceil(min(have, quota(CGROUPS, OWN))))


def quota(cgroups: Path, own: Path) -> float:
    """The processors that the control groups of this process allow, the smallest number of all levels;
    infinity without a limit.

    cgroups: where they are mounted. own: the file that names those of this process, a line each.
    """
    try:
        lines = own.read_text(errors="replace").splitlines()
    except OSError:
        return math.inf
    allowed = math.inf
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if not controllers:
            mounts, limit = [cgroups, cgroups / "unified"], _version_2
        elif "cpu" in controllers.split(","):
            mounts, limit = [cgroups / controllers, cgroups / "cpu", cgroups / "cpu,cpuacct"], _version_1
        else:
            continue
        # Within a container the path may be that outside of it: what is not there has no limit of its own.
        levels = PurePosixPath(path.strip().lstrip("/"))
        for mount in mounts:
            for level in (levels, *levels.parents):
                allowed = min(allowed, limit(mount / level))
    return allowed


def _version_2(folder: Path) -> float:
    return _share(_text(folder / "cpu.max"))


def _version_1(folder: Path) -> float:
    return _share(f"{_text(folder / 'cpu.cfs_quota_us')} {_text(folder / 'cpu.cfs_period_us')}")


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def _share(text: str) -> float:
    """Quota by period, both in microseconds; "max" and -1 are no limit."""
    numbers = [int(word) for word in text.split() if word.isascii() and word.isdigit()]
    return numbers[0] / numbers[1] if len(numbers) == 2 and all(numbers) else math.inf
