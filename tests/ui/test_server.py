"""An exception that a page or a callback lets through: in the log, and in words without a trace."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

APP = """
import sys
sys.path.insert(0, {root!r})
import streamlit as st
from lossviz.ui import server
app = st.App("script.py", middleware=server.middleware(), on_script_error=server.script_error)
"""
SCRIPT = """
import streamlit as st

def fail():
    raise RuntimeError("secret in a callback")

st.title("a page")
st.button("callback", on_click=fail)
if st.button("page"):
    raise RuntimeError("secret in a page")
"""


@pytest.fixture
def failing(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A page that fails, served as the app is: its address and its log."""
    (tmp_path / "app.py").write_text(APP.format(root=str(served.ROOT)))
    (tmp_path / "script.py").write_text(SCRIPT)
    port, log = served.free_port(), tmp_path / "log"
    with log.open("wb") as said:
        flags = ("--server.address", "127.0.0.1", "--client.showErrorDetails", "none")
        process = served.start(port, said, {**os.environ}, tmp_path, flags)
    try:
        served.wait_until_up(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}", log
    finally:
        served.end(process)


def test_what_goes_wrong_is_in_the_log_and_told_in_words(failing: tuple[str, Path], browser: Browser) -> None:
    url, log = failing
    page = browser.new_page()
    try:
        for name in ("page", "callback"):
            page.goto(url)
            page.get_by_role("button", name=name).click()
            told = page.get_by_role("alert")
            told.first.wait_for()
            assert told.count() == 1
            text = page.locator("body").inner_text()
            assert "log of the server" in text
            assert "secret" not in text
            assert "Traceback" not in text
            assert f"RuntimeError: secret in a {name}" in log.read_text()
    finally:
        page.close()
