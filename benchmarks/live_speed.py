"""The live page in a real browser: from Train to the first frame, and how it moves while runs train.

Times are stamped in the page (stopwatch.js). The runs train in worker processes on the same cores as
the server and the browser, as they do for a visitor.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch
from urllib.parse import urlencode

from benchmarks.page_speed import ARCFACE, PATIENCE_MS, QUIET_MS, opened, presses, visited
from benchmarks.report import heading, percentile, say, spread, table, verdict
from benchmarks.served import CannotRunError, browser, launched, stop_workers, wait_until_up
from lossviz.core.errors import LossvizError
from lossviz.pages.train.view import LiveView
from lossviz.runs import Run, RunStore
from lossviz.training import RunConfig
from lossviz.training.images import load

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FIRST_FRAMES, FIRST_TARGET_S, WAIT_S = 5, 2.0, 1.5
# LOSSVIZ_FORKSERVER
WAYS = {"forked": "1", "new processes": "0"}
WATCHED_S = 8.0
SCRUBS, LATENCY_TARGET_MS = 20, 100.0
SCATTER = ".lv-scatter[data-frame]"

LOSSES = ("soft-d", "arcface", "center")
# Frames a second that are to be shown of each run, by the number of runs that train.
FRAMES_TARGETS = {1: 10.0, 3: 4.0}


def run() -> None:
    """Print how soon and how often the live page shows frames, and how it answers meanwhile."""
    heading("Live page in headless Chromium, 1366x768, software rendering")
    try:
        with tempfile.TemporaryDirectory() as folder, browser() as chromium:
            store = RunStore(Path(folder) / "runs")
            with launched(store.path) as url:
                wait_until_up(url)
                try:
                    _first_frames(chromium, Path(folder))
                    _while_training(chromium, url, store)
                finally:
                    stop_workers(store.path)
    except CannotRunError as reason:
        say(f"skipped: {reason}")


def _first_frames(chromium: Browser, folder: Path) -> None:
    """Press Train; the clock runs from the press until every panel shows an embedding.

    Two servers take turns: one keeps a process ready to fork workers, the other starts new processes.
    """
    rows: list[list[str]] = []
    with ExitStack() as stack:
        served = {name: stack.enter_context(_serving(folder / name, able)) for name, able in WAYS.items()}
        first = {name: first_frame(chromium, url, LOSSES, store) for name, (url, store) in served.items()}
        for title, losses in (("1 run", LOSSES[:1]), ("3 runs", LOSSES)):
            times: dict[str, list[float]] = {name: [] for name in WAYS}
            for _ in range(FIRST_FRAMES):
                for name, (url, store) in served.items():
                    times[name].append(first_frame(chromium, url, losses, store))
            rows += [
                [f"{title}, {name}", spread(took, 2), verdict(statistics.median(took), FIRST_TARGET_S, "s")]
                for name, took in times.items()
            ]
            ratios = [new / forked for forked, new in zip(*times.values(), strict=True)]
            rows.append([f"{title}, times as long", spread(ratios, 1), ""])
    rows += [[f"3 runs, {name}, the server's first", f"{took:.2f}", ""] for name, took in first.items()]
    say(f"\nPress Train to the first frame, digits, n = {FIRST_FRAMES} each, by turns; the page is open for")
    say(f"{WAIT_S:g} s then. forked: from the process that the page keeps ready (launcher.warm).")
    table(["", "s", ""], rows)


@contextmanager
def _serving(runs: Path, able: str) -> Iterator[tuple[str, RunStore]]:
    """A server with LOSSVIZ_FORKSERVER as given; what trains is ended before it is."""
    with ExitStack() as stack:
        with patch.dict(os.environ, {"LOSSVIZ_FORKSERVER": able}):
            url = stack.enter_context(launched(runs))
        wait_until_up(url)
        stack.callback(stop_workers, runs)
        yield url, RunStore(runs)


def first_frame(chromium: Browser, url: str, losses: Sequence[str], store: RunStore) -> float:
    """Seconds from pressing Train until all panels show points; the runs are stopped afterwards."""
    query = urlencode({**LiveView(losses=tuple(losses)).to_query(), "runs": "none"}, safe=",;")
    with visited(chromium, f"{url}/train?{query}") as page:
        button = page.locator("[class*=st-key-live-train] button")
        button.wait_for()
        page.wait_for_timeout(1000 * WAIT_S)
        if page.locator(SCATTER).count():
            raise CannotRunError("the page shows a scatter before Train was pressed")
        page.evaluate(
            "addEventListener('pointerdown', () => { window.pressedAt ??= performance.now(); }, true)"
        )
        button.click()
        # A panel without a frame is drawn too, with a word; only one with points names its epoch.
        shown = page.locator(".lv-scatter .lv-note").filter(has_text="epoch")
        shown.nth(len(losses) - 1).wait_for(state="attached")
        took = page.evaluate("performance.now() - window.pressedAt")
    stop_workers(store.path)
    return float(took) / 1000


def _while_training(chromium: Browser, url: str, store: RunStore) -> None:
    rows = []
    try:
        load(RunConfig(data="mnist"))
    except LossvizError as reason:
        say(f"\nWhile MNIST trains: skipped: {reason}")
        return
    for count, target in FRAMES_TARGETS.items():
        runs = [store.create(RunConfig(data="mnist", loss=loss, epochs=500)) for loss in LOSSES[:count]]
        for one in runs:
            store.start(one)
        try:
            rows.append([f"{count}, target {target:g}", *_measured(chromium, url, runs)])
        finally:
            stop_workers(store.path)
    say(f"\nWhile MNIST trains: {WATCHED_S:g} s of frames, {SCRUBS} moves of the timeline, a contour slider")
    heads = ["runs", "written/s a run", "shown/s", "gap ms", "p95", "timeline ms", "p95", "slider ms", "p95"]
    table(heads, rows)
    say("shown: pictures painted, each with a new frame of some run. timeline: key press to painted. slider:")
    say("the scale on the contour page, key press to painted, while the runs go on. Targets: of each run the")
    say(f"frames shown a second that are named, the others under {LATENCY_TARGET_MS:g} ms.")


def _measured(chromium: Browser, url: str, runs: Sequence[Run]) -> list[str]:
    with visited(chromium, f"{url}/train?runs={','.join(one.id for one in runs)}") as page:
        page.locator(SCATTER).wait_for(state="attached")
        patience = time.monotonic() + 60
        while min(len(one.frames()) for one in runs) < 8:  # past the many frames of the first steps
            if time.monotonic() > patience:
                raise CannotRunError("the runs wrote no frames within a minute")
            page.wait_for_timeout(200)
        before = [len(one.frames()) for one in runs]
        page.evaluate("stopwatch.arm()")
        start = time.perf_counter()
        page.wait_for_timeout(1000 * WATCHED_S)
        stamps = page.evaluate("stopwatch.frames()")
        took = time.perf_counter() - start
        written = [(len(one.frames()) - n) / took for one, n in zip(runs, before, strict=True)]
        moves = scrubs(page)
    with opened(chromium, url, ARCFACE) as page:
        seen = [one for one in presses(page, "scale") if one]
    answers = [one["frames"][0][0] - one["key"] for one in seen]
    gaps = [b - a for a, b in pairwise(stamps)]
    return [
        f"{statistics.mean(written):.1f}",
        f"{len(stamps) / took:.1f}",
        *(cell for times in (gaps, moves, answers) for cell in _middle_and_p95(times)),
    ]


def scrubs(page: Page) -> list[float]:
    """Milliseconds from a key on the timeline to the frame it asks for."""
    page.locator(".lv-range").focus()
    times = []
    for turn in range(2 + SCRUBS):
        page.evaluate("stopwatch.arm()")
        page.keyboard.press("ArrowRight" if turn % 4 == 3 else "ArrowLeft")
        seen = page.evaluate("([p, q]) => stopwatch.frame(p, q)", [PATIENCE_MS, QUIET_MS])
        if seen and turn >= 2:
            times.append(seen["frames"][0][0] - seen["key"])
    return times


def _middle_and_p95(times: Sequence[float]) -> list[str]:
    if not times:
        return ["-", "-"]
    return [f"{statistics.median(times):.0f}", f"{percentile(times, 0.95):.0f}"]


if __name__ == "__main__":
    run()
