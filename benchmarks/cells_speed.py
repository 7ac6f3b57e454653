"""The cells of a sweep in a real browser: from a key on a slider to all pictures painted, with 1,000 cells.

The clock runs inside the page: from the key's own time stamp until the component has drawn all pictures and
says so, and on to the animation frame that brings them to the screen. The cells are synthetic:
classes on a circle, as wide as their margin and scale make them.
"""

from __future__ import annotations

import gzip
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.report import heading, percentile, say, table, verdict
from benchmarks.served import CannotRunError, browser
from lossviz.sweeps import Plan, bundle, share
from lossviz.sweeps.results import Result
from lossviz.training.images import Points

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SIZES = ((1366, 768), (390, 844))
PRESSES, WARM_UP = 300, 20
POINTS, CLASSES = 360, 10
TARGET_MS, TARGET_MB = 33.0, 20.0

# Every key's time, when the pictures were drawn after it, and when they were shown.
SEEN = """() => {
  const last = pressed[pressed.length - 1];
  return !last || last.shown || performance.now() - last.key > 400;
}"""
WATCH = """() => {
  const log = (window.pressed = []);
  const begin = (event) => log.push({ key: event.timeStamp, drawn: 0, shown: 0 });
  window.addEventListener("keydown", begin, { capture: true });
  // Told right after the pictures are drawn; the next animation frame brings them to the screen.
  new MutationObserver(() => {
    const last = log[log.length - 1];
    if (!last || last.drawn) return;
    last.drawn = performance.now();
    requestAnimationFrame(() => (last.shown = performance.now()));
  }).observe(document.querySelector(".lv-cells"), { attributes: true, attributeFilter: ["data-frame"] });
}"""


def plan() -> Plan:
    """2 losses × 10 margins × 10 scales × 5 seeds."""
    vary = ["margin=0:0.5:10", "scale=log:2:64:10"]
    return Plan.read({"data": "digits", "epochs": "20"}, ["arcface", "cosface"], vary, "5")


def message(plan: Plan) -> bytes:
    """All its cells with a result, as the browser is sent them."""
    rng = np.random.default_rng(0)
    labels = np.arange(POINTS) % CLASSES
    pixels = rng.integers(0, 256, (POINTS, 1, 8, 8), dtype=np.uint8)
    names = tuple(map(str, range(CLASSES)))
    images = Points(pixels, labels, np.arange(POINTS), names, "synthetic", test_count=POINTS)
    results = {cell.id: _result(cell.config.params, labels, names, rng) for cell in plan.cells}
    return bundle.message(plan, results, dict.fromkeys(results, images))


def _result(params: Any, labels: Any, names: tuple[str, ...], rng: np.random.Generator) -> Result:
    turn = rng.uniform(0, 2 * np.pi)
    ways = turn + 2 * np.pi * np.arange(CLASSES) / CLASSES
    wide = rng.normal(0, 0.3 / (1 + 3 * params["margin"]), POINTS)
    length = rng.gamma(8, np.log2(params["scale"]) / 8 + 0.1, POINTS)
    angle = ways[labels] + wide
    features = np.stack([np.cos(angle), np.sin(angle)], 1) * length[:, None]
    numbers = {
        name: float(rng.uniform(0.7, 1)) for name in ("test_accuracy", "uniform_accuracy", "silhouette")
    }
    recalls = {f"recall_{k}": float(rng.uniform(0.6, 1)) for k in range(CLASSES)}
    return Result(
        state="finished",
        measures=numbers | recalls | {"seconds": 7.0, "threshold": 3.0},
        curve=tuple(np.sort(rng.uniform(0.1, 1, 20))),
        features=features.astype(np.float32),
        labels=labels,
        weights=np.stack([np.cos(ways), np.sin(ways)], 1).astype(np.float32),
        params=dict(params),
        classes=names,
        step=460,
    )


def run() -> None:
    """Print the times of moves and the sizes of messages and files."""
    heading("Cells of a sweep in headless Chromium, software rendering: 1,000 cells, 360 points in 2-D each")
    made = plan()
    before = time.process_time()
    content = message(made)
    took = time.process_time() - before
    page = share.page_of(content)
    cells = len(made.cells)
    packed = len(gzip.compress(content))
    say(f"{cells} cells: {len(content) / cells:,.0f} bytes a cell, {packed / 1e6:.2f} MB packed")
    size = len(page) / 1e6
    say(f"made in {took:.1f} s of processor time; one file {size:.1f} MB, {verdict(size, TARGET_MB, 'MB')}")
    try:
        with browser() as chromium, tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "sweep.html"
            path.write_text(page, encoding="utf-8")
            rows = [_row(chromium, path, size) for size in SIZES]
    except CannotRunError as reason:
        say(f"skipped: {reason}")
        return
    say(f"\nKey on a slider to the pictures of the next cell, ms, n = {PRESSES}")
    table(
        ["", "drawn: median", "p95", "max", "shown: median", "p95", "max", "opened"], [row for row, _ in rows]
    )
    for (width, height), (_, worst) in zip(SIZES, rows, strict=True):
        say(f"{width}×{height}: p95 {worst:.0f} ms until shown, {verdict(worst, TARGET_MS, 'ms')}")


def _row(chromium: Browser, path: Path, size: tuple[int, int]) -> tuple[list[str], float]:
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]})
    try:
        page = context.new_page()
        page.on("pageerror", lambda error: say(f"error in the page: {error}"))
        before = time.perf_counter()
        page.goto(path.as_uri())
        page.wait_for_selector("[data-cell]", timeout=60_000)
        opened = time.perf_counter() - before
        page.evaluate(WATCH)
        seen = presses(page)
    finally:
        context.close()
    drawn, shown = ([one[name] - one["key"] for one in seen] for name in ("drawn", "shown"))
    numbers = [f"{percentile(v, share):.1f}" for v in (drawn, shown) for share in (0.5, 0.95, 1.0)]
    return [f"{size[0]}×{size[1]}", *numbers, f"{opened:.1f} s"], percentile(shown, 0.95)


def presses(page: Page) -> list[dict[str, float]]:
    """Move the sliders by keys, up and down in turns; what was seen of each that brought another cell."""
    inputs = page.locator(".lv-cells input[type=range]")
    for turn in range(WARM_UP + PRESSES):
        slider = inputs.nth(turn // 9 % 2)
        if turn % 9 == 0:
            slider.focus()
        page.keyboard.press("ArrowLeft" if turn // 18 % 2 else "ArrowRight")
        page.wait_for_function(SEEN)
    seen: list[dict[str, float]] = page.evaluate("pressed")
    return [one for one in seen[WARM_UP:] if one["shown"]]


if __name__ == "__main__":
    run()
