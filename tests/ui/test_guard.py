"""The guard before all routes, alone and in the running app."""

from __future__ import annotations

import asyncio
import dataclasses
import http.client
import os
from collections.abc import Awaitable, Callable, Coroutine, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from benchmarks import served
from lossviz.core.mode import Limits, Mode
from lossviz.ui.guard import Guard

Message = MutableMapping[str, Any]


async def page(scope: Message, receive: Callable[[], Awaitable[Message]], send: Any) -> None:
    """An app that says which headers it was given."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        await receive()
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-frame-options", b"ALLOWALL")]})
    await send({"type": "http.response.body", "body": repr(scope["headers"]).encode()})


def finish(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end in a thread of its own: a browser of another test keeps a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


def ask(guard: Guard, link: str = "/", **headers: str) -> tuple[int, dict[str, list[str]], str]:
    """Status, headers and body of a GET."""
    said: list[Message] = []

    async def send(message: Message) -> None:
        said.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    pairs = [(n.replace("_", "-").encode(), v.encode()) for n, v in headers.items()]
    path, _, query = link.partition("?")
    scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode()}
    scope |= {"headers": pairs, "client": ("10.0.0.9", 4)}
    finish(guard(scope, receive, send))
    told: dict[str, list[str]] = {}
    for name, value in said[0]["headers"]:
        told.setdefault(name.decode().lower(), []).append(value.decode())
    return said[0]["status"], told, said[1]["body"].decode()


def test_what_passes_goes_on_without_its_origin_and_comes_back_with_the_headers() -> None:
    guard = Guard(page, Mode.read({}, "127.0.0.1"))
    status, told, body = ask(guard, host="localhost:1", origin="http://localhost:1", accept="text/html")
    assert status == 200
    assert "origin" not in body
    assert "localhost:1" in body
    assert told["x-frame-options"] == ["SAMEORIGIN"]
    assert told["content-security-policy"] == ["frame-ancestors 'self'"]
    assert told["x-content-type-options"] == ["nosniff"]
    assert told["referrer-policy"] == ["same-origin"]
    assert "set-cookie" not in told  # on one's own machine nobody is told apart


def test_a_refusal_says_what_came_and_what_names_the_server() -> None:
    status, told, body = ask(Guard(page, Mode.read({}, "127.0.0.1")), host="evil.example:1")
    assert status == 403
    assert "evil.example:1" in body
    assert "LOSSVIZ_HOSTS" in body
    assert told["content-type"] == ["text/plain; charset=utf-8"]
    assert told["x-content-type-options"] == ["nosniff"]


@pytest.mark.parametrize(("count", "status"), [(1, 200), (1_000, 200), (1_001, 414), (5_000, 414)])
def test_a_link_of_more_settings_than_are_read_is_refused_in_words(count: int, status: int) -> None:
    link = "/train?" + "&".join(["a=1"] * count)
    got, _, body = ask(Guard(page, Mode.read({}, "127.0.0.1")), link, host="127.0.0.1")
    assert got == status
    if status != 200:
        for word in ("1,000", f"{count:,}", "/train", "Shorten"):
            assert word in body


def test_a_browser_gets_a_name_once_on_a_shared_server() -> None:
    guard = Guard(page, Mode.read({}, "0.0.0.0"))
    (first,) = ask(guard, host="10.0.0.1", accept="text/html,*/*")[1]["set-cookie"]
    (second,) = ask(guard, host="10.0.0.1", accept="text/html")[1]["set-cookie"]
    assert "HttpOnly" in first
    assert "SameSite=Lax" in first
    name, _, value = first.partition(";")[0].partition("=")
    assert len(value) >= 20
    assert value not in second
    assert (
        "set-cookie" not in ask(guard, host="10.0.0.1", accept="text/html", cookie=f"a=b; {name}={value}")[1]
    )
    assert "set-cookie" not in ask(guard, host="10.0.0.1", accept="image/png")[1]


def test_one_address_opens_a_share_of_all_pages_and_closing_one_makes_room() -> None:
    mode = dataclasses.replace(Mode.read({}, "0.0.0.0"), limits=dataclasses.replace(Limits(), connections=12))
    guard = Guard(page, mode)

    async def held() -> None:
        open_: list[tuple[asyncio.Task[None], asyncio.Event, list[str]]] = []

        async def opened(client: str) -> str:
            leave, said = asyncio.Event(), []

            async def receive() -> Message:
                await leave.wait()
                return {"type": "websocket.disconnect"}

            async def send(message: Message) -> None:
                said.append(message["type"])

            scope = {
                "type": "websocket",
                "path": "/",
                "headers": [(b"host", b"10.0.0.1")],
                "client": (client, 1),
            }
            open_.append((asyncio.create_task(guard(scope, receive, send)), leave, said))
            while not said:
                await asyncio.sleep(0)
            return said[0]

        assert [await opened("10.0.0.2") for _ in range(4)] == ["websocket.accept"] * 3 + ["websocket.close"]
        others = [await opened(f"10.0.1.{n}") for n in range(10)]
        assert others == ["websocket.accept"] * 9 + ["websocket.close"]
        open_[0][1].set()
        await open_[0][0]
        assert await opened("10.0.0.2") == "websocket.accept"
        for _, leave, _ in open_:
            leave.set()
        await asyncio.gather(*(task for task, _, _ in open_))
        assert not guard.open

    finish(held())


class App:
    """The app at a port of the loopback, with what it said."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.port, self.log = served.free_port(), folder / "log"
        known = {k: v for k, v in os.environ.items() if not k.startswith(("LOSSVIZ_", "STREAMLIT_"))}
        with self.log.open("wb") as log:
            known |= {"LOSSVIZ_RUNS": str(folder / "runs"), **environment}
            self.process = served.start(self.port, log, known, flags=())

    def ask(self, path: str, method: str = "GET", **headers: str) -> tuple[int, bytes]:
        """Status and body; of an opened websocket none."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request(method, path, headers={"Host": f"127.0.0.1:{self.port}"} | headers)
            with closing(connection.getresponse()) as answer:
                return answer.status, b"" if answer.status == 101 else answer.read()

    def handshake(self, **headers: str) -> int:
        upgrade = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        }
        return self.ask("/_stcore/stream", **upgrade, **headers)[0]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    app = App(tmp_path_factory.mktemp("served"), LOSSVIZ_HOSTS="lab.example")
    try:
        served.wait_until_up(f"http://127.0.0.1:{app.port}")
        yield app
    finally:
        served.end(app.process)


@pytest.mark.parametrize(
    ("host", "origin", "expected"),
    [
        ("127.0.0.1:{port}", "http://127.0.0.1:{port}", 101),
        ("lab.example", "https://lab.example", 101),
        ("127.0.0.1:{port}", None, 101),
        ("evil.example:{port}", None, 403),
    ],
)
def test_the_websocket_opens_for_the_app_s_own_pages(
    app: App, host: str, origin: str | None, expected: int
) -> None:
    headers = {"Host": host.format(port=app.port)}
    if origin is not None:
        headers["Origin"] = origin.format(port=app.port)
    assert app.handshake(**headers) == expected


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/train"),
        ("GET", "/_stcore/health"),
        ("GET", "/_stcore/host-config"),
        ("PUT", "/_stcore/upload_file/session/file"),
        ("DELETE", "/_stcore/upload_file/session/file"),
        ("OPTIONS", "/_stcore/upload_file/session/file"),
        ("GET", "/media/0123.png"),
        ("GET", "/component/x/index.html"),
        ("POST", "/_stcore/agent/interact"),
        ("POST", "/_stcore/agent/mcp"),
        ("GET", "/lossviz/anything"),
    ],
)
def test_no_route_answers_a_page_of_another_origin(app: App, method: str, path: str) -> None:
    for headers in ({"Origin": "http://localhost:9999"}, {"Host": "evil.example"}, {"Origin": "null"}):
        status, body = app.ask(path, method, **headers)
        assert status == 403
        assert body.startswith(b"lossviz: ")


def test_programs_cannot_drive_the_app(app: App) -> None:
    status, _ = app.ask("/_stcore/agent/interact", "POST", **{"Content-Type": "application/json"})
    assert status == 403


def test_a_refused_page_does_not_make_the_server_ask_the_internet_for_its_address(app: App) -> None:
    assert app.handshake(Origin="http://evil.example") == 403
    assert app.handshake(Origin=f"http://127.0.0.1:{app.port}") == 101
    assert b"external IP" not in app.log.read_bytes()


def test_the_log_says_how_the_server_is_used(app: App) -> None:
    assert b"your own machine" in app.log.read_bytes()


@pytest.mark.parametrize("variable", ["LOSSVIZ_SHARED", "LOSSVIZ_HOSTS", "LOSSVIZ_MAX_WAITING"])
def test_a_server_does_not_start_with_an_environment_that_says_nonsense(
    tmp_path: Path, variable: str
) -> None:
    app = App(tmp_path, **{variable: "n/a"})
    try:
        assert app.process.wait(served.START_TIMEOUT_S) == 1
    finally:
        served.end(app.process)
    said = app.log.read_text()
    assert variable in said
    assert "Traceback" not in said
