"""What browser tests share beside the Chromium: one running app a session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks import served


@pytest.fixture(scope="session")
def app_url() -> Iterator[str]:
    """The running app, in a process of its own."""
    with served.app() as url:
        yield url
