"""The crawl in a real browser: nothing in its console, no exception in the log, nothing by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks import served
from lossviz.runs import Run
from tests.browser.live_page import Server, Visit
from tests.crawl import walk
from tests.crawl.conftest import Store
from tests.waiting import wait


@pytest.fixture(scope="module")
def made(
    store: Store, tmp_path_factory: pytest.TempPathFactory, browser: Any
) -> Iterator[tuple[Server, str]]:
    """The app over a run with names of classes and one on the digits; their link."""
    folder = tmp_path_factory.mktemp("crawl")
    (folder / "runs").mkdir()
    ids = store.copy(folder / "runs", "names", "digits")
    server = Server(folder / "runs", LOSSVIZ_CACHE=str(folder / "cache")).start()
    yield server, ",".join(ids)
    served.stop_workers(folder / "runs")
    server.end()


@pytest.fixture
def visit(made: tuple[Server, str], browser: Any) -> Iterator[Visit]:
    """A window; afterwards its console is empty, and so is the log of exceptions."""
    context = browser.new_context(viewport=served.WINDOW)
    seen = Visit(context, made[0].url)
    yield seen
    context.close()
    assert seen.errors == []
    log = made[0].log.read_text(encoding="utf-8", errors="replace")
    assert "Traceback" not in log
    assert "Exception" not in log


def rest(visit: Visit) -> None:
    """Wait until the server has drawn the page."""
    visit.page.locator("[data-test-script-state=notRunning]").wait_for()
    # The mark stands for a moment before what was pressed is on its way.
    visit.page.evaluate("new Promise((done) => setTimeout(done, 150))")
    visit.page.locator("[data-test-script-state=notRunning]").wait_for()


def wrong(visit: Visit) -> list[str]:
    """The red boxes of a page."""
    found = visit.page.locator("[data-testid=stException], [data-testid=stAlertContentError]")
    return list(found.all_inner_texts())


@pytest.mark.slow
@pytest.mark.parametrize("page", walk.pages())
def test_every_section_and_fold_of_a_page_in_a_browser(
    page: str, visit: Visit, made: tuple[Server, str]
) -> None:
    address = "" if page == "contours" else page
    visit.page.goto(f"{made[0].url}/{address}?runs={made[1]}")
    visit.page.locator("h1").wait_for()
    rest(visit)
    link = visit.query()
    folds = visit.page.locator("details > summary")
    for place in range(folds.count()):
        folds.nth(place).click()
        rest(visit)
    assert visit.query() == link
    sections = visit.page.locator("[class*='-section-'] button")
    for place in range(sections.count()):
        sections.nth(place).click()
        rest(visit)
        assert visit.query() | {"section": ""} == link | {"section": ""}
        assert wrong(visit) == []
    assert visit.text().strip()


@pytest.mark.slow
def test_a_run_with_other_class_names_leaves_the_form_as_it_was(
    visit: Visit, made: tuple[Server, str], store: Store
) -> None:
    server, ids = made
    (named, _) = ids.split(",")
    page = visit.page
    visit.open(f"train?runs={named}&losses=arcface&data={store.images}&margin=30deg&scale=20&epochs=1")
    rest(visit)
    page.locator("[class*=st-key-live-data-] input").click()
    page.get_by_role("option", name="Digits", exact=False).first.click()
    rest(visit)
    before = {run.id for run in server.store.runs()}
    visit.press("Train")

    def new() -> list[Run]:
        return [run for run in server.store.runs() if run.id not in before]

    wait(lambda: new() and new()[0].status.ended)
    visit.until(lambda: visit.query().get("runs") == new()[0].id and not visit.has("Pause"), "the new run")
    rest(visit)
    assert wrong(visit) == []
    assert visit.query() == {
        "runs": new()[0].id,
        "losses": "arcface",
        "margin": "30deg",
        "scale": "20",
        "epochs": "1",
    }
    assert page.locator("[class*=st-key-live-class-] input").input_value() == "0"
    texts = page.locator("[class*=st-key-live-param-] input[type=range]").evaluate_all(
        "found => found.map((each) => each.getAttribute('aria-valuetext') ?? each.value)"
    )
    assert texts[:2] == ["30°", "20"]
