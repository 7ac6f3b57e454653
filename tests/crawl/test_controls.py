"""Every control of every page once: it changes what it says, nothing else changes, nothing fails."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.crawl import walk
from tests.crawl.conftest import Show, Store
from tests.crawl.visitor import Visitor


# Their many controls take longer than all others together.
@pytest.mark.parametrize(
    "page", [pytest.param(p, marks=[pytest.mark.slow] * (p in ("train", "sweep"))) for p in walk.pages()]
)
@pytest.mark.usefixtures("as_a_browser", "nothing_starts")
def test_every_control_of_a_page_changes_what_it_says_and_nothing_else(page: str, show: Show) -> None:
    assert walk.crawl(Visitor(page, **show("sweeps" if page == "sweep" else "names"))) == []


@pytest.mark.parametrize("page", ["important", "angles"])
@pytest.mark.usefixtures("as_a_browser", "nothing_starts")
def test_classes_chosen_by_number_have_the_names_of_the_file_that_follows(
    page: str, show: Show, store: Store
) -> None:
    visitor = Visitor(page, **show("one run"))
    visitor.back_to(replace(visitor.view, important=(3,)))
    assert visitor.shows("important") == ["3"]
    visitor.back_to(replace(visitor.view, runs=(), file=store.file))
    assert visitor.shows("important") == ["dog"]
    assert visitor.view.important == (3,)
