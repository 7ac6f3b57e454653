"""Train: real images under one or several losses, their embeddings as they move."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from lossviz import data
from lossviz.core.errors import LossvizError
from lossviz.pages.train import presets, recipe
from lossviz.pages.train.ui import exports, form, layers, numbers, picture, steering
from lossviz.pages.train.view import LiveView
from lossviz.readings import selection
from lossviz.runs import Run, RunStore, launcher
from lossviz.ui import autostart, visit
from lossviz.ui.binding import Binding, plain
from lossviz.ui.reading import shared_selection

HOW = "Point at a dot for its loss, click it for its image. Play or drag the timeline; zoom and pan."
STOP = "Stop, under the picture, ends them."


def show() -> None:
    """Draw the page."""
    bound = picture.bound()
    bound.open()
    store = RunStore()
    _something_to_see(bound, store)
    runs, missing = selection.runs_of(store, bound.view)
    shared_selection.trained(runs, bound.view.presentation)
    left, right = st.columns([5, 2], gap="medium")
    with left:
        st.title(_question(runs))
        with st.container(key="how"):
            st.caption(HOW)
        bound.tell(*missing)
        if not runs:
            st.info("No run is shown: press Train.", icon=":material/play_arrow:")
        opened = st.empty()
        autostart.notice(opened, runs, store, STOP)
        picture.show(runs)
        with st.container(key="under", horizontal=True, vertical_alignment="bottom"):
            layers.show(bound, runs)
            steering.buttons(bound, runs)
        # Told again: the runs may have ended while the picture was drawn, and then nothing looks again.
        autostart.notice(opened, runs, store, STOP)
        race = presets.race_of([run.config for run in runs if not run.problem])
        if race is not None:
            st.markdown(race.notice)
        steering.show_problems(runs)
        numbers.show(runs)
        exports.show(bound, runs)
    with right:
        form.show(bound)
        for _ in bound.folded("Change the loss half-way"):
            steering.fork(bound, runs)
        for _ in bound.folded("Runs"):
            steering.listed(bound, store)
    bound.close()
    launcher.warm()


def _something_to_see(bound: Binding[LiveView], store: RunStore) -> None:
    """Choose runs for a link without any: those of a reading page, the newest ones, or, the very first time,
    a race on the digits.

    For a link with runs but no recipe, fill the form with how these runs were made.
    """
    if not bound.view.runs:
        try:
            read = shared_selection.last()
            ids = tuple(run.id for run in selection.runs_of(store, read)[0]) if read is not None else ()
            ids = ids or selection.newest(store)
            if not ids and autostart.may_start():
                ids = visit.start(recipe.configs(presets.opening()))
                autostart.remember(ids)
        except (LossvizError, OSError) as error:
            st.error(plain(str(error)))
            ids = ()
        bound.complete(replace(bound.view, runs=ids))
    if recipe.untouched(bound.view):
        runs, _ = selection.runs_of(store, bound.view)
        if runs:
            bound.complete(recipe.with_recipe_of(bound.view, runs))
        elif not bound.view.runs:
            bound.complete(recipe.with_recipe(bound.view, presets.opening()))


def _question(runs: list[Run]) -> str:
    names = {run.config.data for run in runs if not run.problem}
    titles = {key: spec.title for key, spec in data.catalogue().items()}
    if len(names) != 1:
        return "Where does each loss put the classes?"
    return f"Where does each loss put the classes of {titles.get(next(iter(names)), 'your images')}?"
