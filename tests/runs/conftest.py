"""One launcher for the tests of a file: to begin one takes longer than most of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lossviz.runs import launcher


@pytest.fixture(scope="module")
def closed() -> Iterator[None]:
    """The tests of a file share one launcher as far as they leave it alive."""
    yield
    launcher.close()


@pytest.fixture
def unchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pytest, which tells each test's name in the environment, does not disturb."""
    monkeypatch.setattr(launcher, "library_variables", lambda environment: {})
