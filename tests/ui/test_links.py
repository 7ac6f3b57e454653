"""What is wrong in a link is told by one rule on every page."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lossviz.core.query import briefly
from lossviz.readings.jobs import ReadingJob
from lossviz.runs import RunStore
from lossviz.ui.page_files import SCRIPT, page_file
from tests.crawl.walk import pages


@pytest.mark.parametrize("page", pages())
def test_of_nine_hundred_unknown_settings_five_are_named_and_the_rest_counted(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOSSVIZ_RUNS", str(tmp_path / "runs"))
    monkeypatch.setattr(RunStore, "start", lambda *_, **__: [])
    monkeypatch.setattr(RunStore, "start_waiting", lambda *_, **__: [])
    monkeypatch.setattr(ReadingJob, "start", lambda *_, **__: None)
    at = AppTest.from_file(SCRIPT, default_timeout=600)
    at.switch_page(page_file(page))
    for number in range(900):
        at.query_params[f"x{number}"] = "1"
    at.run()
    assert not at.exception
    told = [box.value for box in at.warning if "the link" in box.value]
    assert len(told) == 6
    assert all("unknown setting" in each.lower() for each in told[:5])
    assert all(f"x{number}" in each for number, each in enumerate(told[:5]))
    assert "895 more" in told[5]
    assert not any("x" in name for name in at.query_params)


def test_up_to_five_are_all_told() -> None:
    assert briefly(list("abcde")) == list("abcde")
    assert briefly([]) == []
    assert briefly(list("abcdefg"))[:5] == list("abcde")
    assert len(briefly(list("abcdef"))) == 6
