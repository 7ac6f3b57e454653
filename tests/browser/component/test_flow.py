"""The flow in a real browser, its modules as they are: steps by keys, in two and three dimensions."""

import pytest

from lossviz.pages.flow.ui.flow import encode
from lossviz.pages.flow.view import FlowView

expect = pytest.importorskip("playwright.sync_api").expect


@pytest.mark.parametrize(
    "view",
    [
        FlowView(field=1, trails=True),
        FlowView(circle=True),
        FlowView(dimension=3, loss="center", classes=4),
    ],
    ids=["field", "circle", "solid"],
)
def test_a_flow_is_drawn_and_read_step_by_step(component_page, view):
    shown = component_page("flow").send_bytes(encode(view), None)
    plane, values = shown.page.locator(".lv-plane"), shown.page.locator("summary")
    plane.focus()
    shown.page.keyboard.press(" ")  # pauses
    shown.page.keyboard.press("r")
    shown.page.keyboard.press("ArrowRight")
    shown.page.keyboard.press("ArrowRight")
    assert shown.js("return root.querySelector('.lv-flow').dataset.step") == "2"
    values.click()
    expect(shown.page.locator(".lv-values tbody tr")).to_have_count(view.classes + 1)
    assert "step 2, paused" in plane.get_attribute("aria-label")
    colours = """const c = root.querySelector('.lv-plane');
      const { data } = c.getContext('2d').getImageData(0, 0, c.width, c.height);
      return new Set(new Uint32Array(data.buffer)).size;"""
    assert shown.js(colours) > view.classes
