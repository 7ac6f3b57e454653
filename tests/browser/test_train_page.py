"""The live page in a real browser, with real workers, used as a visitor would."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lossviz.runs import Run
from lossviz.runs.names import labels
from lossviz.runs.worker import Worker
from tests.browser.live_page import Server, Visit, link, quick
from tests.waiting import wait


@pytest.fixture(scope="module")
def race(finished: Callable[..., Run]) -> list[Run]:
    """Two trained runs: cross-entropy and ArcFace, two epochs on 200 digits."""
    return [finished(loss=loss) for loss in ("soft-d", "arcface")]


@pytest.fixture
def visit(desk: Any, server: Server) -> Iterator[Visit]:
    visit = Visit(desk, server.url)
    yield visit
    said = visit.text()
    assert "Traceback" not in said
    assert visit.errors == []


@pytest.fixture
def endless(server: Server, forked: None) -> Iterator[Run]:
    """A run that trains until it is stopped."""
    run = server.store.create(quick(epochs=5000, train_images=0, snapshot_every=20))
    server.store.start(run)
    yield run
    run.ask("stop")
    wait(lambda: not run.alive)


# ------------------------------------------------------------------ the first visit


def test_a_race_begins_by_itself(desk, tmp_path) -> None:
    server = Server(tmp_path / "runs").start()
    try:
        visit = Visit(desk, server.url).open("train")  # the very first page that this server gives
        visit.page.get_by_text("Read", exact=True).first.wait_for()  # it comes by way of app.py
        visit.until(lambda: visit.frames() >= 1, "frames of the race")
        assert [title.split(",")[0] for title in visit.titles()] == ["Cross-entropy", "ArcFace", "Center"]
        assert visit.shown() == [run.id for run in reversed(server.store.runs())]
        assert visit.errors == []
    finally:
        server.end()


# ------------------------------------------------------------------ train, pause, step, resume, stop


def test_train_starts_runs_that_are_shown_side_by_side(visit: Visit, server: Server) -> None:
    settings = "train_images=200&test_images=60&batch=20&epochs=2"
    known = {run.id for run in server.store.runs()}
    visit.page.goto(f"{visit.url}/train?{settings}&runs=none")
    visit.press("Train 3 runs")
    visit.until(lambda: len(visit.titles()) == 3 and visit.frames() > 0, "three panels with frames")
    visit.until(lambda: all("epoch 2/2" in visit.note(i) for i in range(3)), "the ends of the runs")
    visit.until(lambda: not visit.has("Pause"), "nothing to pause")
    assert not known & set(visit.shown())
    assert [server.store.get(id).status.state for id in visit.shown()] == ["finished"] * 3
    assert len({server.store.get(id).config.seed for id in visit.shown()}) == 1


def test_a_run_is_paused_stepped_resumed_stopped_and_keeps_its_zoom(visit: Visit, endless: Run) -> None:
    visit.open(link(endless))
    visit.until(lambda: visit.frames() > 1, "frames")
    visit.page.get_by_role("button", name="Zoom in").click()
    zoomed = visit.page.locator(".lv-plane.zoomed")
    zoomed.wait_for()
    visit.press("Pause")
    visit.until(lambda: visit.stands() == "paused" and visit.has("Step"), "paused")
    held = endless.frames()
    visit.press("Step")
    visit.until(lambda: len(endless.frames()) == len(held) + 1 and endless.status.state == "paused", "a step")
    visit.until(lambda: visit.frames() == len(held) and visit.stands() == "paused", "the frame of the step")
    visit.press("Resume")
    visit.until(lambda: visit.frames() > len(held) + 1 and visit.has("Pause"), "more frames")
    visit.press("Stop")
    visit.until(lambda: visit.stands() == "stopped" and visit.has("Resume"), "stopped")
    assert not endless.alive
    visit.until(lambda: zoomed.count() == 1, "the zoom as it was")
    visit.page.get_by_role("button", name="Show everything").click()
    visit.until(lambda: zoomed.count() == 0, "everything")


def test_a_killed_worker_is_said_and_resumed(visit: Visit, endless: Run) -> None:
    visit.open(link(endless))
    visit.until(lambda: endless.has_checkpoint, "a checkpoint")
    os.kill(endless.status.pid, signal.SIGKILL)
    visit.until(lambda: "SIGKILL" in visit.alerts(), "the reason")
    assert "Resume goes on from its last checkpoint" in visit.alerts()
    assert visit.stands() == "lost"
    before = len(endless.frames())
    visit.press("Resume")
    visit.until(lambda: visit.has("Pause") and visit.frames() > before, "it trains again")
    assert visit.alerts() == ""


@pytest.mark.slow
def test_a_run_that_must_wait_says_how_many_are_before_it(desk, tmp_path, forked: None) -> None:
    server = Server(tmp_path / "runs", LOSSVIZ_MAX_RUNS="1").start()
    runs = [server.store.create(quick(epochs=5000, seed=n)) for n in range(3)]
    try:
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv("LOSSVIZ_MAX_RUNS", "1")
            for run in runs:
                server.store.start(run)
        visit = Visit(desk, server.url).open(link(*runs))
        visit.until(lambda: visit.corner(2) == "waiting in the queue, 1 before it", "the queue")
        assert visit.corner(1) == "waiting in the queue"
        runs[0].ask("stop")
        visit.until(lambda: visit.corner(2) == "waiting in the queue", "the queue moves up")
        visit.until(lambda: runs[1].status.state == "running", "the next one begins")
        visit.press("Stop")
        visit.until(lambda: not visit.has("Stop") and visit.has("Resume"), "all are stopped")
        # It has left the queue before the place became free, and did not begin.
        assert runs[2].status.reason == "stopped before it began"
        assert visit.errors == []
    finally:
        server.end()


# ------------------------------------------------------------------ looking back


def test_a_timeline_at_rest_is_in_the_link_and_going_back_undoes_it(
    visit: Visit, race: list[Run], browser
) -> None:
    visit.open(link(*race))
    visit.until(lambda: visit.now().startswith("epoch 2 ") and "losses" in visit.query(), "the end")
    visit.page.evaluate("window.loadedOnce = true")
    slider = visit.page.locator(".lv-range")
    slider.focus()
    for _ in range(3):
        visit.page.keyboard.press("ArrowLeft")
    epochs = [step / 10 for step in race[0].frames()]
    visit.until(lambda: visit.query().get("at") == f"{epochs[-4]:g}", "the epoch in the link")
    there, frame = visit.page.url, visit.now()
    assert f"step {race[0].frames()[-4]}" in frame
    visit.page.keyboard.press("Home")
    visit.until(lambda: visit.query().get("at") == "0", "the start in the link")
    visit.page.go_back()
    visit.until(lambda: visit.now() == frame and visit.page.url == there, "the epoch before")
    visit.page.go_back()
    visit.until(lambda: visit.now().startswith("epoch 2 ") and "at" not in visit.query(), "the newest")
    assert visit.page.evaluate("window.loadedOnce")
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    other = Visit(context, visit.url).open(there.removeprefix(visit.url + "/"))
    other.until(lambda: other.now() == frame, "the same frame from the link")
    context.close()


def test_a_click_on_a_curve_goes_to_that_epoch_also_when_nothing_trains(
    visit: Visit, race: list[Run]
) -> None:
    visit.open(link(*race))
    visit.until(lambda: visit.now().startswith("epoch 2 "), "the end")
    plane = visit.page.locator(".lv-curves .lv-plane").first
    plane.focus()
    visit.page.keyboard.press("Home")
    visit.page.keyboard.press("Enter")
    # The first loss is that of the first step.
    visit.until(lambda: visit.now() == "epoch 0.1 · step 1" and visit.query().get("at") == "0.1", "the start")
    first = visit.page.locator(".lv-curves .lv-reading").first
    loss = next(row["train_loss"] for row in race[0].steps() if row["step"] == 1)
    visit.until(lambda: first.inner_text().startswith(f"Cross-entropy {loss:.3g}"), "the reading there")


def test_a_point_is_picked_for_its_image(visit: Visit, race: list[Run]) -> None:
    visit.open(link(race[0], layer="none"))
    plane = visit.page.locator(".lv-plane").first
    plane.focus()
    # by keyboard: the first arrow goes to a point, Enter picks it
    visit.page.keyboard.press("ArrowRight")
    visit.page.keyboard.press("Enter")
    card = visit.page.locator(".lv-card")
    # at once what the page knows of the point; its place and its image come with the answer
    visit.until(lambda: card.is_visible() and "z = (" in card.inner_text(), "the card")
    said = card.inner_text().splitlines()
    shot, points = race[0].snapshot(race[0].frames()[-1]), race[0].points()
    number = int(re.search(r"test image ([\d,]+)", card.inner_text()).group(1).replace(",", ""))
    index = points.indices.tolist().index(number)
    label = points.classes[points.labels[index]]
    assert any(line.startswith(f"{label} · ") for line in said)
    assert any(re.fullmatch(r"loss [\d.e−-]+", line) for line in said)
    place = re.search(r"z = \((.*)\)", card.inner_text()).group(1).replace("−", "-").split(",")
    assert [float(text) for text in place] == pytest.approx(shot.features[index].tolist(), rel=0.01)
    image = visit.page.locator(".lv-image")
    assert image.evaluate("c => [c.width, c.height]") == list(points.pixels.shape[:1:-1])
    pixel = image.evaluate("c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]")
    assert pixel[::4] == points.pixels[index, 0].ravel().tolist()


def test_layer_and_class_change_the_picture_and_the_link(visit: Visit, race: list[Run]) -> None:
    visit.open(link(race[0]))
    losses = visit.canvas()
    visit.page.get_by_role("radio", name="Regions").click()
    visit.until(lambda: visit.query().get("layer") == "regions" and visit.canvas() != losses, "regions")
    visit.page.go_back()
    visit.until(lambda: "layer" not in visit.query() and visit.canvas() == losses, "the loss again")
    visit.page.goto(f"{visit.url}/{link(race[0], **{'class': '7'})}")
    visit.until(lambda: visit.page.locator(".lv-legend").inner_text().count("class 7"), "the loss of class 7")


@pytest.mark.slow
def test_a_run_goes_on_with_another_loss(visit: Visit, race: list[Run], server: Server) -> None:
    visit.open(link(race[0]))
    visit.unfold("Change the loss half-way")
    visit.press("Fork")
    visit.until(lambda: len(visit.shown()) == 2, "the fork beside its run")
    made = server.store.get(visit.shown()[1])
    assert (made.config.loss, made.config.fork_run, made.config.fork_epoch) == ("arcface", race[0].id, 1)
    visit.until(lambda: made.status.state == "finished" and "epoch 2/2" in visit.note(1), "the fork's end")
    assert made.frames()[0] == 0


# ------------------------------------------------------------------ what is not there, or damaged


def test_a_run_deleted_in_another_tab_is_said(visit: Visit, endless: Run, server: Server) -> None:
    extra = server.store.create(quick(seed=9))
    Worker(extra).work()
    visit.open(link(endless, extra))
    visit.until(lambda: len(visit.titles()) == 2 and visit.frames() > 0, "both")
    server.store.delete(extra)
    visit.until(lambda: f"There is no run {extra.id} (any more)" in visit.alerts(), "that it is gone")
    visit.until(lambda: len(visit.titles()) == 1, "the other alone")


@pytest.mark.slow
def test_runs_are_deleted_on_the_page(visit: Visit, race: list[Run], server: Server) -> None:
    extra = server.store.create(quick(seed=8))
    Worker(extra).work()
    visit.open(link(race[0]))
    visit.unfold("Runs")
    # The table beside it is still growing into its place, which closes an open list.
    visit.page.locator("[data-testid=stDataFrame] canvas").first.wait_for()
    name = labels(server.store.runs())[extra.id]
    option = visit.page.get_by_role("option", name=name, exact=True)

    def chosen() -> bool:
        visit.page.get_by_role("combobox", name="Delete").click()
        from playwright.sync_api import TimeoutError as TooLate

        with contextlib.suppress(TooLate):
            option.click(timeout=2_000)
            return True
        return False

    visit.until(chosen, "the run is chosen")
    visit.press("Delete for good")
    visit.until(lambda: not visit.has("Delete for good"), "nothing more to delete")
    wait(lambda: not extra.path.exists())


def test_damaged_folders_are_sentences_beside_the_runs_that_are_whole(visit: Visit, race, server) -> None:
    broken = {}
    for name in ("config.json", "status.json", "points.safetensors", "metrics.jsonl", "snapshots"):
        broken[name] = Run(server.store.path / f"20250101-000000-soft-d-digits-{name[:4]}")
        shutil.copytree(race[0].path, broken[name].path)
        target = broken[name].path / name
        if name == "snapshots":
            target /= f"{race[0].frames()[-1]:08d}.safetensors"
        target.write_text('{"step": "x", "epoch": [], "test_accuracy": "high"}\n')
    try:
        visit.open(link(*broken.values(), race[1]))
        visit.until(lambda: len(visit.titles()) == 6 and "epoch 2/2" in visit.note(5), "the whole run")
        corners = [visit.corner(i) for i in range(5)]
        assert corners[:2] == ["cannot be read: damaged, or of another version"] * 2
        assert "points.safetensors is damaged" in corners[2]
        assert corners[3] == ""  # a torn row of numbers takes nothing else with it
        assert "snapshots/00000020.safetensors is damaged" in corners[4]
        assert "config.json is not that of a run" in visit.alerts()
        assert "status.json is damaged" in visit.alerts()
        assert not visit.has("Resume")
    finally:
        for run in broken.values():
            shutil.rmtree(run.path)
