"""The controls of the doctor: a named setting, the loss, its margin, scale or γ, classes, dimensions."""

from __future__ import annotations

import streamlit as st

from lossviz.pages.doctor.presets import presets
from lossviz.readings.advice.question import DoctorView
from lossviz.ui.binding import Binding
from lossviz.ui.control import control, param_control, preset, sections


def show(bound: Binding[DoctorView]) -> None:
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
        control(bound, "target", words=lambda share: f"{100 * share:g} %")


def section(bound: Binding[DoctorView]) -> None:
    """What is drawn."""
    sections(bound)
