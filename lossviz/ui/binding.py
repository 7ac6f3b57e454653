"""One view, the widgets and the URL, held together.

The view in the session is the truth. A widget's callback changes the view; before a widget is
drawn it is set from the view; at the end of a run the view is written to the URL. A URL that
changed from outside (a link, back, forward, an edit by hand) replaces the view.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from lossviz.views import ContourView


class Binding:
    """The view of one page in one session; `name` keeps pages apart."""

    def __init__(self, name: str) -> None:
        self.name = name

    def _slot(self, what: str) -> str:
        return f"{self.name}.{what}"

    @property
    def view(self) -> ContourView:
        """The view as it is now."""
        return st.session_state[self._slot("view")]

    @view.setter
    def view(self, view: ContourView) -> None:
        st.session_state[self._slot("view")] = view
        st.session_state[self._slot("problems")] = []

    @property
    def problems(self) -> list[str]:
        """What was wrong with the URL, until the view is changed."""
        return st.session_state.get(self._slot("problems"), [])

    def open(self) -> ContourView:
        """Take the view from the URL if that is not what this page wrote last; return it."""
        query = st.query_params.to_dict()
        if self._slot("view") not in st.session_state or query != st.session_state[self._slot("query")]:
            view, problems = ContourView.from_query(query)
            self.view = view
            st.session_state[self._slot("problems")] = problems
            st.session_state[self._slot("query")] = query
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
        change: Callable[[ContourView, Any], ContourView],
        *args: Any,
        **options: Any,
    ) -> Any:
        """Draw a widget that shows `value` and whose changes go through `change(view, new value)`."""
        slot = self._slot(key)
        if slot not in st.session_state or st.session_state[slot] != value:
            st.session_state[slot] = value

        def changed() -> None:
            self.view = change(self.view, st.session_state[slot])

        return widget(*args, key=slot, on_change=changed, **options)

    def button(self, label: str, change: Callable[[ContourView], ContourView], **options: Any) -> None:
        """A button that changes the view."""

        def pressed() -> None:
            self.view = change(self.view)

        st.button(label, key=self._slot(f"button {label}"), on_click=pressed, **options)
