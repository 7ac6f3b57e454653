"""The problems of a run, or of a run to come, in sentences, and the remedies, as buttons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from lossviz import data
from lossviz.core.errors import LossvizError
from lossviz.pages.train.ui import picture
from lossviz.pages.train.view import LiveView
from lossviz.readings import selection
from lossviz.readings.advice import verdicts
from lossviz.readings.advice.remedies import Remedy, remedies
from lossviz.readings.advice.runs import classes_of, verdicts_of, view_of
from lossviz.readings.progress import moves
from lossviz.readings.view import MOST_RUNS
from lossviz.runs import Run, RunStore
from lossviz.runs.names import legend
from lossviz.training.config import RunConfig
from lossviz.training.measures import room_of
from lossviz.ui import visit
from lossviz.ui.binding import Binding, plain
from lossviz.ui.page_files import page_file


def of_runs(runs: Sequence[Run]) -> None:
    """The verdicts of the runs shown with their remedies; the picture tells the page of new ones."""
    bound = picture.bound()
    runs = [run for run in runs if not run.problem]
    names = legend(runs)
    for run in runs:
        said = verdicts_of(run)
        if said:
            st.warning("  \n".join(f"**{plain(names[run.id])}**: {plain(text)}" for text in said))
            _offer(bound, run, runs)


def _offer(bound: Binding[LiveView], run: Run, runs: Sequence[Run]) -> None:
    """A button for each remedy of a run that is not tried beside it already."""
    found = offered(run, [other.config for other in runs])
    trains = moves(run.status)
    if not found:
        return
    with st.container(key=f"remedies-{run.id}", horizontal=True):
        for remedy in found:
            bound.press(
                remedy.label,
                f"remedy {run.id} {remedy.key}",
                start_again,
                bound,
                run,
                remedy,
                help=plain(remedy.why),
                icon=":material/healing:",
            )
        if trains and visit.may_steer(run):
            bound.press(
                "Stop this run",
                f"remedy {run.id} stop",
                _stop,
                bound,
                run,
                icon=":material/stop:",
                help="It can be resumed later.",
            )
    goes_on = (
        " It goes on training; the new one trains beside it, or waits in the queue where no place is free."
    )
    st.caption(
        "Each starts a new run with the same images, seed and settings but for that. This one is kept."
        + (goes_on if trains else "")
    )
    asked = view_of(run.config, classes_of(run))
    if asked is not None:
        st.page_link(page_file("doctor"), label="What fits: the doctor", query_params=asked.to_query())


def offered(run: Run, shown: Sequence[RunConfig]) -> list[Remedy]:
    """The remedies for what is told of a run, without those of which a run is shown already."""
    config = run.config
    try:
        classes = len(run.points().classes)
    except LossvizError:
        return []
    state = verdicts.merge_state(verdicts_of(run))
    if state and moves(run.status):
        state = "merged"  # it goes on by itself; more epochs are for one that has ended
    tried = [other.to_query() for other in shown]
    found = remedies(config, classes, state)
    return [remedy for remedy in found if remedy.applied(config).to_query() not in tried]


def beside(shown: Sequence[str], ill: str, made: str) -> tuple[str, ...]:
    """The ids shown with a new one after that of the ill run, or last where that is not shown any more;
    where they are too many, without the last one that is neither."""
    place = shown.index(ill) + 1 if ill in shown else len(shown)
    ids = [*shown[:place], made, *shown[place:]]
    while len(ids) > MOST_RUNS:
        ids.remove([name for name in ids if name not in (ill, made)][-1])
    return tuple(ids)


def start_again(bound: Binding[LiveView], run: Run, remedy: Remedy) -> None:
    """Train again with a remedy, shown beside the run that needed it."""
    st.session_state.pop("live.error", None)
    bound.touch()
    store, wanted = RunStore(), remedy.applied(run.config)
    if any(other.config == wanted for other in selection.runs_of(store, bound.view)[0] if not other.problem):
        return  # the second of quick presses: the page with the new run was on its way
    try:
        (made,) = visit.start([wanted])
    except (LossvizError, OSError) as error:
        st.session_state["live.error"] = str(error)
        return
    bound.view = replace(bound.view, runs=beside(bound.view.runs, run.id, made), at=None)


def _stop(bound: Binding[LiveView], run: Run) -> None:
    st.session_state.pop("live.error", None)
    bound.touch()
    try:
        run.ask("stop")
    except (LossvizError, OSError) as error:
        st.session_state["live.error"] = str(error)


def of_form(bound: Binding[LiveView]) -> None:
    """Show the problems of the runs that the form describes, with buttons that change the form."""
    view = bound.view
    if view.setting("data") not in data.catalogue():
        return  # how many classes it has is not known yet
    try:
        configs = view.configs()
    except LossvizError:
        return
    said: dict[str, RunConfig] = {}
    tight: dict[str, None] = {}
    for config in configs:
        room = room_of(config, view.classes)
        if room is not None and room.state == "tight":
            tight[f"{config.spec.title}: {room.sentence}"] = None
        for text in verdicts.before(config, view.classes):
            said.setdefault(f"**{plain(config.spec.title)}**: {plain(text)}", config)
    for text in said:
        st.warning(text)
    for text in tight:
        st.caption(plain(text))
    changes: dict[str, LiveView] = {}
    for config in said.values():
        for remedy in remedies(config, view.classes):
            changed = in_form(view, config, remedy)
            if changed != view:
                changes.setdefault(remedy.advice, changed)
    for text, changed in changes.items():
        label = f"{text[0].upper()}{text[1:]}"
        bound.button(label, partial(_to, changed), icon=":material/healing:", width="stretch")


def _to(changed: LiveView, now: LiveView) -> LiveView:
    return replace(changed, runs=now.runs, at=now.at)


def in_form(view: LiveView, config: RunConfig, remedy: Remedy) -> LiveView:
    """The view with a remedy of one of its runs; unchanged where the view varies what would change."""
    values = {name: value for name, value in remedy.changes.items() if name != "params"}
    params = {
        config.spec.param(name).link: value
        for name, value in remedy.changes.get("params", {}).items()
        if config.loss_params()[name] != value
    }
    if view.vary[0] in (*values, *params):
        return view
    for name, value in values.items():
        view = view.with_setting(name, value)
    for link, value in params.items():
        view = view.with_param(link, value)
    return view
