"""Controls of the doctor: a named setting, the loss, its margin, scale or γ, classes, dimensions."""

from __future__ import annotations

import streamlit as st

from lossviz import losses
from lossviz.pages.doctor.view import ASKS, DoctorView, presets
from lossviz.ui import choices, param_controls
from lossviz.ui.binding import Binding
from lossviz.ui.reading import settings


def show(bound: Binding[DoctorView]) -> None:
    """All controls, in the order in which they are wanted."""
    _preset(bound)
    _loss(bound)
    for name in ("classes", "dimension"):
        _count(bound, name)
    if bound.view.important is not None:
        _count(bound, "cared")
    # That of the picture first; a margin does not act on the probability.
    for param in sorted(bound.view.used_params(), key=lambda p: p.link != bound.view.link):
        if bound.view.asks == "margin" or param.link == bound.view.link:
            param_controls.param_control(bound, param)
    if bound.view.asks == "probability":
        _target(bound)


def section(bound: Binding[DoctorView]) -> None:
    """What is drawn."""
    settings.sections(bound, bound.view.sections())


def _preset(bound: Binding[DoctorView]) -> None:
    known, view = presets(), bound.view.with_setting("section", "map")
    name = next((p.name for p in known.values() if p.view == view), None)
    choices.preset(bound, list(known), name, lambda now, new: known[new].view)


def _loss(bound: Binding[DoctorView]) -> None:
    choices.loss(
        bound,
        {key: losses.get(key).title for key in ASKS},
        "Losses with a margin on the angle, a scale of the cosines, or a γ with a learned bias. The "
        "margin of the hinge loss always fits: features may grow as long as they like.",
    )


def _count(bound: Binding[DoctorView], name: str) -> None:
    declared = bound.view.settings()[name]
    high = bound.view.classes if name == "cared" else int(declared.high)
    bound.control(
        st.number_input,
        name,
        min(int(getattr(bound.view, name)), high),
        lambda now, new: now if new is None else now.with_setting(name, int(new)),
        declared.label,
        int(declared.low),
        high,
        help=f"{declared.meaning.capitalize()}, {int(declared.low)} to {high:,}.",
    )


def _target(bound: Binding[DoctorView]) -> None:
    levels = sorted({0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, bound.view.target})
    bound.control(
        st.select_slider,
        "target",
        bound.view.target,
        lambda now, new: now.with_setting("target", float(new)),
        bound.view.settings()["target"].label,
        levels,
        format_func=lambda share: f"{100 * share:g} %",
        help="Of the own class, for every class.",
    )
