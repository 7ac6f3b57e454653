"""The table of exact values, in a real browser."""

import base64

import pytest

from tests.browser.component.frames import DARK, frame_bytes


def answer(**changes) -> dict:
    data = {
        "point": [0.5, -0.25],
        "norm": 0.559,
        "label": 0,
        "angles": [{"name": "W₁", "degrees": 116.6}, {"name": "W₂", "degrees": 3.4}],
        "rows": [
            row("softmax", "Softmax", "1.203", ["0.30", "0.50", "0.20"], "-0.25", "0.53"),
            row("arcface", "ArcFace", "2.5e-4", ["0.10", "0.70", "0.20"], "-0.41", "0.99"),
        ],
        "classes": ["1", "2", "3"],
        "values": {"softmax": 1.203, "arcface": 0.00025},
        "echo": 0,
    }
    data.update(changes)
    return data


def row(key, title, loss, probabilities, positive, negative) -> dict:
    return {
        "key": key,
        "title": title,
        "loss": loss,
        "probabilities": probabilities,
        "positive": positive,
        "negative": negative,
        "note": "",
    }


def probe(view, x, y):
    view.page.evaluate(
        "([x, y]) => window.dispatchEvent(new CustomEvent('lossviz:probe', {detail: {x, y, source: 'k'}}))",
        [x, y],
    )


@pytest.fixture
def readout(component_page):
    return lambda **page: component_page("readout", **page)


def test_without_a_point_one_line_says_what_to_do(readout):
    view = readout()
    view.call(answer(point=None, rows=[], values={}))
    assert view.page.locator(".lv-readout").inner_text().strip().startswith("Point at the picture")
    assert view.page.locator("table:visible").count() == 0


def test_the_table_shows_loss_probabilities_and_metrics(readout):
    view = readout()
    view.call(answer())
    heads = view.page.locator("thead th").all_inner_texts()
    assert heads[1:] == ["loss", "p₁ true", "p₂", "p₃", "positive", "largest negative"]
    cells = view.page.locator("tbody tr").nth(1).locator("th, td").all_inner_texts()
    assert cells == ["ArcFace", "2.5e−4", "0.10", "0.70", "0.20", "−0.41", "0.99"]
    where = view.page.locator(".lv-where").inner_text()
    assert "(0.50, −0.25)" in where
    assert "0.56" in where
    assert "W₁ 116.6°" in where


def test_new_data_keeps_the_cells(readout):
    view = readout()
    view.call(answer())
    view.js("window.cell = root.querySelector('td')")
    changed = answer(point=[1, 1])
    changed["rows"][0]["loss"] = "0.777"
    view.call(changed)
    assert view.js("return root.querySelector('td') === cell && cell.textContent") == "0.777"


def test_exact_values_are_announced_with_their_point(readout):
    view = readout()
    view.call(answer(frame=9))
    (event,) = view.window_events("lossviz:values")
    assert event == {"x": 0.5, "y": -0.25, "values": {"softmax": 1.203, "arcface": 0.00025}, "frame": 9}


def test_at_most_one_question_is_outstanding(readout):
    view = readout()
    view.call(answer(point=None))
    for k in range(6):
        probe(view, 0.1 * k, 0.5)
    (first,) = view.triggers("probe")
    assert first == {"x": 0, "y": 0.5, "id": 1}
    view.call(answer(point=[0, 0.5], echo=1))
    assert view.triggers("probe")[1:] == [{"x": pytest.approx(0.5), "y": 0.5, "id": 2}]


def test_a_point_is_not_asked_for_twice_in_a_row(readout):
    view = readout()
    view.call(answer(point=None))
    probe(view, 0.3, 0.3)
    view.call(answer(point=[0.3, 0.3], echo=1))
    probe(view, 0.3, 0.3)
    assert len(view.triggers("probe")) == 1


def test_a_question_without_an_answer_is_given_up_and_followed(impatient, readout):
    view = readout()
    view.call(answer(point=None))
    probe(view, 0.1, 0.1)
    probe(view, 0.2, 0.2)
    view.wait_triggers("probe", 2)
    assert [question["x"] for question in view.triggers("probe")] == [0.1, 0.2]


def tell(view, what):
    view.page.evaluate("name => window.dispatchEvent(new CustomEvent(name))", f"lossviz:probe-{what}")


def test_a_hold_drops_what_waits_and_a_release_asks_for_the_newest_point(readout):
    view = readout()
    view.call(answer(point=None))
    probe(view, 0.1, 0.1)
    probe(view, 0.2, 0.2)  # waits for the answer
    tell(view, "hold")
    view.call(answer(point=[0.1, 0.1], echo=1))
    assert len(view.triggers("probe")) == 1
    probe(view, 0.3, 0.3)
    probe(view, 0.4, 0.4)
    assert len(view.triggers("probe")) == 1
    tell(view, "release")
    assert view.triggers("probe")[1:] == [{"x": 0.4, "y": 0.4, "id": 2}]


def test_a_point_that_a_hold_dropped_can_be_asked_for_again(readout):
    view = readout()
    view.call(answer(point=None))
    probe(view, 0.1, 0.1)
    probe(view, 0.2, 0.2)
    tell(view, "hold")
    view.call(answer(point=[0.1, 0.1], echo=1))
    assert view.js("return root.querySelector('.lv-readout').getAttribute('aria-busy')") == "false"
    tell(view, "release")
    probe(view, 0.2, 0.2)
    assert len(view.triggers("probe")) == 2


def test_a_hold_without_a_release_ends(impatient, readout):
    view = readout()
    view.call(answer(point=None))
    tell(view, "hold")
    probe(view, 0.1, 0.1)
    view.wait_triggers("probe", 1)
    assert len(view.triggers("probe")) == 1


def test_values_of_an_earlier_point_are_marked_until_the_answer(readout):
    view = readout()
    view.call(answer())
    busy = "return root.querySelector('.lv-readout').getAttribute('aria-busy')"
    assert view.js(busy) == "false"
    probe(view, 1, 1)
    assert view.js(busy) == "true"
    view.call(answer(point=[1, 1], echo=1))
    assert view.js(busy) == "false"


def test_a_screen_reader_hears_only_the_point_at_rest(readout):
    view = readout()
    answers = [frame_bytes(answer(point=[0.1 * k, 0], echo=k), ()) for k in range(4)]
    texts = [base64.b64encode(each).decode() for each in answers]
    view.page.evaluate("(all) => all.forEach((data) => window.send('readout', data))", texts[:-1])
    spoken = view.page.locator("[aria-live=polite]")
    at_once = """(data) => { window.send('readout', data);
        return window.shadow('readout').querySelector('[aria-live=polite]').innerText; }"""
    assert view.page.evaluate(at_once, texts[-1]) == ""
    view.page.wait_for_function("window.shadow('readout').querySelector('[aria-live=polite]').innerText")
    assert spoken.inner_text() == "At (0.30, 0.00): Softmax 1.203; ArcFace 2.5e−4"


def test_a_wide_table_scrolls_in_its_box_on_a_phone(readout):
    view = readout(width=390)
    classes = [str(k + 1) for k in range(10)]
    data = answer(classes=classes)
    for row in data["rows"]:
        row["probabilities"] = ["0.10"] * 10
    view.call(data)
    assert view.js("const s = root.querySelector('.lv-scroll'); return s.scrollWidth > s.clientWidth")
    assert view.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_texts_from_the_data_are_never_markup(readout):
    view = readout(variables=DARK)
    data = answer()
    data["rows"][0].update(title="<b>x</b>", note="<img src=x><i>degrees</i>")
    view.call(data)
    assert view.page.locator(".lv-readout :is(b, i, img)").count() == 0
    assert view.page.locator("tbody th").first.inner_text() == "<b>x</b>"


def test_only_the_latest_clean_up_removes_the_table(readout):
    view = readout()
    view.call(answer())
    view.call(answer(point=[1, 1]))
    view.page.evaluate("window.cleanups('readout')[0]()")
    assert view.page.locator("table").count() == 1
    view.page.evaluate("window.cleanups('readout')[1]()")
    assert view.page.locator("table").count() == 0
    probe(view, 1, 1)
    assert view.triggers() == []


def test_missing_fields_do_not_throw(readout):
    view = readout()
    view.call({"point": [0, 0]})
    view.call(
        {
            "point": [0, 0],
            "rows": [{"key": "a"}],
            "classes": ["cat", "dog"],
            "angles": [{"name": "W", "degrees": None}],
        }
    )
    view.call(None)
    assert view.page.locator("thead th").all_inner_texts()[1:] == ["loss", "p cat", "p dog"]
