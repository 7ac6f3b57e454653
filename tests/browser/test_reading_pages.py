"""The reading pages in a real browser, over small runs really trained."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from lossviz.runs import Run
from tests.browser.live_page import query_of


@pytest.fixture(scope="module")
def runs(finished: Callable[..., Run]) -> list[Run]:
    """Two runs on the digits, finished."""
    return [finished(loss=loss, dimension=8) for loss in ("soft-u", "bce-nu")]


@pytest.fixture
def visit(page: Any, app_url: str) -> Any:
    """A function that opens a page by its name."""

    def open_page(name: str, **query: str) -> Any:
        page.goto(f"{app_url}/{name}?{'&'.join(f'{key}={value}' for key, value in query.items())}")
        return page

    return open_page


def ids(runs: list[Run]) -> str:
    return ",".join(run.id for run in runs)


def test_a_threshold_is_dragged_at_once_and_named_in_the_link_and_back_undoes_it(
    visit: Any, runs: list[Run]
) -> None:
    page = visit("uniform", runs=ids(runs), common="yes")
    root, handle = page.locator(".lv-threshold[data-frame]"), page.get_by_role("slider", name="Threshold")
    root.wait_for()
    page.get_by_text("One threshold for all samples in place").wait_for()
    opened = root.get_attribute("data-t")
    from playwright.sync_api import expect

    frame, counts = root.get_attribute("data-frame"), page.locator(".lv-counts tbody")
    before = counts.text_content()
    plane, at = page.locator(".lv-plane").bounding_box(), handle.bounding_box()
    page.mouse.move(at["x"] + at["width"] / 2, plane["y"] + 60)
    page.mouse.down()
    page.mouse.move(plane["x"] + 4, plane["y"] + 60, steps=4)
    expect(counts).not_to_have_text(before)
    # The picture answered without a new frame, and the link waits.
    assert root.get_attribute("data-frame") == frame
    assert "t" not in query_of(page.url)
    page.mouse.up()
    page.wait_for_url("**t=*")
    moved = float(root.get_attribute("data-t"))
    assert float(query_of(page.url)["t"]) == moved
    assert moved < float(opened)
    page.go_back()
    page.locator(f".lv-threshold[data-t='{opened}']").wait_for()
    assert "t" not in query_of(page.url)
    # What the link says is what the page opens with.
    visit("uniform", runs=ids(runs), t=f"{moved!r}")
    page.locator(f".lv-threshold[data-t='{moved!r}']").wait_for()


def test_a_point_shows_its_image_and_t_sne_comes_while_the_page_is_used(visit: Any, runs: list[Run]) -> None:
    page = visit("embeddings", runs=ids(runs), method="tsne", perplexity="5")
    page.locator(".lv-scatter[data-frame]").wait_for()
    page.get_by_text("Silhouette of each class").wait_for()
    plane, notes = page.locator(".lv-plane"), page.locator(".lv-note")
    assert "PCA" in notes.nth(0).inner_text()
    plane.nth(0).focus()
    page.keyboard.press("ArrowRight")  # the first key goes to the point in the middle
    tip = page.locator(".lv-tip.pictured")
    tip.wait_for()
    assert "label " in tip.inner_text()
    assert page.locator(".lv-peek").evaluate("(c) => [c.width, c.height]") == [8, 8]
    page.keyboard.press("Enter")
    card = page.locator(".lv-card:not(.waiting)")
    card.wait_for()
    assert "test image" in card.inner_text()
    # The projection is asked for; the page listens meanwhile and shows it when it has come.
    page.get_by_role("button", name="Make t-SNE").click()
    page.get_by_role("button", name="Cancel").wait_for()
    page.get_by_text("3-D", exact=True).click()
    page.wait_for_url("**solid=yes*")
    page.get_by_text("3-D", exact=True).click()
    page.wait_for_url(lambda url: "solid" not in url)
    for n in range(len(runs)):
        notes.nth(n).filter(has_text="t-SNE, perplexity 5").wait_for()
    page.get_by_role("button", name="Cancel").wait_for(state="hidden")


def test_angles_say_their_numbers_in_words_and_keep_what_is_chosen_in_the_link(
    visit: Any, runs: list[Run]
) -> None:
    page = visit("angles", runs=ids(runs))
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    heard = page.locator("p.heard").first
    heard.wait_for(state="attached")
    assert re.search(r"the median angle is \d+\.\d° to the own class weight", heard.text_content())
    # What is shown of the plane alone is not offered.
    page.get_by_role("combobox", name="Show").click()
    offered = page.get_by_role("option").all_inner_texts()
    assert "Each class, flat" in offered
    assert "On the circle" not in offered
    page.get_by_role("option", name="Each class, flat").click()
    page.wait_for_url("**section=flat*")
    page.get_by_text("Dotted: to the nearest other.").wait_for()
    page.go_back()
    page.get_by_text("the wider apart, the safer").wait_for()
    assert "section" not in query_of(page.url)
