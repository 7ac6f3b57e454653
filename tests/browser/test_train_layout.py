"""Where everything stands on the live page: what is seen without scrolling, and what stays in its place."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from lossviz.metrics.merging import Merged
from lossviz.runs import Run, process, status
from lossviz.runs.worker import Worker
from lossviz.runs.writer import RunWriter
from lossviz.training.measures import merged_metrics
from tests.browser.live_page import SIDEWAYS, Server, Visit, link, quick
from tests.readings.folders import points, shot

expect = pytest.importorskip("playwright.sync_api").expect


@pytest.fixture(scope="module")
def six(server: Server) -> list[Run]:
    """Six runs; the first can be resumed."""
    runs = [server.store.create(quick(seed=seed)) for seed in range(20, 26)]
    for run in runs:
        Worker(run).work()
    status.write(runs[0].path / "status.json", runs[0].status.but(state="stopped", reason="asked to stop"))
    return runs


@pytest.fixture
def visit(desk: Any, server: Server) -> Iterator[Visit]:
    visit = Visit(desk, server.url)
    yield visit
    assert visit.errors == []


@pytest.mark.parametrize("count", [2, 6])
def test_panels_timeline_and_buttons_are_seen_on_a_laptop_without_scrolling(
    visit: Visit, six: list[Run], count: int
) -> None:
    visit.open(link(*six[:count]))
    visit.until(lambda: visit.now().startswith("epoch 2 ") and len(visit.titles()) == count, "the end")
    for seen in (
        *visit.page.locator(".lv-scatter .lv-plane").all(),
        visit.page.locator(".lv-range"),
        visit.page.get_by_role("button", name="Resume"),
        visit.page.get_by_role("radio", name="Regions"),
    ):
        expect(seen).to_be_in_viewport(ratio=1)
    assert visit.page.evaluate(SIDEWAYS) <= 0
    # The only stop in sight is that of the runs.
    # As Streamlit has it while a page is drawn for longer than half a second.
    shown = visit.page.evaluate(
        """() => { const widget = document.createElement("div");
           document.querySelector(".stAppHeader").append(widget);
           widget.className = "stStatusWidget"; widget.innerHTML = "<button>Stop</button>";
           return getComputedStyle(widget.firstChild).display; }"""
    )
    assert shown == "none"


def test_merged_classes_are_told_on_a_laptop_without_scrolling(visit: Visit, six: list[Run]) -> None:
    path = six[1].path / "metrics.jsonl"
    rows = path.read_text()
    merged = {"train_loss": 1.0, **merged_metrics([Merged(1, 8, 0.01, 0.02, 0.5)] * 3)}
    # At the end of each row, where reading looks for a change.
    own = [{k: v for k, v in json.loads(row).items() if k not in merged} for row in rows.splitlines()]
    path.write_text("".join(f"{json.dumps(row | merged)}\n" for row in own))
    try:
        visit.open(link(*six[:3]))
        line = visit.page.get_by_text("1 and 8 have merged (+2 pairs)", exact=True)
        line.wait_for()
        expect(line).to_be_in_viewport(ratio=1)
        assert line.evaluate("line => line.scrollWidth <= line.clientWidth")
    finally:
        path.write_text(rows)


def test_nothing_jumps_when_the_first_frame_comes(visit: Visit, server: Server) -> None:
    run = server.store.create(quick(seed=5))
    visit.open(link(run))
    assert visit.corner() == "not started"
    writer, shots = RunWriter(run), [shot(step, np.eye(3, 2), np.eye(3, 2)) for step in (0, 10)]
    # By this process, as far as anyone can see.
    me = {"pid": os.getpid(), "pid_started": process.creation_time(os.getpid()), "host": process.host()}
    writer.tell(state="starting", **me)
    try:
        visit.page.reload()
        visit.until(lambda: visit.corner() == "starting", "it begins")
        parts = (".lv-plane >> nth=0", ".lv-controls", ".st-key-under")
        before = [visit.page.locator(part).bounding_box() for part in parts]
        writer.points(points(3))
        for each in shots:
            writer.snapshot(each, seconds=1.0, steps_per_epoch=10)
        writer.tell(state="running", steps=10 * run.config.epochs, **me)
        visit.until(lambda: visit.frames() > 0, "frames")
        assert [visit.page.locator(part).bounding_box() for part in parts] == before
    finally:
        writer.tell(state="stopped")


def test_nothing_scrolls_sideways_on_a_phone(visit: Visit, six: list[Run]) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 800})
    visit.page.emulate_media(color_scheme="dark")
    visit.open(link(*six[:2]))
    visit.until(lambda: visit.now().startswith("epoch 2 "), "the end")
    assert visit.page.evaluate(SIDEWAYS) <= 0
