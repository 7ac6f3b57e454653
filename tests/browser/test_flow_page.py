"""The flow page in a browser: it runs, obeys keys and controls, and its link restores it."""

from __future__ import annotations

import math
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from lossviz.fields import flow
from lossviz.fields.flow import FlowConfig
from tests.browser.live_page import SIDEWAYS

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect = pytest.importorskip("playwright.sync_api").expect
STEP = "e => Number(e.dataset.step)"


def ready(page: Page, url: str):
    page.goto(url)
    picture = page.locator(".lv-flow[data-step]")
    picture.wait_for()
    return picture


def press_steps(page: Page, count: int) -> None:
    """From the start, so that nothing depends on how fast this machine is."""
    page.locator(".lv-flow .lv-plane").evaluate(
        """(e, count) => {
          const press = (key) => e.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
          press("r");
          for (let n = 0; n < count; n++) press("ArrowRight");
        }""",
        count,
    )


def take_steps(page: Page, count: int) -> None:
    press_steps(page, count)
    assert page.locator(".lv-flow").get_attribute("data-step") == str(count)


def measure(page: Page, name: str) -> str:
    return page.locator(f"[data-measure={name}]").inner_text()


def test_it_opens_running_obeys_the_keys_and_measures_as_the_library(page: Page, app_url: str) -> None:
    picture = ready(page, f"{app_url}/flow?classes=3&particles=60&rate=0.2&weight_rate=1")
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
    config = FlowConfig(classes=3, particles=60, rate=0.2, weight_rate=1.0)
    want = flow.measure(config, next(islice(flow.flow(config), 500, None)))
    take_steps(page, 500)
    assert measure(page, "accuracy") == "100 %"
    assert measure(page, "smallest") == f"{math.degrees(want.smallest):.1f}°"
    assert measure(page, "largest") == f"{math.degrees(want.largest):.1f}°"
    assert 118 < math.degrees(want.smallest) <= 120
    assert measure(page, "merged") == "No two classes have merged."


def test_one_step_is_one_step_whatever_the_speed_and_another_loss_is_in_the_link(
    page: Page, app_url: str
) -> None:
    picture = ready(page, f"{app_url}/flow?classes=3&particles=60&speed=20")
    page.locator(".lv-flow[data-playing=true]").wait_for()
    button = page.get_by_role("button", name="One step", exact=True)
    button.click()
    assert page.locator(".lv-flow[data-playing=false]").count() == 1
    before = picture.evaluate(STEP)
    button.click()
    assert picture.evaluate(STEP) == before + 1
    page.locator(".lv-flow .lv-plane").press("ArrowRight")
    assert picture.evaluate(STEP) == before + 2
    assert page.locator(".lv-buttons select").input_value() == "20"
    assert "whatever the speed" in (button.get_attribute("title") or "")
    page.get_by_label("Preset", exact=False).first.click()
    page.get_by_text("A wider gap for one class (CAMRI)").click()
    page.wait_for_url("**loss=camri**")
    page.get_by_text("Class 0 is important").wait_for()
    assert "classes=8" in page.url
    assert "margin=1" in page.url


def drag_slider(page: Page, key: str, by: float) -> None:
    """Press on the thumb of a slider and move it; it is not let go."""
    control = page.locator(f"[class*=st-key-flow-{key}] input[type=range]").first
    thumb = control.locator("xpath=ancestor::div[@data-rac][1]").bounding_box()
    assert thumb is not None
    x, y = thumb["x"] + thumb["width"] / 2, thumb["y"] + thumb["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by, y, steps=4)


def test_a_slider_acts_while_it_is_dragged_and_the_flow_goes_on(page: Page, app_url: str) -> None:
    picture = ready(page, f"{app_url}/flow?loss=cosface&classes=3&particles=60&anneal=no")
    take_steps(page, 20)
    before = measure(page, "loss")
    # A server that does not answer: what follows is the browser's own.
    page.context.set_offline(True)
    drag_slider(page, "param-cosine-margin", 90)
    page.wait_for_function(
        "([e, before]) => e.textContent !== before",
        arg=[page.locator("[data-measure=loss]").element_handle(), before],
    )
    assert picture.evaluate(STEP) == 20
    assert float(measure(page, "loss")) > float(before)
    page.context.set_offline(False)
    page.mouse.up()
    page.wait_for_url("**cosine-margin=**")
    assert picture.evaluate(STEP) == 20
    page.locator(".lv-flow .lv-plane").press("ArrowRight")
    assert picture.evaluate(STEP) == 21


def test_a_flow_that_runs_away_stops_and_says_how_far_it_got(page: Page, app_url: str) -> None:
    ready(
        page,
        f"{app_url}/flow?loss=pc&classes=6&prototype-weight=1&rate=1&weight_rate=10&decay=0&weight_decay=0",
    )
    plane = page.locator(".lv-flow .lv-plane")
    press_steps(page, 500)
    assert page.locator(".lv-flow").get_attribute("data-step") == "363"
    assert page.locator(".lv-message").is_visible()
    said = page.locator(".lv-message").inner_text()
    assert said.startswith("Ran away at step 363")
    assert "centres 1000" in said
    assert "mean loss −1990" in said
    assert "NaN" not in page.locator(".lv-flow").inner_text()
    assert "step 363, ran away" in (plane.get_attribute("aria-label") or "")
    page.locator(".lv-buttons button").first.click()
    page.locator(".lv-flow[data-playing=true]").wait_for()
    assert page.locator(".lv-message").is_hidden()


def test_picture_and_measures_can_be_read_as_text(page: Page, app_url: str) -> None:
    ready(page, f"{app_url}/flow?loss=center&classes=4&particles=80&dimension=3")
    take_steps(page, 30)
    plane = page.locator(".lv-flow .lv-plane")
    label = plane.get_attribute("aria-label") or ""
    assert plane.get_attribute("role") == "application"
    assert label.startswith("80 features of 4 classes in 3-D under Center: step 30, paused. mean loss ")
    assert f"accuracy {measure(page, 'accuracy')}" in label
    for output in page.locator(".lv-side output, .lv-counter").all():
        assert output.get_attribute("aria-live") == "off"
    page.get_by_role("status", name="accuracy").wait_for(state="attached")
    page.locator(".lv-values summary").press("Enter")
    page.locator(".lv-values tr").nth(4).wait_for()
    rows = page.locator(".lv-values tr").all_inner_texts()
    assert rows[0].split("\t")[:4] == ["class", "features", "mean", "class weight"]
    assert len(rows) == 5
    assert rows[1].startswith("0\t20\t(")
    assert "−" in "".join(rows)
    assert "-" not in "".join(rows)
    # space is the summary's key there
    page.locator(".lv-values summary").press("Space")
    assert page.locator(".lv-flow[data-playing=false]").count() == 1


def test_space_is_turned_by_keys_and_the_plane_is_not(page: Page, app_url: str) -> None:
    ready(page, f"{app_url}/flow?classes=3&particles=60&dimension=3&circle=yes")
    take_steps(page, 3)
    plane = page.locator(".lv-flow .lv-plane")

    def picture() -> str:
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        return plane.evaluate("(e) => e.toDataURL()")

    seen = {picture(), picture()}
    assert len(seen) == 1
    for key in ("Shift+ArrowLeft", "Shift+ArrowUp"):
        plane.press(key)
        seen.add(picture())
    assert len(seen) == 3
    assert page.locator(".lv-flow").get_attribute("data-step") == "3"
    ready(page, f"{app_url}/flow?classes=3&particles=60&circle=yes")
    take_steps(page, 3)
    before = picture()
    plane.press("Shift+ArrowLeft")
    assert picture() == before


def test_on_a_phone_picture_and_play_are_on_the_first_screen(phone: Page, app_url: str) -> None:
    ready(phone, f"{app_url}/flow?loss=arcface")
    expect(phone.locator(".lv-flow .lv-plane")).to_be_in_viewport()
    expect(phone.locator(".lv-buttons button").first).to_be_in_viewport(ratio=1)
    assert phone.evaluate(SIDEWAYS) <= 0
