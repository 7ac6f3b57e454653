"""The watch in a real browser: lines that are kept up, and one word to the page when there is news."""

import json

import pytest


class Watched:
    """The watch over a route. lines, state: what it answers; None: nothing is known under its name."""

    def __init__(self, view):
        self.view, self.page = view, view.page
        self.state, self.lines, self.asked = "working", [("half", 0.5)], []
        self.page.route("**/lossviz/watch/**", self.answer)

    def answer(self, route):
        self.asked.append(route.request.headers.get("if-none-match"))
        if self.state is None:
            return route.fulfill(status=404, body='{"error": "gone"}')
        etag = f'"{self.state} {self.lines}"'
        if self.asked[-1] == etag:
            return route.fulfill(status=304, headers={"ETag": etag})
        return route.fulfill(body=json.dumps(self.data()), headers={"ETag": etag})

    def data(self):
        return {"state": self.state, "lines": [{"text": t, "share": s} for t, s in self.lines]}

    def put_up(self):
        self.page.evaluate("d => window.call('watch', d)", {"source": "lossviz/watch/0", **self.data()})
        return self

    def until(self, what):
        self.view.until(what)


@pytest.fixture
def watched(component_page):
    return Watched(component_page("watch")).put_up()


def test_lines_and_bars_are_kept_up_without_a_word_to_the_page(watched):
    bar, lines = watched.page.get_by_role("progressbar"), watched.page.locator(".lv-line")
    assert (lines.all_inner_texts(), bar.get_attribute("aria-valuenow")) == (["half"], "50")
    watched.lines = [("most", 0.9), ("a run trains", None)]
    watched.until(lambda: lines.all_inner_texts() == ["most", "a run trains"])
    assert (bar.get_attribute("aria-valuenow"), bar.get_attribute("aria-label")) == ("90", "most")
    assert watched.view.triggers() == []


def test_news_is_told_once_and_again_only_of_another_state(watched):
    watched.state = "done"
    watched.view.wait_triggers("changed", 1)
    asked = len(watched.asked)
    watched.until(lambda: len(watched.asked) > asked + 2)
    assert watched.view.triggers("changed") == [{"state": "done"}]
    watched.put_up()
    watched.state = "failed"
    watched.view.wait_triggers("changed", 2)
    assert watched.view.triggers("changed")[1] == {"state": "failed"}


def test_a_server_that_does_not_know_the_watch_any_more_is_news(watched):
    watched.state = None
    watched.view.wait_triggers("changed", 1)
    assert all("404" in error for error in watched.view.errors)
    watched.view.errors.clear()


def test_a_watch_that_is_taken_away_asks_no_more(watched):
    watched.until(lambda: watched.asked)
    watched.page.evaluate("window.cleanups('watch').at(-1)()")
    watched.view.pass_time(100)  # an answer may have been under way
    asked = len(watched.asked)
    watched.view.pass_time(500)
    assert len(watched.asked) == asked
    assert watched.page.locator(".lv-watch").count() == 0
