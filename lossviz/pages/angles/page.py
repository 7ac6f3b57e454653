"""Angles: how tight each class is, and how far the others are."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lossviz.pages.angles import AnglesView, lacks
from lossviz.pages.angles.ui import sections
from lossviz.readings.reading import Reading
from lossviz.ui.binding import plain
from lossviz.ui.components import width
from lossviz.ui.control import classes_control
from lossviz.ui.reading import pictures, sources
from lossviz.ui.reading.page import Page


def show() -> None:
    """Draw the page."""
    page = Page("angles", AnglesView, needs=lacks)
    readings, section, important = sections.shown(page)
    left, right = st.columns([5, 2], gap="medium")
    with left:
        width.measure(page.bound)
        st.title("How tight is each class, and how far are the others?")
        with st.container(key="how"):
            st.caption(sections.how(readings, section))
        page.problems()
        for group, end in page.groups(readings):
            _group(page, group, important, section, end)
    with right:
        sections.sections(page, section)
        if page.readings:
            classes_control(page.bound, page.classes, important)
            sections.more(page, section)
        sources.show(page)
    page.close()


def _group(
    page: Page[AnglesView], readings: Sequence[Reading], important: Sequence[int], section: str, end: str
) -> None:
    """The picture, the words and the tables of runs on the same images."""
    made = sections.chart(page, readings, important, section)
    pictures.chart(made, f"angles.{section}{end}", page.file(section, readings))
    st.markdown(plain(sections.notice(page, readings, important, section)))
    for table, name in sections.tables(page, readings, important, section):
        pictures.table(table, f"angles.table {name}{end}", page.file(name, readings))
    for _ in page.bound.folded("Each class in numbers", f"Each class in numbers{end}"):
        table = sections.class_table(page, readings, important)
        pictures.table(table, f"angles.table classes{end}", page.file("classes", readings))
