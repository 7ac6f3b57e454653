"""A scatter with a route: it fetches frames and points itself and hardly ever speaks to the page."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from lossviz.figures.scatter import Picked
from lossviz.figures.scatter.packing import encode_point
from lossviz.figures.wire import with_header
from tests.browser.component.conftest import TIMES
from tests.browser.component.embeddings import FEATURES, REACH, frame, panel, timeline


@dataclass
class Routes:
    """The server of a run: `frames` frames, ten an epoch. asked: the queries that came, by route."""

    frames: int = 20
    running: bool = True
    state: str = "as drawn"
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def picture(self, position: int, **more: Any) -> bytes:
        shown = panel(note=f"frame {position}")
        time = timeline(position, self.frames, running=self.running, live=self.running and not more)
        return with_header(frame(0, [shown], time, series="race"), state=self.state, **more)

    def answer(self, route: Any) -> None:
        parts = urlsplit(route.request.url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        name = parts.path.rpartition("/")[2]
        self.asked.append((name, query))
        if name == "point":
            image = np.full((2, 2), 9, dtype=np.uint8)
            lines = [f"point {query['index']} of {query['run']} at {query.get('epoch', 'the newest')}"]
            return route.fulfill(body=encode_point(Picked(0, 0, lines, image)))
        at = self.frames - 1 if "epoch" not in query else round(10 * float(query["epoch"]))
        etag = f'"{at} {self.frames} {self.running} {self.state}"'
        if route.request.headers.get("if-none-match") == etag:
            return route.fulfill(status=304, headers={"ETag": etag})
        headers = {"ETag": etag, "Lossviz-Watchers": "1"}
        return route.fulfill(body=self.picture(at), headers=headers)

    def count(self, name: str = "picture", **query: str) -> int:
        """How often a route was asked with these parameters."""
        return sum(n == name and query.items() <= q.items() for n, q in self.asked)


class Followed:
    """The scatter over its routes."""

    def __init__(self, view: Any, routes: Routes) -> None:
        self.view, self.page, self.routes = view, view.page, routes

    def put_up(self, position: int, place: str = "a", **more: Any) -> None:
        """The page mounts its picture, or mounts it anew."""
        routes = self.routes
        data = routes.picture(
            position,
            source="lossviz/live/picture?runs=a",
            point="lossviz/live/point?runs=a",
            etag="none",
            place=place,
            follow=position == routes.frames - 1,
            **more,
        )
        self.page.evaluate("([n, b]) => window.send(n, b)", ["scatter", base64.b64encode(data).decode()])

    def shows(self, position: int) -> None:
        """Wait until a frame is shown."""
        self.page.wait_for_function(
            "text => window.shadow('scatter').querySelector('.lv-note')?.textContent === text",
            arg=f"frame {position}",
        )

    def note(self) -> str:
        return self.page.locator(".lv-note").inner_text()

    def until(self, what: Any) -> None:
        self.view.until(what)

    def triggers(self, name: str | None = None) -> list[Any]:
        return self.view.triggers(name)


@pytest.fixture
def followed(component_page: Any) -> Any:
    """A function that opens the scatter as a page does: with its newest frame, or another."""

    def open_scatter(position: int | None = None, **server: Any) -> Followed:
        routes, view = Routes(**server), component_page("scatter")
        view.page.route("**/lossviz/**", routes.answer)
        made = Followed(view, routes)
        made.put_up(routes.frames - 1 if position is None else position)
        made.shows(routes.frames - 1 if position is None else position)
        return made

    return open_scatter


def test_new_frames_are_shown_as_they_come_without_a_word_to_the_page(followed: Any) -> None:
    scatter = followed()
    for frames in (21, 22, 25):
        scatter.routes.frames = frames
        scatter.shows(frames - 1)
    assert scatter.page.locator(".lv-range").get_attribute("max") == "24"
    assert scatter.triggers() == []


def test_scrubbing_asks_the_route_and_tells_the_page_once_where_it_rests(followed: Any) -> None:
    scatter = followed()
    scatter.page.locator(".lv-range").focus()
    scatter.page.keyboard.press("Home")
    scatter.shows(0)
    for _ in range(3):
        scatter.page.keyboard.press("ArrowRight")
    scatter.shows(3)
    scatter.until(lambda: scatter.triggers("rest")[-1:] == [{"epoch": 0.3}])
    # On a slow machine it has come to rest on the way too; nowhere twice.
    told = [each["epoch"] for each in scatter.triggers()]
    assert len({*told}) == len(told) == len(scatter.triggers("rest"))
    scatter.routes.frames = 30  # what comes meanwhile takes nobody back
    scatter.until(lambda: scatter.page.locator(".lv-range").get_attribute("max") == "29")
    assert scatter.note() == "frame 3"


def test_live_follows_again_and_rests_without_an_epoch(followed: Any) -> None:
    scatter = followed()
    scatter.page.locator(".lv-plane").focus()
    scatter.page.keyboard.press("Home")
    scatter.shows(0)
    scatter.page.locator(".lv-follow").click()
    scatter.shows(19)
    scatter.view.wait_triggers("rest", 1)
    scatter.routes.frames = 21
    scatter.shows(20)
    scatter.until(lambda: scatter.triggers("rest")[-1] == {"epoch": None})


def test_playing_shows_every_frame_and_fetches_the_next_ones_before_their_turn(followed: Any) -> None:
    scatter = followed(running=False, frames=12)
    scatter.view.js(
        """window.notes = []; const note = root.querySelector('.lv-note');
           new MutationObserver(() => window.notes.push(note.textContent))
             .observe(note, { childList: true, characterData: true, subtree: true });"""
    )
    scatter.page.locator(".lv-play").click()
    scatter.until(lambda: scatter.page.evaluate("window.notes.at(-1)") == "frame 11")
    scatter.view.wait_triggers("rest", 1)
    assert scatter.page.evaluate("window.notes") == [f"frame {n}" for n in range(12)]
    asked = [round(10 * float(query["epoch"])) for name, query in scatter.routes.asked if "epoch" in query]
    assert asked[:3] == [0, 1, 2]
    assert len(scatter.triggers()) == 1


def test_a_point_s_card_comes_from_the_route_and_follows_the_frames(followed: Any) -> None:
    scatter = followed()
    box = scatter.view.plane_box()
    x, y = FEATURES[3]
    scatter.page.mouse.click(
        box["x"] + (1 + x / REACH) / 2 * box["width"], box["y"] + (1 - y / REACH) / 2 * box["height"]
    )
    card = scatter.page.locator(".lv-card:not(.waiting)")
    scatter.until(lambda: card.is_visible() and card.inner_text() == "point 3 of a at the newest\n×")
    assert scatter.page.locator(".lv-image").is_visible()
    before = scatter.routes.count("point")
    scatter.routes.frames = 21
    scatter.shows(20)
    scatter.until(lambda: scatter.routes.count("point") > before)
    assert card.is_visible()
    scatter.page.keyboard.press("Escape")
    scatter.until(lambda: not scatter.page.locator(".lv-card").is_visible())
    scatter.routes.frames = 22
    scatter.shows(21)
    assert not scatter.page.locator(".lv-card").is_visible()
    assert scatter.triggers() == []


def test_what_the_page_has_to_say_is_told_to_it_once(followed: Any) -> None:
    scatter = followed()
    scatter.routes.state = "another"
    scatter.view.wait_triggers("changed", 1)
    asked = scatter.routes.count()
    scatter.until(lambda: scatter.routes.count() > asked + 3)
    assert scatter.triggers("changed") == [{"state": "another"}]
    scatter.put_up(19)  # the page has followed
    asked = scatter.routes.count()
    scatter.until(lambda: scatter.routes.count() > asked + 3)
    assert len(scatter.triggers("changed")) == 1


def test_a_page_that_is_drawn_anew_leaves_the_moment_alone(followed: Any) -> None:
    scatter = followed()
    scatter.page.locator(".lv-plane").focus()
    scatter.page.keyboard.press("Home")
    scatter.shows(0)
    scatter.put_up(19)  # a press elsewhere, before the page knows of the move
    asked = scatter.routes.count(epoch="0")
    scatter.until(lambda: scatter.routes.count(epoch="0") > asked)
    assert scatter.note() == "frame 0"


def test_a_page_that_goes_to_another_moment_takes_the_picture_there(followed: Any) -> None:
    scatter = followed()
    scatter.put_up(7, place="b")
    scatter.shows(7)
    asked = scatter.routes.count(epoch="0.7")
    scatter.until(lambda: scatter.routes.count(epoch="0.7") > asked)
    assert scatter.triggers() == []


def test_a_server_that_has_forgotten_the_visit_does_not_move_what_rests(
    followed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TIMES, "REST_MS", 5000)  # the start is not told before the page is put up anew
    scatter = followed()
    scatter.page.locator(".lv-range").focus()
    for _ in range(4):
        scatter.page.keyboard.press("ArrowLeft")
    scatter.until(lambda: scatter.triggers("rest")[-1:] == [{"epoch": 1.5}])
    scatter.page.keyboard.press("Home")
    scatter.shows(0)
    scatter.put_up(15, place="another session")  # the link of the rest, opened by a new server
    asked = scatter.routes.count(epoch="0")
    scatter.until(lambda: scatter.routes.count(epoch="0") > asked)
    assert scatter.note() == "frame 0"


def test_runs_that_have_ended_are_not_asked_for(followed: Any) -> None:
    scatter = followed(running=False)
    scatter.until(lambda: scatter.routes.count() == 1)  # once, when the page has put it up
    scatter.view.pass_time(800)
    assert scatter.routes.count() == 1
