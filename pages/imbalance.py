"""Imbalance: what becomes of the classes with few training images."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lossviz.reading.imbalance import SECTIONS, ImbalanceView, sizes
from lossviz.reading.important import matrices
from lossviz.reading.reading import Reading
from lossviz.ui import chrome
from lossviz.ui.binding import plain
from lossviz.ui.reading import maps, pictures, settings, sources
from lossviz.ui.reading.page import Page

HOW = "Test sets stay balanced: every class counts as much, however few images it was trained on."


def show() -> None:
    """Draw the page."""
    page = Page("imbalance", ImbalanceView, needs=sizes.lacks)
    readings = page.alike(page.readings)
    left, right = st.columns([5, 2], gap="medium")
    with left:
        st.title("What becomes of the classes with few images?")
        with st.container(key="how"):
            st.caption(HOW)
        settings.sections(page.bound, SECTIONS)
        page.problems()
        if readings:
            _picture(page, readings)
            st.markdown(plain(sizes.notice(readings)))
            pictures.table(sizes.summary(readings), "imbalance.runs", page.file("runs"))
    with right:
        if readings:
            _more(page, readings)
        sources.show(page)
    page.close()


def _picture(page: Page[ImbalanceView], readings: Sequence[Reading]) -> None:
    view = page.view
    if view.section == "recall":
        pictures.chart(
            sizes.recall_chart(readings, view.log), "imbalance.recall", page.file("recall-by-size")
        )
    elif view.section == "sizes":
        pictures.chart(sizes.size_chart(readings, view.log), "imbalance.sizes", page.file("class-sizes"))
    elif view.section == "confusion":
        made = matrices.confusion_chart(readings, (), view.counts)
        pictures.chart(made, "imbalance.confusion", page.file("confusion"))
    else:
        maps.show(page, readings)


def _more(page: Page[ImbalanceView], readings: Sequence[Reading]) -> None:
    section = page.view.section
    if section in ("recall", "sizes"):
        settings.control(page.bound, "log")
    elif section == "confusion":
        settings.control(page.bound, "counts")
    else:
        maps.controls(page, readings)


chrome.through_app()
show()
