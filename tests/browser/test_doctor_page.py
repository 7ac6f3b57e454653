"""The doctor's page in a browser: it is painted, a press makes a margin fit, a phone scrolls one way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WIDE = (
    "[...document.querySelectorAll('.stMain, .stMainBlockContainer')].map(e => e.scrollWidth - e.clientWidth)"
)


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_a_press_makes_the_margin_fit(browser: Browser, app_url: str, width: int, height: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.set_default_timeout(60_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{app_url}/doctor")
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    page.get_by_text("It does not fit.", exact=True).wait_for()
    page.get_by_text("does not fit", exact=True).last.wait_for()
    assert max(page.evaluate(WIDE)) <= 0
    page.get_by_role("button", name="Fewest dimensions: 3").click()
    page.get_by_text("It fits.", exact=True).wait_for()
    page.wait_for_url("**dimension=3**")
    page.get_by_text("Directions", exact=True).click()
    page.get_by_text("10 directions on the sphere", exact=False).first.wait_for()
    context.close()
    assert not errors
