"""A sweep as one page: saved from here, and opened here again."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from lossviz.pages.sweep.shown import Shown
from lossviz.pages.sweep.view import SweepView
from lossviz.sweeps import Sweep, share
from lossviz.ui import visit
from lossviz.ui.binding import Binding
from lossviz.ui.reading import pictures
from lossviz.ui.upload import upload


def save(shown: Shown, sweep: Sweep) -> None:
    """The download of the sweep as one page, once a cell has a picture."""
    results = (result for group in shown.groups.of.values() for result in group.results)
    if any(result is not None and result.features.size for result in results):
        with st.container(horizontal=True, horizontal_alignment="right", key="sweep.page files"):
            files = {"HTML with all its sliders, opens offline": partial(share.page, sweep)}
            pictures.save_menu("sweep.page", f"lossviz-sweep-{sweep.id}", files, "Save as one page")


def opening(bound: Binding[SweepView]) -> None:
    """The uploader of such a page: its cells become runs here, and are shown."""
    st.caption(
        "A page that “Save as one page” has made, of any machine. Its networks can be looked at here, not "
        "trained further."
    )

    def take(content: bytes, name: str) -> Sweep:
        with st.spinner("Taking it in …"):
            return visit.open_sweep(content)

    sweep = upload("A shared sweep", ["html", "htm"], "sweep.upload", take, on_change=bound.touch)
    if sweep is not None:
        bound.view = replace(bound.view.of_sweep(sweep.id), section="map")
        st.rerun()
