"""What a control may do to the view of its page, run without a browser."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from lossviz.ui import offers
from tests.crawl.visitor import remember_answers
from tests.pages.opened import link


def page() -> None:
    """A page with a control of each kind over names that can be replaced."""
    from dataclasses import dataclass, replace

    import streamlit as st

    from lossviz.core.errors import LossvizError
    from lossviz.ui.binding import Binding

    @dataclass(frozen=True)
    class View:
        k: int = 0
        some: tuple = (1,)
        margin: float = 30.0

        def to_query(self):
            return {"k": str(self.k), "some": ",".join(map(str, self.some)), "margin": f"{self.margin:g}"}

        @classmethod
        def from_query(cls, query):
            return cls(), []

    def refuse(now, new):
        raise LossvizError("margin: must stay; got another") if new < 60 else ZeroDivisionError("here")

    bound = Binding("small", View)
    view = bound.open()
    bound.tell()
    names = st.session_state.get("names", ["ant", "bee", "cat"])
    name = names.__getitem__
    bound.control(
        st.selectbox,
        "k",
        view.k,
        lambda now, new: replace(now, k=int(new)),
        "Class",
        list(range(len(names))),
        format_func=name,
    )
    bound.control(
        st.multiselect,
        "some",
        list(view.some),
        lambda now, new: replace(now, some=tuple(map(int, new))),
        "Classes",
        list(range(len(names))),
        format_func=name,
    )
    bound.control(st.slider, "margin", view.margin, refuse, "Margin", 0.0, 90.0)
    st.text(bound.pick(st.selectbox, "run", "first", "Run", ["first", *names]))
    st.text(bound.pick(st.selectbox, "newest", names[-1], "Newest", names))
    bound.close()


def opened(monkeypatch) -> AppTest:
    remember_answers(monkeypatch)
    at = AppTest.from_function(page, default_timeout=600).run()
    assert not at.exception
    return at


START = {"k": "0", "some": "1", "margin": "30"}


def test_names_that_are_replaced_choose_nothing_and_are_shown(monkeypatch) -> None:
    at = opened(monkeypatch)
    at.session_state["names"] = ["0", "1", "2"]
    for _ in range(3):
        at.run()
        assert not at.exception
        assert link(at) == START
    assert at.selectbox[0].value == 0
    assert at.selectbox[0].format_func(0) == "0"
    assert at.multiselect[0].value == [1]
    assert list(at.multiselect[0].values) == ["1"]
    # the browser is given other widgets: the old ones keep the old names
    assert "airplane" not in at.selectbox[0].options


def test_an_answer_that_is_not_offered_is_not_taken(monkeypatch) -> None:
    at = opened(monkeypatch)
    for box in (at.selectbox[0], at.selectbox[1]):
        box.options.append("airplane")
        box.set_value("airplane").run()
        assert not at.exception
        assert link(at) == START
    assert [box.value for box in at.selectbox] == [0, "first", "cat"]
    assert at.text[0].value == "first"


def test_a_choice_outside_the_view_lasts_as_long_as_it_is_offered(monkeypatch) -> None:
    at = opened(monkeypatch)
    at.selectbox[1].set_value("bee").run()
    assert at.text[0].value == "bee"
    at.run()
    assert at.text[0].value == "bee"
    at.session_state["names"] = ["0", "1", "2"]
    at.run()
    assert at.text[0].value == "first"
    assert at.selectbox[1].value == "first"


def test_a_proposal_does_not_move_while_a_visitor_looks_at_it(monkeypatch) -> None:
    at = opened(monkeypatch)
    assert at.text[1].value == "cat"
    at.session_state["names"] = ["ant", "bee", "cat", "dog"]
    at.run()
    assert at.text[1].value == "cat"
    at.session_state["names"] = ["dog", "eel"]
    at.run()
    assert at.text[1].value == "eel"  # the other is not offered any more


def test_a_callback_that_fails_says_so_once_and_changes_nothing(monkeypatch) -> None:
    at = opened(monkeypatch)
    for value, word in ((45.0, "Margin: must stay"), (75.0, "ZeroDivisionError")):
        at.slider[0].set_value(value).run()
        assert not at.exception
        assert link(at) == START
        assert at.slider[0].value == 30.0
        (error,) = at.error
        assert word.lower() in error.value.replace("\\", "").lower()
        assert "Nothing was changed" in error.value
        assert "Traceback" not in error.value
    at.selectbox[0].set_value(2).run()
    assert not at.error
    assert link(at) == {**START, "k": "2"}


def test_a_widget_that_loses_what_it_was_told_shows_the_view(monkeypatch) -> None:
    at = opened(monkeypatch)
    assert list(at.slider[0].proto.default) == [30.0]
    assert at.selectbox[0].proto.default == 0
    assert list(at.multiselect[0].proto.default) == [1]


def test_no_two_options_have_the_same_label() -> None:
    assert offers.labels(["a", "b", "c"], {"a": "x", "b": "x", "c": "y"}.get) == {
        "a": "x",
        "b": "x (2)",
        "c": "y",
    }
    close = offers.labels([0.123, 0.12345, 0.2], lambda value: f"{value:.3g}")
    assert close == {0.123: "0.123", 0.12345: "0.12345", 0.2: "0.2"}
    assert offers.labels(["known", "new"], {"known": "Known"}.get)["new"] == "new"


def test_a_number_outside_its_range_is_shown_as_the_view_has_it() -> None:
    import streamlit as st

    made = offers.offer(st.slider, 5, ("Features", 20, 100), {})
    assert made.args == ("Features", 5, 100)
    assert made.options["value"] == 5
    assert made.takes(5)
    assert not made.takes(4)
    assert not made.takes(True)
    assert not made.takes(float("nan"))
