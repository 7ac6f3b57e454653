"""Doctor: what is feasible for K classes in d dimensions, and what would make it fit."""

from __future__ import annotations

import streamlit as st

from lossviz.doctor import verdict
from lossviz.doctor.view import DoctorView
from lossviz.ui import width
from lossviz.ui.binding import Binding
from lossviz.ui.doctor import controls, sections


def show() -> None:
    """Draw the page."""
    bound = Binding("doctor", DoctorView)
    bound.open()
    left, right = st.columns([5, 2], gap="medium")
    # First, so that they are there while an arrangement is looked for.
    with right:
        controls.show(bound)
        bound.button("Reset all", lambda now: DoctorView.from_query({})[0], width="stretch")
    with left:
        width.measure(bound)
        st.title(verdict.question(bound.view))
        bound.tell()
        sections.answer(bound)
        controls.section(bound)
        sections.picture(bound)
    bound.close()


show()
