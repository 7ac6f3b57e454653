"""Feature flow: steps shown a second in headless Chromium, counted by the page itself."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

from benchmarks.report import heading, say, spread, table
from benchmarks.served import WINDOW, CannotRunError, app, browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LOSSES = ("soft-d", "arcface", "camri", "bce-nu", "pc")
TIMES = 3
WARM_UP_MS, TAKEN_MS = 1500, 3000
TARGET = 30

# At speed 1 a step is a picture, so dataset.step counts pictures.
COUNT = """(e, ms) => new Promise((done) => {
  const [first, began] = [Number(e.dataset.step), performance.now()];
  setTimeout(() => {
    const steps = Number(e.dataset.step) - first;
    done(e.dataset.playing === "true" ? (1000 * steps) / (performance.now() - began) : null);
  }, ms);
})"""


def run() -> None:
    """Print the steps that are shown a second, 500 features of 10 classes, at speed 1."""
    heading("Flow page in headless Chromium, 1366x768, software rendering: 500 features, 10 classes, speed 1")
    try:
        with browser() as chromium, app() as url:
            rows = [[f"{loss}, {d}-D", *_row(chromium, url, loss, d)] for d in (2, 3) for loss in LOSSES]
    except CannotRunError as reason:
        say(f"skipped: {reason}")
        return
    table(["", "steps shown a second", "n", f"at least {TARGET}"], rows)
    say(f"Each time a fresh page, {TAKEN_MS / 1000:g} s after {WARM_UP_MS / 1000:g} s of warming up.")


def _row(chromium: Browser, url: str, loss: str, dimension: int) -> list[str]:
    good = [rate for _ in range(TIMES) if (rate := shown(chromium, url, loss, dimension)) is not None]
    if not good:
        return ["-", "0", "ran away"]
    return [spread(good), str(len(good)), "met" if statistics.median(good) >= TARGET else "missed"]


def shown(chromium: Browser, url: str, loss: str, dimension: int) -> float | None:
    """Steps shown a second; None where the flow did not go on."""
    context = chromium.new_context(viewport=WINDOW)  # type: ignore[arg-type]
    try:
        page = context.new_page()
        page.goto(f"{url}/flow?loss={loss}&dimension={dimension}")
        picture = page.locator(".lv-flow[data-playing=true]")
        picture.wait_for(timeout=60_000)
        page.wait_for_timeout(WARM_UP_MS)
        return picture.evaluate(COUNT, TAKEN_MS)
    finally:
        context.close()


if __name__ == "__main__":
    run()
