"""The scatter of projected features in a real browser: colours, axes, names of classes, images of points."""

import numpy as np
import pytest

from lossviz.figures import palette
from lossviz.figures.scatter import Values
from tests.browser.component.embeddings import FEATURES, LABELS, at, colour, frame, near, panel
from tests.browser.component.frames import DARK, LIGHT

MUTED = {"light": "#b9c0ca", "dark": "#4c5561"}
MIDDLE, HALF = (0.0, -1.0), 6 * 1.08  # of FEATURES, whose first numbers run from −6 to 6, the second −6 to 4
SHOWN = {"middle": MIDDLE, "half": HALF}


def legend(view):
    return view.js("return [...root.querySelectorAll('.lv-legend li')].map((li) => li.textContent);")


def test_points_have_the_colour_of_what_they_are_taken_for(scatter):
    view = scatter(frame(panels=[panel()], colour="prediction"))
    for point, guess in zip(FEATURES, [0, 1, 2, 2], strict=True):
        assert near(colour(view, point), palette.class_color(guess))
    assert "coloured by the predicted class" in legend(view)


@pytest.mark.parametrize(("theme", "name"), [(LIGHT, "light"), (DARK, "dark")])
def test_only_wrong_points_are_coloured_where_errors_are_looked_for(scatter, theme, name):
    view = scatter(frame(panels=[panel()], colour="error"), variables=theme)
    for point in FEATURES[:3]:
        assert near(colour(view, point), MUTED[name])
    assert near(colour(view, FEATURES[3]), palette.class_color(2))


def test_numbers_colour_points_by_their_place_between_the_ends(scatter):
    bands = palette.loss_colors(14)
    values = np.array([-5.0, 5.0, 99.0, np.nan])
    view = scatter(
        frame(
            panels=[panel(predictions=None, values=values)], colour="value", values=Values("size", 0.0, 10.0)
        )
    )
    for point, wanted in zip(FEATURES, [bands[0], bands[7], bands[13], MUTED["light"]], strict=True):
        assert near(colour(view, point), wanted)
    assert "size, 0 to 10" in legend(view)


def test_projected_features_fill_their_plane(scatter):
    """The window stands about the points, not about the origin."""
    nameless = np.full((3, 2), np.nan)
    view = scatter(frame(panels=[panel(axes=("PC 1", "PC 2"), reach=None, anchors=nameless)]))
    for point, label in zip(FEATURES, LABELS, strict=True):
        assert near(colour(view, point, **SHOWN), palette.class_color(label))


def test_axes_without_a_meaning_have_no_numbers(scatter):
    def below(axes):
        view = scatter(frame(panels=[panel(axes=axes, reach=None)]))
        base, plane = view.page.locator(".lv-base").bounding_box(), view.plane_box()
        return view.canvas()[round(plane["y"] + plane["height"] + 3 - base["y"]) :, :, 3].any()

    assert (below(("PC 1", "PC 2")), below(())) == (True, False)


def test_names_stand_where_they_are_told_to_and_not_for_empty_classes(scatter):
    """At the middle of the plane, where no point is, there is a name or there is none."""
    anchors = np.array([[0.0, 2.0], [np.nan, np.nan], [np.nan, np.nan]])

    def dark(anchors):
        view = scatter(frame(panels=[panel(axes=(), reach=None, anchors=anchors, predictions=None)]))
        x, y = at(view, (0.0, 2.0), middle=MIDDLE, half=6 * 1.18)
        base = view.page.locator(".lv-base").bounding_box()
        left, top = round(x - base["x"]) - 12, round(y - base["y"]) - 22
        return view.canvas()[top : top + 24, left : left + 24, 3].any()

    assert (dark(anchors), dark(np.full((3, 2), np.nan))) == (True, False)


def test_pointing_shows_the_image_of_the_point(scatter):
    images = np.zeros((4, 2, 2), np.uint8)
    images[3] = [[0, 50], [100, 255]]
    view = scatter(frame(panels=[panel(losses=np.array([0.1, 0.2, 0.3, 0.4]), images=images)]))
    view.page.mouse.move(*at(view, FEATURES[3]))
    view.page.wait_for_function("() => !window.shadow('scatter').querySelector('.lv-tip').hidden")
    shown = view.js(
        """const c = root.querySelector('.lv-peek');
           const d = c.getContext('2d').getImageData(0, 0, 2, 2).data;
           return [[...d].filter((_, i) => i % 4 === 0), root.querySelector('.lv-tip-text').textContent];"""
    )
    assert shown == [[0, 50, 100, 255], "point 3\nlabel dog\npredicted eel, wrong\nloss 0.400"]


def test_a_number_that_colours_the_points_is_said_at_a_point(scatter):
    view = scatter(
        frame(
            panels=[panel(values=np.array([1.0, 2.0, 3.0, 12.34]))],
            colour="value",
            values=Values("angle", 0.0, 90.0, unit="°"),
        )
    )
    view.page.mouse.move(*at(view, FEATURES[3]))
    view.page.wait_for_function("() => !window.shadow('scatter').querySelector('.lv-tip').hidden")
    assert view.js("return root.querySelector('.lv-tip').textContent;").endswith("angle 12.3°")


def test_two_hundred_classes_and_a_scale_have_a_column_each(scatter):
    places = np.stack(np.meshgrid(np.arange(20), np.arange(10)), -1).reshape(-1, 2).astype(float)
    given = {
        "features": places,
        "labels": np.arange(200),
        "predictions": None,
        "classes": [str(k) for k in range(200)],
        "anchors": np.full((200, 2), np.nan),
        "axes": (),
        "reach": None,
    }
    seen = {"middle": (9.5, 4.5), "half": 9.5 * 1.18}
    view = scatter(frame(panels=[panel(**given)]))
    assert near(colour(view, places[47], **seen), palette.class_color(47))
    values = Values("size", 0.0, 199.0)
    view = scatter(frame(panels=[panel(**given, values=np.arange(200.0))], colour="value", values=values))
    assert near(colour(view, places[199], **seen), palette.loss_colors(14)[13])
