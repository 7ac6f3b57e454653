"""Every section and fold of every page with runs of every kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import served
from tests.crawl import walk
from tests.crawl.conftest import KINDS, SHORT, Show
from tests.crawl.visitor import Visitor


@pytest.mark.parametrize("kind", SHORT)
@pytest.mark.usefixtures("as_a_browser", "nothing_starts")
def test_every_section_of_every_page_shows_runs_of_every_kind(kind: str, show: Show) -> None:
    sources = show(kind)
    for page in walk.pages():
        visitor = Visitor(page, **sources)
        if any(hasattr(visitor.view, name) for name in ("runs", "section")):
            assert walk.sections(visitor) == []


@pytest.mark.slow
@pytest.mark.parametrize("page", walk.pages())
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("as_a_browser")
def test_every_control_in_every_section_with_runs_of_every_kind(
    page: str, kind: str, show: Show, tmp_path: Path
) -> None:
    try:
        assert walk.crawl(Visitor(page, **show(kind)), wide=True) == []
    finally:
        served.stop_workers(tmp_path / "runs")
