"""A class at work: many sessions on the app at once, half of them watching one live run.

`python -m benchmarks load` prints the table for 1, 10 and 40 sessions, a minute each;
`python -m benchmarks.load --sessions 40 --seconds 600` a longer look at one of them. The sessions speak
Streamlit's own protocol and fetch pictures as the page's component does; they, the server, the training
and one real browser share the cores.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.report import heading, machine, percentile, say, table
from benchmarks.served import WINDOW, CannotRunError, browser, server, stop_workers, wait_until_up
from benchmarks.streamlit_client import Fetcher, Session
from lossviz.core.errors import LossvizError
from lossviz.runs import Run, RunStore
from lossviz.training import RunConfig
from lossviz.training.images import load as load_images

# 0: one that only watches, without actions and without a browser beside it.
SESSIONS, SECONDS = (0, 1, 10, 40), 60.0
ACTION_S = 5.0  # between two actions of a session
# The components that follow a run, and the seconds between two looks of each, unless the server names others.
PICTURE = "lossviz_scatter"
WATCHED = {PICTURE: 0.22, "lossviz_curves": 1.0}
RARE_S = 0.4  # as in lossviz/ui/components/scatter/follow.js
SETTLES_S = 5.0  # after a page has opened
ALONE_S = 20.0  # of training with nobody watching, before and after
SETTLED_S = 60.0  # from here on memory is to stay
GROUNDS = ("field", "regions", "none")


@dataclass
class Seen:
    """What one round measured. Times in seconds."""

    opened: list[float] = field(default_factory=list)
    reruns: dict[str, list[float]] = field(default_factory=lambda: {"contours": [], "train": []})
    looks: list[float] = field(default_factory=list)
    pictures: list[float] = field(default_factory=list)  # new ones a second, a watcher
    asked: list[float] = field(default_factory=list)  # looks a second, a watcher
    errors: list[str] = field(default_factory=list)
    browser: float = 0.0  # until a real browser shows the live picture
    processor: float = 0.0  # share of a core that the server took
    memory: list[tuple[float, float]] = field(default_factory=list)  # (seconds, MB)
    steps: float = 0.0  # of the training, a second
    received: int = 0


def run(sessions: Sequence[int] = SESSIONS, seconds: float = SECONDS) -> None:
    """Print the table."""
    heading(f"A class: sessions with an action each {ACTION_S:g} s, half of them watch one live run")
    if not Path("/proc/self/stat").exists():
        say("skipped: memory and processor time of the server are read from /proc")
        return
    try:
        load_images(RunConfig(data="mnist"))
    except LossvizError as reason:
        say(f"skipped: {reason}")
        return
    rows = []
    for count in sessions:
        with tempfile.TemporaryDirectory() as folder:
            rows.append(_row(count, *_round(Path(folder) / "runs", count, seconds)))
    say(f"\n{seconds:g} s each, MNIST under cross-entropy trains meanwhile")
    table(
        [
            "sessions",
            "errors",
            "opened s",
            "rerun p50",
            "p95",
            "max",
            "pictures/s",
            "look p95",
            "browser s",
            "server",
            "memory MB",
            "steps/s",
            "of alone",
        ],
        rows,
    )
    say("opened: a page by a new session, median. rerun: of all pages, from the press to the end of the")
    say(
        "script. pictures/s: answers to a watcher, in brackets those that were new. browser: a real one, from"
    )
    say("the address to a painted picture of the run. server: share of one core. memory: after a minute, at")
    say("the end. of alone: speed of the training against that with nobody watching, before and after.")
    say("Targets for 40: no error, p95 0.5 s, 4 pictures/s, 3 s, memory within 5 %, 90 %; one watcher: 3 %.")


def _row(count: int, seen: Seen, alone: float) -> list[str]:
    times = [one for page in seen.reruns.values() for one in page]
    settled = [mb for second, mb in seen.memory if second >= min(SETTLED_S, seen.memory[-1][0] / 2)]
    cell = lambda values, share: f"{percentile(values, share):.2f}" if values else "-"  # noqa: E731
    watched = statistics.mean(seen.asked) if seen.asked else 0.0
    fresh = statistics.mean(seen.pictures) if seen.pictures else 0.0
    return [
        str(count) if count else "1, only watching",
        str(len(seen.errors)),
        f"{statistics.median(seen.opened):.2f}",
        cell(times, 0.5),
        cell(times, 0.95),
        cell(times, 1.0),
        f"{watched:.1f} ({fresh:.1f})" if seen.asked else "-",
        cell(seen.looks, 0.95),
        f"{seen.browser:.1f}" if seen.browser else "-",
        f"{100 * seen.processor:.1f} %",
        f"{settled[0]:.0f}, {settled[-1]:.0f}",
        f"{seen.steps:.0f}",
        f"{100 * seen.steps / alone:.0f} %",
    ]


def _round(runs: Path, count: int, seconds: float) -> tuple[Seen, float]:
    """A server of its own with so many sessions; what was seen, and the speed of the training alone."""
    store = RunStore(runs)
    with server(runs) as (url, pid):
        wait_until_up(url)
        trained = store.create(RunConfig(data="mnist", epochs=1000))
        store.start(trained)
        try:
            _until_frames(trained)
            before = _speed(trained, ALONE_S)
            seen = asyncio.run(_class(url, pid, trained, count, seconds))
            time.sleep(2.0)
            after = _speed(trained, ALONE_S)
        finally:
            stop_workers(store.path)
    for text in dict.fromkeys(seen.errors):
        say(f"{count} sessions: {seen.errors.count(text)} times: {text}")
    return seen, (before + after) / 2


def _until_frames(run: Run) -> None:
    patience = time.monotonic() + 60
    while len(run.frames()) < 8:
        if time.monotonic() > patience:
            raise CannotRunError("the run wrote no frames within a minute")
        time.sleep(0.2)


def _speed(run: Run, seconds: float) -> float:
    """Steps of the training a second, over some seconds."""
    first, began = run.status.step, time.perf_counter()
    time.sleep(seconds)
    return (run.status.step - first) / (time.perf_counter() - began)


async def _class(url: str, pid: int, run: Run, count: int, seconds: float) -> Seen:
    seen, ends = Seen(), time.perf_counter() + seconds
    step, spent, began = run.status.step, _processor(pid), time.perf_counter()
    watchers = (count + 1) // 2
    tasks = [
        asyncio.create_task(_visit(seen, url, run, place, place < watchers, ends)) for place in range(count)
    ]
    tasks.append(asyncio.create_task(_memory(seen, pid, ends)))
    if count:
        tasks.append(asyncio.create_task(_real_browser(seen, url, run, seconds)))
    else:
        async with Session(url, page="train", query=f"runs={run.id}") as session:
            seen.opened.append(await session.open())
            await asyncio.sleep(SETTLES_S)
            spent, began = _processor(pid), time.perf_counter()
            await _watch(seen, url, session, ends)
    await asyncio.gather(*tasks)
    took = time.perf_counter() - began
    seen.steps = (run.status.step - step) / took
    seen.processor = (_processor(pid) - spent) / took
    return seen


async def _visit(seen: Seen, url: str, run: Run, place: int, watches: bool, ends: float) -> None:
    """One session: opens its page, acts every few seconds, and watches if it is to."""
    chance = random.Random(place)
    await asyncio.sleep(chance.uniform(0, ACTION_S))
    page, query = ("train", f"runs={run.id}") if watches else ("", "losses=arcface,ce")
    try:
        async with Session(url, page=page, query=query) as session, contextlib.AsyncExitStack() as stack:
            seen.opened.append(await session.open())
            if watches:
                looking = asyncio.create_task(_watch(seen, url, session, ends))
                stack.callback(looking.cancel)
            turn = 0
            while time.perf_counter() < ends:
                await asyncio.sleep(chance.uniform(0.5, 1.5) * ACTION_S)
                turn += 1
                took = await asyncio.wait_for(_act(session, run, watches, turn), 60)
                seen.reruns["train" if watches else "contours"].append(took)
            if watches:
                await looking
            seen.errors += [f"the page says: {text}" for text in session.exceptions]
            seen.received += session.received
    except Exception as error:
        seen.errors.append(f"{type(error).__name__}: {str(error)[:200]}")


async def _act(session: Session, run: Run, watches: bool, turn: int) -> float:
    """Every other time a slider, else a link."""
    slider = next((e for e in session.sliders() if ".param " in e.id), None)
    if turn % 2 and slider is not None:
        share = turn * 0.37 % 1
        steps = round(share * (slider.max - slider.min) / slider.step)
        return await session.slide(slider.id, slider.min + steps * slider.step)
    if watches:
        return await session.follow(f"runs={run.id}&layer={GROUNDS[turn // 2 % len(GROUNDS)]}")
    return await session.follow(f"losses=arcface,ce&margin={5 + turn % 30}deg")


async def _watch(seen: Seen, url: str, session: Session, ends: float) -> None:
    """Fetch the picture several times a second and the curves once, as the components do."""
    fetcher, asked, fresh, etags = Fetcher(url), 0, 0, dict.fromkeys(WATCHED, "")
    pauses, shown = dict(WATCHED), 0.0
    first = time.perf_counter()
    sources = {name: f"/{_source(session, name)}" for name in WATCHED}
    due = dict.fromkeys(WATCHED, time.perf_counter())
    try:
        while (began := time.perf_counter()) < ends:
            for name, each in pauses.items():
                if due[name] > time.perf_counter():
                    continue
                due[name] = max(due[name] + each, time.perf_counter())
                status, headers, _ = await asyncio.wait_for(fetcher.get(sources[name], etags[name]), 60)
                if status not in (200, 304):
                    raise RuntimeError(f"{sources[name]} answered {status}")
                etags[name] = headers.get("etag", "")
                if name == PICTURE:
                    shown = began if status == 200 else shown
                    often = began - shown < RARE_S
                    pauses[name] = int(headers["lossviz-every"]) / 1000 if often else WATCHED[name]
                    seen.looks.append(time.perf_counter() - began)
                    asked, fresh = asked + 1, fresh + (status == 200)
            await asyncio.sleep(max(0.0, min(due.values()) - time.perf_counter()))
    except Exception as error:
        seen.errors.append(f"watching: {type(error).__name__}: {str(error)[:200]}")
    finally:
        fetcher.close()
        took = time.perf_counter() - first
        seen.asked.append(asked / took)
        seen.pictures.append(fresh / took)


def _source(session: Session, component: str) -> str:
    """Where a component that was mounted fetches what follows: said in its header."""
    data = next(c.bytes for c in session.components() if c.component_name == component)
    size = int.from_bytes(data[:4], "little")
    return str(json.loads(data[4 : 4 + size])["source"])


async def _real_browser(seen: Seen, url: str, run: Run, seconds: float) -> None:
    """Open Train in a real browser, half-way through."""
    await asyncio.sleep(seconds / 2)
    try:
        seen.browser = await asyncio.to_thread(_painted, f"{url}/train?runs={run.id}")
    except CannotRunError as reason:
        say(f"no real browser: {reason}")
    except Exception as error:
        seen.errors.append(f"a real browser: {type(error).__name__}: {str(error)[:200]}")


def _painted(address: str) -> float:
    """Seconds from the address to a painted picture of the run."""
    with browser() as chromium:
        page = chromium.new_context(viewport=WINDOW).new_page()  # type: ignore[arg-type]
        page.set_default_timeout(60_000)
        began = time.perf_counter()
        page.goto(address)
        page.locator("h1").wait_for()
        page.locator(".lv-scatter .lv-note").filter(has_text="epoch").first.wait_for(state="attached")
        return time.perf_counter() - began


async def _memory(seen: Seen, pid: int, ends: float) -> None:
    began = time.perf_counter()
    while (now := time.perf_counter()) < ends:
        seen.memory.append((now - began, _resident(pid)))
        await asyncio.sleep(1.0)


def _processor(pid: int) -> float:
    """Seconds of processor time that a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident(pid: int) -> float:
    """Memory of a process in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--sessions", type=int, nargs="+", default=list(SESSIONS))
    parser.add_argument("--seconds", type=float, default=SECONDS)
    arguments = parser.parse_args()
    say(machine())
    run(arguments.sessions, arguments.seconds)


if __name__ == "__main__":
    main()
