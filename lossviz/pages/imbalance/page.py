"""Imbalance: what becomes of the classes with few training images."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from lossviz.figures.chart import Chart
from lossviz.pages.imbalance import ImbalanceView, sizes
from lossviz.pages.imbalance.ui import maps
from lossviz.readings import confusion_charts, important_classes, pairs, studies
from lossviz.readings.reading import Reading
from lossviz.ui.binding import plain
from lossviz.ui.components import width
from lossviz.ui.control import control, sections
from lossviz.ui.reading import pictures, sources
from lossviz.ui.reading.page import Page

HOW = "How well is each class recognised, against how many images it was trained on?"


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
        sections(page.bound)
        page.problems()
        if readings and sizes.balanced(readings):
            _offer(page, readings)
        if page.view.section == "maps" and readings:
            maps.show(page, readings)
        for group, end in page.groups(readings):
            _group(page, group, end)
    with right:
        if readings:
            _more(page, readings)
        sources.show(page)
    page.close()


def _offer(page: Page[ImbalanceView], readings: Sequence[Reading]) -> None:
    """Balanced classes: said first, with the runs that have a long tail."""
    st.info(plain(sizes.evenly_trained(readings)))
    kept = [run.config.data for run in page.runs if not run.problem]
    study = studies.like(page.name, kept[0] if kept else "")
    with st.container(horizontal=True, vertical_alignment="center", key="imbalance.offer"):
        sources.train_button(page, study, f"Train “{study.name}”", "offered")
        st.caption(plain(f"{len(study.configs)} runs. {study.notice}"))


def _group(page: Page[ImbalanceView], readings: Sequence[Reading], end: str) -> None:
    """Pictures and tables of runs on the same images."""
    file = partial(page.file, readings=readings)
    if page.view.section != "maps":
        made, name = _chart(page.view, readings)
        pictures.chart(made, f"imbalance.{page.view.section}{end}", file(name))
    said = [] if sizes.balanced(readings) else [sizes.notice(readings)]
    st.markdown(plain(" ".join([*said, sizes.tested(readings)])))
    pictures.table(sizes.summary(readings), f"imbalance.runs{end}", file("runs"))
    pictures.pairs(page.bound, pairs.table(readings, sizes.smallest(readings)), end, file("pairs"))


def _chart(view: ImbalanceView, readings: Sequence[Reading]) -> tuple[Chart, str]:
    """The picture of a section, and what its file is called."""
    if view.section == "recall" and sizes.balanced(readings):
        # Classes of one size would stand on each other.
        return important_classes.class_chart(readings, ()), "recall-by-class"
    if view.section == "recall":
        return sizes.recall_chart(readings, view.log), "recall-by-size"
    if view.section == "sizes":
        return sizes.size_chart(readings, view.log), "class-sizes"
    return confusion_charts.confusion_chart(readings, (), view.counts), "confusion"


def _more(page: Page[ImbalanceView], readings: Sequence[Reading]) -> None:
    section = page.view.section
    if section == "sizes" or (section == "recall" and not sizes.balanced(readings)):
        control(page.bound, "log")
    elif section == "confusion":
        control(page.bound, "counts")
    elif section == "maps":
        maps.controls(page, readings)
