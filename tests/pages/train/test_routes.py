"""The routes of the live page, asked as a browser asks them: the same bytes for all, made once."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from lossviz.core.timed_value import TimedValue
from lossviz.pages.train import packets
from lossviz.pages.train.ui.routes import routes
from lossviz.readings import panels
from lossviz.runs import Run, RunStore
from lossviz.training.config import RunConfig
from tests.figures.wire_reader import read
from tests.readings import folders

LOOP = "the event loop"


@pytest.fixture(autouse=True)
def store(still_store: RunStore) -> RunStore:
    return still_store


@pytest.fixture
def looked_at_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that was read a moment ago is good enough."""
    monkeypatch.setattr(TimedValue, "peek", lambda self: None)


def trained(store: RunStore, *steps: int, **status: Any) -> Run:
    shots = [folders.shot(step, [[step, 1.0], [1.0, 0.0], [0.0, 1.0]], np.eye(3, 2)) for step in steps]
    return folders.written(store, RunConfig(epochs=3), shots, **status)


@dataclass
class Answer:
    """What came of a request."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def header(self) -> dict[str, Any]:
        """The header of a message."""
        return read(self.body)[0]

    @property
    def words(self) -> str:
        """What an error says."""
        return json.loads(self.body)["error"]


async def _asked(app: Any, path: str, headers: dict[str, str]) -> Answer:
    sent: list[Any] = []
    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(k.lower().encode(), v.encode()) for k, v in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    told = {k.decode(): v.decode() for k, v in sent[0]["headers"]}
    return Answer(sent[0]["status"], told, b"".join(each.get("body", b"") for each in sent[1:]))


def ask(*paths: str, base: str = "", **headers: str) -> list[Answer]:
    """The answers to requests that come at the same time."""
    return ask_app(routes(base), *paths, **headers)


def ask_app(of: Sequence[BaseRoute], *paths: str, **headers: str) -> list[Answer]:
    """The answers of some routes to requests that come at the same time."""
    app = Starlette(routes=of)
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def together() -> Sequence[Answer]:
        return await asyncio.gather(*(_asked(app, path, named) for path in paths))

    # In a thread of its own: browser tests of the same process keep a loop in this one.
    with ThreadPoolExecutor(1, LOOP) as pool:
        return list(pool.submit(lambda: asyncio.run(together())).result())


def picture(run: Run, more: str = "", **headers: str) -> Answer:
    (answer,) = ask(f"/lossviz/live/picture?runs={run.id}{more}", **headers)
    return answer


def test_a_picture_is_the_newest_frame_or_that_of_an_epoch(store: RunStore) -> None:
    run = trained(store, 0, 5, 10)
    newest, first, middle = picture(run), picture(run, "&epoch=0"), picture(run, "&epoch=0.52")
    assert [each.status for each in (newest, first, middle)] == [200] * 3
    assert [each.header["timeline"]["position"] for each in (newest, first, middle)] == [2, 0, 1]
    header, array = read(middle.body)
    assert array(header["timeline"]["epochs"]).tolist() == [0, 5000, 10_000]
    assert array(header["panels"][0]["arrays"]["features"])[:2].tolist() == [5.0, 1.0]


def test_what_has_not_changed_costs_a_word(store: RunStore) -> None:
    run = trained(store, 0, 5)
    first = picture(run)
    again = picture(run, if_none_match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert picture(run, "&layer=none", if_none_match=first.headers["etag"]).status == 200


@pytest.mark.usefixtures("looked_at_anew")
def test_a_new_frame_and_another_state_are_news(store: RunStore) -> None:
    run = trained(store, 0, 5, state="queued", queued=7)
    first = picture(run)
    assert first.header["timeline"]["running"]
    folders.RunWriter(run).snapshot(
        folders.shot(10, np.ones((3, 2)), np.eye(3, 2)), seconds=1.0, steps_per_epoch=10
    )
    second = picture(run, if_none_match=first.headers["etag"])
    header, array = read(second.body)
    assert array(header["timeline"]["steps"]).tolist() == [0, 5, 10]
    assert second.header["state"] == first.header["state"]
    folders.RunWriter(run).tell(state="stopped", queued=0)
    third = picture(run, if_none_match=second.headers["etag"])
    assert third.header["state"] != second.header["state"]
    assert not third.header["timeline"]["running"]


def test_all_who_ask_at_once_get_the_same_bytes_made_once(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, made, draw = trained(store, 0, 5), [], panels.panel
    monkeypatch.setattr(panels, "panel", lambda *args, **rest: made.append(1) or draw(*args, **rest))
    path = f"/lossviz/live/picture?runs={run.id}&shapes=yes"
    answers = ask(*[path] * 20)
    assert {each.status for each in answers} == {200}
    assert len({each.body for each in answers}) == 1
    assert len(made) == 1
    ask(path)  # nor again for one who comes later
    assert len(made) == 1


@pytest.mark.usefixtures("looked_at_anew")
def test_a_new_frame_of_one_run_draws_no_other_anew(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    run, other = trained(store, 0, 5), trained(store, 0, 5)
    drawn: list[str] = []
    draw = panels.panel
    monkeypatch.setattr(
        panels, "panel", lambda of, *args, **rest: drawn.append(of.id) or draw(of, *args, **rest)
    )
    path = f"/lossviz/live/picture?runs={run.id},{other.id}"
    ask(path)
    folders.RunWriter(run).snapshot(
        folders.shot(8, np.ones((3, 2)), np.eye(3, 2)), seconds=1.0, steps_per_epoch=10
    )
    (answer,) = ask(path)
    header, array = read(answer.body)
    assert [array(panel["arrays"]["features"])[0] for panel in header["panels"]] == [1, 5]
    assert drawn == [run.id, other.id, run.id]


def test_those_who_watch_are_counted_once_each_and_many_ask_less_often(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{routes.__module__}.WATCH_S", 3600.0)
    run, other = trained(store, 0, 5), trained(store, 0, 5)
    told = [
        picture(of, more, lossviz_watcher=name).headers
        for of, more, name in ((run, "", "a"), (run, "&epoch=0", "b"), (run, "", "a"), (other, "", "c"))
    ]
    assert [each["lossviz-watchers"] for each in told] == ["1", "2", "2", "1"]
    class_of_forty = [int(picture(run, lossviz_watcher=f"{n}").headers["lossviz-every"]) for n in range(40)]
    assert class_of_forty == sorted(class_of_forty)
    assert class_of_forty[0] <= 100
    assert class_of_forty[-1] >= 200


def test_the_event_loop_makes_nothing_itself(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    run, threads, make = trained(store, 0, 5), [], packets.encode

    def encode(*args: Any, **rest: Any) -> bytes:
        threads.append(threading.current_thread().name)
        return make(*args, **rest)

    monkeypatch.setattr(packets, "encode", encode)
    assert picture(run, "&presentation=yes").status == 200
    assert len(threads) == 1
    assert not threads[0].startswith(LOOP)


def test_a_point_comes_with_its_lines_and_its_image(store: RunStore) -> None:
    run = trained(store, 0, 5)
    (answer,) = ask(f"/lossviz/live/point?runs={run.id}&run={run.id}&index=2&epoch=0")
    assert answer.header["lines"][2:] == ["z = (0, 1)", "test image 102"]
    assert (answer.header["width"], answer.header["height"], answer.header["channels"]) == (2, 2, 1)
    assert answer.body[-4:] == bytes([2, 2, 2, 2])  # the four pixels of image 2 are its number


def test_curves_come_with_what_is_said_of_the_speed(store: RunStore) -> None:
    run = trained(store, 0, 5, seconds=7.0, device="CPU")
    (answer,) = ask(f"/lossviz/live/curves?runs={run.id}")
    assert answer.header["said"] == "Cross-entropy: 7.0 s on CPU"
    (again,) = ask(f"/lossviz/live/curves?runs={run.id}", if_none_match=answer.headers["etag"])
    assert again.status == 304


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("", 400, "name the ids"),
        ("runs=", 400, "name the ids"),
        ("runs=,,", 400, "name the ids"),
        ("runs=20200101-000000-gone", 404, "none of these runs"),
        ("runs=..", 404, "none of these runs"),
        ("runs=.", 404, "none of these runs"),
        ("runs=../runs/RUN", 404, "none of these runs"),
        ("runs=%2e%2e%2fruns%2fRUN", 404, "none of these runs"),
        ("runs=RUN/snapshots", 404, "none of these runs"),
        ("runs=RUN/", 404, "none of these runs"),
        ("runs=RUN%5csnapshots", 404, "none of these runs"),
        ("runs=RUN%00", 404, "none of these runs"),
        ("runs=/etc", 404, "none of these runs"),
        ("runs=~", 404, "none of these runs"),
        ("runs=.deleted", 404, "none of these runs"),
        ("runs=" + "x" * 300, 404, "none of these runs"),
        ("runs=RUN&layer=all", 400, "field, regions, none"),
        ("runs=RUN&class=-1", 400, "[0, "),
        ("runs=RUN&class=x", 400, "must be a whole number"),
        ("runs=RUN&shapes=perhaps", 400, "yes or no"),
        ("runs=RUN&epoch=nan", 400, "epoch"),
        ("runs=RUN&epoch=-1", 400, "epoch"),
        ("runs=RUN&epoch=1e400", 400, "epoch"),
        ("runs=RUN&data=/etc", 400, "'data'"),
        ("runs=RUN&run=RUN", 400, "'run'"),
        ("runs=a,b,c,d,e,f,g", 400, "at most 6"),
        ("runs=RUN&layer=" + "x" * 3000, 400, "2000"),
    ],
)
def test_what_is_no_picture_is_refused_in_words(store: RunStore, query: str, status: int, words: str) -> None:
    run = trained(store, 0, 5)
    (store.path / ".deleted").mkdir()
    (answer,) = ask(f"/lossviz/live/picture?{query.replace('RUN', run.id)}")
    assert answer.status == status
    assert words in answer.words
    assert str(store.path) not in answer.words


@pytest.mark.parametrize(
    "more", ["index=3", "index=-1", "index=x", "index=", "", "index=1e99", "index=2&run=x"]
)
def test_a_point_that_is_not_there_is_refused_in_words(store: RunStore, more: str) -> None:
    run = trained(store, 0, 5)
    own = "" if "run=" in more else f"&run={run.id}"
    (answer,) = ask(f"/lossviz/live/point?runs={run.id}{own}&{more}")
    assert answer.status in (400, 404)
    assert answer.words


@pytest.mark.usefixtures("looked_at_anew")
def test_a_run_that_is_gone_leaves_the_others_and_is_news(store: RunStore) -> None:
    run, other = trained(store, 0, 5), trained(store, 0, 5)
    path = f"/lossviz/live/picture?runs={run.id},{other.id}"
    (both,) = ask(path)
    store.delete(other)
    (one,) = ask(path)
    assert [panel["run"] for panel in one.header["panels"]] == [run.id]
    assert one.header["state"] != both.header["state"]


def test_a_failure_is_answered_in_words_and_ends_nothing(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = trained(store, 0, 5)
    with monkeypatch.context() as broken:
        broken.setattr(packets, "encode", lambda *_, **__: 1 / 0)
        answer = picture(run, "&class=2")
        assert (answer.status, "log of the server" in answer.words) == (500, True)
    assert picture(run, "&class=2").status == 200


def test_the_routes_lie_below_the_path_of_the_app(store: RunStore) -> None:
    run = trained(store, 0, 5)
    for base in ("labs/one", "/labs/one/"):
        (answer,) = ask(f"/labs/one/lossviz/live/picture?runs={run.id}", base=base)
        assert answer.status == 200
        assert ask(f"/lossviz/live/picture?runs={run.id}", base=base)[0].status == 404
