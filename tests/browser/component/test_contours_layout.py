"""Sizes and places of the contour component's panels, in a real browser."""

import itertools

import numpy as np
import pytest

from tests.browser.component.frames import scene


def test_a_phone_shows_one_panel_and_the_edge_of_the_next_without_sideways_scrolling(component_page):
    """The picture takes less than half of the window: a slider has room below it."""
    header, grids = scene(3, columns=3, bar="panel")
    view = component_page(width=390, height=844).send(header, grids)
    boxes = [view.plane_box(i) for i in range(3)]
    assert len({box["y"] for box in boxes}) == 1
    assert boxes[0]["x"] + boxes[0]["width"] < boxes[1]["x"] < 378
    assert view.page.locator(".lv-contours").bounding_box()["height"] < 844 / 2
    assert view.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_on_a_phone_page_down_brings_the_next_panel_into_sight(component_page):
    header, grids = scene(3, columns=3, bar="panel")
    view = component_page(width=390, height=844).send(header, grids)
    view.page.locator(".lv-plane").first.focus()
    view.page.keyboard.press("PageDown")
    view.page.wait_for_function(
        """() => { const planes = window.shadow('contours').querySelectorAll('.lv-plane');
                   const { left, right } = planes[1].getBoundingClientRect();
                   return left >= 0 && right <= 390; }"""
    )
    assert view.js("return root.activeElement === root.querySelectorAll('.lv-plane')[1]")


def test_on_a_window_as_wide_as_a_wall_texts_grow(component_page):
    size = "return parseFloat(getComputedStyle(root.querySelector('.lv-title')).fontSize)"
    view = component_page(width=1920, height=1080).send(*scene(2))
    desk = view.js(size)
    view.page.set_viewport_size({"width": 2560, "height": 1440})
    view.page.wait_for_function(
        "desk => parseFloat(getComputedStyle(window.shadow('contours').querySelector('.lv-title')).fontSize)"
        " > 1.25 * desk",
        arg=desk,
    )


def push_down(view, pixels):
    """What a page has above its picture."""
    view.page.evaluate(
        """px => { const above = document.createElement('div'); above.style.height = `${px}px`;
                   document.body.prepend(above); }""",
        pixels,
    )


@pytest.mark.parametrize(("width", "columns"), [(1366, "4"), (800, "3")])
def test_the_asked_columns_are_kept_unless_planes_would_be_tiny(component_page, width, columns):
    view = component_page(width=width, height=768).send(*scene(12, columns=4, bar="panel"))
    assert view.js("return root.querySelector('.lv-contours').dataset.columns") == columns


def test_scrolling_does_not_change_the_picture(component_page):
    header, grids = scene(4, columns=2)
    view = component_page(width=900, height=768)
    push_down(view, 80)
    view.page.evaluate("document.body.style.minHeight = '3000px'")
    view.send(header, grids)
    before = view.plane_box()["width"]
    for frame, top in [(2, 60), (3, 700)]:
        view.page.evaluate("top => window.scrollTo(0, top)", top)
        view.send({**header, "frame": frame}, grids)
        assert view.plane_box()["width"] == before


def test_long_titles_are_never_cut(component_page):
    """Twelve panels at the width they have on a laptop; their titles differ in the last word."""
    header, grids = scene(12, columns=4, bar="panel")
    for i, entry in enumerate(header["panels"]):
        entry.update(
            title=f"Normalised softmax, {['diverse', 'unified', 'no'][i % 3]} bias",
            note="s = 8, b = (1, −1, 0)",
        )
    view = component_page(width=938, height=768).send(header, grids)
    cut = """const cut = (e) => e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight + 2;
             const texts = [...root.querySelectorAll('.lv-title, .lv-note')];
             return texts.filter(cut).map((e) => e.textContent);"""
    assert view.js(cut) == []
    header["panels"][5]["title"] = "Normalised softmax with a different bias for every class"
    view.send({**header, "frame": 2}, grids)
    assert view.js(cut) == []
    boxes = [view.page.locator(".lv-title").nth(i).bounding_box() for i in range(4)]
    assert all(a["x"] + a["width"] < b["x"] for a, b in itertools.pairwise(boxes))


def test_all_planes_have_one_size_and_an_equal_aspect(component_page):
    header, grids = scene(5, extent=[-3.0, 3.0, -1.0, 2.0])
    view = component_page(width=1200).send(header, grids)
    sizes = {(view.plane_box(i)["width"], view.plane_box(i)["height"]) for i in range(5)}
    assert len(sizes) == 1
    width, height = sizes.pop()
    assert width / height == pytest.approx(6 / 3, rel=0.02)


def test_a_resized_window_is_followed(component_page):
    header, grids = scene(3, columns=3)
    view = component_page(width=1200).send(header, grids)
    view.page.set_viewport_size({"width": 420, "height": 800})
    view.page.wait_for_function(
        "window.shadow('contours').querySelector('.lv-contours').classList.contains('narrow')"
    )
    assert view.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_canvases_have_a_pixel_for_each_device_pixel(component_page):
    header, grids = scene(1)
    view = component_page(scale=2).send(header, grids)
    assert (
        view.js("const c = root.querySelector('.lv-base'); return c.width / c.getBoundingClientRect().width")
        == 2
    )


def test_a_draft_is_refined_when_nothing_more_arrives(drafts_stay, component_page):
    """31 panels at three device pixels a CSS pixel exceed any budget."""
    header, grids = scene(31, nx=40, ny=40, columns=4)
    view = component_page(width=1300, scale=3).send(header, grids)
    quality = "return root.querySelector('.lv-contours').dataset.quality"
    assert view.js(quality) == "draft"
    draft = view.colour(header, 0.3, 1.3, 5)
    view.page.wait_for_function(
        "window.shadow('contours').querySelector('.lv-contours').dataset.quality === 'full'"
    )
    assert np.abs(np.subtract(draft, view.colour(header, 0.3, 1.3, 5))).max() < 80


def test_presentation_mode_enlarges_texts(component_page):
    header, grids = scene(2)
    size = "return parseFloat(getComputedStyle(root.querySelector('.lv-title')).fontSize)"
    view = component_page(width=1300).send(header, grids)
    normal = view.js(size)
    view.send({**header, "frame": 2, "presentation": True}, grids)
    assert view.js(size) > 1.25 * normal
