"""Beside the plane: cuts, differences and the surface of the losses shown."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

import streamlit as st

from lossviz import losses
from lossviz.fields import profiles
from lossviz.pages.contours import panels, side_plots
from lossviz.pages.contours.view import ContourView
from lossviz.ui.binding import Binding
from lossviz.ui.chrome import screen_reader_text
from lossviz.ui.components import width
from lossviz.ui.components.contours.frames import extremes
from lossviz.ui.control import control, control_of_item
from lossviz.ui.reading import pictures as charts

Kind = Literal["angle", "target", "probability"]


def show(bound: Binding[ContourView]) -> None:
    """The choice of a second picture, and the picture."""
    control(bound, "beside", st.segmented_control, wrap=True)
    if bound.view.beside == "none":
        return
    width.measure(bound)
    draws = {**dict.fromkeys(side_plots.CUTS, _cut), "difference": _difference, "surface": _surface}
    draws[bound.view.beside](bound)


def _chart(bound: Binding[ContourView], draw: Callable[[int], Any], key: str) -> None:
    """Show what is drawn for a number of pixels."""
    pixels, larger = width.chart_width(bound.view.presentation)
    charts.show(draw(pixels), larger, key)


def _cut(bound: Binding[ContourView]) -> None:
    from lossviz.figures import screen

    view = bound.view
    kind: Kind = view.beside  # type: ignore[assignment]
    found = side_plots.cut(view)
    if not found.curves:
        st.info(side_plots.NOTHING[kind])
        return
    dark, level = charts.dark(), side_plots.level(view)

    def draw(pixels: int) -> Any:
        return screen.lines(found.lines(), kind=kind, level=level, width=pixels, dark=dark)

    _chart(bound, draw, f"beside {kind}")
    with st.expander("The same in numbers"):
        st.table(_numbers(found.curves, kind))
    st.caption(side_plots.caption(view))


def _numbers(curves: Sequence[profiles.Profile], kind: Kind) -> dict[str, list[str]]:
    """The curves as a table for those who cannot see them: a row for every mark of the axis."""
    heading, step = {
        "angle": ("angle (°)", 30),
        "target": ("θ (°)", 15),
        "probability": ("p_y (%)", 10),
    }[kind]
    first, last = round(min(c.x.min() for c in curves)), round(max(c.x.max() for c in curves))
    at = list(range(step * math.ceil(first / step), last + 1, step))
    values = {c.name: [f"{value:.3g}" for value in c.at(at)] for c in curves}
    return {heading: [str(place) for place in at]} | values


def _difference(bound: Binding[ContourView]) -> None:
    from lossviz.figures import screen

    titles = {key: spec.title for key, spec in losses.catalogue().items()}
    for index, column in enumerate(st.columns(2)):
        with column:
            label = ("Loss", "minus loss")[index]
            control_of_item(bound, "pair", index, f"pair {index}", label, options=titles, words=titles)
    view = bound.view
    a, b = (side_plots.field(view, key) for key in view.pair)
    dark = charts.dark()
    _chart(bound, lambda pixels: screen.difference(a, b, width=pixels, dark=dark), "beside difference")
    screen_reader_text(
        f"{titles[view.pair[0]]} minus {titles[view.pair[1]]}: {extremes(a.x, a.y, a.z_yx - b.z_yx)}."
    )
    st.caption(side_plots.caption(view))


def _surface(bound: Binding[ContourView]) -> None:
    from lossviz.figures import screen

    view = bound.view
    titles = {s.key: s.title for s in view.specs()}
    key = side_plots.surface_key(view)
    control(bound, "surface", now=key, options=titles, words=titles)
    field = side_plots.field(view, key)
    _chart(bound, lambda pixels: screen.surface(field, width=pixels, dark=charts.dark()), "beside surface")
    screen_reader_text(f"{titles[key]} as a surface: {extremes(field.x, field.y, field.z_yx)}.")
    st.caption(f"{titles[key]} ({panels.note(losses.get(key), view) or 'no parameters'}). Drag to turn.")
