"""One view, the widgets and the URL, held together.

The view in the session is the truth. A widget's callback changes the view; a widget that shows
another value than the view's is replaced by a new one; at the end of a run the view is written to
the URL. A URL that changed from outside (a link, back, forward) replaces the view.

Messages cross: a press that was sent before the browser got the last answer carries the widgets and
the URL as they were before it. Two rules keep such a message from undoing that answer. A widget is
never set from the server: a new widget, under a new key, knows nothing of the old one's state. And
the URL of a message in which the visitor changed something is not read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Generic, Protocol, TypeVar

import streamlit as st

from lossviz.written import shown


class View(Protocol):
    """The settings of a page, as a value."""

    def to_query(self) -> dict[str, str]:
        """The settings as a URL's parameters."""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> tuple[Any, list[str]]:
        """The settings that a URL says, and what was wrong with it."""


AnyView = TypeVar("AnyView", bound=View)


def plain(text: str) -> str:
    """Text in which nothing is Markdown: what came from a link is shown as it came."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|$:~<>])", r"\\\1", shown(text))


def sentence(text: str) -> str:
    """A message with a capital letter, unless it begins with a name: "metrics.npz", "margin:", "bce-nu"."""
    return text[:1].upper() + text[1:] if re.match(r"[a-z]+( |$)", text) else text


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
        """What was wrong with the URL, until the view is changed."""
        return st.session_state.get(self._slot("problems"), [])

    def complete(self, view: AnyView) -> None:
        """Add to the view what nobody has said; what was wrong with the URL stays told."""
        st.session_state[self._slot("view")] = view

    def touch(self) -> None:
        """Say that the visitor did something that is not a step in the browser's history."""
        st.session_state[self._slot("changed")] = True

    def open(self) -> AnyView:
        """Take the view from the URL if that is not what this page wrote last; return it."""
        changed = st.session_state.pop(self._slot("changed"), False)
        query = st.query_params.to_dict()
        new = self._slot("view") not in st.session_state
        first, elsewhere = "page" not in st.session_state, st.session_state.get("page") != self.name
        st.session_state["page"] = self.name
        if elsewhere and not query and not new:
            # Back from another page by its name: the view is still here, its link is not.
            st.session_state[self._slot("query")] = None
        elif new or (not changed and query != st.session_state[self._slot("query")]):
            view, problems = self.kind.from_query(query)
            st.session_state[self._slot("view")] = view
            st.session_state[self._slot("problems")] = problems
            # Not `query`: the link is written once more, should another be on its way. To a visitor who
            # has just come none is, and writing it would be a step to go back.
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
        widget: Callable[..., Any],
        key: str,
        value: Any,
        change: Callable[[AnyView, Any], AnyView],
        *args: Any,
        **options: Any,
    ) -> Any:
        """Draw a widget that shows `value` and whose changes go through `change(view, new value)`."""
        known, number = st.session_state.get(self._slot(f"{key} shown"), (None, 0))
        if known != value:
            number += 1
        slot = self._slot(f"{key} {number}")
        st.session_state[self._slot(f"{key} shown")] = (value, number)
        if slot not in st.session_state:
            st.session_state[slot] = value

        def changed() -> None:
            new, now = st.session_state[slot], st.session_state[self._slot(f"{key} shown")]
            if now[1] != number:
                return  # a late word of a widget that has been replaced
            st.session_state[self._slot(f"{key} shown")] = (new, number)
            self.view = change(self.view, new)

        return widget(*args, key=slot, on_change=changed, **options)

    def folded(self, label: str) -> Iterator[None]:
        """`for _ in bound.folded("More"): …` runs its body inside an expander, and only if it is open.

        A closed expander sends nothing to the browser: half of a page's messages lie in them.
        """
        box = st.expander(label, key=self._slot(f"fold {label}"), on_change=self.touch)
        if box.open:
            with box:
                yield

    def button(self, label: str, change: Callable[[AnyView], AnyView], **options: Any) -> None:
        """A button that changes the view."""

        def pressed() -> None:
            self.view = change(self.view)

        st.button(label, key=self._slot(f"button {label}"), on_click=pressed, **options)
