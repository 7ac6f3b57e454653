"""Picking points and moving through time: what the scatter asks for, by pointer and by keys."""

import numpy as np
import pytest

from lossviz.figures.scatter import Picked
from tests.browser.component.conftest import TIMES
from tests.browser.component.embeddings import FEATURES, at, frame, panel, timeline


def slider(view):
    return view.page.locator(".lv-range")


# ------------------------------------------------------------------ points


def test_pointing_at_a_point_shows_its_number_label_and_prediction(scatter):
    losses = np.array([0.1, 0.2, 0.3, 1.25])
    view = scatter(frame(panels=[panel(losses=losses)]))
    view.page.mouse.move(*at(view, FEATURES[3]))
    view.settle()
    tip = view.page.locator(".lv-tip")
    assert tip.inner_text() == "point 3: label dog, predicted eel, wrong, loss 1.25"
    view.send_bytes(frame(2, panels=[panel(losses=losses, numbers=np.array([7, 8, 9, 4271]))]), 2)
    view.page.mouse.move(*at(view, FEATURES[3]))
    view.settle()
    assert tip.inner_text() == "test image 4,271: label dog, predicted eel, wrong, loss 1.25"
    view.page.mouse.move(*at(view, (-8, 8)))
    view.settle()
    assert not tip.is_visible()


def test_a_point_is_ringed_in_every_panel_that_shows_the_same_image(scatter):
    other = panel("c", labels=np.array([2, 1, 2, 1]))
    view = scatter(frame(panels=[panel("a"), panel("b", features=FEATURES / 2), other]))
    view.page.mouse.move(*at(view, FEATURES[0]))
    view.settle()
    assert [bool(view.canvas("over", i).any()) for i in range(3)] == [True, True, False]


def test_a_click_picks_and_the_answer_s_image_is_shown_pixel_by_pixel(scatter):
    view = scatter(frame(panels=[panel("a"), panel("b")]))
    view.page.mouse.click(*at(view, FEATURES[3], 1))
    assert view.triggers("pick") == [{"panel": 1, "index": 3, "id": 1}]
    card = view.page.locator(".lv-card")
    assert "label dog" in card.inner_text()  # known before the answer
    image = np.array([[0, 50], [100, 255]], dtype=np.uint8)
    picked = Picked(1, 3, ["test image 77", "loss 0.5"], image)
    view.send_bytes(frame(2, [panel("a"), panel("b")], echo=1, picked=picked), 2)
    assert "test image 77" in card.inner_text()
    shown = view.js(
        """const c = root.querySelector('.lv-image'), b = c.getBoundingClientRect();
           return [[...c.getContext('2d').getImageData(0, 0, 2, 2).data].filter((_, i) => i % 4 === 0),
             b.width, getComputedStyle(c).imageRendering];"""
    )
    assert shown == [[0, 50, 100, 255], 112, "pixelated"]


def test_a_picked_card_stays_over_frames_and_escape_closes_it(scatter):
    view = scatter(frame())
    view.page.mouse.click(*at(view, FEATURES[0]))
    view.send_bytes(frame(2, echo=1, picked=Picked(0, 0, ["image 5"])), 2)
    view.send_bytes(frame(3, echo=1, picked=Picked(0, 0, ["image 5"])), 3)
    card = view.page.locator(".lv-card")
    assert card.is_visible()
    view.page.keyboard.press("Escape")
    assert not card.is_visible()
    assert view.triggers("pick")[-1] == {"panel": None, "index": None, "id": 2}
    view.send_bytes(frame(4, echo=1, picked=Picked(0, 0, ["image 5"])), 4)
    assert not card.is_visible()  # the server has not heard of it yet


def test_arrow_keys_go_from_point_to_point_and_enter_picks(scatter):
    view = scatter(frame())
    view.page.locator(".lv-plane").focus()
    view.page.keyboard.press("ArrowLeft")  # the first key: the point nearest to the middle
    view.page.keyboard.press("ArrowLeft")
    view.page.keyboard.press("Enter")
    assert view.triggers("pick")[-1]["index"] == 1


def test_a_drag_is_no_pick(scatter):
    view = scatter(frame())
    x, y = at(view, FEATURES[0])
    view.page.mouse.move(x, y)
    view.page.mouse.down()
    view.page.mouse.move(x + 30, y + 10, steps=3)
    view.settle()  # the point has followed the pointer
    view.page.mouse.up()
    assert view.triggers() == []


def test_a_picture_only_to_look_at_asks_for_nothing(scatter):
    view = scatter(frame(interactive=False))
    view.page.mouse.click(*at(view, FEATURES[0]))
    assert view.triggers() == []
    assert view.page.locator(".lv-plane").get_attribute("tabindex") is None


# ------------------------------------------------------------------ time


def test_the_slider_tells_epoch_and_step_and_asks_for_the_frame(scatter):
    view = scatter(frame(time=timeline(4)))
    assert slider(view).get_attribute("aria-valuetext") == "epoch 0.4 · step 20"
    slider(view).focus()
    view.page.keyboard.press("ArrowRight")
    assert view.triggers("seek") == [{"index": 5, "playing": False, "live": False, "id": 1}]
    assert view.page.locator(".lv-now").inner_text() == "epoch 0.5 · step 25"


def test_one_request_is_under_way_and_the_newest_wish_follows(scatter):
    view = scatter(frame(time=timeline(4)))
    slider(view).focus()
    for _ in range(3):
        view.page.keyboard.press("ArrowRight")
    assert [s["index"] for s in view.triggers("seek")] == [5]
    view.send_bytes(frame(2, time=timeline(5), echo=1), 2)
    assert [s["index"] for s in view.triggers("seek")] == [5, 7]
    assert slider(view).input_value() == "7"  # a frame on the way does not pull the slider back


def test_playing_asks_for_the_next_frame_only_after_the_last_is_painted(scatter):
    view = scatter(frame(time=timeline(4)))
    view.page.keyboard.press("Tab")
    view.page.keyboard.press("Space")  # from the plane
    view.wait_triggers("seek", 1)
    view.pass_time(250)  # in which no other is asked for
    first = view.triggers("seek")
    assert [(s["index"], s["playing"]) for s in first] == [(4, True)]
    view.send_bytes(frame(2, time=timeline(4, playing=True), echo=1), 2)
    sent = view.page.evaluate("performance.getEntriesByName('lossviz-painted-2')[0].startTime")
    view.wait_triggers("seek", 2)
    assert [s["index"] for s in view.triggers("seek")] == [4, 5]
    assert view.times("seek")[1] - sent >= 80  # at most twelve a second


def test_a_playing_timeline_stops_at_its_end(scatter):
    view = scatter(frame(time=timeline(18, playing=True)))
    view.wait_triggers("seek", 1)
    assert view.triggers("seek")[-1]["index"] == 19
    view.send_bytes(frame(2, time=timeline(19, playing=True), echo=1), 2)
    view.wait_triggers("seek", 2)
    assert view.triggers("seek")[-1] == {"index": 19, "playing": False, "live": False, "id": 2}
    assert view.page.locator(".lv-play").get_attribute("aria-label") == "Play"


def test_home_and_end_jump_and_live_follows_the_run(scatter):
    view = scatter(frame(time=timeline(4, running=True)))
    view.page.locator(".lv-plane").focus()
    view.page.keyboard.press("End")
    view.send_bytes(frame(2, time=timeline(19, running=True), echo=1), 2)
    view.page.locator(".lv-plane").press("Home")
    view.send_bytes(frame(3, time=timeline(0, running=True), echo=2), 3)
    view.page.locator(".lv-follow").click()
    found = [(s["index"], s["live"]) for s in view.triggers("seek")]
    assert found == [(19, False), (0, False), (19, True)]
    view.send_bytes(frame(4, time=timeline(24, 25, running=True, live=True), echo=3), 4)
    assert slider(view).input_value() == "24"
    assert view.page.locator(".lv-follow").get_attribute("aria-pressed") == "true"


def test_live_is_offered_only_for_a_running_run(scatter):
    view = scatter(frame(time=timeline(4)))
    assert not view.page.locator(".lv-follow").is_visible()
    view.send_bytes(frame(2), 2)
    assert not view.page.locator(".lv-timeline").is_visible()


def test_epochs_are_named_where_they_begin(scatter):
    view = scatter(frame(time=timeline(0, 31)))
    names = view.page.locator(".lv-epochs span")
    assert names.all_inner_texts() == ["0", "1", "2", "3"]


# ------------------------------------------------------------------ at rest


@pytest.fixture(autouse=True)
def rest_soon(monkeypatch):
    """A timeline has come to rest sooner than for a visitor."""
    monkeypatch.setitem(TIMES, "REST_MS", 100)


def rests(view):
    return view.triggers("rest")


def test_a_timeline_at_rest_is_told_once_after_the_answer(scatter):
    view = scatter(frame(time=timeline(4)))
    slider(view).focus()
    view.page.keyboard.press("ArrowRight")
    view.pass_time(300)
    assert rests(view) == []  # the frame is not there yet
    view.send_bytes(frame(2, time=timeline(5), echo=1), 2)
    view.wait_triggers("rest", 1)
    view.send_bytes(frame(3, time=timeline(5), echo=1), 3)
    view.pass_time(300)
    assert rests(view) == [{"index": 5, "live": False}]


def test_a_slider_that_is_held_and_a_timeline_that_plays_are_not_at_rest(scatter):
    view = scatter(frame(time=timeline(4)))
    box = slider(view).bounding_box()
    view.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    view.page.mouse.down()
    asked = view.triggers("seek")[-1]
    view.send_bytes(frame(2, time=timeline(asked["index"]), echo=asked["id"]), 2)
    view.pass_time(300)
    assert rests(view) == []
    view.page.mouse.up()
    view.page.wait_for_function("window.triggers('scatter').some(([name]) => name === 'rest')")
    view.page.locator(".lv-play").click()
    asked = view.triggers("seek")[-1]
    assert asked["playing"]
    view.send_bytes(frame(3, time=timeline(asked["index"], playing=True), echo=asked["id"]), 3)
    view.pass_time(300)
    assert len(rests(view)) == 1


def test_a_frame_that_nobody_asked_for_brings_nothing_to_rest(scatter):
    view = scatter(frame(time=timeline(4, running=True, live=True)))
    view.send_bytes(frame(2, time=timeline(5, running=True, live=True)), 2)
    view.pass_time(300)
    assert view.triggers() == []


# ------------------------------------------------------------------ the card and the points it must not cover


def rings_under_the_card(view, card):
    found = 0
    for i, over in enumerate(view.page.locator(".lv-over").all()):
        box = over.bounding_box()
        rows, columns = np.nonzero(view.canvas("over", i)[:, :, 3])
        x, y = box["x"] + columns - card["x"], box["y"] + rows - card["y"]
        found += ((x > 0) & (x < card["width"]) & (y > 0) & (y < card["height"])).sum()
    return found


@pytest.mark.parametrize(("chosen", "index"), [(0, 0), (2, 1), (3, 2), (0, 3), (3, 3)])
def test_the_card_covers_no_ringed_point_of_any_panel(scatter, index, chosen):
    panels = [
        panel(name, features=FEATURES * size) for name, size in zip("abcd", (1, 0.5, -1, 0.1), strict=True)
    ]
    view = scatter(frame(panels=panels), width=938)
    view.page.mouse.click(*at(view, panels[chosen].features[index], chosen))
    image = np.zeros((8, 8), dtype=np.uint8)
    picked = Picked(
        chosen, index, ["9 · recognised", "loss 0.057", "z = (0.52, 0.07)", "test image 263"], image
    )
    view.send_bytes(frame(2, panels, echo=1, picked=picked), 2)
    card = view.page.locator(".lv-card").bounding_box()
    assert rings_under_the_card(view, card) == 0
    box = view.page.locator(".lv-scatter").bounding_box()
    assert box["x"] <= card["x"]
    assert card["x"] + card["width"] <= box["x"] + box["width"]


# ------------------------------------------------------------------ seen before


def seen(position, number, series="race", echo=0, **changes):
    """The frame of a position, which its note names."""
    shown = panel(note=f"frame {position}", **changes)
    return frame(number, [shown], timeline(position, running=True), echo=echo, series=series)


def walked(scatter, **page):
    """A scatter that was shown frames 3, 4 and 5."""
    view = scatter(seen(3, 1), **page)
    for number, position in ((2, 4), (3, 5)):
        view.send_bytes(seen(position, number), number)
    slider(view).focus()
    return view


def note(view):
    view.settle()
    return view.page.locator(".lv-note").inner_text()


def test_a_frame_that_was_shown_is_drawn_again_before_its_answer_comes(scatter):
    view = walked(scatter)
    view.page.keyboard.press("ArrowLeft")
    assert note(view) == "frame 4"
    view.page.keyboard.press("ArrowLeft")
    assert note(view) == "frame 3"
    assert [s["index"] for s in view.triggers("seek")] == [4]  # the server is asked all the same
    view.page.keyboard.press("ArrowLeft")
    assert note(view) == "frame 3"  # frame 2 was never shown


def test_the_answer_to_an_earlier_wish_does_not_take_the_picture_back(scatter):
    view = walked(scatter)
    for _ in range(2):
        view.page.keyboard.press("ArrowLeft")
    view.send_bytes(seen(4, 4, echo=1), 4)
    assert note(view) == "frame 3"
    view.send_bytes(seen(3, 5, echo=2, title="the answer"), 5)
    assert view.page.locator(".lv-title").inner_text() == "the answer"


def test_a_frame_drawn_again_says_how_its_run_stands_now(scatter):
    view = scatter(seen(3, 1))
    view.send_bytes(seen(4, 2, state="paused"), 2)
    slider(view).focus()
    view.page.keyboard.press("ArrowLeft")
    assert (note(view), view.page.locator(".lv-state").inner_text()) == ("frame 3", "paused")


def test_a_picture_that_is_taken_away_and_put_up_anew_keeps_its_zoom(scatter):
    view = scatter(frame(1, [panel()]))
    view.page.get_by_role("button", name="Zoom in").click()
    view.page.locator(".lv-plane.zoomed").wait_for()
    view.page.evaluate("window.cleanups('scatter').at(-1)()")
    assert view.page.locator(".lv-scatter").count() == 0
    view.page.evaluate(
        "v => { document.querySelector('#scatter').remove(); return window.mount('scatter', v); }", {}
    )
    view.send_bytes(frame(2, [panel()]), 2)
    view.page.locator(".lv-plane.zoomed").wait_for()
