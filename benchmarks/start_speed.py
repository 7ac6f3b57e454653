"""From starting the server to a usable page, and what the page imports on the way."""

from __future__ import annotations

import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from typing import TYPE_CHECKING

from benchmarks.report import heading, say, spread, table, verdict
from benchmarks.served import ROOT, WINDOW, CannotRunError, browser, launched, painted, wait_until_up
from lossviz.ui.page_files import SCRIPT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

STARTS = 5
TARGET_S = 4.0
HEAVY = ("umap", "numba", "sklearn", "matplotlib", "plotly", "scipy")
SHOWN_PACKAGES = 12

# The contour page once, without server and browser; prints what of HEAVY it brought in.
PROBE = f"""
import json, sys
from streamlit.testing.v1 import AppTest
test = AppTest.from_file({SCRIPT!r}, default_timeout=120).run()
if test.exception:
    raise SystemExit("the page failed: " + test.exception[0].value)
print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))
"""


def run() -> None:
    """Print the start-up times and the imports of the contour page."""
    heading("Start: from launching the server to the painted contour page")
    try:
        with browser() as chromium:
            _starts(chromium)
    except CannotRunError as reason:
        say(f"skipped: {reason}")
    _imports()


def start(chromium: Browser) -> tuple[float, float]:
    """Seconds from launching the server until it answers, and until the first picture is painted."""
    context = chromium.new_context(viewport=WINDOW)  # type: ignore[arg-type]
    try:
        page = context.new_page()
        began = time.perf_counter()
        with launched() as url:
            wait_until_up(url)
            up = time.perf_counter() - began
            page.goto(url)
            painted(page)
            return up, time.perf_counter() - began
    finally:
        context.close()


def forget_files() -> int:
    """Ask the system to drop the environment's files from memory, as after a restart; how many."""
    if not hasattr(os, "posix_fadvise"):
        return 0
    count = 0
    for folder, _, names in os.walk(sys.prefix):
        for name in names:
            with contextlib.suppress(OSError):
                handle = os.open(os.path.join(folder, name), os.O_RDONLY)
                try:
                    os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
                    count += 1
                finally:
                    os.close(handle)
    return count


def _starts(chromium: Browser) -> None:
    dropped = forget_files()
    cold = start(chromium)
    warm = [start(chromium) for _ in range(STARTS)]
    up, usable = (list(column) for column in zip(*warm, strict=True))
    table(
        ["", "server answers, s", "page painted, s"],
        [
            ["cold, n = 1", f"{cold[0]:.1f}", f"{cold[1]:.1f}"],
            [f"warm, n = {STARTS}", spread(up), spread(usable)],
        ],
    )
    say(f"cold: {dropped} files of the environment dropped from memory first; other processes may hold some.")
    say("The browser runs already, with a new profile each time. Median (min-max).")
    middle = statistics.median(usable)
    say(f"Warm: {middle:.1f} s, {verdict(middle, TARGET_S, 's')}")


def _imports() -> None:
    """The packages that cost most to import, and the heavy ones that should not be there."""
    command = [sys.executable, "-X", "importtime", "-c", PROBE]
    probe = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=150)
    if probe.returncode:
        say(f"\nImports: the probe failed: {probe.stderr.strip().splitlines()[-1][:300]}")
        return
    own, first_by = import_times(probe.stderr)
    total = sum(own.values())
    say(f"\nImports of the contour page's process (python -X importtime): {1e-3 * total:.0f} ms in all")
    ranked = sorted(own.items(), key=lambda pair: -pair[1])[:SHOWN_PACKAGES]
    table(["package", "own ms"], [[name, f"{1e-3 * micro:.0f}"] for name, micro in ranked])
    present = set(json.loads(probe.stdout.strip().splitlines()[-1]))
    say("\nHeavy packages that the contour page does without at its start")
    rows = []
    for name in HEAVY:
        if name in present:
            rows.append([name, "IMPORTED", f"{1e-3 * own.get(name, 0):.0f}", first_by.get(name, "?")])
        else:
            rows.append([name, "no", "", ""])
    table(["package", "in sys.modules", "own ms", "asked for by"], rows)


def import_times(trace: str) -> tuple[dict[str, int], dict[str, str]]:
    """From the lines of -X importtime: own microseconds of each top-level package, and its first importer.

    A line comes after those of what it imported, which stand further to the right: read backwards, a
    package's importer is the last line with a smaller indent.
    """
    own: dict[str, int] = defaultdict(int)
    importer: dict[str, str] = {}
    stack: list[tuple[int, str]] = []
    for line in reversed(trace.splitlines()):
        found = re.match(r"import time:\s+(\d+) \|\s+\d+ \|( +)(\S+)", line)
        if not found:
            continue
        micro, indent, module = int(found[1]), len(found[2]), found[3]
        while stack and stack[-1][0] >= indent:
            stack.pop()
        package = module.split(".")[0]
        parent = stack[-1][1] if stack else "the page"
        if parent.split(".")[0] != package:
            importer[package] = parent  # read backwards: the last one noted is the first in time
        stack.append((indent, module))
        own[package] += micro
    return dict(own), importer


if __name__ == "__main__":
    run()
