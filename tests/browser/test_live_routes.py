"""The live page follows, plays and goes back by its routes: below a path, over a server that is killed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lossviz.runs import Run
from lossviz.runs.worker import Worker
from tests.browser.live_page import Server, Visit, link, quick
from tests.waiting import wait

LABS = "labs/one"


@pytest.fixture(scope="module")
def below(tmp_path_factory: pytest.TempPathFactory, browser: Any) -> Iterator[Server]:
    """The app below a path, as behind a proxy of an institute."""
    server = Server(tmp_path_factory.mktemp("below") / "runs", STREAMLIT_SERVER_BASE_URL_PATH=LABS)
    server.url += f"/{LABS}"
    yield server.start()
    server.end()


class Wire:
    """What a page sends to Streamlit, and what it asks our routes for."""

    def __init__(self, page: Any) -> None:
        self.sent: list[int] = []
        self.asked: list[str] = []
        page.on("websocket", lambda socket: socket.on("framesent", lambda data: self.sent.append(len(data))))
        page.on("request", lambda request: "/lossviz/live/" in request.url and self.asked.append(request.url))


def test_a_timeline_is_played_and_scrubbed_without_a_rerun_and_rests_in_the_link(
    desk: Any, below: Server
) -> None:
    run = below.store.create(quick(snapshot_every=1, epochs=20))
    Worker(run).work()
    visit = Visit(desk, below.url)
    wire = Wire(visit.page)
    visit.open(link(run))
    visit.until(lambda: visit.now().startswith("epoch 20 ") and "losses" in visit.query(), "the end")
    visit.page.locator("[data-test-script-state=notRunning]").wait_for()
    visit.page.locator(".lv-curves[data-frame]").wait_for()
    before = len(wire.sent)
    visit.page.get_by_role("button", name="Play").click()
    visit.until(lambda: visit.now().startswith("epoch 1"), "the middle, played")
    visit.page.locator(".lv-range").focus()
    visit.page.keyboard.press("Home")
    visit.page.keyboard.press("ArrowRight")
    visit.until(lambda: visit.note().startswith("epoch 0.1/20"), "a frame near the start")
    moving = len(wire.sent) - before
    visit.until(lambda: visit.query().get("at") == "0.1", "the epoch in the link")
    visit.page.locator("[data-test-script-state=notRunning]").wait_for()
    assert moving == 0
    assert len(wire.sent) - before == 1  # where it came to rest
    assert all(f"/{LABS}/lossviz/live/picture?" in url for url in wire.asked if "picture" in url)
    assert sum("epoch=" in url for url in wire.asked) >= 5
    assert visit.errors == []


@pytest.mark.slow
def test_a_picture_goes_on_by_itself_when_the_server_comes_back(
    desk: Any, below: Server, forked: None
) -> None:
    run: Run = below.store.create(quick(epochs=5000, train_images=0, snapshot_every=20))
    below.store.start(run)
    try:
        visit, other = Visit(desk, below.url).open(link(run)), Visit(desk, below.url).open(link(run))
        other.until(lambda: other.frames() > 2, "frames")
        other.page.locator(".lv-plane").first.focus()
        other.page.keyboard.press("Home")
        other.until(lambda: other.query().get("at") == "0", "the start in the link")
        visit.until(lambda: visit.frames() > 3, "frames")
        below.kill()
        before = len(run.frames())
        wait(lambda: len(run.frames()) > before + 3)
        below.start()
        visit.until(lambda: visit.frames() > before + 2, "frames of the time without a server")
        visit.until(lambda: visit.page.locator(".lv-follow").get_attribute("aria-pressed") == "true", "live")
        other.until(lambda: other.frames() > before + 2, "the timeline has grown")
        assert other.note().startswith("epoch 0/")
        assert other.query()["at"] == "0"
        run.ask("stop")
        for each in (visit, other):
            each.until(lambda each=each: each.has("Resume") and not each.has("Stop"), "both pages know")
    finally:
        run.ask("stop")
        wait(lambda: not run.alive)
