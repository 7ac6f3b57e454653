"""The curves in a real browser: lines where their numbers are, gaps, readings, one cursor for all."""

import numpy as np
import pytest

from lossviz.figures.wire import with_header
from lossviz.ui.components.curves import Chart, Line, Mark, encode
from tests.browser.component.frames import DARK
from tests.figures.wire_reader import read

X = np.array([0.0, 1.0, 2.0, 3.0, 4.0])
RED, BLUE = "#c02020", "#2040c0"


def line(y, name="ArcFace", color=RED, **changes) -> Line:
    return Line(name, X, np.asarray(y, float), color, **changes)


def two_charts():
    loss = Chart("Loss", [line([4.0, 2, 1, 0.5, 0.25])], spacing="log")
    accuracy = Chart("Accuracy", [line([0.1, 0.5, 0.7, 0.9, 0.971]), line([0.1] * 5, "Softmax", BLUE)], "%")
    return [loss, accuracy]


@pytest.fixture
def curves(component_page):
    """A function that opens the curves with a first frame."""

    def open_curves(charts=None, *, page=None, **options):
        data = encode(two_charts() if charts is None else charts, frame=1, **options)
        return component_page("curves", **(page or {})).send_bytes(data, 1)

    return open_curves


def plane(view, i=0):
    return view.page.locator(".lv-plane").nth(i).bounding_box()


def reading(view, i):
    return view.page.locator(".lv-reading").nth(i).inner_text().split("\n")


def test_equal_ratios_are_equal_heights_on_a_log_axis(curves):
    """A line that halves from point to point is straight."""
    view = curves([Chart("Loss", [line([16.0, 8, 4, 2, 1], name=" ")], spacing="log")])
    pixels = view.inked(RED)
    slope, offset = np.polyfit(pixels[:, 0], pixels[:, 1], 1)
    assert slope > 0.1
    assert np.abs(pixels[:, 1] - (slope * pixels[:, 0] + offset)).max() < 2.5


def test_a_gap_breaks_the_line_and_a_lonely_point_is_a_dot(curves):
    view = curves([Chart("Loss", [line([1, 1, np.nan, 1, np.nan], name=" ")])])
    columns = np.unique(view.inked(RED)[:, 0])
    breaks = np.diff(columns)
    assert (breaks > 40).sum() == 1
    assert breaks.max() > 40
    lonely = columns[columns > columns[np.argmax(breaks)]]
    assert 2 <= len(lonely) <= 8


def test_without_a_cursor_the_last_values_are_read_with_one_decimal_of_per_cent(curves):
    view = curves()
    assert reading(view, 0) == ["0.25"]
    assert "ArcFace 97.1 %" in reading(view, 1)
    assert "Softmax 10.0 %" in reading(view, 1)


def test_pointing_at_one_chart_reads_all_of_them_at_the_same_x(curves):
    view = curves()
    box = plane(view, 1)
    to = view.js("return root.querySelectorAll('.lv-plane').length")
    assert to == 2
    # Where epoch 2 is: halfway between the axis and the names, found by walking until it is told.
    for x in range(60, int(box["width"]), 4):
        view.page.mouse.move(box["x"] + x, box["y"] + 60)
        view.settle()
        where = float(view.page.locator(".lv-where").first.inner_text().split()[1])
        if where >= 2.0:
            break
    assert 2.0 <= where < 2.2
    assert reading(view, 0) == ["1"]
    assert "ArcFace 70.0 %" in reading(view, 1)
    assert all(view.canvas("over", i).any() for i in range(2))
    view.page.mouse.move(5, 600)
    view.settle()
    assert reading(view, 0) == ["0.25"]


def test_a_click_asks_for_its_x_and_enter_for_that_of_the_keys(curves):
    view = curves(cursor=2.0)
    view.page.evaluate(
        "window.asked = []; window.addEventListener('lossviz:seek', (e) => window.asked.push(e.detail.epoch))"
    )
    box = plane(view)
    view.page.mouse.click(box["x"] + 44 + 1, box["y"] + 50)
    assert 0 <= view.page.evaluate("window.asked[0]") < 0.05
    view.page.mouse.move(5, 600)
    view.page.locator(".lv-plane").first.focus()
    view.page.keyboard.press("End")
    view.page.keyboard.press("ArrowLeft")
    view.page.keyboard.press("Enter")
    assert view.page.evaluate("window.asked[1]") == pytest.approx(4 - 4 / 50)
    assert view.triggers() == []


def test_the_line_of_the_moment_follows_the_pictures_of_the_page(curves):
    view = curves([Chart("Loss", [line([5, 4, 3, 2, 1])])])
    assert reading(view, 0) == ["1"]
    move = "epoch => window.dispatchEvent(new CustomEvent('lossviz:moment', { detail: { epoch } }))"
    view.page.evaluate(move, 1)
    view.settle()
    assert reading(view, 0) == ["4"]
    view.page.evaluate(move, None)
    view.settle()
    assert reading(view, 0) == ["1"]


def test_the_moment_may_move_where_a_run_has_no_numbers_yet(curves):
    view = curves()
    move = "epoch => window.dispatchEvent(new CustomEvent('lossviz:moment', { detail: { epoch } }))"
    view.send_bytes(encode([], frame=2), None)
    view.page.evaluate(move, 1.0)
    view.settle()
    view.send_bytes(encode(two_charts(), frame=3), 3)
    view.page.evaluate(move, 2.0)
    view.settle()
    assert view.page.locator(".lv-plane").count() == 2


def test_curves_with_a_route_follow_their_runs_and_say_how_fast(curves):
    chart = Chart("Loss", [line([5, 4, 3, 2, 1])])
    answers = [
        encode([Chart("Loss", [line([5, 4, 3, 2, 0.5])])], frame=2, said="3 s left", running=True),
        encode([chart], frame=3, said="9.0 s on CPU"),
    ]
    view, asked, now = curves([chart]), [], 0

    def answer(route):
        asked.append(route.request.headers.get("if-none-match"))
        if asked[-1] == f'"{now}"':
            return route.fulfill(status=304, headers={"ETag": asked[-1]})
        return route.fulfill(body=answers[now], headers={"ETag": f'"{now}"'})

    view.page.route("**/lossviz/**", answer)
    first = encode([chart], frame=1, said="4 s left", running=True)
    view.send_bytes(with_header(first, source="lossviz/live/curves?runs=a", etag="first"), None)
    said = view.page.locator(".lv-said")
    view.wait_frame(2)
    assert said.inner_text() == "3 s left"
    assert reading(view, 0) == ["0.5"]
    now = 1
    view.wait_frame(3)
    assert said.inner_text() == "9.0 s on CPU"
    count = len(asked)
    view.pass_time(400)
    assert (asked[0], len(asked)) == ('"first"', count)  # of runs that have ended nothing more is asked


def test_the_text_for_a_screen_reader_holds_the_last_values(curves):
    view = curves()
    text = view.page.locator(".lv-plane").nth(1).get_attribute("aria-label")
    assert text == "Accuracy. ArcFace: 97.1 % at epoch 4; Softmax: 10.0 % at epoch 4"


def test_a_dark_page_has_its_own_colours(curves):
    view = curves([Chart("Loss", [line([1, 2, 3, 4, 5], color_dark="#f0a0a0")])], page={"variables": DARK})
    assert len(view.inked("#f0a0a0")) > 50
    assert len(view.inked(RED)) == 0


def test_frames_leave_no_element_behind(curves):
    view = curves()
    count = "return root.querySelectorAll('*').length;"
    before = view.js(count)
    for number in range(2, 102):
        view.send_bytes(encode(two_charts(), frame=number), None)
    view.wait_frame(101)
    assert view.js(count) == before


def test_no_line_is_drawn_for_a_chart_that_has_no_value_yet(curves):
    empty = Line("ArcFace", np.array([]), np.array([]), RED)
    view = curves([Chart("Accuracy", [empty], "%", marks=[Mark(0.5, "fork")])])
    assert reading(view, 0) == ["no value"]


def test_the_message_holds_x_and_y_of_every_line():
    data = encode(two_charts(), frame=3, cursor=1.5)
    header, array = read(data)
    last = header["charts"][1]["lines"][0]
    assert (header["frame"], header["cursor"], last["name"]) == (3, 1.5, "ArcFace")
    assert array(last["x"]).tolist() == X.tolist()
    assert array(last["y"]).tolist() == pytest.approx([0.1, 0.5, 0.7, 0.9, 0.971])


def test_x_and_y_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match=r"of one length; got \[5\] and \[4\]"):
        Line("ArcFace", X, X[1:], RED)


def test_a_name_that_does_not_fit_at_its_line_is_whole_above_the_chart(curves):
    name = "Cross-entropy, feature dimension 128, rate 0.02, momentum 0.9, batch 64, warmup 1, seed 3"
    view = curves(page={"width": 520})
    both = [line([1, 2, 3, 4, 5], name, BLUE), line([2, 3, 4, 5, 6], "Softmax")]
    texts = [
        text for text, *_ in view.texts(lambda: view.send_bytes(encode([Chart("Loss", both)], frame=2), 2))
    ]
    assert not any("…" in text or text == "Softmax" for text in texts)
    read = view.page.locator(".lv-read")
    assert read.all_inner_texts() == [f"{name} 5", "Softmax 6"]
    assert [each.locator("path").get_attribute("stroke") for each in read.all()] == [BLUE, RED]
    width = view.page.locator(".lv-chart").bounding_box()["width"]
    assert all(each.evaluate("e => e.scrollWidth") <= width for each in read.all())


def test_names_for_which_the_chart_is_too_low_stand_above_it(curves):
    many = [line([0.5] * 5, f"c{n}") for n in range(12)]
    view = curves()
    data = encode([Chart("Recall", many, "%"), Chart("Loss", [line([1, 2, 3, 4, 5])])], frame=2)
    texts = [text for text, *_ in view.texts(lambda: view.send_bytes(data, 2))]
    assert "c3" not in texts
    assert "ArcFace" in texts  # the other chart has room for its own
    assert view.page.locator(".lv-reading").first.locator("svg").count() == 12
