"""What browser tests share beside the Chromium: one running app and one visitor's windows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks import served
from lossviz.runs import Run
from lossviz.runs.worker import Worker
from tests.browser.live_page import Server, quick

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Server]:
    """The app over one store of runs, for all tests of a process that do not end it: to start it and to
    open its first page takes longer than most tests. Each test asks for its own runs by name."""
    server = Server(tmp_path_factory.mktemp("app") / "runs").start()
    yield server
    server.end()


@pytest.fixture(scope="session")
def finished(server: Server) -> Callable[..., Run]:
    """A function that gives a finished run of the app, trained once. Not to be written into."""
    made: dict[str, Run] = {}

    def train(**settings: Any) -> Run:
        config = quick(**settings)
        if config.to_json() not in made:
            run = made[config.to_json()] = server.store.create(config)
            assert Worker(run).work() == "finished"
        return made[config.to_json()]

    return train


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


def watched(page: Page, errors: list[str]) -> Page:
    """A window that notes what is thrown in it."""
    page.on("pageerror", lambda error: errors.append(str(error)))
    return page


@pytest.fixture
def page(desk: BrowserContext) -> Iterator[Page]:
    """A window of a laptop; afterwards nothing was thrown in it."""
    errors: list[str] = []
    yield watched(desk.new_page(), errors)
    assert errors == []


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """The window of a phone; afterwards nothing was thrown in it."""
    size: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}
    context, errors = browser.new_context(**size, has_touch=True, is_mobile=True), list[str]()
    yield watched(context.new_page(), errors)
    context.close()
    assert errors == []
