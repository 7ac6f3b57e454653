"""What browser tests share: one Chromium and one running app a session."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from benchmarks import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium for the whole session; tests that need it are skipped without one."""
    with ExitStack() as stack:
        try:
            chromium = stack.enter_context(served.browser())
        except served.CannotRunError as error:
            pytest.skip(str(error))
        yield chromium


@pytest.fixture(scope="session")
def app_url() -> Iterator[str]:
    """The running app, in a process of its own."""
    with served.app() as url:
        yield url
