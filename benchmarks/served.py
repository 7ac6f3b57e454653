"""The app in a server process of its own, and a headless browser; both end with their block."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
START_TIMEOUT_S = 180.0
PAINT_TIMEOUT_S = 60.0
WINDOW = {"width": 1366, "height": 768}

# As in tests/browser/conftest.py, which needs pytest.
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class CannotRunError(Exception):
    """A benchmark cannot run here; the text says why."""


def chromium_path() -> str:
    """The browser's program; CannotRunError without one."""
    path = os.environ.get("LOSSVIZ_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if not path:
        raise CannotRunError("no Chromium found; install it or set LOSSVIZ_CHROMIUM")
    return path


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium; CannotRunError where it or Playwright is missing."""
    path = chromium_path()
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise CannotRunError("Playwright is not installed; make setup-test installs it") from None
    with sync_playwright() as playwright:
        # Its own handlers would close the browser in the middle of our cleaning up.
        chromium = playwright.chromium.launch(
            executable_path=path, args=CHROMIUM_ARGS, handle_sigint=False, handle_sigterm=False
        )
        try:
            yield chromium
        finally:
            with contextlib.suppress(Exception):
                chromium.close()


def free_port() -> int:
    """A port on the loopback that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(
    port: int,
    log: IO[bytes],
    environment: dict[str, str],
    folder: Path = ROOT,
    flags: Sequence[str] = ("--server.address", "127.0.0.1"),
) -> subprocess.Popen[bytes]:
    """Start the app.py of a folder, in a session of its own: Ctrl-C reaches us alone, and we end it."""
    command = [
        *(sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"),
        *("--server.port", str(port), "--browser.gatherUsageStats", "false", *flags),
    ]
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
    )


@contextlib.contextmanager
def launched(runs: Path | None = None) -> Iterator[str]:
    """Start the app; give its URL at once, before it answers. The server ends with the block.

    runs: the folder of its runs; without one, a fresh folder that is gone with the block, and what
    trains in it is ended.
    """
    if runs is None:
        with tempfile.TemporaryDirectory() as folder:
            fresh = Path(folder)
            with launched(fresh) as url:
                try:
                    yield url
                finally:
                    stop_workers(fresh)
        return
    with server(runs) as (url, _):
        yield url


@contextlib.contextmanager
def server(runs: Path) -> Iterator[tuple[str, int]]:
    """As `launched` over a folder of runs; gives the URL and the id of the process."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    environment["LOSSVIZ_RUNS"] = str(runs)
    with tempfile.TemporaryFile() as log:
        process = start(port, log, environment)
        try:
            yield f"http://127.0.0.1:{port}", process.pid
        except Exception as error:
            if process.poll() is None:
                raise
            log.seek(0)
            tail = log.read().decode(errors="replace")[-1500:]
            raise CannotRunError(f"the server ended by itself with {process.returncode}:\n{tail}") from error
        finally:
            end(process)


def stop_workers(runs: Path) -> None:
    """End what still trains in a folder of runs, and wait for it."""
    from lossviz.runs import RunStore

    for run in RunStore(runs).runs():
        with contextlib.suppress(ValueError, OSError):
            run.ask("stop")
    patience = time.monotonic() + 20
    while any(run.alive for run in RunStore(runs).runs()) and time.monotonic() < patience:
        time.sleep(0.1)


def end(process: subprocess.Popen[bytes]) -> None:
    """End a server that we started, by its id, and what it started itself."""
    for sign, patience in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
        if process.poll() is not None:
            break
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)  # its own session: the group has the server's id
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)


def wait_until_up(url: str) -> None:
    """Until the server answers; CannotRunError after START_TIMEOUT_S."""
    until = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2):
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.02)
    raise CannotRunError(f"the server did not answer within {START_TIMEOUT_S:g} s")


@contextlib.contextmanager
def app(runs: Path | None = None) -> Iterator[str]:
    """Start the app and wait until it answers; give its URL. runs: as for `launched`."""
    with launched(runs) as url:
        wait_until_up(url)
        yield url


def painted(page: Page) -> None:
    """Wait until the contour component has painted its first frame."""
    page.wait_for_selector("[data-frame]", timeout=1e3 * PAINT_TIMEOUT_S, state="attached")
