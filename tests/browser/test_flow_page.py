"""The flow page in a browser: it runs, obeys keys and controls, and its link restores it."""

from __future__ import annotations

import math
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from lossviz import flow
from lossviz.flow import FlowConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

STEP = "e => Number(e.dataset.step)"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert not errors


def ready(page: Page, url: str):
    page.goto(url)
    picture = page.locator(".lv-flow[data-step]")
    picture.wait_for()
    return picture


def take_steps(page: Page, count: int) -> None:
    """From the start, so that nothing depends on how fast this machine is."""
    page.locator(".lv-flow .lv-plane").evaluate(
        """(e, count) => {
          const press = (key) => e.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
          press("r");
          for (let n = 0; n < count; n++) press("ArrowRight");
        }""",
        count,
    )
    assert page.locator(".lv-flow").get_attribute("data-step") == str(count)


def measure(page: Page, name: str) -> str:
    return page.locator(f"[data-measure={name}]").inner_text()


def test_it_opens_running_and_obeys_the_keys(page: Page, app_url: str) -> None:
    picture = ready(page, f"{app_url}/flow?classes=3&particles=60")
    page.locator(".lv-flow[data-playing=true]").wait_for()
    page.locator(".lv-flow .lv-plane").focus()
    page.keyboard.press("Space")
    page.locator(".lv-flow[data-playing=false]").wait_for()
    before = picture.evaluate(STEP)
    page.keyboard.press("ArrowRight")
    assert picture.evaluate(STEP) == before + 1
    page.keyboard.press("ArrowUp")
    assert page.locator(".lv-buttons select").input_value() == "2"
    page.keyboard.press("r")
    assert picture.evaluate(STEP) == 0
    assert measure(page, "accuracy").endswith("%")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    assert picture.evaluate(STEP) == 5


def test_the_measures_after_five_hundred_steps_are_those_of_the_library(page: Page, app_url: str) -> None:
    config = FlowConfig(classes=3, particles=60, rate=0.2, weight_rate=1.0)
    want = flow.measure(config, next(islice(flow.flow(config), 500, None)))
    ready(page, f"{app_url}/flow?classes=3&particles=60&rate=0.2&weight_rate=1")
    take_steps(page, 500)
    assert measure(page, "accuracy") == "100 %"
    assert measure(page, "smallest") == f"{math.degrees(want.smallest):.1f}°"
    assert measure(page, "largest") == f"{math.degrees(want.largest):.1f}°"
    assert 118 < math.degrees(want.smallest) <= 120
    assert measure(page, "merged") == "No two classes have merged."


def test_another_loss_starts_again_and_is_in_the_link(page: Page, app_url: str) -> None:
    ready(page, f"{app_url}/flow?classes=3&particles=60&dimension=3")
    page.get_by_label("Preset", exact=False).first.click()
    page.get_by_text("A wider gap for one class (CAMRI)").click()
    page.wait_for_url("**loss=camri**")
    page.get_by_text("Class 0 is important").wait_for()
    assert "classes=8" in page.url
    assert "margin=1" in page.url
