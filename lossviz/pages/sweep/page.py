"""Sweep: what turns when a setting turns, over many trained networks."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from lossviz.core.errors import LossvizError
from lossviz.core.text import listed
from lossviz.pages.sweep.shown import Shown
from lossviz.pages.sweep.ui import atlas, form, progress, sections, shared
from lossviz.pages.sweep.view import FORM, SweepView
from lossviz.runs import launcher
from lossviz.sweeps import Sweep, SweepStore
from lossviz.sweeps.aggregate import read
from lossviz.sweeps.atlas import AtlasSweep
from lossviz.sweeps.atlas import sweeps as of_atlas
from lossviz.ui import control
from lossviz.ui.binding import Binding, plain
from lossviz.ui.components import width
from lossviz.ui.reading import pictures

HOW = {
    "cells": "Turn a slider: every place is a network trained with these settings, seen on test images.",
    "map": "Every cell is the mean over seeds of networks trained to their end; the framed one is chosen.",
    "lines": "Dots are single networks, lines their means, bands one standard deviation to either side.",
    "front": "Every dot is a network trained to its end.",
    "parallel": "Every line is a network trained to its end: its settings, then its measures.",
    "table": "A row is a setting: mean and standard deviation over its seeds.",
}


def show() -> None:
    """Draw the page."""
    bound = Binding("sweep", SweepView)
    bound.open()
    store = SweepStore()
    known = [*store.sweeps(), *of_atlas()]
    sweep, problems = _chosen(bound, store, known)
    st.session_state[pictures.PRESENTATION] = bound.view.presentation
    shown = None if sweep is None else Shown(read(sweep), bound.view)
    left, right = st.columns([5, 2], gap="medium")
    with left:
        width.measure(bound)
        st.title(_question(shown))
        if shown is not None:
            with st.container(key="how"):
                honest = f" {atlas.HONEST}" if isinstance(sweep, AtlasSweep) else ""
                st.caption(f"{HOW[shown.view.section]}{honest}")
        bound.tell(*problems, *(shown.problems if shown is not None else ()))
        if shown is None or sweep is None:
            st.info("There are no sweeps here yet. Make one under New sweep: nothing starts by itself.")
        else:
            control.sections(bound)
            if isinstance(sweep, AtlasSweep):
                atlas.show(sweep)
            else:
                progress.show(bound, sweep)
            sections.show(bound, shown, sweep)
            shared.save(shown, sweep)
    with right:
        _beside(bound, store, known, sweep, shown)
    bound.close()
    launcher.warm()


def _beside(
    bound: Binding[SweepView], store: SweepStore, known: list[Sweep], sweep: Sweep | None, shown: Shown | None
) -> None:
    """The choice of a sweep, the controls of the section, the chosen cell, and the form of a new sweep."""
    _choice(bound, known, sweep)
    if shown is not None and sweep is not None:
        sections.controls(bound, shown)
        with st.container(border=True):
            st.caption("The chosen cell")
            if shown.view.section != "cells":  # which has sliders of its own
                sections.cell(bound, shown)
            sections.numbers(shown)
            if isinstance(sweep, AtlasSweep):
                atlas.again(bound, shown)
            else:
                sections.live(shown)
        for _ in bound.folded("This sweep"):
            if isinstance(sweep, AtlasSweep):
                atlas.folded(bound, sweep)
            else:
                progress.folded(bound, store, sweep)
    # A link with settings of the form is about a new sweep.
    asked = any(bound.view.get(name) != SweepView.initial().get(name) for name in FORM)
    st.session_state.setdefault("sweep.fold New sweep", shown is None or asked)
    for _ in bound.folded("New sweep"):
        form.show(bound)
    for _ in bound.folded("Open a shared sweep"):
        shared.opening(bound)
    control.control(bound, "presentation", st.toggle)


def _chosen(
    bound: Binding[SweepView], store: SweepStore, known: list[Sweep]
) -> tuple[Sweep | None, list[str]]:
    """The sweep of the view, or the newest one that can be read, or the first of the atlas, with its sliders;
    and what is wrong with the one asked for."""
    view, problems = bound.view, list[str]()
    if view.sweep:
        try:
            found = next((each for each in known if each.id == view.sweep), None) or store.get(view.sweep)
            if not found.problem:
                return found, []
            problems.append(found.problem)
        except LossvizError as error:
            problems.append(str(error))
    other = next((sweep for sweep in known if not sweep.problem), None)
    if problems and other is not None:
        problems = [f"{problems[0]}; {_title(other)} is shown"]
    first = not view.sweep and view.section == SweepView.initial().section
    section = "cells" if isinstance(other, AtlasSweep) and first else view.section
    bound.complete(replace(view, sweep="" if other is None else other.id, section=section))
    return other, problems


def _choice(bound: Binding[SweepView], known: list[Sweep], sweep: Sweep | None) -> None:
    # Of the atlas only what is shown is read.
    damaged = [each for each in known if not isinstance(each, AtlasSweep) and each.problem]
    titles = {each.id: _title(each) for each in known if each not in damaged}
    if sweep is not None and len(titles) > 1:
        control.control(
            bound,
            "sweep",
            now=sweep.id,
            change=lambda now, new: replace(now, sweep=new, cell="", columns="", rows=""),
            options=titles,
            words=titles,
            label=f"Sweep, of {len(titles)}",
            help=None,
        )
    elif sweep is not None:
        st.caption(plain(_title(sweep)))
    for each in damaged[:3]:
        st.caption(plain(f"{each.id} cannot be read: {each.problem}"))


def _title(sweep: Sweep) -> str:
    if isinstance(sweep, AtlasSweep):
        return f"Atlas: {sweep.entry.title}"
    plan = sweep.plan
    shared = [text if name == "data" else f"{name} {text}" for name, text in plan.base.items()]
    losses = listed([str(spec.title) for spec in plan.specs[:4]])
    more = f" and {len(plan.specs) - 4} more" if len(plan.specs) > 4 else ""
    return ", ".join([f"{losses}{more}: {plan.title.partition(': ')[2]}", *shared])


def _question(shown: Shown | None) -> str:
    if shown is None or not shown.plan.axes:
        return "What does a setting change?"
    titles = [shown.declared(axis).title for axis in range(len(shown.plan.axes))]
    told = " and ".join(titles) if len(titles) < 3 else f"{', '.join(titles[:-1])} and {titles[-1]}"
    return f"What do {told} change?" if len(titles) > 1 else f"What does the {told} change?"
