"""The opening angle in the contour component: measured by the browser as Python measures it, and moved."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from lossviz.pages.contours import valleys
from lossviz.pages.contours.ui import controls
from lossviz.pages.contours.view import ContourView
from tests.browser.component.frames import scene
from tests.browser.component.test_contours_alone import (
    HEADER,
    PRESS,
    SLIDER,
    alone,
    encoded,
    opened,
    wait_alone,
)

__all__ = ["opened"]
VIEW = ContourView(losses=("arcface", "soft-d", "weighted-ce"))


def said(page: Any) -> list[str]:
    """The angles that stand in the panels."""
    return page.page.locator(".lv-opening").all_inner_texts()


def expected(view: ContourView) -> list[str]:
    return [valleys.of_loss(view, spec).text for spec in view.specs()]


def hold_circle(page: Any, view: ContourView, radius: float) -> None:
    """Drag the dot of the circle outwards or inwards, without letting go."""
    at = [f * view.circle * math.sqrt(0.5) for f in (1, -1)]
    to = [f * radius * math.sqrt(0.5) for f in (1, -1)]
    page.page.mouse.move(*page.at(HEADER, *at))
    page.page.mouse.down()
    page.page.mouse.move(*page.at(HEADER, to[0] + 0.3, to[1] - 0.3), steps=3)
    page.page.mouse.move(*page.at(HEADER, *to), steps=2)


def test_each_panel_says_its_opening(opened: Any) -> None:
    assert said(opened(VIEW)) == expected(VIEW)
    assert len(set(expected(VIEW))) == 3


def test_without_the_opening_nothing_of_it_is_shown(opened: Any) -> None:
    page = opened(replace(VIEW, opening=False))
    assert not "".join(said(page))
    assert page.page.locator("[data-handle^=circle]").count() == 0
    assert "opening" not in page.page.locator(".lv-legend").inner_text()


@pytest.mark.parametrize(
    ("link", "ends", "value", "moved"),
    [
        ("param-margin", (0, 90, 22.5), 60, {"params": {"margin": math.radians(60)}}),
        ("param-weight", (1, 40, 4), 10.75, {"params": {"weight": 10.75}}),
        ("radius", None, 1.5, {"radius": 1.5}),
        ("level", None, 0.5, {"level": 0.5}),
    ],
)
def test_the_angles_follow_a_slider_while_it_is_dragged(
    opened: Any, link: str, ends: Any, value: float, moved: dict[str, Any]
) -> None:
    page = opened(VIEW)
    if ends is None:
        stops = next(each["values"] for each in controls.sliders(VIEW) if each["link"] == link)
        ends = (0, len(stops) - 1, stops.index({"radius": VIEW.circle, "level": VIEW.edge}[link]))
        value = stops.index(value)
    page.page.evaluate(SLIDER, [f"contours-{link}", *ends])
    # Stops are whole numbers, weights any: the place of the slider is what is asked for.
    page.page.evaluate("v => { document.querySelector('input').step = 'any'; }", value)
    page.page.evaluate(PRESS)
    page.settle()
    page.page.evaluate("v => { document.querySelector('input').value = v; }", value)
    wait_alone(page, 0)
    assert said(page) == expected(replace(VIEW, **moved))
    assert page.triggers("drag") == []


def test_the_circle_is_dragged_by_its_dot_and_told_when_it_is_let_go(opened: Any) -> None:
    page = opened(VIEW)
    hold_circle(page, VIEW, 1.5)
    wait_alone(page, 0)
    page.settle()
    assert page.triggers("drag") == []
    held = said(page)
    page.page.mouse.up()
    (told,) = page.triggers("drag")
    assert (told["kind"], told["done"]) == ("circle", True)
    after = VIEW.with_dragged("circle", 0, (told["x"], told["y"]))
    assert after.circle == pytest.approx(1.5, abs=0.05)
    assert held[0] == expected(VIEW)[0]  # ArcFace: on every circle alike
    assert held[1] != expected(VIEW)[1]
    assert held == expected(after)
    page.send_bytes(encoded(after, 2, echo=told["id"]), 2)
    assert said(page) == expected(after)


def test_keys_make_the_circle_larger_and_smaller(opened: Any) -> None:
    page = opened(VIEW)
    page.page.locator("[data-handle^=circle]").first.focus()
    for key, sign in (("ArrowUp", 1), ("ArrowRight", 1), ("ArrowDown", -1), ("ArrowLeft", -1)):
        before = len(page.triggers("drag"))
        page.page.keyboard.press(key)
        page.wait_triggers("drag", before + 1)
        told = page.triggers("drag")[-1]
        now = VIEW.with_dragged("circle", 0, (told["x"], told["y"])).circle
        page.send_bytes(encoded(VIEW, 2 + before, echo=told["id"]), 2 + before)
        assert (now - VIEW.circle) * sign > 0.05


def test_the_servers_arcs_are_shown_where_the_browser_has_no_code(opened: Any, monkeypatch: Any) -> None:
    from lossviz.ui.components.contours import frames

    monkeypatch.setattr(frames, "program", lambda panel: None)
    assert said(opened(VIEW)) == expected(VIEW)


def test_line_and_arc_are_drawn_where_the_loss_is_the_level(component_page: Any) -> None:
    """Over the height z₁ the level 0.5 is an upright line, and lower on the left of the circle."""
    header, grids = scene(1, weights=[], circle={"radius": 1.0, "level": 0.5}, extent=[-2.0, 2.0, -2.0, 2.0])
    ny, nx = grids.shape[1:]
    grids[0] = [[-2 + 4 * i / (nx - 1) for i in range(nx)] for _ in range(ny)]
    header["panels"][0] |= {"opening": [[math.pi / 3, 5 * math.pi / 3]], "levels": [-2.0, 2.0], "ticks": []}
    view = component_page().send(header, grids)
    plain = view.colour(header, -1.4, 1.7)
    edge = view.colour(header, 0.5, 1.7)
    assert edge != plain
    assert edge[0] > edge[1] + 60  # of the colour of edges
    on_arc, off_arc, beside = (view.pixel(*view.at(header, x, 0), "over") for x in (-1, 1, -0.6))
    assert on_arc[0] > on_arc[1] + 60
    assert abs(off_arc[0] - off_arc[1]) < 30
    assert off_arc[3] > 100
    assert beside[3] == 0
    assert view.page.locator(".lv-opening").inner_text() == "240.0°"


def test_short_weights_in_a_large_plane_are_drawn_longer_and_told_as_they_are(opened: Any) -> None:
    view = replace(VIEW, reach=80.0)
    page = opened(view)
    header = {"extent": list(view.extent)}
    legend = page.page.locator(".lv-legend").inner_text()
    assert "all are drawn 20 times as long" in " ".join(legend.split())
    page.page.mouse.move(*page.at(header, 0.0, 20.0))
    page.page.mouse.down()
    page.page.mouse.move(*page.at(header, 20.0, 25.0), steps=3)
    page.page.mouse.move(*page.at(header, 20.0, 30.0), steps=2)
    page.page.mouse.up()
    wait_alone(page, 0)
    (told,) = page.triggers("drag")
    assert (told["kind"], told["index"]) == ("weight", 0)
    assert (told["x"], told["y"]) == pytest.approx((1.0, 1.5), abs=0.05)
    assert alone(page) > 0
