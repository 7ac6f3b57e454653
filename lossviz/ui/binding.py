"""One view, the widgets and the URL, held together.

The view in the session is the truth. A widget's callback changes the view; a widget that shows
another value than the view's is replaced by a new one; at the end of a run the view is written to
the URL. A URL that changed from outside (a link, back, forward) replaces the view.

Nothing else changes the view. An answer that is not among the present options of its widget was not given
by the visitor and is ignored; a callback that throws is logged and told, and changes nothing. A value is
always passed as the default of its widget, never set through the session: where a run of the page was cut
short, Streamlit and the browser forget a value that was set, and would show the lowest number or the first
option.

Messages cross: a press that was sent before the browser got the last answer carries the widgets and
the URL as they were before that answer. Two rules keep such a message from undoing it. A widget is
never set from the server: it is replaced by a new one under a new key, which has no state of the old one.
And the URL of a message in which the visitor changed something is not read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

import streamlit as st
from streamlit.logger import get_logger

from lossviz.core.errors import LossvizError
from lossviz.core.names import display_text
from lossviz.core.query import View, briefly, repeated_settings
from lossviz.ui.offers import Widget, offer

_NOTHING = object()  # stands for the value of a widget that is to be replaced


AnyView = TypeVar("AnyView", bound=View)


def plain(text: str) -> str:
    """Escape Markdown in a text, so that words from a link are shown as they are."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|$:~<>])", r"\\\1", display_text(text))


def sentence(text: str) -> str:
    """A message with a capital letter, unless it begins with a name: "metrics.npz", "margin:", "bce-nu"."""
    return text[:1].upper() + text[1:] if re.match(r"[a-z]+( |$)", text) else text


def tried(act: Callable[[], object]) -> bool:
    """Do what a visitor asked for; True if it went well. Otherwise the error is logged, `Binding.tell` says
    it, and the view of the page stays as it was."""
    state = st.session_state
    page = state.get("page")
    state.pop(f"{page}.failed", None)
    before = state.get(f"{page}.view")
    try:
        act()
    except (LossvizError, OSError) as error:
        said = f"{sentence(str(error)).rstrip('.')}. Nothing was changed."
    except Exception as error:
        get_logger("lossviz").error("a press on the page %s failed", page, exc_info=error)
        said = (
            f"That did not work, by a fault of this program ({type(error).__name__}); the server's log says "
            "more. Nothing was changed."
        )
    else:
        return True
    state[f"{page}.failed"] = said
    if before is not None:
        state[f"{page}.view"] = before
    return False


def guarded(act: Callable[[], object]) -> Callable[[], None]:
    """Make a callback that calls `tried`: Streamlit would give up the page if a callback threw."""

    def call() -> None:
        if not tried(act):
            st.rerun()  # the whole page, which tells the error, even if only a part was to be drawn

    return call


class Binding(Generic[AnyView]):
    """The view of one page in one session; `name` keeps pages apart, `kind` is the view's class."""

    def __init__(self, name: str, kind: type[AnyView]) -> None:
        self.name, self.kind = name, kind

    def _slot(self, what: str) -> str:
        return f"{self.name}.{what}"

    @property
    def view(self) -> AnyView:
        """The view as it is now."""
        return st.session_state[self._slot("view")]

    @view.setter
    def view(self, view: AnyView) -> None:
        st.session_state[self._slot("view")] = view
        st.session_state[self._slot("problems")] = []
        st.session_state[self._slot("changed")] = True

    @property
    def problems(self) -> list[str]:
        """Give the problems found in the URL; kept until the view is changed."""
        return st.session_state.get(self._slot("problems"), [])

    def tell(self, *more: str) -> None:
        """Say what went wrong at the last press, what is wrong with the link, and more."""
        if failed := st.session_state.get(self._slot("failed")):
            st.error(plain(failed))
        for problem in (*self.problems, *more):
            st.warning(plain(sentence(problem)))

    def complete(self, view: AnyView) -> None:
        """Fill in settings that the visitor has not chosen; the problems of the URL stay."""
        st.session_state[self._slot("view")] = view

    def touch(self) -> None:
        """Note that the visitor did something that is not a step in the browser's history."""
        st.session_state[self._slot("changed")] = True

    def open(self) -> AnyView:
        """Take the view from the URL if that is not what this page wrote last; return it."""
        changed = st.session_state.pop(self._slot("changed"), False)
        query = st.query_params.to_dict()
        new = self._slot("view") not in st.session_state
        first, elsewhere = "page" not in st.session_state, st.session_state.get("page") != self.name
        st.session_state["page"] = self.name
        if elsewhere and not query and not new:
            # Back from another page through the navigation: the session has the view, the URL does not.
            st.session_state[self._slot("query")] = None
        elif new or (not changed and query != st.session_state[self._slot("query")]):
            view, problems = self.kind.from_query(query)
            problems += repeated_settings(n for n in query if len(st.query_params.get_all(n)) > 1)
            st.session_state[self._slot("view")] = view
            st.session_state[self._slot("problems")] = briefly(problems)
            # None, so that the link is written once more, in case another is on its way to the browser. For
            # a visitor who has just come there is none, and writing it would add a step to the history.
            told = first and query == view.to_query()
            st.session_state[self._slot("query")] = query if told else None
        return self.view

    def close(self) -> None:
        """Write the view to the URL; each new one is a step for the browser's back button."""
        query = self.view.to_query()
        if query != st.session_state[self._slot("query")]:
            st.query_params.from_dict(query)
            st.session_state[self._slot("query")] = query

    def control(
        self,
        widget: Widget,
        key: str,
        value: Any,
        change: Callable[[AnyView, Any], AnyView],
        *args: Any,
        **options: Any,
    ) -> None:
        """Draw a widget that shows `value` and whose changes go through `change(view, new value)`."""

        def store(new: Any) -> None:
            self.view = change(self.view, new)

        self._draw(widget, key, value, store, args, options)

    def pick(self, widget: Widget, key: str, first: Any, *args: Any, **options: Any) -> Any:
        """Draw a widget whose value is no part of the view, and give the value: the one that the visitor
        chose or was shown before, as long as it is offered, else `first`."""
        picked = self.last_pick(key, first)
        value = picked if offer(widget, first, args, options).takes(picked) else first
        st.session_state[self._slot(f"{key} picked")] = value

        def store(new: Any) -> None:
            st.session_state[self._slot(f"{key} picked")] = new
            self.touch()

        self._draw(widget, key, value, store, args, options)
        return value

    def last_pick(self, key: str, first: Any) -> Any:
        """Give the value that `pick` showed or got last."""
        return st.session_state.get(self._slot(f"{key} picked"), first)

    def _draw(
        self,
        widget: Widget,
        key: str,
        value: Any,
        store: Callable[[Any], None],
        args: tuple[Any, ...],
        options: dict[str, Any],
    ) -> None:
        slot = self._slot(f"{key} shown")
        offered = offer(widget, value, args, options)
        *known, number = st.session_state.get(slot, (_NOTHING, None, 0))
        if known != [value, offered.face(value)]:
            number += 1
        st.session_state[slot] = (value, offered.face(value), number)

        def changed() -> None:
            new = st.session_state[self._slot(f"{key} {number}")]
            if st.session_state[slot][-1] != number:
                return  # a late message of a widget that has been replaced
            if offered.takes(new) and tried(lambda: store(new)):
                st.session_state[slot] = (new, offered.face(new), number)
            else:
                # The browser shows another value than the view: a new widget replaces this one.
                st.session_state[slot] = (_NOTHING, None, number)
                self.touch()

        widget(*offered.args, key=self._slot(f"{key} {number}"), on_change=changed, **offered.options)

    def folded(self, label: str, key: str = "") -> Iterator[None]:
        """`for _ in bound.folded("More"): …` runs its body inside an expander, and only if it is open.
        key: needed where another expander of the page has the same label.

        A closed expander sends nothing to the browser; this saves half of a page's messages.
        """
        box = st.expander(label, key=self._slot(f"fold {key or label}"), on_change=self.touch)
        if box.open:
            with box:
                yield

    def button(self, label: str, change: Callable[[AnyView], AnyView], key: str = "", **options: Any) -> None:
        """Draw a button that changes the view. key: needed where its label may change, or is used twice."""

        def pressed() -> None:
            self.view = change(self.view)

        self.press(label, key or f"button {label}", pressed, **options)

    def press(self, label: str, key: str, act: Callable[..., object], *args: Any, **options: Any) -> bool:
        """Draw a button that calls `act(*args)` and leaves the view; True if it was just pressed."""

        def pressed() -> None:
            self.touch()
            act(*args)

        return st.button(label, key=self._slot(key), on_click=guarded(pressed), **options)
