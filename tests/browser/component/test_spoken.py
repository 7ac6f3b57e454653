"""What a screen reader is told: names, values after a visitor's own keys, and silence while a run trains."""

import numpy as np

from lossviz.ui.components.curves import Chart, Line, encode
from tests.browser.component.embeddings import frame, panel, timeline
from tests.browser.component.test_threshold import threshold  # noqa: F401

SAID = "n => window.shadow(n).querySelector('.lv-speech')?.textContent"


def said(view, words: str) -> None:
    """Waits until just this was said."""
    view.page.wait_for_function(f"([n, words]) => ({SAID})(n) === words", arg=[view.name, words])


def two_charts():
    x = np.array([0.0, 1.0, 2.0])
    accuracy = Chart("Accuracy", [Line("ArcFace", x, np.array([0.5, 0.75, 0.9]), "#c02020")], "%")
    return [Chart("Loss", [Line("ArcFace", x, np.array([4.0, 2.0, 1.0]), "#c02020")]), accuracy]


def test_every_curve_is_a_stop_and_keys_say_its_own_values(component_page):
    view = component_page("curves").send_bytes(encode(two_charts(), frame=1), 1)
    view.page.keyboard.press("Tab")
    view.page.keyboard.press("Tab")
    view.page.keyboard.press("Home")
    said(view, "Accuracy. ArcFace: 50.0 % at epoch 0")
    view.page.keyboard.press("End")
    said(view, "Accuracy. ArcFace: 90.0 % at epoch 2")


def test_a_frame_of_a_run_says_nothing_and_its_output_is_no_live_region(component_page):
    view = component_page("scatter").send_bytes(frame(time=timeline(live=True, running=True)), 1)
    live = "return [...root.querySelectorAll('output, [role=status], [aria-live]')]"
    kinds = view.js(f"{live}.map((e) => [e.className, e.getAttribute('aria-live')])")
    assert ["lv-now", "off"] in kinds
    view.send_bytes(frame(2, time=timeline(live=True, running=True)), 2)
    assert view.page.evaluate(SAID, "scatter") is None


def test_arrow_keys_say_the_point_that_they_reach(component_page):
    view = component_page("scatter").send_bytes(frame(panels=[panel(losses=np.full(4, 0.25))]), 1)
    view.page.locator(".lv-plane").focus()
    view.page.keyboard.press("ArrowLeft")
    view.page.wait_for_function(f"n => /^point \\d, label .*, loss 0.25/.test(({SAID})(n))", arg="scatter")


def test_every_button_of_a_picture_says_what_is_written_on_it(component_page):
    view = component_page("scatter").send_bytes(frame(time=timeline(running=True)), 1)
    for button in view.page.locator("button").all():
        written, name = button.inner_text().strip(), button.get_attribute("aria-label")
        assert name, written
        assert written in ("×", "") or written.lower() in name.lower()


def test_a_best_threshold_says_of_which_run_it_is(threshold):  # noqa: F811
    view = threshold()
    names = [button.get_attribute("aria-label") for button in view.page.locator(".lv-jump").all()]
    assert len(set(names)) == len(names)
    assert names[0].endswith(view.page.locator(".lv-jump").first.inner_text())
    assert not names[0].startswith("best")
