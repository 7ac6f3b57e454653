"""A page of another port in the same browser: it can link to the app, and do nothing else with it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext


class Foreign(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>foreign</title>")

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def foreign() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Foreign)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


TRIED = """async app => {
  const socket = url => new Promise(done => {
    const ws = new WebSocket(url, ["streamlit"]);
    ws.onopen = () => done("open");
    ws.onerror = () => done("refused");
  });
  const status = (url, options) => fetch(url, options).then(r => r.status, () => "refused");
  const image = url => new Promise(done => {
    const img = new Image();
    img.onload = () => done("shown");
    img.onerror = () => done("refused");
    img.src = url;
  });
  const framed = url => new Promise(done => {
    const frame = document.createElement("iframe");
    frame.onload = () => done(frame);
    frame.src = url;
    document.body.append(frame);
  });
  await framed(app);
  return [
    await socket(app.replace("http", "ws") + "/_stcore/stream"),
    await status(app + "/_stcore/health"),
    await status(app + "/_stcore/upload_file/a/b", {method: "PUT", body: "x", credentials: "include"}),
    await image(app + "/favicon.png"),
  ];
}"""


def test_a_foreign_page_neither_drives_nor_frames_nor_reads_the_app(
    app_url: str, foreign: str, desk: BrowserContext
) -> None:
    page = desk.new_page()
    page.goto(foreign)
    assert page.evaluate(TRIED, app_url) == ["refused"] * 4
    inside = [frame for frame in page.frames if frame is not page.main_frame]
    assert [frame.locator("[data-testid=stApp]").count() for frame in inside] == [0]
    # A link is followed, and the page that it opens works.
    page.evaluate("url => { location.href = url }", f"{app_url}/reference")
    page.get_by_role("heading", level=1).first.wait_for()
