"""Doctor: what is feasible for K classes in d dimensions, and what would make it fit."""

from __future__ import annotations

import streamlit as st

from lossviz.pages.doctor import maps
from lossviz.pages.doctor.presets import presets
from lossviz.pages.doctor.ui.sections import answer, picture
from lossviz.readings.advice import verdict
from lossviz.readings.advice.question import DoctorView
from lossviz.ui.binding import Binding
from lossviz.ui.components import width
from lossviz.ui.control import control, preset, sections
from lossviz.ui.param_control import param_control


def show() -> None:
    """Draw the page."""
    bound = Binding("doctor", DoctorView)
    bound.open()
    left, right = st.columns([5, 2], gap="medium")
    # First, so that they are there while an arrangement is looked for.
    with right:
        _controls(bound)
        bound.button("Reset all", lambda now: DoctorView.from_query({})[0], width="stretch")
    with left:
        width.measure(bound)
        st.title(verdict.question(bound.view))
        bound.tell()
        answer(bound)
        sections(bound)
        picture(bound)
    bound.close()


def _controls(bound: Binding[DoctorView]) -> None:
    """All controls, in the order in which they are wanted."""
    known, view = presets(), bound.view.with_setting("section", "map")
    name = next((p.name for p in known.values() if p.view == view), None)
    preset(bound, known, name, lambda now, new: known[new].view)
    control(bound, "loss")
    control(bound, "classes", st.number_input)
    control(bound, "dimension", st.number_input)
    if (important := bound.view.important) is not None:
        most = bound.view.classes
        text = f"{bound.view.declaration('cared').help.rstrip('.')}, 1 to {most:,}."
        control(bound, "cared", st.number_input, now=important, high=most, help=text)
    # That of the picture first; a margin does not act on the probability.
    for param in sorted(bound.view.used_params(), key=lambda p: p.link != bound.view.link):
        if bound.view.asks == "margin" or param.link == bound.view.link:
            param_control(bound, param)
    if bound.view.asks == "probability":
        control(bound, "target", words=maps.share_text)
