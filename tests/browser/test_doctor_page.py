"""The doctor's page in a browser: it is painted, a press makes a margin fit, a phone scrolls one way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

from tests.browser.live_page import SIDEWAYS

if TYPE_CHECKING:
    from playwright.sync_api import Page


# The contrast ratio (WCAG 2) of an element's letters on its tint, painted over the page's ground.
CONTRAST = """(e) => {
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  const light = (colours) => {
    for (const colour of colours) { context.fillStyle = colour; context.fillRect(0, 0, 1, 1); }
    const parts = [...context.getImageData(0, 0, 1, 1).data].slice(0, 3).map((v) => v / 255);
    const [r, g, b] = parts.map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const style = (of, name) => getComputedStyle(of)[name];
  const ground = style(document.querySelector(".stApp"), "backgroundColor");
  const two = [light([style(e, "color")]), light([ground, style(e, "backgroundColor")])];
  return (Math.max(...two) + 0.05) / (Math.min(...two) + 0.05);
}"""


@pytest.mark.parametrize(
    ("width", "height", "scheme"),
    [(1366, 768, "light"), pytest.param(390, 844, "dark", marks=pytest.mark.slow)],
)
def test_a_press_makes_the_margin_fit_and_what_is_chosen_can_be_read_under_the_pointer(
    page: Page, app_url: str, width: int, height: int, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{app_url}/doctor")
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    page.get_by_text("It does not fit.", exact=True).wait_for()
    page.get_by_text("does not fit", exact=True).last.wait_for()
    assert page.evaluate(SIDEWAYS) <= 0
    page.get_by_role("button", name="Fewest dimensions: 3").click()
    page.get_by_text("It is tight.", exact=True).wait_for()
    page.wait_for_url("**dimension=3**")
    page.get_by_text("Directions", exact=True).click()
    page.get_by_text("10 directions on the sphere", exact=False).first.wait_for()

    chosen = page.locator("[data-testid=stButtonGroup] button[data-selected=true]").first
    assert chosen.evaluate(CONTRAST) >= 4.5
    chosen.hover()
    page.locator("[data-testid=stButtonGroup] button[data-selected=true][data-hovered=true]").wait_for()
    page.wait_for_function("document.getAnimations().length === 0")  # a tint that fades in has come
    assert chosen.evaluate(CONTRAST) >= 4.5
