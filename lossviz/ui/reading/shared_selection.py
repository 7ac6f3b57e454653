"""The selection that pages of a session share: the runs or file shown last, and who chose them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from lossviz.readings.view import ReadView
from lossviz.runs import Run

SOURCES = "reading.sources"


def last() -> ReadView | None:
    """The runs or the file shown last, with their epoch and images; None: nothing yet."""
    return st.session_state.get(SOURCES)


def read(view: ReadView) -> None:
    """Note that a reading page shows this view."""
    st.session_state[SOURCES] = ReadView().with_sources_of(view)


def trained(runs: Sequence[Run], presentation: bool) -> None:
    """Note that the page Train shows these runs; the epoch and the images that were read of them stay."""
    ids = tuple(run.id for run in runs if not run.problem)
    if not ids:
        return
    before = last() or ReadView()
    if before.runs != ids:
        before = replace(before, runs=ids, file="", at=None)
    st.session_state[SOURCES] = replace(before, presentation=presentation)


def took(page: str, view: ReadView) -> None:
    """Note that the page shows what another page showed or what it found itself: nobody chose it there."""
    st.session_state[f"{page}.took"] = (view.runs, view.file)


def follows(page: str, view: ReadView) -> bool:
    """True if the page still shows what it took over, neither chosen there nor named by the link."""
    named = {"runs", "file"} & set(st.query_params)
    return not named and (view.runs, view.file) == st.session_state.get(f"{page}.took")
