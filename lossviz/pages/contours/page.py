"""Contours: any set of losses over the plane of 2-D features, with controls and exact values."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st
import torch

from lossviz import losses
from lossviz.pages.contours import panels, valleys
from lossviz.pages.contours.presets import presets
from lossviz.pages.contours.ui import controls, readout, sharing, side_plots
from lossviz.pages.contours.view import ContourView
from lossviz.ui.binding import Binding, guarded, plain
from lossviz.ui.components import contours
from lossviz.ui.components.contours import frames

HOW = (
    "Point for exact values, click for gradient descent, drag an arrow to move its class weight, or the dot "
    "on the circle."
)
PICTURE, READOUT = "contours.picture", "contours.readout"


def show() -> None:
    """Draw the page."""
    bound = Binding("contours", ContourView)
    bound.open()
    st.session_state.pop("contours.settled", None)
    left, right = st.columns([5, 2], gap="medium")
    # The picture first: it is on its way while the rest of the page is still being made.
    with left:
        st.title(_question(bound.view))
        with st.container(key="how"):
            st.caption(HOW)
        bound.tell()
        _picture()
        _readout()
    with right:
        controls.show(bound)
    with left:
        _notice(bound)
        side_plots.show(bound)
        sharing.show(bound)
    bound.close()


def _question(view: ContourView) -> str:
    """The title: the question of the losses' family, or the preset's."""
    families = {spec.family for spec in view.specs()}
    known = {family.key: family.question for family in losses.families()}
    if view.losses == ContourView().losses:
        return "Does a weight or a margin narrow the valley?"
    if len(view.losses) == 1:
        return f"What does {view.specs()[0].title} want of a feature?"
    if len(families) == 1:
        return known[families.pop()]
    others = families - {"uniform"}
    return known[others.pop()] if len(others) == 1 else "What does each loss want of a feature?"


@st.fragment
def _picture() -> None:
    """The panels; a fragment, so that a drag under way redraws them and nothing else."""
    bound = Binding("contours", ContourView)
    if st.session_state.pop("contours.settled", False):
        # When a drag has ended or a descent begun, the link and the rest of the page follow.
        st.rerun(scope="app")
    view = bound.view
    st.session_state["contours.drawn"] = view
    moving = st.session_state.pop("contours.moving", False)
    shown = view.while_moving() if moving else view
    made = panels.panels(shown, frames.resolution(len(view.losses), moving), torch.float32)
    st.session_state["contours.frame"] = st.session_state.get("contours.frame", 0) + 1

    def descend() -> None:
        point = contours.point(st.session_state[PICTURE].descend)
        if point is not None:
            bound.view = replace(bound.view, start=point)
        st.session_state["contours.settled"] = True

    def drag() -> None:
        event = st.session_state[PICTURE].drag
        st.session_state["contours.moving"] = not event["done"]
        st.session_state["contours.settled"] = event["done"]
        st.session_state["contours.echo"] = int(event["id"])
        point = contours.point(event)
        if point is not None:
            bound.view = bound.view.with_dragged(event["kind"], event["index"], point)

    contours.mount(
        frames.encode(
            made,
            view.plane(),
            frame=st.session_state["contours.frame"],
            echo=st.session_state.get("contours.echo", 0),
            sliders=controls.sliders(view),
        ),
        key=PICTURE,
        on_descend=guarded(descend),
        on_drag=guarded(drag),
    )


@st.fragment
def _readout() -> None:
    """Exact values at a point; a fragment, so that pointing does not redraw the page."""

    def ask() -> None:
        event = st.session_state[READOUT].probe
        st.session_state["contours.point"] = (contours.point(event, digits=6), int(event["id"]))

    view = Binding("contours", ContourView).view
    if view is not st.session_state["contours.drawn"]:
        # The browser sent a click or a drag together with the pointing: draw the whole page.
        st.rerun(scope="app")
    where, echo = st.session_state.get("contours.point", (None, 0))
    data = readout.reading(view, where, echo=echo, frame=st.session_state["contours.frame"])
    readout.mount(data, key=READOUT, on_probe=guarded(ask))


def _notice(bound: Binding[ContourView]) -> None:
    """The preset's sentence on what to notice, and each loss's."""
    view = bound.view
    scale = "All panels share one colour scale" if view.shared else "Each panel has its own colour scale"
    line = "; the line of one loss, and the circle, are the same in all" if view.opening else ""
    st.caption(f"{scale}; blue is low, yellow high{line}.")
    if view.opening:
        widths, *effects = map(plain, valleys.sentences(view))
        st.markdown("  \n".join([widths, *(f"**{said}**" for said in effects)]))
    shows = [p.notice for p in presets().values() if p.view.alike(view)]
    for words in shows[:1]:
        st.markdown(words)
    specs = view.specs()
    text = "\n".join(f"- **{spec.title}.** {spec.notice}" for spec in specs)
    if len(specs) <= 4:
        st.markdown(text)
    else:
        for _ in bound.folded("What to notice in each"):
            st.markdown(text)
    if view.opening:
        for _ in bound.folded("The openings in numbers"):
            st.table(valleys.table(view))
