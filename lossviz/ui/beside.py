"""Beside the plane: cuts, differences and the surface of the losses shown."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal

import streamlit as st

from lossviz import losses, pictures, profiles
from lossviz.fields import Field, compute
from lossviz.spec import LossSpec
from lossviz.ui import width
from lossviz.ui.binding import Binding
from lossviz.ui.chrome import heard
from lossviz.ui.frames import extremes
from lossviz.ui.reading import pictures as charts
from lossviz.views import BESIDE, LABELS, ContourView

Kind = Literal["angle", "target", "probability"]


def show(bound: Binding[ContourView]) -> None:
    """The choice of a second picture, and the picture."""
    bound.control(
        st.segmented_control,
        "beside",
        bound.view.beside,
        lambda now, new: replace(now, beside=new or "none"),
        LABELS["beside"],
        list(BESIDE),
        format_func=BESIDE.get,
        required=True,
        wrap=True,
    )
    if bound.view.beside != "none":
        width.measure(bound)
    draw = {
        "angle": _angle,
        "target": _target,
        "probability": _probability,
        "difference": _difference,
        "surface": _surface,
    }.get(bound.view.beside)
    if draw is not None:
        draw(bound)


def _chart(bound: Binding[ContourView], draw: Callable[[int], Any], key: str) -> None:
    """Show what is drawn for a number of pixels."""
    pixels, larger = width.room(bound.view.presentation)
    charts.show(draw(pixels), larger, key)


def _lines(bound: Binding[ContourView], curves: list[profiles.Profile], kind: Kind, key: str) -> None:
    from lossviz.figures import screen

    view = bound.view
    places = {spec.title: i for i, spec in enumerate(view.specs())}
    drawn = [screen.Curve(p.name, p.x, p.y, places[p.name]) for p in curves]
    level = view.edge if kind == "angle" and view.opening else None
    dark = charts.dark()
    _chart(bound, lambda pixels: screen.lines(drawn, kind=kind, level=level, width=pixels, dark=dark), key)
    with st.expander("The same in numbers"):
        st.table(_numbers(curves, kind))


def _numbers(curves: list[profiles.Profile], kind: Kind) -> dict[str, list[str]]:
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


def _angle(bound: Binding[ContourView]) -> None:
    view = bound.view
    curves = [
        profiles.against_angle(s, view.state(s), view.label, view.values(s), radius=view.circle)
        for s in view.specs()
    ]
    _lines(bound, curves, "angle", "beside angle")
    st.caption(
        f"The loss of a feature of length {view.circle:g} and class {view.label}, turned about the origin; "
        f"0° is the direction of its own weight vector W{view.label}."
    )


def _target(bound: Binding[ContourView]) -> None:
    view = bound.view
    able, unable = _split(view, "target_logit")
    if not able:
        st.info(
            "None of the losses shown is the cross-entropy of a changed true logit. "
            "Add one of the angular family, such as ArcFace, to see ψ(θ)."
        )
        return
    curves = [
        profiles.target_logit(s, view.state(s), view.label, view.values(s), radius=view.circle) for s in able
    ]
    _lines(bound, curves, "target", "beside target")
    st.caption(
        "ψ(θ): the true class's logit that the loss uses, as a share of its value without margin at θ = 0. "
        "Without margin it is cosθ." + _left_out(unable)
    )


def _probability(bound: Binding[ContourView]) -> None:
    view = bound.view
    able, unable = _split(view, "of_probability")
    if not able:
        st.info(
            "None of the losses shown is built on the softmax probability of the true class. "
            "Add cross-entropy or focal to see one that is."
        )
        return
    curves = [profiles.against_probability(s, view.classes, view.values(s)) for s in able]
    _lines(bound, curves, "probability", "beside probability")
    st.caption(
        f"p_y is the softmax probability without margin, K = {view.classes}, the wrong classes equally "
        "likely, no bias; the sample is of class 0." + _left_out(unable)
    )


def _split(view: ContourView, ability: str) -> tuple[list[LossSpec], list[LossSpec]]:
    able = [s for s in view.specs() if getattr(s, ability)]
    return able, [s for s in view.specs() if s not in able]


def _left_out(specs: list[LossSpec]) -> str:
    return f" Not defined for {', '.join(s.title for s in specs)}." if specs else ""


def _difference(bound: Binding[ContourView]) -> None:
    from lossviz.figures import screen

    titles = {key: spec.title for key, spec in losses.catalogue().items()}
    first, second = st.columns(2)
    for index, column in enumerate((first, second)):

        def choose(now: ContourView, key: str, index: int = index) -> ContourView:
            pair = (key, now.pair[1]) if index == 0 else (now.pair[0], key)
            return replace(now, pair=pair)

        with column:
            bound.control(
                st.selectbox,
                f"pair {index}",
                bound.view.pair[index],
                choose,
                ("Loss", "minus loss")[index],
                list(titles),
                format_func=titles.get,
            )
    view = bound.view
    a, b = (_field(view, key) for key in view.pair)
    dark = charts.dark()
    _chart(bound, lambda pixels: screen.difference(a, b, width=pixels, dark=dark), "beside difference")
    heard(f"{titles[view.pair[0]]} minus {titles[view.pair[1]]}: {extremes(a.x, a.y, a.z_yx - b.z_yx)}.")
    st.caption(
        f"{titles[view.pair[0]]} minus {titles[view.pair[1]]} for samples of class {view.label}; "
        "each with the parameters of this page."
    )


def _field(view: ContourView, key: str) -> Field:
    spec = losses.get(key)
    return compute(
        spec, view.state(spec), label=view.label, extent=view.extent, resolution=161, **view.values(spec)
    )


def _surface(bound: Binding[ContourView]) -> None:
    from lossviz.figures import screen

    view = bound.view
    titles = {s.key: s.title for s in view.specs()}
    key = view.surface if view.surface in titles else next(iter(titles))
    bound.control(
        st.selectbox,
        "surface",
        key,
        lambda now, new: replace(now, surface=new),
        LABELS["surface"],
        list(titles),
        format_func=titles.get,
    )
    field = _field(view, key)
    _chart(bound, lambda pixels: screen.surface(field, width=pixels, dark=charts.dark()), "beside surface")
    heard(f"{titles[key]} as a surface: {extremes(field.x, field.y, field.z_yx)}.")
    st.caption(f"{titles[key]} ({pictures.note(losses.get(key), view) or 'no parameters'}). Drag to turn.")
