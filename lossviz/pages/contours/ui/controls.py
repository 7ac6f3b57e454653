"""The controls of the contour page, in the order in which they are wanted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from lossviz import losses
from lossviz.core.errors import LossvizError
from lossviz.pages.contours.presets import presets
from lossviz.pages.contours.view import ContourView, even_points, random_points
from lossviz.runs import names as run_names
from lossviz.ui.binding import Binding, plain
from lossviz.ui.control import control, control_of_item, preset, slider
from lossviz.ui.param_control import param_control, param_sliders, split_params


def show(bound: Binding[ContourView]) -> None:
    """All controls at the side of the picture."""
    _preset(bound)
    titles = {key: spec.title for key, spec in losses.catalogue().items()}
    control(bound, "losses", options=titles, words=titles)
    control(bound, "label", st.segmented_control, options=range(bound.view.classes), words=str, wrap=True)
    in_sight, rest = split_params(bound.view)
    for param in in_sight:
        param_control(bound, param)
    _circle(bound)
    _biases(bound)
    for _ in bound.folded("Classes and weights"):
        _weights(bound)
    for _ in bound.folded("More"):
        for param in rest:
            param_control(bound, param)
        _picture(bound)
        _descent(bound)
    bound.button("Reset", lambda now: ContourView(), width="stretch", icon=":material/restart_alt:")


def sliders(view: ContourView, page: str = "contours") -> list[dict[str, Any]]:
    """The sliders that the picture follows while they are dragged: parameters, biases, circle and level."""
    found, kinds = param_sliders(page, view), {spec.needs.bias for spec in view.specs()}
    if "unified" in kinds:
        found.append(slider(page, view.declaration("bias"), "bias", view.bias))
    if "diverse" in kinds:
        each = view.declaration("biases")
        found += [slider(page, each, f"bias {k}", b, f"bias {k}") for k, b in enumerate(view.biases)]
    if view.opening:
        found.append(slider(page, view.declaration("radius"), "radius", view.circle))
        found.append(slider(page, view.declaration("level"), "level", view.edge))
    return found


def _preset(bound: Binding[ContourView]) -> None:
    known, view = presets(), replace(bound.view, presentation=False)
    name = next((p.name for p in known.values() if p.view == view), None)

    def taken(now: ContourView, chosen: str) -> ContourView:
        return replace(known[chosen].view, presentation=now.presentation)

    preset(bound, known, name, taken)


def _circle(bound: Binding[ContourView]) -> None:
    """The circle, and the loss at the valley's edge; shown where something is measured there."""
    view = bound.view
    if view.opening or view.beside in ("angle", "target"):
        control(bound, "radius", now=view.circle)
    if view.opening:
        control(bound, "level", now=view.edge)


def _biases(bound: Binding[ContourView]) -> None:
    """One bias, or one a class; shown only where a shown loss takes it."""
    view = bound.view
    kinds = {spec.needs.bias for spec in view.specs()}
    if "unified" in kinds:
        control(bound, "bias")
    if "diverse" in kinds:
        for _ in bound.folded(view.declaration("biases").label):
            for k in range(view.classes):
                control_of_item(bound, "biases", k, f"bias {k}", f"b{k}")


def _weights(bound: Binding[ContourView]) -> None:
    """Number of classes; weights evenly spread, random or typed in (or dragged in the picture)."""
    view = bound.view
    control(bound, "classes")
    left, right = st.columns(2)
    with left:
        bound.button(
            "Spread evenly", lambda now: replace(now, weights=even_points(now.classes)), width="stretch"
        )
    with right:
        bound.button(
            "Random",
            lambda now: replace(now, weights=random_points(now.classes, bound.last_pick("weight seed", 0))),
            width="stretch",
        )
    bound.pick(st.number_input, "weight seed", 0, "Seed of random weights", 0, 9999)
    _from_run(bound)
    control(bound, "weights", inline=True)
    if any(s.needs.centers or s.needs.adversary for s in view.specs()):
        control(bound, "centers", inline=True)


def _from_run(bound: Binding[ContourView]) -> None:
    """The class weights, biases and centres of a trained run, at its last frame."""
    # Only an open fold asks for runs; what reads them is not needed before.
    from lossviz.readings import landscape
    from lossviz.runs import RunStore

    able = {run.id: run for run in landscape.suitable(RunStore())}
    if not able:
        st.caption("Train a run in two dimensions, and its class weights can be taken over here.")
        return
    names = {
        name: f"{run_names.title(run.config)} · {run.config.data} · {name[:15]}" for name, run in able.items()
    }
    chosen = bound.pick(
        st.selectbox, "run", next(iter(names)), "From a trained run", list(names), format_func=names.get
    )

    def take(now: ContourView) -> ContourView:
        run = able[chosen]
        try:
            return now.with_texts(landscape.points(run, run.snapshot(run.frames()[-1])))
        except LossvizError as error:
            st.session_state[f"{bound.name}.run wrong"] = str(error)
            return now

    bound.button("Take its weights, biases and centres", take, width="stretch")
    wrong = st.session_state.pop(f"{bound.name}.run wrong", "")
    if wrong:
        st.error(plain(wrong))


def _picture(bound: Binding[ContourView]) -> None:
    """The settings of the drawing."""
    view = bound.view
    control(bound, "reach", inline=True)
    control(bound, "spacing", st.segmented_control)
    control(bound, "shared")
    control(bound, "opening")
    control(bound, "arrows")
    if any(spec.composite for spec in view.specs()):
        control(bound, "terms")
    control(bound, "presentation", inline=True)
    if any(spec.needs.adversary for spec in view.specs()):
        control(bound, "seed", st.number_input)


def _descent(bound: Binding[ContourView]) -> None:
    """Step size and number of steps of the path; shown once there is one."""
    if bound.view.start is None:
        st.caption("Click the picture: gradient descent of that one feature starts there.")
        return
    control(bound, "rate")
    control(bound, "steps")
    bound.button("Remove the path", lambda now: replace(now, start=None), width="stretch")
