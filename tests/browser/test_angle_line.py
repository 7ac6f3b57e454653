"""The line with radians under the slider of an angle moves with it, with or without a live picture."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

SAYS = re.compile(r"= ([\d.]+) rad = ([\d.]+) π")


def radians(page: Page) -> float:
    found = SAYS.fullmatch(page.locator(".lv-angle").first.inner_text())
    assert found is not None
    assert float(found[2]) == pytest.approx(float(found[1]) / math.pi, abs=2e-4)
    return float(found[1])


@pytest.mark.parametrize("path", ["?losses=arcface", "doctor"])
def test_the_line_below_a_slider_of_an_angle_moves_with_it(
    page: Page, desk: BrowserContext, app_url: str, path: str
) -> None:
    page.goto(f"{app_url}/{path}")
    page.get_by_text(SAYS).first.wait_for()
    control = page.locator("input[type=range][aria-label*='angular margin']").first
    start = radians(page)
    assert start in (0.3927, 0.8)
    thumb = control.locator("xpath=ancestor::div[@data-rac][1]").bounding_box()
    assert thumb is not None
    x, y = thumb["x"] + thumb["width"] / 2, thumb["y"] + thumb["height"] / 2
    # A server that does not answer: what follows is the browser's own.
    desk.set_offline(True)
    page.mouse.move(x, y)
    page.mouse.down()
    seen = [start]
    for by in (25, 50):
        page.mouse.move(x + by, y, steps=4)
        page.wait_for_function(
            """([line, slider]) => Math.abs(parseFloat(line.innerText.slice(2)) * 180 / Math.PI
              - slider.getAttribute("aria-valuetext").replace("°", "")) < 0.1""",
            arg=[page.locator(".lv-angle").first.element_handle(), control.element_handle()],
        )
        seen.append(radians(page))
    assert seen[0] < seen[1] < seen[2]
    desk.set_offline(False)
    page.mouse.up()
    page.wait_for_url(re.compile("margin="))
    assert radians(page) == seen[2]
    # A key, too, before the server has answered.
    desk.set_offline(True)
    control.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(
        "([line, before]) => parseFloat(line.innerText.slice(2)) < before",
        arg=[page.locator(".lv-angle").first.element_handle(), seen[2]],
    )
