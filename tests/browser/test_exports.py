"""What takes a while is made beside the page: it can be watched and ended, then saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lossviz.pages.train import replay
from lossviz.pages.train.view import LiveView
from lossviz.runs import Run
from tests.browser.live_page import Server, Visit, link


@pytest.fixture(scope="module")
def run(finished: Callable[..., Run]) -> Run:
    return finished(classes=(4, 9, 1), train_images=60, test_images=30, snapshot_every=1, epochs=40)


@pytest.fixture
def visit(desk: Any, server: Server, run: Run) -> Iterator[Visit]:
    visit = Visit(desk, server.url).open(link(run))
    visit.unfold("Save: animation")
    yield visit
    assert visit.errors == []


def saved(visit: Visit, name: str, folder: Path) -> Path:
    """Press a button that saves a file; where it is."""
    with visit.page.expect_download() as found:
        visit.page.get_by_role("button", name=name).click()
    assert found.value.suggested_filename in name
    found.value.save_as(folder / "saved")
    return folder / "saved"


def test_an_animated_page_is_made_while_the_page_is_used_then_saved(
    visit: Visit, run: Run, tmp_path: Path
) -> None:
    visit.press("Make animated page (.html)")
    visit.until(lambda: visit.has("Cancel"), "how to end it")
    visit.page.get_by_text("Animated page (.html) of Cross-entropy: ").wait_for()
    assert visit.page.get_by_role("button", name="Make animated page (.html)").is_disabled()
    visit.page.get_by_role("radio", name="Regions").click()
    visit.until(lambda: visit.query().get("layer") == "regions", "another layer meanwhile")
    visit.page.get_by_role("button", name="Save soft-d-digits-training.html").wait_for()
    assert not visit.has("Cancel")
    assert visit.page.get_by_role("button", name="Make animated page (.html)").is_enabled()
    made = saved(visit, "Save soft-d-digits-training.html", tmp_path).read_text()
    assert made == replay.page([run], LiveView())  # as it was ordered


def test_what_is_made_can_be_given_up(visit: Visit) -> None:
    visit.press("Make all frames (.zip of .png)")
    visit.press("Cancel")
    visit.until(lambda: not visit.has("Cancel"), "that it is given up")
    visit.page.get_by_role("button", name="Make all frames (.zip of .png)").wait_for()
    assert visit.page.get_by_role("button", name="Make all frames (.zip of .png)").is_enabled()
    assert "Save lossviz" not in visit.text()
