"""Messages of the browser that cross those of the server: an earlier link undoes no press."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg

from tests.browser.live_page import Server, Visit

# On a busy machine the runs may have ended before the page looks for the first time: then nothing crosses.
MOST_TRIES = 8


@pytest.mark.slow
def test_runs_that_end_before_the_browser_knows_their_link_stay_shown(browser: Any, tmp_path: Path) -> None:
    # With the process that the page keeps ready runs begin and end before the next look at them.
    server = Server(tmp_path / "runs").start()
    link = "train?runs=none&train_images=200&test_images=60&batch=20&epochs=4"
    late: list[bytes] = []

    def with_the_earlier_link(socket: Any) -> None:
        upward = socket.connect_to_server()

        def pass_on(message: bytes) -> None:
            told = BackMsg.FromString(message)
            widgets = told.rerun_script.widget_states.widgets
            if any('"changed"' in widget.json_trigger_value for widget in widgets):
                told.rerun_script.query_string = urlsplit(link).query
                message = told.SerializeToString()
                late.append(message)
            upward.send(message)

        socket.on_message(pass_on)

    try:
        for _ in range(MOST_TRIES):
            context = browser.new_context(viewport={"width": 1366, "height": 768})
            context.route_web_socket(lambda url: "_stcore/stream" in url, with_the_earlier_link)
            visit = Visit(context, server.url)
            visit.page.goto(f"{server.url}/{link}")
            visit.press("Train 3 runs")
            visit.until(lambda v=visit: v.frames() > 0 and not v.has("Pause"), "the ends of the runs")
            assert visit.shown() == [run.id for run in reversed(server.store.runs()[:3])]
            assert len(visit.titles()) == 3
            assert visit.errors == []
            context.close()
            if late:
                break
        assert late
    finally:
        server.end()
