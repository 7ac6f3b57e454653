"""Angles: how tight each class is, and how far the others are."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lossviz.reading.angles import AnglesView, lacks
from lossviz.reading.reading import Reading
from lossviz.ui import width
from lossviz.ui.binding import plain
from lossviz.ui.reading import angles, pictures, settings, sources
from lossviz.ui.reading.page import Page


def show() -> None:
    """Draw the page."""
    page = Page("angles", AnglesView, needs=lacks)
    readings, section, important = angles.shown(page)
    left, right = st.columns([5, 2], gap="medium")
    with left:
        width.measure(page.bound)
        st.title("How tight is each class, and how far are the others?")
        with st.container(key="how"):
            st.caption(angles.how(readings, section))
        page.problems()
        for group, end in page.groups(readings):
            _group(page, group, important, section, end)
    with right:
        angles.sections(page, section)
        if page.readings:
            settings.classes_control(page.bound, "important", page.classes, important)
            angles.more(page, section)
        sources.show(page)
    page.close()


def _group(
    page: Page[AnglesView], readings: Sequence[Reading], important: Sequence[int], section: str, end: str
) -> None:
    """The picture, the words and the tables of runs on the same images."""
    made = angles.chart(page, readings, important, section)
    pictures.chart(made, f"angles.{section}{end}", page.file(section, readings))
    st.markdown(plain(angles.notice(page, readings, important, section)))
    for table, name in angles.tables(page, readings, important, section):
        pictures.table(table, f"angles.table {name}{end}", page.file(name, readings))
    for _ in page.bound.folded("Each class in numbers", f"Each class in numbers{end}"):
        table = angles.class_table(page, readings, important)
        pictures.table(table, f"angles.table classes{end}", page.file("classes", readings))


show()
