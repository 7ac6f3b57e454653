"""The contour component while something is dragged: drawn by the browser itself, from the losses' code."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from lossviz.figures.wire import with_header
from lossviz.pages.contours import panels
from lossviz.pages.contours.ui import controls
from lossviz.pages.contours.view import ContourView
from lossviz.ui.components.contours import frames
from tests.figures.wire_reader import read

VIEW = ContourView(losses=("arcface", "soft-d", "bce-u"))
HEADER = {"extent": list(VIEW.extent)}
# Streamlit's slider, as far as it matters here: its container names the widget, its range input the place.
SLIDER = """([key, low, high, value]) => {
  const box = document.body.appendChild(document.createElement("div"));
  box.className = `stElementContainer st-key-${key}-1`;
  box.innerHTML = `<input type="range" min="${low}" max="${high}" step="0.5" value="${value}">`;
}"""
PRESS = "document.querySelector('input').dispatchEvent(new PointerEvent('pointerdown', {bubbles: true}))"


def encoded(view: ContourView, frame: int, echo: int = 0, resolution: int = 60) -> bytes:
    made = panels.panels(view, resolution, torch.float64)
    return frames.encode(made, view.plane(), frame=frame, echo=echo, sliders=controls.sliders(view))


@pytest.fixture
def opened(component_page: Any) -> Any:
    def show(view: ContourView = VIEW) -> Any:
        return component_page().send_bytes(encoded(view, 1), 1)

    return show


def alone(page: Any) -> int:
    """How many pictures the browser has made by itself."""
    return int(page.js("return root.querySelector('.lv-contours').dataset.alone || '0'"))


def wait_alone(page: Any, more_than: int) -> None:
    page.page.wait_for_function(
        "n => Number(window.shadow('contours').querySelector('.lv-contours').dataset.alone || 0) > n",
        arg=more_than,
    )


def picture(page: Any, i: int = 0) -> np.ndarray:
    """The fill of a panel, [h, w, 3]."""
    return page.canvas("base", i)[:, :, :3]


def still(page: Any) -> None:
    """Wait until nothing more is drawn in a quarter of a second of the page."""
    seen: list[str] = []
    while len(seen) < 2 or seen[-1] != seen[-2]:
        page.pass_time(250)
        seen.append(
            page.js("return [...root.querySelectorAll('.lv-base')].map((c) => c.toDataURL()).join();")
        )


def agree(one: np.ndarray, other: np.ndarray) -> float:
    """The share of pixels that look the same."""
    return float((np.abs(one - other).max(-1) <= 24).mean())


def drag(page: Any, to: tuple[float, float], release: bool = True) -> None:
    page.page.mouse.move(*page.at(HEADER, *VIEW.weights[1]))
    page.page.mouse.down()
    page.page.mouse.move(*page.at(HEADER, to[0] + 0.2, to[1]), steps=3)
    page.page.mouse.move(*page.at(HEADER, *to), steps=2)
    if release:
        page.page.mouse.up()


def slide_margin(page: Any) -> None:
    """Take the margin's slider from 22.5 to 60 degrees, and hold it there."""
    page.page.evaluate(SLIDER, ["contours-param-margin", 0, 90, 22.5])
    page.page.evaluate(PRESS)
    page.settle()
    page.page.evaluate("document.querySelector('input').value = 60")
    wait_alone(page, 0)


def test_a_dragged_weight_is_drawn_without_the_server(opened: Any) -> None:
    page = opened()
    before = picture(page)
    drag(page, (1.0, 1.5), release=False)
    wait_alone(page, 0)
    assert page.triggers("drag") == []
    page.page.mouse.up()
    still(page)
    mine = [picture(page, i) for i in range(3)]
    assert agree(mine[0], before) < 0.9
    # Only the release was told.
    (told,) = page.triggers("drag")
    assert told["done"] is True
    moved = replace(VIEW, weights=(VIEW.weights[0], (told["x"], told["y"]), VIEW.weights[2]))
    page.send_bytes(encoded(moved, 2, echo=told["id"]), 2)
    still(page)
    for i in range(3):
        assert agree(mine[i], picture(page, i)) > 0.97


def test_escape_brings_the_picture_back(opened: Any) -> None:
    page = opened()
    before = picture(page)
    drag(page, (1.0, 1.5), release=False)
    wait_alone(page, 0)
    page.page.keyboard.press("Escape")
    page.page.mouse.up()
    still(page)
    assert agree(picture(page), before) > 0.999
    assert page.triggers("drag") == []


def test_a_slider_that_is_dragged_is_followed(opened: Any) -> None:
    page = opened()
    before = picture(page, 0), picture(page, 1)
    slide_margin(page)
    page.page.evaluate("document.dispatchEvent(new PointerEvent('pointerup'))")
    still(page)
    assert agree(picture(page, 0), before[0]) < 0.97
    assert page.page.locator(".lv-note").first.text_content() == "s = 16, m = 60°"
    after = picture(page, 0)
    angle = float(np.radians(60))
    page.send_bytes(encoded(VIEW.with_param("margin", angle), 2), 2)
    still(page)
    assert agree(picture(page, 0), after) > 0.97


def test_a_late_picture_of_the_old_place_does_not_flash_up(opened: Any) -> None:
    page = opened()
    slide_margin(page)
    page.send_bytes(encoded(VIEW.with_param("margin", float(np.radians(30))), 2), 2)
    assert page.page.locator(".lv-note").first.text_content() == "s = 16, m = 60°"


def test_a_panel_without_code_leaves_the_drawing_to_the_server_and_says_so(
    opened: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(frames, "program", lambda panel: None)
    page = opened()
    assert all("drawn by the server" in note for note in page.page.locator(".lv-note").all_inner_texts())
    drag(page, (1.0, 1.5), release=False)
    page.wait_triggers("drag", 1)
    page.settle()
    assert alone(page) == 0
    assert page.triggers("drag")[0]["done"] is False


def test_where_code_from_text_is_forbidden_the_functions_come_as_a_module(component_page: Any) -> None:
    """As `python -m lossviz programs` writes one: the default export holds functions by id."""
    header, _ = read(encoded(VIEW, 1))
    functions = ",".join(f'"{id}": {source}' for id, source in header["programs"].items())
    page = component_page()
    page.page.route(
        "**/pack.js",
        lambda route: route.fulfill(body=f"export default {{{functions}}};", content_type="text/javascript"),
    )
    page.page.evaluate(
        """() => {
          const policy = document.createElement("meta");
          policy.httpEquiv = "Content-Security-Policy";
          policy.content = "script-src 'unsafe-inline' blob: http://lossviz.test";
          document.head.append(policy);
        }"""
    )
    # What a test evaluates is exempt from the policy, and what it sets off is not.
    compiles = "try { new Function('1'); done(true); } catch { done(false); }"
    assert not page.page.evaluate(f"() => new Promise((done) => setTimeout(() => {{ {compiles} }}))")
    with page.page.expect_response("**/pack.js"):
        page.send_bytes(with_header(encoded(VIEW, 1), programs={}, modules=["/pack.js"]), 1)
    drag(page, (1.0, 1.5), release=False)
    wait_alone(page, 0)
