"""For all tests: one thread of arithmetic a process, and a last word on skipped browser tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
import torch

from benchmarks import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Several test processes share the cores; threads that wait by spinning would starve each other.
torch.set_num_threads(1)
# A page that is opened in a test leaves no process waiting; tests of that process ask for it.
os.environ["LOSSVIZ_SPARE"] = "0"


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
