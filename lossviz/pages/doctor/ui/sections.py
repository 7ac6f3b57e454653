"""The verdict with its ways out, the pictures, and the runs of the doctor's page."""

from __future__ import annotations

import streamlit as st

from lossviz.core.errors import LossvizError
from lossviz.pages.doctor import arrangement, map_table, maps
from lossviz.pages.doctor.presets import presets
from lossviz.readings.advice import runs, verdict
from lossviz.readings.advice.question import DoctorView
from lossviz.runs import Run, RunStore
from lossviz.runs.names import labels
from lossviz.ui.binding import Binding, plain
from lossviz.ui.page_files import page_file
from lossviz.ui.reading import pictures

LISTED = 10
SURELY = "What surely fits, the rest unchanged; where the answer is open beyond it, more may."
POSSIBLE = "This says what is possible, not that training finds it: see Flow and Train."


def answer(bound: Binding[DoctorView]) -> None:
    """The verdict in a sentence, why, and what fits, each as a button."""
    said = verdict.verdict(bound.view)
    box = {"good": st.success, "open": st.info, "bad": st.warning}[said.level]
    box(f"**{said.head}** {plain(said.sentence)}")
    ways = verdict.ways(bound.view)
    if ways:
        with st.container(horizontal=True, vertical_alignment="center", key="doctor-ways"):
            for place, way in enumerate(ways):
                _go(bound, way, place)


def _go(bound: Binding[DoctorView], way: verdict.Way, place: int) -> None:
    bound.button(plain(way.label), lambda now: way.view, f"way {place}", help=SURELY)


def picture(bound: Binding[DoctorView]) -> None:
    """The section of the view, with what to notice and the numbers."""
    view = bound.view
    if view.section == "runs":
        _runs(bound)
        return
    if view.section == "arrangement":
        _arrangement(view)
        return
    pictures.chart(maps.chart(view), f"doctor.{view.section}", _file(view, view.section))
    _notice(view)
    for _ in bound.folded("The numbers of this picture"):
        pictures.table(map_table.table(view), "doctor.table", _file(view, "numbers"))


def _file(view: DoctorView, what: str) -> str:
    return f"lossviz-doctor-{what}-{view.loss}-{view.classes}-in-{view.dimension}d"


def _notice(view: DoctorView) -> None:
    plainly = view.with_setting("section", "map")
    known = [] if plainly.asks != view.asks else presets().values()
    shows = [preset.notice for preset in known if preset.view == plainly]
    if shows:
        st.markdown(f"**{plain(shows[0])}**")
    said = verdict.verdict(view), verdict.scale_line(view)
    st.caption(plain(" ".join(part for part in (said[1], said[0].why, POSSIBLE) if part)))


def _arrangement(view: DoctorView) -> None:
    lacks = arrangement.lacks(view)
    if lacks:
        st.info(plain(lacks))
        return
    pictures.chart(arrangement.chart(view), "doctor.directions", _file(view, "directions"))
    st.caption(plain(arrangement.notice(view)))


def _runs(bound: Binding[DoctorView]) -> None:
    """The newest runs: whether their setting fits, what was said of them, and their setting to take over."""
    try:
        known, unread = runs.sorted_out(RunStore().runs())
    except LossvizError as error:
        st.warning(plain(str(error)))
        return
    if unread:
        st.warning(plain(unread))
    known = known[:LISTED]
    if not known and not unread:
        st.info("No runs yet. Train some on the page Train; what is said of them appears here.")
        return
    names = labels(known)
    silent = []
    for run in known:
        view, told = runs.view_of(run.config, runs.classes_of(run)), runs.verdicts_of(run)
        if view is None and not told:
            silent.append(plain(names[run.id]))
            continue
        with st.container(border=True, key=f"doctor-run-{run.id}"):
            st.markdown(f"**{plain(names[run.id])}**, {run.status.state}")
            _run(bound, run, view, told)
    if silent:
        st.caption(f"Nothing limits these, and nothing was said of them: {'; '.join(silent)}.")


def _run(bound: Binding[DoctorView], run: Run, view: DoctorView | None, told: list[str]) -> None:
    for sentence in filter(None, [*told, "" if view is None else runs.setting(view, told)]):
        st.markdown(f"- {plain(sentence)}")
    with st.container(horizontal=True, vertical_alignment="center"):
        if view is not None:
            bound.button("Use its setting", lambda now: view, f"use {run.id}")
        st.page_link(
            page_file("train"),
            label="Show on Train, with remedies" if told else "Show on Train",
            icon=":material/play_circle:",
            query_params={"runs": run.id},
        )
