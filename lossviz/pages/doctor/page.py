"""Doctor: what is feasible for K classes in d dimensions, and what would make it fit."""

from __future__ import annotations

import streamlit as st

from lossviz.pages.doctor.ui import controls, sections
from lossviz.readings.advice import verdict
from lossviz.readings.advice.question import DoctorView
from lossviz.ui.binding import Binding
from lossviz.ui.components import width


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
