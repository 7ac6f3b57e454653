"""An animated page in a real browser: it answers itself, under its own policy."""

import numpy as np
import pytest

from lossviz.figures import animation
from tests.browser.component.embeddings import panel, timeline

expect = pytest.importorskip("playwright.sync_api").expect


def test_a_page_plays_scrubs_and_shows_a_picked_image(browser, tmp_path):
    features = np.array([[5.0, 0.0], [-5.0, 0.0]], "f4")
    labels, predictions = np.array([0, 1]), np.array([0, 2])
    time = timeline(0, 16)
    frames = [
        [panel(features=features, labels=labels, predictions=predictions, note=f"step {step}")]
        for step in time.steps
    ]
    images = np.stack([np.full((4, 4), 40, np.uint8), np.full((4, 4), 90, np.uint8)])
    file = tmp_path / "run.html"
    file.write_text(animation.page("A run", frames, time, images=images), encoding="utf-8")
    page = browser.new_page()
    errors = []
    asked = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    note, play = page.locator(".lv-note"), page.locator(".lv-play")
    assert page.locator(".lv-now").inner_text() == "epoch 1.5 · step 75"  # opens at the end
    page.locator(".lv-range").focus()
    page.keyboard.press("ArrowLeft")
    expect(note).to_have_text("step 70")
    page.locator(".lv-range").press("End")
    expect(note).to_have_text("step 75")
    page.evaluate(
        """() => { window.seen = []; const note = document.querySelector('.lv-note');
           new MutationObserver(() => window.seen.push(note.textContent))
             .observe(note, { childList: true, characterData: true, subtree: true }); }"""
    )
    play.click()
    page.wait_for_function("count => window.seen.length === count", arg=len(frames))
    expect(play).to_have_attribute("aria-label", "Play")
    assert page.evaluate("window.seen") == [f"step {step}" for step in time.steps]
    box = page.locator(".lv-plane").bounding_box()
    page.mouse.click(box["x"] + 0.25 * box["width"], box["y"] + 0.5 * box["height"])
    page.wait_for_selector(".lv-image:visible")
    assert "predicted eel, wrong" in page.locator(".lv-card").inner_text()
    pixel = "document.querySelector('.lv-image').getContext('2d').getImageData(0, 0, 1, 1).data[0]"
    assert page.evaluate(pixel) == 90
    assert (errors, asked) == ([], [file.as_uri()])
    page.close()
