"""Controls of a flow, made from the declarations of its settings and of the loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from lossviz import losses
from lossviz.core.settings import Setting
from lossviz.fields.flow import RATES
from lossviz.pages.flow.view import FlowView, preset_of, presets
from lossviz.ui import choices, param_controls
from lossviz.ui.binding import Binding

_LOWEST = {"particles": 20, "anneal_steps": 10}
NAMES = {"trained": "Trained", "fixed": "Fixed, evenly spread"}


def show(bound: Binding[FlowView]) -> None:
    """All controls, in the order in which they are wanted."""
    _preset(bound)
    _loss(bound)
    in_sight, rest = param_controls.split_params(bound.view)
    for param in in_sight:
        param_controls.param_control(bound, param)
    if bound.view.spec.anneals:
        _setting(bound, "anneal")
    for name in ("classes", "imbalance", "seed"):
        _setting(bound, name)
    for _ in bound.folded("Features and weights"):
        for name in ("particles", "dimension", "width", "weights"):
            _setting(bound, name)
    for _ in bound.folded("Rates"):
        for name in ("rate", "decay", "weight_rate", "weight_decay"):
            _setting(bound, name)
        if bound.view.spec.anneals and bound.view.anneal:
            _setting(bound, "anneal_steps")
    for _ in bound.folded("Picture"):
        for param in rest:
            param_controls.param_control(bound, param)
        _field(bound)
        for name in ("trails", "circle", "presentation"):
            _setting(bound, name)


def sliders(view: FlowView) -> list[dict[str, Any]]:
    """The sliders that act on a flow while they are dragged, as param_controls.sliders says them.

    link: where the flow keeps the number, "params.margin" or "rate".
    """
    names = {p.link: p.name for p in view.spec.params}
    found = [
        {**slider, "link": f"params.{names[slider['link']]}"}
        for slider in param_controls.sliders("flow", view)
    ]
    declared = view.settings()
    for name in (*RATES, "anneal_steps"):
        own, at = declared[name], {"key": param_controls.class_key(f"flow.{name}"), "link": name}
        if own.spacing == "log":
            found.append({**at, "values": _stops(own, getattr(view, name))})
        else:
            found.append({**at, "low": _LOWEST.get(name, own.low), "high": own.high})
    return found


def _stops(declared: Setting, value: float) -> list[float]:
    return param_controls.stops(declared.low, declared.high, value, 2)


def _preset(bound: Binding[FlowView]) -> None:
    known, preset = presets(), preset_of(bound.view)
    choices.preset(
        bound, list(known), None if preset is None else preset.name, lambda now, new: known[new].view
    )


def _loss(bound: Binding[FlowView]) -> None:
    choices.loss(
        bound,
        {key: spec.title for key, spec in losses.catalogue().items() if not spec.needs.adversary},
        "All losses but the adversarial one, whose adversary is a network of its own.",
    )


def _field(bound: Binding[FlowView]) -> None:
    if bound.view.dimension == 2 and not bound.view.circle:
        bound.control(
            st.selectbox,
            "field",
            bound.view.field,
            lambda now, new: now.with_setting("field", new),
            bound.view.settings()["field"].label,
            list(range(bound.view.classes + 1)),
            format_func=lambda k: str(k - 1) if k else "none",
            help="The loss that a feature of this class would have, blue is low, yellow high; bands are "
            "finer where the loss is low.",
        )


def _setting(bound: Binding[FlowView], name: str) -> None:
    declared, value = bound.view.settings()[name], getattr(bound.view, name)
    label = declared.label
    text = declared.meaning[0].upper() + declared.meaning[1:] + "."

    def store(convert: Callable[[Any], Any]) -> Callable[[FlowView, Any], FlowView]:
        return lambda now, new: now if new is None else now.with_setting(name, convert(new))

    if declared.kind == "flag":
        bound.control(st.toggle, name, value, store(bool), label, help=text)
    elif name == "dimension":
        bound.control(
            st.segmented_control, name, value, store(int), label, [2, 3],
            format_func=lambda d: f"{d}-D", required=True, help=text,
        )  # fmt: skip
    elif declared.kind == "choice":
        bound.control(
            st.segmented_control, name, value, store(str), label, list(declared.choices),
            format_func=lambda word: NAMES.get(word, word), required=True, help=text,
        )  # fmt: skip
    elif name == "seed":
        bound.control(
            st.number_input, name, value, store(int), label, int(declared.low), int(declared.high), help=text
        )
    elif declared.spacing == "log":
        bound.control(
            st.select_slider, name, value, store(float), label, _stops(declared, value),
            format_func=lambda v: f"{v:.3g}", help=text,
        )  # fmt: skip
    elif declared.kind == "whole":
        step = 10 if name in ("particles", "anneal_steps") else 1
        low = _LOWEST.get(name, int(declared.low))
        bound.control(
            st.slider, name, value, store(int), label, low, int(declared.high), step=step, help=text
        )
    else:
        bottom, top = float(declared.low), float(declared.high)
        bound.control(
            st.slider, name, value, store(lambda v: round(float(v), 6)), label, bottom, top,
            step=top / 100, format="%.3g", help=text,
        )  # fmt: skip
