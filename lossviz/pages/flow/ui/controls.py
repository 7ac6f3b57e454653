"""The controls of a flow, in the order in which they are wanted."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lossviz import losses
from lossviz.fields.flow import RATES
from lossviz.pages.flow.view import FlowView, preset_of, presets
from lossviz.ui.binding import Binding
from lossviz.ui.control import control, preset, slider
from lossviz.ui.param_control import param_control, param_sliders, split_params

FEWEST_STEPS = 10  # of annealing on the slider; a link may ask for fewer


def show(bound: Binding[FlowView]) -> None:
    """All controls at the side of the picture."""
    known, named = presets(), preset_of(bound.view)
    preset(bound, known, None if named is None else named.name, lambda now, new: known[new].view)
    titles = {key: spec.title for key, spec in losses.catalogue().items() if not spec.needs.adversary}
    control(bound, "loss", options=titles, words=titles)
    in_sight, rest = split_params(bound.view)
    for param in in_sight:
        param_control(bound, param)
    if bound.view.spec.anneals:
        control(bound, "anneal")
    control(bound, "classes")
    control(bound, "imbalance")
    control(bound, "seed", st.number_input)
    for _ in bound.folded("Features and weights"):
        control(bound, "particles")
        control(bound, "dimension", st.segmented_control, options=(2, 3), words="{}-D".format)
        control(bound, "width")
        control(bound, "weights", st.segmented_control)
    for _ in bound.folded("Rates"):
        for name in ("rate", "decay", "weight_rate", "weight_decay"):
            control(bound, name)
        if bound.view.spec.anneals and bound.view.anneal:
            control(bound, "anneal_steps", low=FEWEST_STEPS)
    for _ in bound.folded("Picture"):
        for param in rest:
            param_control(bound, param)
        if bound.view.dimension == 2 and not bound.view.circle:
            classes = ("none", *map(str, range(bound.view.classes)))
            control(bound, "field", options=range(len(classes)), words=classes)
        for name in ("trails", "circle", "presentation"):
            control(bound, name)


def sliders(view: FlowView) -> list[dict[str, Any]]:
    """The sliders that act on a flow while they are dragged.

    link: where the flow keeps the number, "params.margin" or "rate".
    """
    names = {param.link: param.name for param in view.spec.params}
    found = [{**each, "link": f"params.{names[each['link']]}"} for each in param_sliders("flow", view)]
    for name in (*RATES, "anneal_steps"):
        found.append(slider("flow", view.declaration(name), name, view.get(name)))
    return [each | {"low": FEWEST_STEPS} if each["link"] == "anneal_steps" else each for each in found]
