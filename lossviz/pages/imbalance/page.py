"""Imbalance: what becomes of the classes with few training images."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from lossviz.pages.imbalance import SECTIONS, ImbalanceView, sizes
from lossviz.pages.imbalance.maps import Rows
from lossviz.pages.imbalance.sections import numbers
from lossviz.readings import studies
from lossviz.readings.reading import Reading
from lossviz.readings.section import PageData
from lossviz.ui.binding import plain
from lossviz.ui.reading import pictures, sections, sources
from lossviz.ui.reading.page import Page


def show() -> None:
    """Draw the page."""
    page = Page("imbalance", ImbalanceView, needs=sizes.lacks)
    readings = page.alike(page.readings)
    sections.show(
        page,
        "What becomes of the classes with few images?",
        SECTIONS,
        PageData(page.view, readings, page.runs),
        first=lambda: _offer(page, readings),
        below=numbers,
        own={"maps": lambda rows: _maps(page, rows)},
    )


def _maps(page: Page[ImbalanceView], rows: Rows) -> None:
    """Feature maps, with their files."""
    st.html(rows.html)
    st.caption(plain(rows.note))
    with st.container(horizontal=True, horizontal_alignment="right"):
        made = {kind: partial(rows.save, kind.lower()) for kind in pictures.KINDS}
        pictures.save_menu("imbalance.maps", page.file("maps"), made)


def _offer(page: Page[ImbalanceView], readings: Sequence[Reading]) -> None:
    """If classes are balanced, say so first, and offer runs with a long tail."""
    if not readings or not sizes.balanced(readings):
        return
    st.info(plain(sizes.evenly_trained(readings)))
    kept = [run.config.data for run in page.runs if not run.problem]
    study = studies.like(page.name, kept[0] if kept else "")
    with st.container(horizontal=True, vertical_alignment="center", key="imbalance.offer"):
        sources.train_button(page, study, f"Train “{study.name}”", "offered")
        st.caption(plain(f"{len(study.configs)} runs. {study.notice}"))
