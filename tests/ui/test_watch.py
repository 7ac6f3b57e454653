"""Watches: one look serves all who wait for the same, and nobody names one that no page has made."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lossviz.ui.components import watch
from lossviz.ui.components.watch import Line, News
from tests.pages.train.test_routes import ask_app


@pytest.fixture
def mounted(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What was given to the browser."""
    given: list[dict[str, Any]] = []
    monkeypatch.setattr(watch, "_component", lambda **rest: given.append(rest["data"]))
    return given


def mount(what: object, look: Any, drawn: str = "") -> None:
    watch.mount(what, look, key="k", on_changed=lambda: None, drawn=drawn)


def test_the_browser_is_given_the_lines_and_a_route_that_answers_with_them(mounted: list[Any]) -> None:
    mount("one", lambda: News("working", [Line("half", 0.5), Line("a word")]))
    (data,) = mounted
    (answer,) = ask_app(watch.routes(""), "/" + data["source"])
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    lines = [{"text": "half", "share": 0.5}, {"text": "a word", "share": None}]
    assert json.loads(answer.body) == {"state": "working", "lines": lines}
    assert (data["state"], data["lines"]) == ("working", lines)
    (again,) = ask_app(watch.routes(""), "/" + data["source"], if_none_match=answer.headers["etag"])
    assert again.status == 304


def test_all_who_wait_for_the_same_share_a_look(mounted: list[Any]) -> None:
    looks: list[int] = []

    def look() -> News:
        looks.append(1)
        return News(str(len(looks)))

    mount(("shared", 1), look)
    mount(("shared", 1), look)
    mount(("shared", 2), look)
    assert [data["source"] == mounted[0]["source"] for data in mounted] == [True, True, False]
    before = len(looks)
    answers = ask_app(watch.routes(""), *["/" + mounted[0]["source"]] * 20)
    assert {json.loads(each.body)["state"] for each in answers} == {"2"}
    assert len(looks) == before  # as young as a second


def test_what_has_changed_while_the_page_was_drawn_is_news(mounted: list[Any]) -> None:
    mount("drawn before", lambda: News("done"), drawn="working")
    assert mounted[0]["state"] == "working"


@pytest.mark.parametrize("token", ["0" * 32, "x", "..", "%2e%2e", "a/b"])
def test_a_watch_that_no_page_has_made_is_refused(token: str) -> None:
    (answer,) = ask_app(watch.routes(""), f"/lossviz/watch/{token}")
    assert answer.status == 404


def test_a_look_that_fails_is_answered_in_words(mounted: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    fails: list[bool] = []

    def look() -> News:
        if fails:
            raise RuntimeError("secret")
        return News("fine")

    mount("fails", look)
    monkeypatch.setattr("lossviz.core.timed_value.TimedValue.peek", lambda self: None)
    fails.append(True)
    (answer,) = ask_app(watch.routes(""), "/" + mounted[0]["source"])
    assert answer.status == 500
    assert "secret" not in answer.words
