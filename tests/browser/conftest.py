"""What browser tests share beside the Chromium: one running app and one visitor's windows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from benchmarks import served
from tests.browser.live_page import Server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Server]:
    """The app over one store of runs, for all tests of a process that do not end it: to start it and to
    open its first page takes longer than most tests. Each test asks for its own runs by name."""
    server = Server(tmp_path_factory.mktemp("app") / "runs").start()
    yield server
    server.end()


@pytest.fixture(scope="session")
def app_url(server: Server) -> str:
    """The address of the running app."""
    return server.url


@pytest.fixture(scope="session")
def windows(browser: Browser) -> Iterator[BrowserContext]:
    """Windows of 1366 × 768. An empty one stays open, so that the browser keeps what it has loaded and
    compiled of Streamlit's program from one test to the next: half of what opening a page costs."""
    context = browser.new_context(viewport=served.WINDOW)
    context.new_page()
    yield context
    context.close()


@pytest.fixture
def desk(windows: BrowserContext) -> Iterator[BrowserContext]:
    """Where a test opens windows with `new_page`; they are closed after it, and nothing is remembered."""
    yield windows
    for page in windows.pages[1:]:
        page.evaluate("() => { try { localStorage.clear(); sessionStorage.clear(); } catch {} }")
        page.close()
    windows.clear_cookies()
    windows.set_offline(False)
