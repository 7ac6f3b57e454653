"""Pointing, clicking, dragging and the keyboard on the contour component."""

import pytest

from tests.browser.component.frames import scene

EXTENT = [-2.0, 2.0, -2.0, 2.0]
WEIGHTS = [[0.0, 1.5], [1.0, -0.5], [-1.0, -1.0]]


@pytest.fixture
def opened(component_page):
    """Two interactive panels with weights at known places: (view, header, grids)."""

    def open_scene(panels=2, *, page=None, **changes):
        header, grids = scene(panels, weights=[list(w) for w in WEIGHTS], **changes)
        view = component_page(**(page or {})).send(header, grids)
        return view, header, grids

    return open_scene


def answer(view, header, grids, frame, **changes):
    """The server's next frame."""
    header.update(frame=frame, **changes)
    view.send(header, grids)


def handle(view, name, panel=0):
    return view.page.locator(".lv-panel").nth(panel).locator(f'[data-handle="{name}"]')


def grab(view, header, x, y, panel=0):
    view.page.mouse.move(*view.at(header, x, y, panel))
    view.page.mouse.down()


# ------------------------------------------------------------------ pointing


@pytest.mark.parametrize("point", [(0.3, 0.4), (-1.7, 1.9), (1.25, -1.25)])
def test_hover_announces_the_plane_coordinates_within_a_pixel(opened, point):
    view, header, _ = opened()
    view.page.mouse.move(*view.at(header, *point, 1))
    view.settle()
    probe = view.window_events("lossviz:probe")[-1]
    pixel = 4 / view.plane_box()["width"]
    assert probe["x"] == pytest.approx(point[0], abs=pixel)
    assert probe["y"] == pytest.approx(point[1], abs=pixel)
    assert probe["source"] == "contours-key"


def test_the_cross_hair_shows_the_same_point_in_all_panels(opened):
    view, header, _ = opened(3)
    view.page.mouse.move(*view.at(header, 0.8, 0.7, 1))
    view.settle()
    for i in range(3):
        x, y = view.at(header, 0.8, 0.7, i)
        down = view.page.locator(".lv-down").nth(i).bounding_box()
        across = view.page.locator(".lv-across").nth(i).bounding_box()
        assert down["x"] + down["width"] / 2 == pytest.approx(x, abs=1)
        assert across["y"] + across["height"] / 2 == pytest.approx(y, abs=1)


def test_the_cross_hair_hides_when_the_pointer_leaves(opened):
    view, header, _ = opened()
    view.page.mouse.move(*view.at(header, 0.8, 0.7))
    view.settle()
    assert view.page.locator(".lv-value:visible").count() == 2
    box = view.plane_box()
    for away in [(box["x"] + 50, box["y"] + box["height"] + 8), (5, 690)]:  # onto the axis; off the picture
        view.page.mouse.move(*view.at(header, 0.8, 0.7))
        view.settle()
        view.page.mouse.move(*away)
        view.settle()
        assert view.page.locator(".lv-value:visible").count() == 0


def test_the_cross_hair_stays_after_a_tap_on_another_panel(opened):
    """Focus moves to the other panel then; only a keyboard's cross-hair goes with it."""
    view, header, _ = opened(page={"touch": True})
    for i in (0, 1):
        view.page.touchscreen.tap(*view.at(header, 0.5, 0.5, i))
        view.settle()
    assert view.page.locator(".lv-value:visible").count() == 2


def test_the_value_is_approximate_until_the_exact_one_arrives(opened):
    view, header, grids = opened(1)
    view.page.mouse.move(*view.at(header, 0.8, 0.7))
    view.settle()
    shown = view.page.locator(".lv-value").inner_text()
    probe = view.window_events("lossviz:probe")[-1]
    column = round((probe["x"] + 2) / 4 * 79)
    row = round((probe["y"] + 2) / 4 * 79)
    assert shown.startswith("≈ ")
    assert float(shown[2:]) == pytest.approx(grids[0, row, column], rel=0.05)
    exact = """([x, y]) => window.dispatchEvent(
        new CustomEvent('lossviz:values', {detail: {x, y, values: {loss0: 0.54321}}}))"""
    view.page.evaluate(exact, [probe["x"] + 0.5, probe["y"]])  # of another point
    view.settle()
    assert view.page.locator(".lv-value").inner_text() == shown
    view.page.evaluate(exact, [probe["x"], probe["y"]])
    view.settle()
    assert view.page.locator(".lv-value").inner_text() == "0.543"


def test_an_exact_value_of_an_earlier_picture_is_not_shown(opened):
    view, header, grids = opened(1)
    view.page.mouse.move(*view.at(header, 0.8, 0.7))
    view.settle()
    probe = view.window_events("lossviz:probe")[-1]
    send = "d => window.dispatchEvent(new CustomEvent('lossviz:values', {detail: d}))"
    view.page.evaluate(send, {"x": probe["x"], "y": probe["y"], "values": {"loss0": 0.5}})
    view.settle()
    answer(view, header, grids * 3, 2)
    view.settle()
    assert view.page.locator(".lv-value").inner_text().startswith("≈ ")
    # Values that name the picture they belong to count also when they come first.
    view.page.evaluate(send, {"x": probe["x"], "y": probe["y"], "values": {"loss0": 0.25}, "frame": 3})
    view.settle()
    assert view.page.locator(".lv-value").inner_text().startswith("≈ ")
    answer(view, header, grids, 3)
    view.settle()
    assert view.page.locator(".lv-value").inner_text() == "0.250"


def test_a_click_on_the_plane_asks_for_a_descent_from_there(opened):
    view, header, _ = opened()
    view.page.mouse.click(*view.at(header, 0.5, 0.5, 1))
    (event,) = view.triggers("descend")
    assert event["x"] == pytest.approx(0.5, abs=0.02)
    assert event["y"] == pytest.approx(0.5, abs=0.02)
    assert event["id"] == 1
    assert not view.triggers("drag")


def test_pressing_and_moving_on_the_plane_is_no_click(opened):
    view, header, _ = opened()
    grab(view, header, 0.5, 0.5)
    view.page.mouse.move(*view.at(header, 1.5, 0.5), steps=4)
    view.page.mouse.up()
    assert view.triggers() == []


def test_a_click_on_a_handle_changes_nothing(opened):
    view, header, _ = opened()
    view.page.mouse.click(*view.at(header, *WEIGHTS[1]))
    assert view.triggers() == []


def test_a_tap_shows_the_value_and_asks_for_a_descent(opened):
    view, header, _ = opened(page={"touch": True})
    view.page.touchscreen.tap(*view.at(header, 0.5, 0.5))
    view.settle()
    assert len(view.triggers("descend")) == 1
    assert view.page.locator(".lv-value:visible").count() == 2


# ------------------------------------------------------------------ dragging


def test_a_drag_keeps_at_most_one_event_outstanding(opened):
    view, header, grids = opened()
    grab(view, header, *WEIGHTS[1])
    view.page.mouse.move(*view.at(header, 1.2, 0.0), steps=12)
    view.settle()
    (first,) = view.triggers("drag")
    assert (first["kind"], first["index"], first["done"]) == ("weight", 1, False)
    answer(view, header, grids, 2, echo=first["id"])
    view.settle()
    first, second = view.triggers("drag")  # the answer lets the newest position go
    assert second["id"] > first["id"]
    assert (second["x"], second["y"]) == (pytest.approx(1.2, abs=0.03), pytest.approx(0.0, abs=0.03))
    view.page.mouse.move(*view.at(header, 1.4, 0.2), steps=5)
    view.settle()
    assert len(view.triggers("drag")) == 2
    view.page.mouse.up()
    last = view.triggers("drag")[-1]
    assert len(view.triggers("drag")) == 3
    assert last["done"]
    assert last["x"] == pytest.approx(1.4, abs=0.03)


def test_an_event_without_an_answer_is_given_up_and_followed(impatient, opened):
    view, header, _ = opened()
    grab(view, header, *WEIGHTS[1])
    view.page.mouse.move(*view.at(header, 1.2, 0.0), steps=8)
    # Where the moves themselves take longer than the patience, places on the way are followed too.
    view.until(lambda: view.triggers("drag")[-1]["y"] == pytest.approx(0.0, abs=0.03))
    ids = [event["id"] for event in view.triggers("drag")]
    assert ids == list(range(1, len(ids) + 1))
    assert len(ids) > 1
    view.page.mouse.up()


def test_a_dragged_handle_follows_at_once_in_all_panels_and_frames_do_not_move_it_back(opened):
    view, header, grids = opened()
    grab(view, header, *WEIGHTS[1])
    view.page.mouse.move(*view.at(header, 0.5, 0.9), steps=6)
    view.settle()
    answer(view, header, grids, 2, echo=view.triggers("drag")[0]["id"])
    view.settle()
    for i in range(2):
        box = handle(view, "weight:1", i).bounding_box()
        x, y = view.at(header, 0.5, 0.9, i)
        assert box["x"] + box["width"] / 2 == pytest.approx(x, abs=1.5)
        assert box["y"] + box["height"] / 2 == pytest.approx(y, abs=1.5)
    view.page.mouse.up()


def test_a_released_handle_waits_for_its_answer_and_then_obeys_the_server(opened):
    view, header, grids = opened()
    grab(view, header, *WEIGHTS[1])
    view.page.mouse.move(*view.at(header, 0.5, 0.9), steps=3)
    view.page.mouse.up()
    last = view.triggers("drag")[-1]
    place = handle(view, "weight:1").get_attribute
    answer(view, header, grids, 2, echo=last["id"] - 1)
    view.settle()
    assert place("aria-valuetext").startswith("(0.5")
    weights = [WEIGHTS[0], [1.0, 1.0], WEIGHTS[2]]
    answer(view, header, grids, 3, echo=last["id"], weights=weights)
    view.settle()
    assert place("aria-valuetext") == "(1.00, 1.00)"


def test_a_drag_stays_inside_the_extent(opened):
    view, header, _ = opened(1)
    grab(view, header, *WEIGHTS[1])
    box = view.plane_box()
    view.page.mouse.move(box["x"] + box["width"] + 300, box["y"] + box["height"] + 90, steps=3)
    view.page.mouse.up()
    last = view.triggers("drag")[-1]
    assert (last["x"], last["y"]) == (2, -2)


def test_escape_restores_a_dragged_handle(opened):
    view, header, _ = opened()
    grab(view, header, *WEIGHTS[1])
    view.page.mouse.move(*view.at(header, 0.5, 0.9), steps=3)
    view.settle()
    view.page.keyboard.press("Escape")
    view.settle()
    last = view.triggers("drag")[-1]
    assert (last["x"], last["y"], last["done"]) == (1.0, -0.5, True)
    assert handle(view, "weight:1").get_attribute("aria-valuetext") == "(1.00, −0.50)"
    before = len(view.triggers())
    view.page.mouse.move(*view.at(header, -0.5, 0.9), steps=3)
    view.page.mouse.up()
    assert len(view.triggers()) == before


def test_centres_can_be_dragged(opened):
    view, header, _ = opened(centers=[[0.5, 0.5], [-1.5, 0.5], [0.3, -1.5]])
    grab(view, header, 0.5, 0.5)
    view.page.mouse.move(*view.at(header, 0.9, 1.0), steps=3)
    view.page.mouse.up()
    last = view.triggers("drag")[-1]
    assert (last["kind"], last["index"]) == ("center", 0)
    assert (last["x"], last["y"]) == (pytest.approx(0.9, abs=0.03), pytest.approx(1.0, abs=0.03))


def test_a_weight_beyond_the_extent_can_be_grabbed_at_the_edge(opened):
    view, header, grids = opened(1)
    answer(view, header, grids, 2, weights=[[0.0, 1.5], [5.0, 0.0], [-1.0, -1.0]])
    x, y = view.at(header, 2.0, 0.0)
    view.page.mouse.move(x - 2, y)
    view.page.mouse.down()
    view.page.mouse.move(*view.at(header, 1.0, 0.0), steps=3)
    view.page.mouse.up()
    assert view.triggers("drag")[-1]["x"] == pytest.approx(1.0, abs=0.05)


def test_ids_go_on_from_what_the_server_has_seen(opened):
    """A component mounted anew must not ask with ids the server has answered before."""
    view, header, _ = opened(1, echo=41)
    view.page.mouse.click(*view.at(header, 0.5, 0.5))
    assert view.triggers("descend")[0]["id"] == 42


# ------------------------------------------------------------------ keyboard


def test_arrow_keys_move_a_handle_by_2_per_cent_and_with_shift_by_10(opened):
    view, header, grids = opened()
    handle(view, "weight:1").focus()
    view.page.keyboard.press("ArrowRight")
    first = view.triggers("drag")[-1]
    assert (first["x"], first["y"], first["done"]) == (pytest.approx(1.08), pytest.approx(-0.5), True)
    answer(view, header, grids, 2, echo=first["id"], weights=[WEIGHTS[0], [1.08, -0.5], WEIGHTS[2]])
    view.page.keyboard.press("Shift+ArrowUp")
    second = view.triggers("drag")[-1]
    assert (second["x"], second["y"]) == (pytest.approx(1.08), pytest.approx(-0.1))
    assert view.js("return root.activeElement.dataset.handle") == "weight:1"


def test_a_held_arrow_key_sends_its_last_position(opened):
    view, header, grids = opened()
    handle(view, "weight:1").focus()
    for _ in range(5):
        view.page.keyboard.press("ArrowLeft")
    assert len(view.triggers("drag")) == 1
    answer(view, header, grids, 2, echo=1)
    view.settle()
    assert view.triggers("drag")[-1]["x"] == pytest.approx(1 - 5 * 0.08)


def test_the_keyboard_moves_the_cross_hair_and_enter_descends(opened):
    view, _, _ = opened()
    view.page.locator(".lv-plane").first.focus()
    view.page.keyboard.press("Shift+ArrowRight")
    view.page.keyboard.press("ArrowDown")
    view.settle()
    probe = view.window_events("lossviz:probe")[-1]
    assert (probe["x"], probe["y"]) == (pytest.approx(0.4), pytest.approx(-0.08))
    view.page.keyboard.press("Enter")
    (event,) = view.triggers("descend")
    assert (event["x"], event["y"]) == (pytest.approx(0.4), pytest.approx(-0.08))
    assert view.page.locator(".lv-value:visible").count() == 2


def test_tab_reaches_one_plane_and_each_vector_once(opened):
    view, _, _ = opened(4)
    stops = view.js(
        "return [...root.querySelectorAll('[tabindex=\"0\"]')].map((e) => e.dataset.handle || e.className)"
    )
    assert stops == ["lv-plane", "weight:0", "weight:1", "weight:2"]


def test_planes_and_handles_have_spoken_names(opened):
    view, header, _ = opened()
    plane = view.page.locator(".lv-plane").first
    assert plane.get_attribute("aria-label") == header["panels"][0]["text"]
    assert plane.get_attribute("role") == "application"
    assert "Enter starts gradient descent" in plane.get_attribute("aria-description")
    weight = view.page.get_by_role("slider", name="Weight of class 2").first
    assert weight.get_attribute("aria-valuetext") == "(1.00, −0.50)"
    assert [float(weight.get_attribute(f"aria-value{what}")) for what in ("min", "now", "max")] == [-2, 1, 2]


def test_escape_puts_a_weight_back_that_keys_have_moved_and_then_leaves_the_key_to_the_page(opened):
    view, _, _ = opened()
    handle(view, "weight:1").focus()
    view.page.keyboard.press("ArrowRight")
    view.page.keyboard.press("Shift+ArrowUp")
    view.page.keyboard.press("Escape")
    view.settle()
    assert handle(view, "weight:1").get_attribute("aria-valuetext") == "(1.00, −0.50)"
    view.page.evaluate(
        "window.addEventListener('keydown', (e) => (window.seen = [e.key, e.defaultPrevented]))"
    )
    view.page.keyboard.press("Escape")
    assert view.page.evaluate("window.seen") == ["Escape", False]


def test_page_keys_go_from_panel_to_panel_and_scroll_the_page_beyond_the_last(opened):
    view, _, _ = opened(2)
    at = "return [...root.querySelectorAll('.lv-plane')].indexOf(root.activeElement)"
    view.page.locator(".lv-plane").first.focus()
    view.page.evaluate("window.addEventListener('keydown', (e) => (window.seen = e.defaultPrevented))")
    view.page.keyboard.press("PageDown")
    assert view.js(at) == 1
    view.page.keyboard.press("PageDown")
    assert (view.js(at), view.page.evaluate("window.seen")) == (1, False)
    view.page.keyboard.press("PageUp")
    assert view.js(at) == 0


def test_handles_are_large_enough_for_a_finger(opened):
    view, _, _ = opened()
    box = handle(view, "weight:0").bounding_box()
    assert min(box["width"], box["height"]) >= 24


def test_a_picture_that_is_not_interactive_only_shows(opened):
    view, header, _ = opened(interactive=False)
    view.page.mouse.move(*view.at(header, 0.8, 0.7))
    view.page.mouse.click(*view.at(header, 0.8, 0.7))
    view.settle()
    assert view.triggers() == []
    assert view.window_events("lossviz:probe") == []
    assert view.page.locator(".lv-handle").count() == 0
    assert view.page.locator(".lv-plane").first.get_attribute("role") == "img"
    assert view.page.locator(".lv-plane").first.get_attribute("tabindex") is None
