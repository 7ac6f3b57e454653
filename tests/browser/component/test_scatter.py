"""The scatter in a real browser: what it draws, and that zoom and pan outlive frames."""

import numpy as np
import pytest

from lossviz.figures import palette
from lossviz.figures.scatter import Panel, Timeline
from tests.browser.component.embeddings import (
    FEATURES,
    REACH,
    at,
    blobs,
    colour,
    frame,
    grids,
    near,
    panel,
    timeline,
)
from tests.browser.component.frames import DARK, LIGHT


def painted(view):
    """The pixels of the first panel, to compare."""
    return view.js("return root.querySelector('.lv-base').toDataURL();")


# ------------------------------------------------------------------ what is drawn


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_points_stand_at_their_features_in_the_colours_of_their_classes(scatter, theme):
    view = scatter(variables=theme)
    for point, label in zip(FEATURES, [0, 1, 2, 1], strict=True):
        assert near(colour(view, point), palette.class_color(label))
    assert colour(view, (-4, 4))[3] == 0  # nothing there


def test_planes_have_equal_aspect_and_the_same_size_side_by_side(scatter):
    view = scatter(frame(panels=[panel("a"), panel("b"), panel("c")]))
    boxes = [view.plane_box(i) for i in range(3)]
    assert all(box["width"] == box["height"] == boxes[0]["width"] for box in boxes)
    assert len({box["y"] for box in boxes}) == 1


def test_a_warning_stands_under_the_note_and_all_planes_stay_level(scatter):
    view = scatter(frame(panels=[panel("a", warning="1 and 8 have merged"), panel("b")]))
    assert view.page.locator(".lv-warning").all_inner_texts() == ["1 and 8 have merged", ""]
    assert "1 and 8 have merged" in view.page.locator(".lv-plane").first.get_attribute("aria-label")
    low = view.plane_box(0)["y"]
    assert view.plane_box(1)["y"] == low
    view.send_bytes(frame(2, panels=[panel("a", warning=""), panel("b")]), 2)
    assert view.plane_box(0)["y"] == low
    view.send_bytes(frame(3, panels=[panel("a"), panel("b")]), 3)
    assert view.plane_box(0)["y"] < low


def test_a_wrong_point_has_a_ring_that_a_right_one_has_not(scatter):
    view = scatter(frame(panels=[panel(predictions=np.array([0, 1, 2, 1])), panel("b")]))

    # The right one has a pale casing at most; the ring is darker than anything around it.
    def darkest(i):
        unit = 2 * REACH / view.plane_box(i)["width"]
        ring = [(4 + r * unit, 4) for r in np.arange(3, 9, 0.5)]
        return min(sum(c[:3]) + (255 - c[3]) * 3 for c in (colour(view, p, i) for p in ring))

    assert darkest(1) < 150 < darkest(0)


def test_the_field_is_low_in_blue_and_high_in_yellow_behind_the_points(scatter):
    view = scatter(frame(panels=[panel(**grids())], layer="field", weights=False))
    low, high = palette.loss_colors(14)[1], palette.loss_colors(14)[-2]
    assert near(colour(view, (-8.7, 2.6)), low, 14)
    assert near(colour(view, (8.7, 2.6)), high, 14)
    assert near(colour(view, FEATURES[0]), palette.class_color(0))


def test_regions_are_the_muted_colours_of_the_classes_and_meet_in_a_line(scatter):
    view = scatter(frame(panels=[panel(**grids())], layer="regions"))
    left, right = colour(view, (-8, -8)), colour(view, (8, -8))
    for shown, k in ((left, 0), (right, 1)):
        own = [int(palette.class_color(k)[i : i + 2], 16) for i in (1, 3, 5)]
        assert np.allclose(shown[:3], [255 + 0.3 * (c - 255) for c in own], atol=3)
    between = [colour(view, (x, -8))[:3] for x in np.arange(-0.6, 1.0, 0.04)]
    assert min(sum(c) for c in between) < min(sum(left[:3]), sum(right[:3])) - 40


def test_the_chosen_class_has_a_red_weight(scatter):
    weights = np.array([[5.0, 0], [-5, 0], [0, -5]])
    view = scatter(frame(panels=[panel(weights=weights)], of_class=0))
    red, other = colour(view, (2.5, 0)), colour(view, (-2.5, 0))
    assert red[0] > 180 > 100 > red[1]
    assert max(other[:3]) < 110


def test_unit_weights_among_long_features_are_drawn_longer_and_the_legend_tells(scatter):
    weights = np.array([[1.0, 0], [-1, 0], [0, -1]]) * 0.1
    view = scatter(frame(panels=[panel(weights=weights, features=FEATURES / 2)]))
    assert "drawn 50 times as long" in view.page.locator(".lv-legend").inner_text()
    assert max(colour(view, (-4, 0))[:3]) < 110  # 0.1 · 50 = 5 reaches beyond it


def test_an_eleventh_class_has_the_first_colour_and_another_shape(scatter):
    names = [str(k) for k in range(11)]
    features = np.array([[5.0, 0], [-5, 0]])
    eleven = panel(classes=names, features=features, labels=np.array([0, 10]), predictions=None, reach=40.0)
    view = scatter(frame(panels=[eleven]))
    unit = 80 / view.plane_box()["width"]
    middles = [colour(view, (x, 0), half=40.0) for x in (5, -5)]
    assert all(near(shown, palette.class_color(0)) for shown in middles)
    # The corners of the square lie outside the circle.
    corners = [(dx * unit, dy * unit) for dx in (-3.8, 3.8) for dy in (-3.8, 3.8)]
    first = palette.class_color(0)
    filled = [sum(near(colour(view, (x + dx, dy), half=40.0), first) for dx, dy in corners) for x in (5, -5)]
    assert filled[1] == 4
    assert filled[0] <= 1


def test_class_names_stand_beside_the_data_without_covering_each_other(scatter):
    view = scatter()
    weights = np.array([[1.0, 0.02], [1, 0], [-1, 0]])
    texts = view.texts(lambda: view.send_bytes(frame(2, [panel(weights=weights)]), 2))
    drawn = [t for t in texts if t[0] in ("cat", "dog", "eel")]
    assert {t[0] for t in drawn} == {"cat", "dog", "eel"}
    (_, x0, y0, _), (_, x1, y1, _) = [t for t in drawn if t[0] != "eel"]
    assert abs(x0 - x1) > 25 or abs(y0 - y1) > 12


@pytest.mark.parametrize("state", ["waiting in the queue, 2 before it", "first frame in a moment"])
def test_a_panel_without_points_says_what_is_waited_for(scatter, state):
    view = scatter(frame(panels=[panel(), Panel(run="b", title="ArcFace", state=state)]))
    assert view.page.locator(".lv-state").nth(1).inner_text() == state
    assert colour(view, (0, 0), 1)[3] == 0


def test_three_dimensions_turn_by_dragging(scatter):
    view = scatter(frame(panels=[blobs(dims=3)]))
    before = painted(view)
    x, y = at(view, (0, 0))
    view.page.mouse.move(x, y)
    view.page.mouse.down()
    view.page.mouse.move(x + 60, y, steps=3)
    view.page.mouse.up()
    view.settle()
    turned = painted(view)
    assert turned != before
    view.send_bytes(frame(2, [blobs(dims=3)]), 2)
    assert painted(view) == turned  # a frame does not turn it back


# ------------------------------------------------------------------ zoom and pan


def zoom_in(view, point, i=0):
    view.page.locator(".lv-plane").nth(i).focus()
    view.page.mouse.move(*at(view, point, i))
    view.page.mouse.wheel(0, -500)
    view.settle()


def test_the_wheel_keeps_what_is_under_the_pointer_and_a_frame_keeps_the_zoom(scatter):
    view = scatter()
    zoom_in(view, FEATURES[0])
    factor = np.exp(500 * 0.0016)
    middle = (6 - 6 / factor, 0)
    window = {"half": REACH / factor, "middle": middle}
    assert near(colour(view, FEATURES[0], **window), palette.class_color(0))
    moved = FEATURES + np.array([0, 1])
    view.send_bytes(frame(2, [panel(features=moved, reach=25.0)]), 2)
    assert near(colour(view, moved[0], **window), palette.class_color(0))


def test_a_double_click_shows_everything_again(scatter):
    view = scatter()
    before = painted(view)
    zoom_in(view, (3, 3))
    assert painted(view) != before
    view.page.mouse.dblclick(*at(view, (-8, 8)))
    view.settle()
    view.page.mouse.move(0, 0)
    view.settle()
    assert painted(view) == before


def test_a_wheel_over_a_picture_that_nobody_touched_scrolls_the_page(scatter):
    view = scatter()
    before = painted(view)
    view.page.mouse.move(*at(view, (0, 0)))
    view.page.mouse.wheel(0, -300)
    view.settle()
    assert painted(view) == before
    assert view.page.locator(".lv-box.hinting").count() == 1


def test_linked_panels_pan_together_each_in_its_own_units(scatter):
    view = scatter(frame(panels=[panel("a"), panel("b", features=FEATURES / 2, reach=REACH / 2)]))
    x, y = at(view, (0, 8))
    view.page.mouse.move(x, y)
    view.page.mouse.down()
    view.page.mouse.move(x + view.plane_box()["width"] / 4, y, steps=4)
    view.page.mouse.up()
    view.settle()
    assert near(colour(view, FEATURES[1], 0, middle=(-5, 0)), palette.class_color(1))
    half = {"half": REACH / 2, "middle": (-2.5, 0)}
    assert near(colour(view, FEATURES[1] / 2, 1, **half), palette.class_color(1))


# ------------------------------------------------------------------ small, large, long


def test_on_a_phone_panels_stack_and_nothing_is_wider_than_the_window(scatter):
    panels = [panel("a"), panel("b")]
    view = scatter(frame(panels=panels, time=timeline(3, running=True)), width=390, height=800)
    boxes = [view.plane_box(i) for i in range(2)]
    assert boxes[1]["y"] > boxes[0]["y"] + boxes[0]["height"]
    assert view.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_two_hundred_frames_leave_no_canvas_and_no_element_behind(scatter):
    everything = {**grids(21), "weights": np.eye(3)[:, :2] * 5}
    view = scatter(frame(panels=[panel(**everything)], time=timeline(0, 300), layer="regions"))
    view.page.evaluate(
        """() => { window.made = 0; const old = document.createElement.bind(document);
           document.createElement = (...a) => { window.made++; return old(...a); }; }"""
    )
    count = "return [root.querySelectorAll('*').length, root.querySelectorAll('canvas').length];"
    before = view.js(count)
    for number in range(2, 202):
        shifted = panel(**{**everything, "features": FEATURES + 0.01 * number})
        data = frame(number, [shifted], timeline(number, 300), layer="regions")
        view.send_bytes(data, None)
    view.wait_frame(201)
    assert view.js(count) == before
    assert view.page.evaluate("window.made") == 0


def test_the_track_stays_where_it_is_while_the_numbers_beside_it_grow_in_any_font(scatter):
    view = scatter(frame(time=timeline(0, 300)))
    view.js("root.querySelector('.lv-now').style.letterSpacing = '4px';")
    tracks = []
    for number, position in enumerate([0, 9, 200, 201, 299, 0], 2):
        view.send_bytes(frame(number, time=timeline(position, 300)), number)
        tracks.append(view.js("return root.querySelector('.lv-track').getBoundingClientRect().toJSON();"))
    assert tracks == [tracks[0]] * len(tracks)


def test_a_frame_that_cannot_be_read_keeps_the_picture_and_says_so(scatter):
    view = scatter()
    before = painted(view)
    view.send_bytes(frame(2)[:300], None)
    view.settle()
    assert painted(view) == before
    assert "could not be read" in view.page.locator(".lv-message").inner_text()
    view.errors.clear()


# ------------------------------------------------------------------ where everything stands


def races(count):
    return [panel(str(n), weights=np.eye(3)[:, :2] * 5, **grids(21)) for n in range(count)]


def test_nothing_moves_when_the_first_frame_comes(scatter):
    waiting = [Panel(run=str(n), title=f"Loss {n}", state="waiting in the queue") for n in range(3)]
    view = scatter(frame(panels=waiting, time=Timeline(running=True)), width=938)
    parts = [view.page.locator(f".lv-{name}") for name in ("controls", "scatter")]

    def standing():
        return view.plane_box(), [part.bounding_box() for part in parts]

    before = standing()
    view.send_bytes(frame(2, races(3), timeline(0, 1, running=True), layer="field", of_class=0), 2)
    assert standing() == before


def test_a_sphere_is_as_large_as_the_plane_and_says_its_radius(scatter):
    view = scatter()
    shown = [blobs(dims=3, run="a", reach=4.0), blobs(dims=3, run="b", reach=20.0)]
    texts = view.texts(lambda: view.send_bytes(frame(2, shown), 2))
    assert [text for text, *_ in texts if "radius" in text] == ["radius 4", "radius 20"]
    assert "sphere, its radius in the corner" in view.page.locator(".lv-legend").inner_text()
    view.send_bytes(frame(3, shown[:1]), 3)
    assert "sphere of radius 4" in view.page.locator(".lv-legend").inner_text()
