"""The contour page in a real browser: from a key press to the painted picture, dragging, pointing.

The clock runs inside the page (stopwatch.js): from the keydown event to the moment at which the
component, having drawn, names the new frame in `data-frame`; that is in the animation frame that
brings it to the screen.
"""

from __future__ import annotations

import contextlib
import math
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import torch

from benchmarks.report import heading, percentile, say, spread, table, verdict
from benchmarks.served import WINDOW, CannotRunError, app, browser, painted
from lossviz.pages.contours import panels
from lossviz.pages.contours.presets import presets
from lossviz.pages.contours.view import ContourView
from lossviz.ui.components.contours import frames

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PRESSES, WARM_UP = 30, 4
MOVES = 20
DRAG_S = 3.0
PATIENCE_MS, QUIET_MS = 8000, 120
STOPWATCH = (Path(__file__).parent / "stopwatch.js").read_text(encoding="utf-8")

# A move in every screen frame: a driver outside the page brings no more than thirty a second.
MOVES_IN_PAGE = """(handle, [x, y, radius, angle, ms]) => new Promise((done) => {
  const start = performance.now();
  const move = () => {
    const now = performance.now() - start;
    const turn = angle + now / 1000;
    const to = { clientX: x + radius * Math.cos(turn), clientY: y + radius * Math.sin(turn) };
    handle.dispatchEvent(new PointerEvent("pointermove", { pointerId: 1, bubbles: true, ...to }));
    if (now < ms) requestAnimationFrame(move);
    else done();
  };
  requestAnimationFrame(move);
})"""

ARCFACE = ContourView(losses=("arcface",))
TWELVE = presets()["Uniform: the twelve"].view


@dataclass(frozen=True)
class Slider:
    """One measurement: a view, the link of the parameter whose slider is moved, and the target."""

    name: str
    view: ContourView
    slider: str
    target_ms: float


SLIDERS = (
    Slider("1 panel", ARCFACE, "scale", 100),
    Slider("12 panels", TWELVE, "gamma", 200),
    Slider("1 panel + chart", replace(ARCFACE, beside="angle"), "scale", 100),
    Slider("12 panels + chart", replace(TWELVE, beside="angle"), "gamma", 200),
)


def run() -> None:
    """Print the times of sliders, drags and read-outs."""
    heading("Contour page in headless Chromium, 1366x768, software rendering")
    try:
        with browser() as chromium, app() as url:
            _sliders(chromium, url)
            _drags(chromium, url)
            _readouts(chromium, url)
    except CannotRunError as reason:
        say(f"skipped: {reason}")


@contextlib.contextmanager
def visited(chromium: Browser, address: str) -> Iterator[Page]:
    """A page at this address, with the stopwatch in it."""
    context = chromium.new_context(viewport=WINDOW)  # type: ignore[arg-type]
    try:
        page = context.new_page()
        page.on("pageerror", lambda error: say(f"error in the page: {error}"))
        page.add_init_script(STOPWATCH)
        page.set_default_timeout(60_000)
        page.goto(address)
        yield page
    finally:
        context.close()


@contextlib.contextmanager
def opened(chromium: Browser, url: str, view: ContourView) -> Iterator[Page]:
    """The page of a view, painted and at rest, with the stopwatch in it."""
    with visited(chromium, f"{url}/?{urlencode(view.to_query(), safe=',;')}") as page:
        painted(page)
        page.wait_for_selector(".lv-readout", state="attached")
        page.wait_for_timeout(1000)
        yield page


# ------------------------------------------------------------------------ sliders


def presses(page: Page, slider: str) -> list[dict[str, Any] | None]:
    """Press right and left in turns on the slider; what the stopwatch saw of each, None if no frame came."""
    from playwright.sync_api import Error

    handle = page.locator(f"[class*=st-key-contours-param-{slider}] input[type=range]").first
    try:
        handle.focus(timeout=PATIENCE_MS)
    except Error:
        raise CannotRunError(f"the page shows no slider for {slider!r}") from None
    seen: list[dict[str, Any] | None] = []
    for turn in range(WARM_UP + PRESSES):
        page.evaluate("stopwatch.arm()")
        page.keyboard.press("ArrowLeft" if turn % 2 else "ArrowRight")
        result = page.evaluate("([p, q]) => stopwatch.frame(p, q)", [PATIENCE_MS, QUIET_MS])
        if turn >= WARM_UP:
            seen.append(result)
    return seen


def _sliders(chromium: Browser, url: str) -> None:
    rows, phases, verdicts = [], [], []
    for case in SLIDERS:
        with opened(chromium, url, case.view) as page:
            seen = presses(page, case.slider)
        good = [one for one in seen if one]
        if not good:
            verdicts.append(f"{case.name}: no frame within {PATIENCE_MS / 1000:g} s of any key press")
            continue
        times = [one["frames"][0][0] - one["key"] for one in good]
        rows.append(_slider_row(case, good, times))
        phases.append([case.name, *_phases(good), *_server(case.view)])
        middle = statistics.median(times)
        lost = f"; {len(seen) - len(good)} presses brought no frame" if len(good) < len(seen) else ""
        verdicts.append(f"{case.name}: median {middle:.0f} ms, {verdict(middle, case.target_ms, 'ms')}{lost}")
    say(f"\nSlider: key press to painted, ms, {PRESSES} presses to the right and left in turns")
    table(["", "median", "p95", "min", "max", "sharp", "run over", "frames a press"], rows)
    say("sharp: redrawn at full resolution. run over: last message of the run. Medians.")
    for line in verdicts:
        say(line)
    say("\nWhere the time goes, medians in ms from one stage to the next")
    stages = ["key-sent", "-answer", "-picture", "-drawn", "-shown"]
    table(["", *stages, "drawing", "kB", "fields", "encode"], phases)
    say("sent: by the browser. answer: first message back. picture: its last byte. drawn: by the component;")
    say("shown: the animation frame after. drawing: of that, the component's own. fields, encode: what the")
    say("server does for the picture, measured alone in this process (one thread), within '-picture'.")


def _slider_row(case: Slider, good: list[dict[str, Any]], times: list[float]) -> list[str]:
    numbers = [statistics.median(times), percentile(times, 0.95), min(times), max(times)]
    sharp = [one["full"] - one["key"] for one in good if one["full"]]
    over = [one["got"][-1][0] - one["key"] for one in good if one["got"]]
    frames_each = statistics.mean(len(one["frames"]) for one in good)
    return [
        case.name,
        *(f"{n:.0f}" for n in numbers),
        f"{statistics.median(sharp):.0f}" if sharp else "-",
        f"{statistics.median(over):.0f}" if over else "-",
        f"{frames_each:.2f}",
    ]


def _phases(good: list[dict[str, Any]]) -> list[str]:
    """Medians of the stages of a key press, and the size of the picture's message."""
    stages: list[list[float]] = []
    for one in good:
        shown, _, drawing = one["frames"][0]
        drawn = one["painted"][0]
        after = [message for message in one["got"] if one["sent"] and message[0] >= one["sent"][0][0]]
        before_drawn = [message for message in after if drawn and message[0] <= drawn]
        if not before_drawn:
            continue
        picture, size = max(before_drawn, key=lambda message: message[1])
        sent = one["sent"][0][0]
        stamps = (one["key"], sent, after[0][0], picture, drawn, shown)
        stages.append([*(b - a for a, b in pairwise(stamps)), drawing, size / 1000])
    if not stages:
        return ["-"] * 7
    return [f"{statistics.median(column):.0f}" for column in zip(*stages, strict=True)]


def _server(view: ContourView) -> list[str]:
    """Milliseconds that the picture's fields and its bytes take by themselves."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    taken = []
    try:
        for _ in range(8):
            start = time.perf_counter()
            made = panels.panels(view, frames.resolution(len(view.losses)), torch.float32)
            middle = time.perf_counter()
            frames.encode(made, view.plane())
            taken.append((1e3 * (middle - start), 1e3 * (time.perf_counter() - middle)))
    finally:
        torch.set_num_threads(before)
    return [f"{statistics.median(column):.0f}" for column in zip(*taken[1:], strict=True)]


# ---------------------------------------------------------------- drags, read-outs


def _drags(chromium: Browser, url: str) -> None:
    rows = []
    for name, view in (("1 panel", ARCFACE), ("4 panels", ContourView()), ("12 panels", TWELVE)):
        with opened(chromium, url, view) as page:
            per_second, gaps = drag(page)
        row = [f"{statistics.median(gaps):.0f}", f"{percentile(gaps, 0.95):.0f}"] if gaps else ["-", "-"]
        rows.append([name, f"{per_second:.1f}", *row])
    say(f"\nDragging a weight vector for {DRAG_S:g} s, drawn in the browser (targets: 50; 12 panels 20)")
    table(["", "draws/s", "gap ms", "p95"], rows)
    say("Coarser while dragging; on release the server's picture takes their place.")


def drag(page: Page) -> tuple[float, list[float]]:
    """Lead the tip of W1 round the origin; (frames a second, milliseconds between frames)."""
    handle = page.locator("[data-handle='weight:1']").first
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    home = page.locator(".lv-plane").first.bounding_box()
    if box is None or home is None:
        raise CannotRunError("the weight vector's handle is not on the page")
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    middle_x, middle_y = home["x"] + home["width"] / 2, home["y"] + home["height"] / 2
    radius, angle = math.hypot(x - middle_x, y - middle_y), math.atan2(y - middle_y, x - middle_x)
    page.mouse.move(x, y)
    page.mouse.down()
    try:
        page.evaluate("stopwatch.arm()")
        start = time.perf_counter()
        handle.evaluate(MOVES_IN_PAGE, [middle_x, middle_y, radius, angle, 1e3 * DRAG_S])
        stamps = page.evaluate("stopwatch.frames()")
        took = time.perf_counter() - start
    finally:
        page.mouse.up()
    return len(stamps) / took, [b - a for a, b in pairwise(stamps)]


def _readouts(chromium: Browser, url: str) -> None:
    rows = []
    for name, view in (("1 panel", ARCFACE), ("4 panels", ContourView()), ("12 panels", TWELVE)):
        with opened(chromium, url, view) as page:
            times = readouts(page)
        good = [t for t in times if t is not None]
        missing = len(times) - len(good)
        rows.append([name, spread(good, 0) if good else "-", str(missing)])
    say(f"\nPointing: pointer move to the exact value in the picture, ms, median (min-max), n = {MOVES}")
    table(["", "ms", "no answer"], rows)
    say("An approximate value stands there at once, from the picture's own grid.")


def readouts(page: Page) -> list[float | None]:
    """Point at MOVES places one after the other; milliseconds until each exact value, None without one."""
    home = page.locator(".lv-plane").first.bounding_box()
    if home is None:
        raise CannotRunError("no plane on the page")
    times: list[float | None] = []
    for turn in range(2 + MOVES):
        share = (0.2 + 0.6 * ((turn * 0.618) % 1), 0.2 + 0.6 * ((turn * 0.414) % 1))
        page.evaluate("stopwatch.arm()")
        page.mouse.move(home["x"] + share[0] * home["width"], home["y"] + share[1] * home["height"])
        taken = page.evaluate("(p) => stopwatch.exact(p)", PATIENCE_MS)
        if turn >= 2:
            times.append(taken)
        page.wait_for_timeout(QUIET_MS)
    return times


if __name__ == "__main__":
    run()
