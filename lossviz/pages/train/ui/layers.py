"""Controls that choose the layer behind the points and the marks of the points."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lossviz import data
from lossviz.core.errors import RunError
from lossviz.pages.train.view import LiveView
from lossviz.runs import Run
from lossviz.ui.binding import Binding
from lossviz.ui.control import control


def show(bound: Binding[LiveView], runs: Sequence[Run]) -> None:
    """The layer, whose loss it is, and how points are marked."""
    view = bound.view
    if runs and not any(run.config.dimension == 2 for run in runs if not run.problem):
        return  # there is no plane to colour
    control(bound, "layer", st.segmented_control)
    names = _classes(runs)
    if view.layer == "field" and names:
        shown = min(view.of_class, len(names) - 1)
        control(bound, "of_class", now=shown, options=range(len(names)), words=names, width=130)


def marks(bound: Binding[LiveView]) -> None:
    """Shapes and size."""
    control(bound, "shapes")
    control(bound, "presentation")


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
