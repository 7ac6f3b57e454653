"""The live page as a visitor and its server see it; what the tests of that page share."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from benchmarks import served
from lossviz.runs import Run, RunStore
from lossviz.training.config import RunConfig
from tests.waiting import PATIENCE_S

# How far a page is wider than its window, in pixels.
SIDEWAYS = (
    "Math.max(...[...document.querySelectorAll('html, .stMain')].map(e => e.scrollWidth - e.clientWidth))"
)
# Streamlit's browser side looks for its server below the page's own address first.
KNOWN = re.compile(r"/[a-z]+/_stcore/(health|host-config)")


class Server:
    """The app over a store of its own, which forks its workers; it can be killed and started again at the
    same address."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.store, self.port = RunStore(folder), served.free_port()
        self.log = folder.with_suffix(".log")
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {**os.environ, "LOSSVIZ_RUNS": str(folder), "LOSSVIZ_FORKSERVER": "1"}
        self.environment |= environment
        self.process: subprocess.Popen[bytes]

    def start(self) -> Server:
        with self.log.open("ab") as log:
            self.process = served.start(self.port, log, self.environment)
        served.wait_until_up(self.url)
        return self

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        """End the server and the workers that it started."""
        served.end(self.process)
        for run in self.store.runs():
            now = run.status
            if now.living:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(now.pid, signal.SIGKILL)


def quick(**settings: Any) -> RunConfig:
    """A run of a second on digits."""
    return RunConfig(**{"epochs": 2, "train_images": 200, "test_images": 60, "batch": 20, **settings})


def link(*runs: Run, **query: str) -> str:
    rest = "".join(f"&{name}={text}" for name, text in query.items())
    return f"train?runs={','.join(run.id for run in runs)}{rest}"


def query_of(url: str) -> dict[str, str]:
    """What a link says."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


class Visit:
    """The live page in one window. What is written to the console must be known."""

    def __init__(self, context: Any, url: str) -> None:
        self.page, self.url = context.new_page(), url
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error.stack)))
        self.page.on("console", self._heard)

    def _heard(self, message: Any) -> None:
        if message.type == "error" and not KNOWN.search(message.location.get("url", "")):
            self.errors.append(f"{message.text} ({message.location.get('url', '')})")

    def open(self, path: str) -> Visit:
        self.page.goto(f"{self.url}/{path}")
        self.page.locator(".lv-scatter[data-frame]").wait_for()
        return self

    def until(self, what: Callable[[], Any], say: str) -> Any:
        """Wait for a state of the page; what it is."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            found = what()
            if found:
                return found
            self.page.wait_for_timeout(50)
        raise AssertionError(f"not seen: {say}; the page says: {self.text()[-1500:]}")

    def text(self) -> str:
        return self.page.inner_text("body")

    def titles(self) -> list[str]:
        return self.page.locator(".lv-scatter .lv-title").all_inner_texts()

    def corner(self, panel: int = 0) -> str:
        """What a panel without points says."""
        return self.page.locator(".lv-scatter .lv-state").nth(panel).inner_text()

    def stands(self, panel: int = 0) -> str:
        """How a run with points stands: the first words of its note, "" while all is well."""
        first = self.note(panel).split(" · ")[0]
        return "" if first.startswith("epoch") else first

    def note(self, panel: int = 0) -> str:
        return self.page.locator(".lv-scatter .lv-note").nth(panel).inner_text()

    def now(self) -> str:
        return self.page.locator(".lv-now").inner_text()

    def frames(self) -> int:
        """The number of the last frame on the timeline."""
        slider = self.page.locator(".lv-range")
        return int(slider.get_attribute("max") or 0) if slider.count() else 0

    def press(self, name: str) -> None:
        self.page.get_by_test_id("stMain").get_by_role("button", name=name, exact=True).click()

    def has(self, name: str) -> bool:
        return self.page.get_by_test_id("stMain").get_by_role("button", name=name, exact=True).count() > 0

    def query(self) -> dict[str, str]:
        return query_of(self.page.url)

    def shown(self) -> list[str]:
        return self.query().get("runs", "").split(",")

    def alerts(self) -> str:
        return "\n".join(self.page.locator("[data-testid=stAlert]").all_inner_texts())

    def canvas(self, panel: int = 0) -> str:
        return self.page.locator(".lv-scatter .lv-base").nth(panel).evaluate("c => c.toDataURL()")

    def unfold(self, title: str) -> None:
        """Open a fold and wait until all of it has come and lies still, as a reader does: a button that
        moves between press and release is not clicked."""
        fold = self.page.locator("details", has=self.page.locator("summary", has_text=title))
        fold.locator("summary").click()
        fold.locator("button, input").first.wait_for()
        heights: list[float] = []
        while len(heights) < 6 or len(set(heights[-6:])) > 1:
            self.page.wait_for_timeout(100)
            self.page.locator("[data-test-script-state=notRunning]").wait_for()
            heights.append((fold.bounding_box() or {"height": -len(heights)})["height"])
            assert len(heights) < 300
