"""For all tests: one thread of arithmetic a process, and a last word on skipped browser tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from hypothesis import settings

from benchmarks import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Several test processes share the cores; threads that wait by spinning would starve each other.
torch.set_num_threads(1)
# A page that is opened in a test leaves no process waiting; tests of that process ask for it.
os.environ["LOSSVIZ_FORKSERVER"] = "0"

# Examples have no time limit: a busy machine is no failure.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# How paths begin of files that take long: they begin first. One that begins last keeps one process busy
# at the end while the others have nothing to do.
LONGEST = (
    "browser/test_contours_page.py",
    "browser/test_train_page.py",
    "browser/test_",
    "runs/test_script.py",
    "runs/test_launcher.py",
    "test_flow_presets.py",
    "test_app.py",
    "losses/",
    "reading/",
    "test_guards.py",
    "runs/",
)


def pytest_configure(config: pytest.Config) -> None:
    """Files are handed out as they were collected, not by their number of tests."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_xdist_auto_num_workers() -> int:
    """One process more than cores: browser tests wait for a third of their time."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + 1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, and those with a browser, which wait much, spread among those that work."""
    names = {item.path: item.path.relative_to(Path(__file__).parent).as_posix() for item in items}

    def rank(path: Path) -> int:
        return next((n for n, start in enumerate(LONGEST) if names[path].startswith(start)), len(LONGEST))

    rows: tuple[list[Path], list[Path]] = ([], [])
    for path in sorted(names, key=rank):
        rows[names[path].startswith("browser/")].append(path)
    place = {path: n / len(row) for row in rows for n, path in enumerate(row)}
    items.sort(key=lambda item: place[item.path])


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many browser tests were left out for lack of a browser."""
    skipped = [r for r in terminalreporter.stats.get("skipped", []) if "no Chromium" in str(r.longrepr)]
    if skipped:
        terminalreporter.write_line(
            f"{len(skipped)} browser tests skipped: no Chromium found; install it or set LOSSVIZ_CHROMIUM"
        )
    else:
        terminalreporter.write_line("no browser test was skipped for lack of a Chromium")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium for the whole session; tests that need it are skipped without one."""
    with ExitStack() as stack:
        try:
            chromium = stack.enter_context(served.browser())
        except served.CannotRunError as error:
            pytest.skip(str(error))
        yield chromium
