"""Every control of every page once: it changes what it says, nothing else changes, nothing fails."""

from __future__ import annotations

import pytest

from . import walk
from .conftest import Show
from .visitor import Visitor


@pytest.mark.parametrize("page", walk.pages())
@pytest.mark.usefixtures("as_a_browser", "nothing_starts")
def test_every_control_of_a_page_changes_what_it_says_and_nothing_else(page: str, show: Show) -> None:
    assert walk.crawl(Visitor(page, **show("names"))) == []
