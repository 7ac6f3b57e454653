"""A contour page that is handed out: opened from a file, without network, dragged, its sliders turned."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch

from lossviz import losses
from lossviz.core.errors import LossvizError
from lossviz.pages.contours import valleys
from lossviz.pages.contours.presets import presets
from lossviz.pages.contours.ui import handout
from lossviz.pages.contours.view import ContourView
from lossviz.ui.components.contours import frames

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

VIEW = ContourView(losses=("arcface", "soft-d"))
# The frame that is shown: the grid of a panel at a place, and its points a side.
SHOWN = """([i, row, column]) => {
  const { header, panels } = picture.frame;
  return [header.nx, panels[i].grid[row * header.nx + column], panels[i].boundaries.length];
}"""


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Any]:
    contexts = []

    def show(view: ContourView) -> Page:
        file = tmp_path / "lossviz.html"
        file.write_text(handout.page(view), encoding="utf-8")
        context = browser.new_context(offline=True, viewport={"width": 1100, "height": 800})
        contexts.append(context)
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        page.on("console", lambda line: pytest.fail(line.text) if line.type == "error" else None)
        page.goto(file.as_uri())
        page.wait_for_selector(".lv-contours[data-alone]")
        assert asked == [file.as_uri()]
        return page

    yield show
    for context in contexts:
        context.close()


def expected(view: ContourView, i: int, row: int, column: int, points: int) -> float:
    """The loss at a grid point, by torch."""
    x0, x1, y0, y1 = view.extent
    z = [[x0 + (x1 - x0) * column / (points - 1), y0 + (y1 - y0) * row / (points - 1)]]
    spec = losses.get(view.losses[i])
    features, labels = torch.tensor(z, dtype=torch.float64), torch.tensor([view.label])
    return float(spec.per_sample(features, labels, view.state(spec), **view.values(spec)))


def check(page: Page, view: ContourView) -> None:
    points = frames.resolution(len(view.losses))
    for i in range(len(view.losses)):
        for row, column in ((0, 0), (points // 3, 2 * points // 3), (points - 1, points // 2)):
            nx, value, lines = page.evaluate(SHOWN, [i, row, column])
            assert nx == points
            assert value == pytest.approx(expected(view, i, row, column, points), rel=1e-5, abs=1e-6)
            assert lines > 0


def rest(page: Page) -> None:
    """Wait until the picture is fine and has not changed for a second of the page."""
    fine = frames.resolution(len(VIEW.losses))
    seen: list[Any] = []
    while len(seen) < 2 or seen[-1][0] != fine or seen[-1] != seen[-2]:
        page.evaluate("new Promise((done) => setTimeout(done, 1000))")
        seen.append(page.evaluate(SHOWN, [0, fine // 3, fine // 2]))
        assert len(seen) < 200


def test_the_page_draws_the_losses_by_itself_and_follows_an_arrow_that_is_dragged(opened: Any) -> None:
    page = opened(VIEW)
    check(page, VIEW)
    # Pointing tells the exact loss.
    box = page.locator(".lv-plane").first.bounding_box()
    page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 0.3 * box["height"])
    told = page.locator(".lv-value").first
    told.filter(has_text=re.compile(r"^\d")).wait_for()
    assert "≈" not in (told.text_content() or "")
    box = page.locator('[data-handle="weight:1"]').first.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] - 40, steps=5)
    page.mouse.up()
    rest(page)
    weights = page.evaluate("[...picture.local].map(([, { x, y }]) => [x, y])")
    assert weights[0] != list(VIEW.weights[1])
    check(page, replace(VIEW, weights=(VIEW.weights[0], tuple(weights[0]), VIEW.weights[2])))
    page.click("#lv-reset")
    rest(page)
    check(page, VIEW)


def test_sliders_are_turned_and_losses_and_openings_follow(opened: Any) -> None:
    page = opened(VIEW)
    level = page.get_by_label("ℓ: loss at")
    level.focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    rest(page)
    moved = replace(VIEW, level=float(page.locator("output").last.text_content()))
    assert moved.level < VIEW.edge
    expected = [valleys.of_loss(moved, spec).text for spec in VIEW.specs()]
    assert page.locator(".lv-opening").all_inner_texts() == expected
    slider = page.get_by_label("m: angular margin")
    slider.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    rest(page)  # fine again half a second after the last press
    margin = float(slider.input_value())
    assert margin > VIEW.values(VIEW.specs()[0])["margin"]
    check(page, VIEW.with_param("margin", margin))
    shown = page.locator("output").filter(has_text="°")
    assert shown.text_content() == "24.5°"


@pytest.mark.parametrize("name", list(presets()))
def test_every_preset_is_one_file_of_less_than_a_megabyte(name: str) -> None:
    text = handout.page(presets()[name].view)
    assert len(text.encode()) < 1_000_000
    assert "://" not in text.replace("http://www.w3.org/2000/svg", "")


def test_a_view_that_needs_the_server_is_not_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "program", lambda panel: None)
    with pytest.raises(LossvizError, match="ArcFace: cannot be drawn by a browser alone"):
        handout.page(VIEW)
