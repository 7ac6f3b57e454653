"""Tables in plain text, and how a handful of timings is summed up."""

from __future__ import annotations

import os
import platform
import re
import statistics
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from lossviz.core import cores


def say(text: str = "") -> None:
    """Print at once, also into a pipe."""
    print(text, flush=True)


def heading(text: str) -> None:
    """A title above a table."""
    say(f"\n{text}\n{'-' * len(text)}")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Columns as wide as needed; the first is aligned left, the others right."""
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    for n, line in enumerate(lines):
        right = [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
        say("  ".join([line[0].ljust(widths[0]), *right]).rstrip())
        if n == 0:
            say("  ".join("-" * w for w in widths))


def percentile(values: Sequence[float], share: float) -> float:
    """The value at a share of the sorted values, interpolated."""
    return float(np.quantile(values, share))


def spread(values: Sequence[float], digits: int = 1) -> str:
    """'median (min-max)'."""
    numbers = (statistics.median(values), min(values), max(values))
    middle, low, high = (f"{v:.{digits}f}" for v in numbers)
    return f"{middle} ({low}-{high})"


def verdict(value: float, target: float, unit: str) -> str:
    """Whether a target is met, in words; a benchmark never fails."""
    return f"target {target:g} {unit}: {'met' if value <= target else 'missed'}"


def machine() -> str:
    """The processor, its cores, the load and the versions that the figures belong to."""
    import streamlit
    import torch

    model = platform.processor() or "unknown processor"
    info = Path("/proc/cpuinfo")
    if info.exists():
        found = re.search(r"^model name\s*:\s*(.+)$", info.read_text(), re.MULTILINE)
        model = found[1] if found else model
    load = f"load {os.getloadavg()[0]:.2f}" if hasattr(os, "getloadavg") else "load unknown"
    return (
        f"{cores.count()} cores of {model}; {platform.system()} {platform.machine()}; {load}\n"
        f"Python {sys.version.split()[0]}, torch {torch.__version__} ({torch.get_num_threads()} threads), "
        f"numpy {np.__version__}, streamlit {streamlit.__version__}"
    )
