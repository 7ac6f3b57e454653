"""The threshold in a real browser: what it counts while it is dragged, and when it tells the server."""

import numpy as np
import pytest

from lossviz.figures import palette
from lossviz.figures.threshold import Row, encode
from tests.browser.component.frames import DARK

# Six samples of three classes: the metric of the own class, and the two others.
POSITIVE = [5.0, 4.0, 3.0, 2.0, 1.0, -1.0]
OTHERS = [(0.0, -1.0), (2.0, 1.0), (3.5, -2.0), (2.0, 0.0), (-1.0, -3.0), (-2.0, 4.0)]
LABELS = [0, 0, 1, 1, 2, 2]
BLUE, GREEN = "#1040d0", "#108030"
EDGES = np.linspace(-4.0, 6.0, 101)
# t = 2 splits the second sample exactly at its largest negative metric, and refuses the fourth.
COLUMNS = ["right", "wrong", "low", "high", "negatives"]


def counted(t: float) -> dict[str, int]:
    """What is right and wrong at t, counted one by one."""
    told = dict.fromkeys(COLUMNS, 0) | {"classes": [0, 0, 0]}
    for positive, others, label in zip(POSITIVE, OTHERS, LABELS, strict=True):
        low, high = not positive > t, any(other > t for other in others)
        told["low"] += low
        told["high"] += high
        told["wrong"] += low or high
        told["right"] += not (low or high)
        told["negatives"] += sum(other > t for other in others)
        told["classes"][label] += low or high
    return told


def row(name="bce-nu", color=BLUE, **changes) -> Row:
    others = np.array(OTHERS)
    thresholds = np.unique([*POSITIVE, *others.ravel(), -4.0])
    right = [counted(t)["right"] / 6 for t in thresholds]
    heights = np.histogram(POSITIVE, EDGES)[0] / 6, np.histogram(others, EDGES)[0] / 12
    settings = {
        "positive": np.array(POSITIVE),
        "negative": others.max(1),
        "labels": np.array(LABELS),
        "curve_x": thresholds,
        "curve_y": np.array(right),
        "positive_heights": heights[0],
        "negative_heights": heights[1],
        "negatives": 12,
        "tail": np.sort(others.ravel())[::-1],
        "rest": np.empty(0),
        "rest_before": np.empty(0),
        "best": (0.1234567, 0.5),
        "best_text": "0.12",
        "bias": 0.0,
    }
    return Row(name, **({"color": color, "color_dark": color} | settings | changes))


@pytest.fixture
def threshold(component_page):
    """A function that opens the component with a first frame."""

    def open_threshold(rows=None, t=2.0, *, page=None, classes=("zero", "one", "two"), **options):
        data = encode([row()] if rows is None else rows, EDGES, classes, t, frame=1, **options)
        return component_page("threshold", **(page or {})).send_bytes(data, 1)

    return open_threshold


def shown(view) -> float:
    return view.js("return Number(root.querySelector('.lv-threshold').dataset.t)")


def cells(view, line=0) -> list[str]:
    return view.page.locator(".lv-counts tbody tr").nth(line).locator("td").all_inner_texts()


def x_of(view, t: float) -> float:
    """The window's x of a threshold, between the ends of the axis."""
    box = view.page.locator(".lv-plane").bounding_box()
    return box["x"] + (t - EDGES[0]) / (EDGES[-1] - EDGES[0]) * box["width"]


def drag(view, t: float, *, up=True):
    box = view.page.locator(".lv-plane").bounding_box()
    view.page.mouse.move(x_of(view, shown(view)), box["y"] + 60)
    view.page.mouse.down()
    view.page.mouse.move(x_of(view, t), box["y"] + 60, steps=3)
    view.settle()
    if up:
        view.page.mouse.up()


def test_what_a_threshold_gets_wrong_is_counted_sample_by_sample(threshold):
    """Also where a metric equals the threshold: the positive must lie above it, a negative need not."""
    view = threshold(t=2.0)
    expected = counted(2.0)
    share = f"{100 * expected['right'] / 6:.1f} %"
    counts = [str(expected[name]) for name in COLUMNS[1:]]
    assert cells(view) == [share, *counts, *map(str, expected["classes"])]


def test_dragging_counts_at_once_and_tells_the_server_only_when_released(threshold):
    view = threshold()
    drag(view, -1.5, up=False)
    assert shown(view) == pytest.approx(-1.5, abs=0.03)
    assert cells(view)[1] == str(counted(-1.5)["wrong"])
    assert view.triggers("release") == []
    view.page.mouse.up()
    assert view.triggers("release") == [{"t": shown(view), "id": 1}]


def test_a_press_on_the_plane_brings_the_handle_there(threshold):
    view = threshold()
    box = view.page.locator(".lv-plane").bounding_box()
    view.page.mouse.click(x_of(view, 4.5), box["y"] + 100)
    view.settle()
    assert shown(view) == pytest.approx(4.5, abs=0.03)
    assert [event["t"] for event in view.triggers("release")] == [shown(view)]


def test_a_handle_that_is_held_and_not_moved_tells_nothing(threshold):
    view = threshold()
    drag(view, 4.0)
    drag(view, shown(view))
    view.page.locator("[role=slider]").click()
    assert len(view.triggers("release")) == 1


def test_keys_move_the_handle_and_are_told_once_after_the_last(threshold):
    view = threshold()
    view.page.locator("[role=slider]").focus()
    # In one turn of the event loop, as fast as they can come.
    view.js(
        """for (const key of arg) {
             const press = { key: key.split('+').at(-1), shiftKey: key.startsWith('Shift'), bubbles: true };
             root.querySelector('[role=slider]').dispatchEvent(new KeyboardEvent('keydown', press)); }""",
        ["ArrowRight", "ArrowRight", "Shift+ArrowRight", "ArrowLeft", "PageDown"],
    )
    view.settle()
    # The axis is 10 wide, so a step is 0.01: 1 + 1 + 10 − 1 − 10 of them.
    assert shown(view) == pytest.approx(2.01)
    view.page.wait_for_function("n => window.triggers(n).length > 0", arg="threshold")
    assert view.triggers("release") == [{"t": 2.01, "id": 1}]
    view.page.keyboard.press("Home")
    view.settle()
    assert shown(view) == -4.0
    view.page.keyboard.press("Enter")
    assert view.triggers("release")[-1]["t"] == -4.0


def test_best_brings_the_handle_to_the_very_threshold(threshold):
    view = threshold()
    view.page.get_by_role("button", name="best 50.0 % at t* 0.12").click()
    view.settle()
    assert shown(view) == 0.1234567
    assert view.triggers("release") == [{"t": 0.1234567, "id": 1}]


def test_without_a_common_threshold_each_run_is_counted_at_its_own_t_star(threshold):
    rows = [row(), row("soft-n", GREEN, best=(3.5, 2 / 6), best_text="3.5"), row("none", best=None)]
    view = threshold(rows, common=False)
    for line, t in enumerate((0.1234567, 3.5)):
        expected = counted(t)
        assert cells(view, line)[1:5] == [str(expected[name]) for name in COLUMNS[1:]]
    assert cells(view, 2)[:2] == ["0.0 %", "6"]
    assert view.page.locator(".lv-label").all_inner_texts()[1].endswith("at t* 3.5")
    # There is nothing to be dragged.
    assert not view.page.get_by_role("slider").is_visible()
    assert not view.page.locator(".lv-plane").is_visible()
    assert view.page.get_by_role("button", name="best").count() == 0


def test_the_switch_to_one_threshold_brings_the_handle(threshold):
    view = threshold([row(), row("soft-n", GREEN)], common=False)
    view.send_bytes(encode([row(), row("soft-n", GREEN)], EDGES, ("zero", "one", "two"), 2.0, frame=2), 2)
    assert view.page.get_by_role("slider").is_visible()
    assert cells(view)[1] == cells(view, 1)[1] == str(counted(2.0)["wrong"])


def test_at_t_star_the_handle_says_the_digits_that_are_known(threshold):
    view = threshold(t=0.1234567)
    assert view.page.locator(".lv-knob").inner_text() == "t = 0.12"


def test_thresholds_nearly_as_good_are_shaded_where_they_lie(threshold):
    """In its row, above the histograms: coloured between −3 and −2, bare elsewhere."""
    flat = {"positive_heights": np.zeros(100), "negative_heights": np.zeros(100)}

    def alpha(view, t: float) -> int:
        base = view.page.locator(".lv-base").bounding_box()
        return view.pixel(x_of(view, t), base["y"] + base["height"] - 60)[3]

    view = threshold([row(bias=None, near=np.array([[-3.0, -2.0]]), **flat)])
    assert alpha(view, -2.45) > 20
    beside = alpha(view, -1.45)
    plain = threshold([row(bias=None, **flat)])
    assert alpha(plain, -2.45) == alpha(plain, -1.45) == beside < 20


def test_a_frame_that_has_not_heard_of_the_last_move_does_not_undo_it(threshold):
    view = threshold()
    drag(view, 4.0)
    moved = shown(view)
    view.send_bytes(encode([row()], EDGES, ("zero", "one", "two"), 2.0, frame=2, echo=0), 2)
    assert shown(view) == moved
    view.send_bytes(encode([row()], EDGES, ("zero", "one", "two"), -2.0, frame=3, echo=1), 3)
    assert shown(view) == -2.0


def test_a_frame_while_dragging_does_not_move_the_handle(threshold):
    view = threshold()
    drag(view, 4.0, up=False)
    moved = shown(view)
    view.send_bytes(encode([row()], EDGES, ("zero", "one", "two"), -2.0, frame=2, echo=5), 2)
    assert shown(view) == moved
    view.page.mouse.up()


def test_the_curve_stands_at_the_shares_that_are_right(threshold):
    view = threshold()
    box = view.page.locator(".lv-plane").bounding_box()
    host = view.page.locator(".lv-box").bounding_box()
    drawn = view.inked(BLUE, within=6, opacity=200)
    drawn = drawn[drawn[:, 1] < 26 + 190]
    for t in (-3.0, 0.5, 1.5, 3.2, 4.5):
        column = drawn[np.abs(drawn[:, 0] - (x_of(view, t) - host["x"])) < 1.5]
        expected = (box["y"] - host["y"]) + (1 - counted(t)["right"] / 6) * 190
        assert len(column), t
        assert np.abs(column[:, 1] - expected).min() < 2.5, t


def test_only_what_is_on_the_wrong_side_is_in_full_colour(threshold):
    def full(colour):
        """Columns of the rows' pixels in 85 per cent of a colour on white, as thresholds."""
        rows, wanted = view.canvas("over")[250:], [int(colour[n : n + 2], 16) for n in (1, 3, 5)]
        found = (np.abs(rows[:, :, :3] - wanted) < 8).all(-1) & (rows[:, :, 3] > 150) & (rows[:, :, 3] < 250)
        box = view.page.locator(".lv-plane").bounding_box()
        host = view.page.locator(".lv-box").bounding_box()
        at = np.nonzero(found)[1] - (box["x"] - host["x"])
        return EDGES[0] + at / box["width"] * (EDGES[-1] - EDGES[0])

    view = threshold(t=2.5)
    positive, negative = palette.sides(False)
    assert len(full(positive))
    assert full(positive).max() <= 2.55
    assert len(full(negative))
    assert full(negative).min() >= 2.45


def test_the_slider_says_its_value_and_what_it_gets_wrong(threshold):
    view = threshold([row(), row("soft-nu", GREEN)])
    handle = view.page.locator("[role=slider]")
    expected = counted(2.0)
    said = f"{100 * expected['right'] / 6:.1f} % right, {expected['low']} positives below, "
    said += f"{expected['high']} samples with a negative above"
    assert handle.get_attribute("aria-valuetext") == f"2. bce-nu: {said}; soft-nu: {said}"
    assert [float(handle.get_attribute(f"aria-value{end}")) for end in ("min", "max")] == [-4, 6]


def test_a_tail_that_is_not_sent_whole_gives_a_count_that_says_so(threshold):
    largest = np.sort(np.ravel(OTHERS))[::-1]
    cut = {"tail": largest[:3], "rest": np.array([1.0, -3.5]), "rest_before": np.array([5, 12])}
    view = threshold([row(**cut)], t=3.0)
    assert cells(view)[4] == "2"
    drag(view, 0.5)
    assert cells(view)[4] == "about 12"


def test_many_classes_are_bars_that_name_the_worst(threshold):
    names = [f"class {k}" for k in range(43)]
    view = threshold(classes=names)
    assert view.page.locator(".lv-bars").count() == 1
    said = view.page.locator(".lv-bars").get_attribute("aria-label")
    worst = counted(2.0)["classes"]
    assert said == f"worst: class {np.argmax(worst)}, {50 * max(worst):.1f} % wrong"


def test_a_class_without_samples_has_no_count(threshold):
    view = threshold(classes=["zero", "one", "two", "three"])
    assert cells(view)[-1] == "–"


def test_one_class_has_no_negative_metrics(threshold):
    alone = row(
        labels=np.zeros(6),
        negative=np.full(6, -np.inf),
        negatives=0,
        tail=np.empty(0),
        negative_heights=np.zeros(100),
        best=None,
        bias=None,
    )
    view = threshold([alone], classes=["all"])
    low = sum(positive <= 2 for positive in POSITIVE)
    assert cells(view) == [f"{100 * (6 - low) / 6:.1f} %", str(low), str(low), "0", "–", str(low)]


def test_zooming_keeps_the_handle_in_sight_and_makes_steps_finer(threshold):
    view = threshold(t=1.0)
    closer = view.page.get_by_role("button", name="closer")
    for _ in range(5):
        closer.click()
    box = view.page.locator(".lv-plane").bounding_box()
    handle = view.page.locator("[role=slider]").bounding_box()
    assert box["x"] < handle["x"] + handle["width"] / 2 < box["x"] + box["width"]
    view.page.locator("[role=slider]").focus()
    view.page.keyboard.press("ArrowRight")
    view.settle()
    # A 32nd of 10 wide: steps of 0.0001.
    assert shown(view) == pytest.approx(1.0001)
    view.page.get_by_role("button", name="all metrics").click()
    view.page.keyboard.press("Home")
    view.page.locator("[role=slider]").focus()
    view.page.keyboard.press("End")
    view.settle()
    assert shown(view) == 6.0


def test_a_threshold_beyond_what_is_shown_moves_the_axis(threshold):
    view = threshold(t=5.0)
    for _ in range(4):
        view.page.get_by_role("button", name="closer").click()
    view.page.get_by_role("button", name="best").click()
    view.settle()
    handle = view.page.locator("[role=slider]").bounding_box()
    box = view.page.locator(".lv-plane").bounding_box()
    assert shown(view) == 0.1234567
    assert abs(handle["x"] + handle["width"] / 2 - (box["x"] + box["width"] / 2)) < 2


def test_a_dark_page_has_its_own_colours(threshold):
    view = threshold([row(color_dark="#f0a0a0")], page={"variables": DARK})
    assert len(view.inked("#f0a0a0", within=6)) > 50
    assert len(view.inked(BLUE, within=6)) == 0


def test_on_a_phone_nothing_is_wider_than_the_window(threshold):
    rows = [row(f"Normalised softmax, unified bias {n}", BLUE) for n in range(6)]
    view = threshold(rows, page={"width": 390, "height": 800})
    assert view.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_frames_leave_no_element_behind(threshold):
    view = threshold()
    count = "return root.querySelectorAll('*').length;"
    before = view.js(count)
    for number in range(2, 60):
        view.send_bytes(encode([row()], EDGES, ("zero", "one", "two"), 2.0, frame=number), None)
    view.wait_frame(59)
    assert view.js(count) == before


def test_runs_may_come_and_go(threshold):
    view = threshold([row(), row("soft-nu", GREEN)])
    view.send_bytes(encode([row("soft-nu", GREEN)], EDGES, ("zero", "one", "two"), 2.0, frame=2), 2)
    assert view.page.locator(".lv-counts tbody tr").count() == 1
    assert view.page.locator(".lv-name").all_inner_texts() == ["soft-nu"]
