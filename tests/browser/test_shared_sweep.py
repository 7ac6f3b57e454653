"""A sweep shared as one file: its sliders lead from cell to cell without a server or a network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lossviz.sweeps import bundle, share
from lossviz.sweeps.plan import Plan
from lossviz.sweeps.results import Result
from tests.browser.conftest import watched
from tests.sweeps import synthetic

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

MARGIN, SCALE = (f'input[data-axis="{name}"]' for name in ("margin", "scale"))


def sweep() -> tuple[Plan, bytes]:
    plan = synthetic.plan(["arcface", "l2-softmax"], ["margin=0,0.2,0.4", "scale=4,16,64"])
    results = dict(synthetic.results(plan))
    bad = cell(plan, "arcface", (2, 1), 0)
    results[bad] = Result(state="diverged", reason="the loss is not finite")
    del results[cell(plan, "arcface", (0, 1), 0)]
    return plan, bundle.message(plan, results, dict.fromkeys(results, synthetic.images()))


def cell(plan: Plan, loss: str, at: tuple[int, ...], seed: int) -> str:
    (found,) = [c.id for c in plan.cells if (c.config.loss, c.at, c.config.seed) == (loss, at, seed)]
    return found


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, Path]:
    plan, content = sweep()
    path = tmp_path_factory.mktemp("shared") / "sweep.html"
    path.write_text(share.page_of(content), encoding="utf-8")
    return plan, path


@pytest.fixture
def shared(desk: BrowserContext, file: tuple[Plan, Path]) -> Iterator[tuple[Page, Plan]]:
    plan, path = file
    errors: list[str] = []
    asked: list[str] = []
    page = watched(desk.new_page(), errors)
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(path.as_uri())
    page.wait_for_selector('.lv-cells[data-quality="full"]')
    yield page, plan
    assert errors == []
    assert asked == [path.as_uri()]


def shows(page: Page, id: str) -> None:
    page.wait_for_selector(f'.lv-cells[data-cell="{id}"]')


def test_keys_on_the_sliders_lead_to_other_cells_and_their_words(shared: tuple[Page, Plan]) -> None:
    page, plan = shared
    shows(page, cell(plan, "arcface", (1, 1), 0))
    assert page.locator(SCALE).get_attribute("aria-valuetext") == "16"
    page.locator(SCALE).press("ArrowRight")
    shows(page, cell(plan, "arcface", (1, 2), 0))
    assert page.locator(SCALE).get_attribute("aria-valuetext") == "64"
    page.locator(SCALE).press("ArrowLeft")
    page.locator(MARGIN).press("ArrowRight")
    shows(page, cell(plan, "arcface", (2, 1), 0))
    page.get_by_text("the loss is not finite").first.wait_for()
    page.locator(MARGIN).press("Home")
    shows(page, cell(plan, "arcface", (0, 1), 0))
    page.get_by_text("not trained yet").first.wait_for()


def test_seed_and_loss_are_chosen_and_a_slider_without_effect_goes(shared: tuple[Page, Plan]) -> None:
    page, plan = shared
    page.get_by_role("button", name="Next seed").click()
    shows(page, cell(plan, "arcface", (1, 1), 1))
    page.get_by_label("Loss", exact=True).select_option("L2-softmax")
    shows(page, cell(plan, "l2-softmax", (-1, 1), 1))
    assert page.locator(MARGIN).is_hidden()
    assert page.locator(SCALE).is_visible()


def test_every_picture_is_told_to_a_screen_reader_and_a_phone_has_them_below_each_other(
    shared: tuple[Page, Plan],
) -> None:
    page, _ = shared
    told = page.get_by_role("img")
    texts = [told.nth(i).get_attribute("aria-label") or "" for i in range(told.count())]
    for word in ("own class weight", "best threshold", "lowest recall"):
        assert any(word in text for text in texts), word
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_selector(".lv-cells.narrow")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    left, right = (page.locator(f".lv-cells-{side}").bounding_box() for side in ("left", "right"))
    assert left is not None
    assert right is not None
    assert right["y"] >= left["y"] + left["height"]
