"""What is drawn behind and with the points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from lossviz import data
from lossviz.core.errors import RunError
from lossviz.pages.train.view import LABELS, LAYERS, LiveView
from lossviz.runs import Run
from lossviz.ui.binding import Binding


def show(bound: Binding[LiveView], runs: Sequence[Run]) -> None:
    """The layer, whose loss it is, and how points are marked."""
    view = bound.view
    if runs and not any(run.config.dimension == 2 for run in runs if not run.problem):
        return  # there is no plane to colour
    bound.control(
        st.segmented_control,
        "layer",
        view.layer,
        lambda now, new: now if new is None else replace(now, layer=new),
        LABELS["layer"],
        list(LAYERS),
        format_func=lambda name: LAYERS.get(name, name),
        required=True,
        help="The loss of a sample of one class at every place of the plane, with the class weights as "
        "they are at this step; or the class that is predicted there.",
    )
    names = _classes(runs)
    if view.layer == "field" and names:
        shown = min(view.of_class, len(names) - 1)
        bound.control(
            st.selectbox,
            "class",
            shown,
            lambda now, new: replace(now, of_class=int(new)),
            LABELS["class"],
            list(range(len(names))),
            format_func=lambda k: names[k] if k < len(names) else str(k),
            width=130,
        )


def marks(bound: Binding[LiveView]) -> None:
    """Shapes and size."""
    bound.control(
        st.toggle,
        "shapes",
        bound.view.shapes,
        lambda now, new: replace(now, shapes=bool(new)),
        LABELS["shapes"],
    )
    bound.control(
        st.toggle,
        "presentation",
        bound.view.presentation,
        lambda now, new: replace(now, presentation=bool(new)),
        LABELS["presentation"],
    )


def _classes(runs: Sequence[Run]) -> tuple[str, ...]:
    """The names of the classes that are shown, also before a run has read its images."""
    for run in runs:
        try:
            return run.points().classes
        except RunError:
            continue
    known = data.catalogue()
    for run in runs:
        if not run.problem and (spec := known.get(run.config.data)):
            numbers = run.config.classes or range(len(spec.classes))
            kept = (k for k in numbers if k < len(spec.classes) and k not in run.config.held_out)
            return tuple(spec.classes[k] for k in kept)
    return ()
