"""The contour component tells the server something, and the readout asks it: never at once."""

import pytest

from tests.browser.component.frames import scene

WEIGHTS = [[0.0, 1.5], [1.0, -0.5], [-1.0, -1.0]]


@pytest.fixture
def opened(component_page):
    """Two interactive panels with weights at known places: (view, header)."""
    header, grids = scene(2, weights=WEIGHTS)
    return component_page().send(header, grids), header


def grab(view, header, x, y):
    view.page.mouse.move(*view.at(header, x, y))
    view.page.mouse.down()


def names(view) -> list[str]:
    """The events on the window so far, in their order, without their prefix."""
    return [name.removeprefix("lossviz:") for name, _ in view.page.evaluate("window.events")]


def forget(view):
    view.page.evaluate("window.events.length = 0")


def test_nothing_is_probed_while_a_handle_is_dragged(opened):
    view, header = opened
    grab(view, header, *WEIGHTS[1])
    view.settle()
    forget(view)
    for x in (0.2, 0.5, 0.9):
        view.page.mouse.move(*view.at(header, x, 0.9), steps=4)
        view.settle()
    assert set(names(view)) <= {"probe-hold"}
    view.page.mouse.up()
    view.wait_event("lossviz:probe-release")
    assert view.times("lossviz:probe-release")[-1] > view.times("drag")[-1]


def test_nothing_is_probed_while_the_plane_is_pressed_and_the_last_point_is_afterwards(opened):
    view, header = opened
    view.page.mouse.move(*view.at(header, 0.5, 0.5))
    view.settle()
    forget(view)
    view.page.mouse.down()
    view.page.mouse.move(*view.at(header, 1.5, 0.5), steps=5)
    view.settle()
    assert set(names(view)) == {"probe-hold"}
    view.page.mouse.up()
    view.wait_event("lossviz:probe")
    assert names(view)[-2:] == ["probe-release", "probe"]
    assert view.window_events("lossviz:probe")[-1]["x"] == pytest.approx(1.5, abs=0.02)


def test_a_press_that_ends_elsewhere_is_released(opened):
    view, header = opened
    grab(view, header, 0.5, 0.5)
    view.page.mouse.move(3, 690)
    view.page.mouse.up()
    view.wait_event("lossviz:probe-release")
    view.page.mouse.move(*view.at(header, 0.8, 0.7))
    view.wait_event("lossviz:probe")


def test_a_press_cancels_the_probe_that_waits_for_the_next_screen_frame(opened):
    view, header = opened
    x, y = view.at(header, 0.5, 0.5)
    view.js(
        """const plane = root.querySelector('.lv-plane');
           const [clientX, clientY] = arg;
           const at = { clientX, clientY, bubbles: true, composed: true, pointerType: 'mouse' };
           plane.dispatchEvent(new PointerEvent('pointermove', at));
           plane.dispatchEvent(new PointerEvent('pointerdown', { ...at, buttons: 1 }));""",
        [x, y],
    )
    view.settle()
    assert names(view) == ["probe-hold"]


def test_a_click_is_told_and_later_the_point_may_be_asked_for(opened):
    view, header = opened
    view.page.mouse.move(*view.at(header, 0.5, 0.5))
    view.settle()
    forget(view)
    view.page.mouse.down()
    view.page.mouse.up()
    assert len(view.triggers("descend")) == 1
    view.wait_event("lossviz:probe")
    assert set(names(view)[:-2]) == {"probe-hold"}
    assert names(view)[-2:] == ["probe-release", "probe"]
    assert view.times("lossviz:probe-release")[-1] > view.times("descend")[-1]


@pytest.mark.parametrize(
    ("target", "key", "event"), [(".lv-plane", "Enter", "descend"), (".lv-handle", "ArrowLeft", "drag")]
)
def test_a_key_is_told_in_a_turn_of_its_own(opened, target, key, event):
    """Streamlit sends what is set in one turn together: a question may have been set just before."""
    view, _ = opened
    view.page.locator(target).first.focus()
    view.settle()
    forget(view)
    at_once = view.js(
        """const press = new KeyboardEvent('keydown', { key: arg[1], bubbles: true });
           root.querySelector(arg[0]).dispatchEvent(press);
           return [window.triggers('contours').length, window.events.map(([name]) => name)];""",
        [target, key],
    )
    assert at_once == [0, ["lossviz:probe-hold"]]
    assert len(view.triggers(event)) == 1
    view.page.wait_for_function("window.events.some(([name]) => name === 'lossviz:probe-release')")
