"""For all tests: one thread of arithmetic a process, stores and small trained runs, a last word on skipped
browser tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch
from hypothesis import HealthCheck, settings

from benchmarks import served
from lossviz.readings.jobs import ReadingJob
from lossviz.runs import Run, RunStore, launcher, process
from lossviz.runs.jobs import Job
from lossviz.runs.queue import Queue
from lossviz.runs.status import RunStatus
from lossviz.runs.worker import Worker
from lossviz.training.config import RunConfig
from tests.waiting import PATIENCE_S

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Several test processes share the cores; threads that wait by spinning would starve each other.
torch.set_num_threads(1)
# A page that is opened in a test leaves no process waiting; tests of that process ask for it.
os.environ["LOSSVIZ_FORKSERVER"] = "0"

# Neither examples nor their making have a time limit: a busy machine is no failure.
settings.register_profile(
    "untimed", deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("untimed")

# How paths begin of files that take long: they begin first. One that begins last keeps one process busy
# at the end while the others have nothing to do.
LONGEST = (
    "browser/test_contours_page.py",
    "browser/test_train_page.py",
    "browser/test_",
    "test_portable.py",
    "crawl/",
    "programs/test_run_script.py",
    "runs/test_launcher.py",
    "pages/flow/test_presets.py",
    "losses/",
    "readings/",
    "pages/",
    "test_guards.py",
    "runs/",
)


def pytest_configure(config: pytest.Config) -> None:
    """Files are handed out as they were collected, not by their number of tests."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_xdist_auto_num_workers() -> int:
    """One process more than cores: browser tests wait for a third of their time."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + 1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, and those with a browser, which wait much, spread among those that work."""
    names = {item.path: item.path.relative_to(Path(__file__).parent).as_posix() for item in items}

    def rank(path: Path) -> int:
        return next((n for n, start in enumerate(LONGEST) if names[path].startswith(start)), len(LONGEST))

    rows: tuple[list[Path], list[Path]] = ([], [])
    for path in sorted(names, key=rank):
        rows[names[path].startswith("browser/")].append(path)
    place = {path: n / len(row) for row in rows for n, path in enumerate(row)}
    items.sort(key=lambda item: place[item.path])


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many browser tests were left out for lack of a browser."""
    skipped = [r for r in terminalreporter.stats.get("skipped", []) if "no Chromium" in str(r.longrepr)]
    if skipped:
        terminalreporter.write_line(
            f"{len(skipped)} browser tests skipped: no Chromium found; install it or set LOSSVIZ_CHROMIUM"
        )
    else:
        terminalreporter.write_line("no browser test was skipped for lack of a Chromium")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium for the whole session; tests that need it are skipped without one. Its pages are
    waited for as long as a busy machine needs."""
    with ExitStack() as stack:
        try:
            chromium = stack.enter_context(served.browser())
        except served.CannotRunError as error:
            pytest.skip(str(error))
        from playwright.sync_api import expect

        def patient(make: Callable[..., Any]) -> Callable[..., Any]:
            def made(**options: Any) -> Any:
                opened = make(**options)
                opened.set_default_timeout(1000 * PATIENCE_S)
                return opened

            return made

        expect.set_options(timeout=1000 * PATIENCE_S)
        for name in ("new_context", "new_page"):
            setattr(chromium, name, patient(getattr(chromium, name)))
        yield chromium


@pytest.fixture(scope="session", autouse=True)
def installed_components() -> None:
    """AppTest reads the metadata of all installed packages for components, at the first run of each page
    that it opens: most of what that costs. Here once for all tests of a process."""
    if "streamlit.testing.v1" in sys.modules:
        from streamlit.components.v2 import manifest_scanner

        manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


@pytest.fixture(scope="session", autouse=True)
def configuration() -> None:
    """Streamlit reads its configuration once, from the folder of whoever asks first: not that of
    a test which has gone elsewhere, but the project's."""
    if "streamlit" in sys.modules:
        from streamlit import config

        config.get_config_options()


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    """An empty store."""
    return RunStore(tmp_path / "runs")


@pytest.fixture
def still_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """The empty store of the pages of this process, in which nothing that waits is started."""
    monkeypatch.setenv("LOSSVIZ_RUNS", str(tmp_path / "runs"))
    monkeypatch.setattr(RunStore, "start_waiting", lambda *_, **__: [])
    return RunStore()


# 300 images in steps of 64: 5 steps an epoch. 100 of the 360 test images are shown.
QUICK: dict[str, Any] = {
    "data": "digits",
    "epochs": 2,
    "train_images": 300,
    "batch": 64,
    "points": 100,
    "frame_points": 40,
    "device": "cpu",
}

Trained = Callable[..., Run]
Copied = Callable[..., Run]


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Trains a run of a loss, or gives the one that was trained before. Not to be written into."""
    store = RunStore(tmp_path_factory.mktemp("runs"))
    made: dict[str, Run] = {}

    def train(loss: str, **settings: Any) -> Run:
        config = RunConfig(loss=loss, **{**QUICK, **settings})
        key = config.to_json()
        if key not in made:
            made[key] = store.create(config)
            assert Worker(made[key]).work() == "finished"
        return made[key]

    return train


@pytest.fixture
def copied(tmp_path: Path, trained: Trained) -> Copied:
    """A copy of a trained run in a folder of this test, to be written into."""

    def copy(loss: str = "ce", **settings: Any) -> Run:
        run = trained(loss, **settings)
        there = tmp_path / "runs" / run.id
        shutil.copytree(run.path, there, ignore=shutil.ignore_patterns("readings"))
        return Run(there)

    return copy


@pytest.fixture(scope="module")
def closed() -> Iterator[None]:
    """The tests of a file share one launcher as far as they leave it alive."""
    yield
    launcher.close()


@pytest.fixture
def unchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pytest, which tells each test's name in the environment, asks for no other launcher."""
    monkeypatch.setattr(launcher, "library_variables", lambda environment: {})


@pytest.fixture
def forked(monkeypatch: pytest.MonkeyPatch, closed: None, unchanged: None) -> None:
    """Workers are forked where they can be; a process that imports anew takes seconds of a core."""
    monkeypatch.delenv("LOSSVIZ_FORKSERVER")


@pytest.fixture
def sleepers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Workers do nothing but live, deaf to any request; their numbers in the order of their starts."""
    deaf = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    code = f"import signal, time; {deaf}; print(flush=True); time.sleep(600)"
    children: list[subprocess.Popen[bytes]] = []
    started: list[int] = []

    def begin(job: Job) -> int:
        child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        assert child.stdout is not None
        with child.stdout as said:
            said.readline()
        children.append(child)
        started.append(child.pid)
        return child.pid

    monkeypatch.setattr(launcher, "look_after", lambda place: Queue(place).take(begin) and None)
    monkeypatch.setattr(process, "END_WAIT_S", 0.3)
    yield started
    for child in children:
        child.kill()
        child.wait()


def put(job: ReadingJob, now: RunStatus) -> ReadingJob:
    """The job as if it had been asked for and stood so."""
    job.job.write_request(job.kind, job.request)
    job.job.write_status(now)
    return job
