"""Imbalance: what becomes of the classes with few training images."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lossviz.reading import studies
from lossviz.reading.imbalance import SECTIONS, ImbalanceView, sizes
from lossviz.reading.important import classes, matrices
from lossviz.reading.reading import Reading
from lossviz.ui import width
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
        width.measure(page.bound)
        st.title("What becomes of the classes with few images?")
        with st.container(key="how"):
            st.caption(HOW)
        settings.sections(page.bound, SECTIONS)
        page.problems()
        if readings:
            if sizes.balanced(readings):
                _offer(page)
            _picture(page, readings)
            if not sizes.balanced(readings):
                st.markdown(plain(sizes.notice(readings)))
            pictures.table(sizes.summary(readings), "imbalance.runs", page.file("runs"))
    with right:
        if readings:
            _more(page, readings)
        sources.show(page)
    page.close()


def _offer(page: Page[ImbalanceView]) -> None:
    """Balanced classes: said first, with the runs that have a long tail."""
    st.info(plain(sizes.BALANCED))
    kept = [run.config.data for run in page.runs if not run.problem]
    study = studies.like(page.name, kept[0] if kept else "")
    with st.container(horizontal=True, vertical_alignment="center", key="imbalance.offer"):
        sources.train_button(page, study, f"Train “{study.name}”", "offered")
        st.caption(plain(f"{len(study.configs)} runs. {study.notice}"))


def _picture(page: Page[ImbalanceView], readings: Sequence[Reading]) -> None:
    view = page.view
    if view.section == "recall" and sizes.balanced(readings):
        # Classes of one size would stand on each other.
        made = classes.class_chart(readings, ())
        pictures.chart(made, "imbalance.recall", page.file("recall-by-class"))
    elif view.section == "recall":
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
    if section == "sizes" or (section == "recall" and not sizes.balanced(readings)):
        settings.control(page.bound, "log")
    elif section == "confusion":
        settings.control(page.bound, "counts")
    elif section == "maps":
        maps.controls(page, readings)


show()
