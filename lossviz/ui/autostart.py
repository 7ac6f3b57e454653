"""Runs that a page started by itself, since there were none; the page says so as long as it shows them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lossviz.readings import selection
from lossviz.runs import Run, RunStore
from lossviz.ui.binding import plain
from lossviz.ui.modes import mode

OPENED = "runs opened"


def may_start() -> bool:
    """True if a page without runs may start its example: on one's own machine, opened by its plain
    address. A link, which somebody else may have made, starts nothing."""
    return not mode().shared and not st.query_params


def remember(ids: Sequence[str]) -> None:
    """Note that these runs were started without a press."""
    st.session_state[OPENED] = tuple(ids)


def notice(where: DeltaGenerator, runs: Sequence[Run], store: RunStore, stop: str) -> None:
    """Say what was started, why, and where it is kept. stop: how to end it; told until all have ended."""
    if runs and tuple(run.id for run in runs) == st.session_state.get(OPENED):
        if all(run.status.ended for run in runs):
            stop = ""
        where.info(plain(selection.opened(runs, store, stop)), icon=":material/info:")
