"""The atlas on the page: what it is, how it was made, and its cells trained again as runs."""

from __future__ import annotations

import streamlit as st

from lossviz.pages.sweep.shown import Shown
from lossviz.pages.sweep.ui import form
from lossviz.pages.sweep.view import SweepView
from lossviz.sweeps.atlas import AtlasSweep, making
from lossviz.ui import visit
from lossviz.ui.binding import Binding, plain
from lossviz.ui.page_files import page_file

_BEGUN = "sweep.begun"  # ids of runs that the last press started
HONEST = "A small network on 8×8 digits: with larger ones it may be otherwise."


def show(sweep: AtlasSweep) -> None:
    """Draw what a sweep of the atlas asks."""
    st.markdown(plain(sweep.entry.notice))


def again(bound: Binding[SweepView], shown: Shown) -> None:
    """Draw the button that trains the chosen cell again, with frames to look at, and opens its live view."""
    config = shown.cell.config.but(snapshot_every=0)

    def press() -> None:
        st.session_state[_BEGUN] = visit.start([config])

    bound.press("Train this cell again", "train again", press, icon=":material/play_arrow:", width="stretch")
    if begun := st.session_state.pop(_BEGUN, ()):
        st.switch_page(page_file("train"), query_params={"runs": begun[0]})


def folded(bound: Binding[SweepView], sweep: AtlasSweep) -> None:
    """How the sweep was made, and its settings for the form."""
    form.of_sweep(bound, sweep.plan)
    st.caption(plain(f"Part of the atlas, {making().words}."))
