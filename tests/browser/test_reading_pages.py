"""The reading pages in a real browser, over small runs really trained."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from lossviz.runs import Run
from lossviz.runs.worker import Worker
from lossviz.training.config import RunConfig
from tests.browser.live_page import Server

PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def runs(server: Server) -> list[Run]:
    """Two runs on the digits, finished."""
    configs = [
        RunConfig(loss=loss, dimension=8, epochs=2, train_images=300, batch=64, points=100, device="cpu")
        for loss in ("soft-u", "bce-nu")
    ]
    made = [server.store.create(config) for config in configs]
    for run in made:
        assert Worker(run).work() == "finished"
    return made


@pytest.fixture
def visit(desk: Any, app_url: str) -> Iterator[Any]:
    """A function that opens a page by its name; afterwards there was no error in the browser."""
    page, errors = desk.new_page(), list[str]()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_default_timeout(PATIENCE_MS)

    def open_page(name: str, **query: str) -> Any:
        page.goto(f"{app_url}/{name}?{'&'.join(f'{key}={value}' for key, value in query.items())}")
        return page

    yield open_page
    assert errors == []


def ids(runs: list[Run]) -> str:
    return ",".join(run.id for run in runs)


def query(page: Any) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def test_a_threshold_is_dragged_at_once_and_named_in_the_link_once_it_rests(
    visit: Any, runs: list[Run]
) -> None:
    page = visit("uniform", runs=ids(runs), common="yes")
    root, handle = page.locator(".lv-threshold[data-frame]"), page.get_by_role("slider", name="Threshold")
    root.wait_for()
    page.get_by_text("One threshold for all samples in place").wait_for()
    opened = float(root.get_attribute("data-t"))
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
    assert "t" not in query(page)
    page.mouse.up()
    page.wait_for_url("**t=*")
    moved = float(root.get_attribute("data-t"))
    assert float(query(page)["t"]) == moved
    assert moved < opened
    # What the link says is what the page opens with; back undoes the move.
    other = visit("uniform", runs=ids(runs), t=query(page)["t"])
    other.locator(f".lv-threshold[data-t='{root.get_attribute('data-t')}']").wait_for()


def test_back_undoes_a_moved_threshold(visit: Any, runs: list[Run]) -> None:
    page = visit("uniform", runs=ids(runs), common="yes")
    root = page.locator(".lv-threshold[data-frame]")
    root.wait_for()
    page.get_by_text("One threshold for all samples in place").wait_for()
    opened = root.get_attribute("data-t")
    page.get_by_role("slider", name="Threshold").focus()
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_url("**t=*")
    assert root.get_attribute("data-t") != opened
    page.go_back()
    page.locator(f".lv-threshold[data-t='{opened}']").wait_for()
    assert "t" not in query(page)


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
        notes.nth(n).filter(has_text="t-SNE, perplexity 5").wait_for(timeout=120_000)
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
    assert "section" not in query(page)


def test_angles_do_not_scroll_sideways_on_a_phone(visit: Any, runs: list[Run]) -> None:
    page = visit("angles", runs=ids(runs))
    page.set_viewport_size({"width": 390, "height": 844})
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    page.get_by_text("Each class in numbers").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
