"""Important classes: what caring for some classes gives them, and what it costs the others."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lossviz.reading.important import SECTIONS, ImportantView, classes, cost, matrices, plane
from lossviz.reading.reading import Reading
from lossviz.ui import width
from lossviz.ui.binding import plain
from lossviz.ui.reading import pictures, settings, sources
from lossviz.ui.reading.page import Page

HOW = "Up: more of the important class is found. Right: more of all images are right. Lines: 95 % intervals."


def show() -> None:
    """Draw the page."""
    page = Page("important", ImportantView, needs=classes.lacks)
    readings = page.alike(page.readings)
    important = classes.important_of(page.runs, readings, page.view.important)
    left, right = st.columns([5, 2], gap="medium")
    with left:
        width.measure(page.bound)
        st.title("What does caring for one class cost the others?")
        with st.container(key="how"):
            st.caption(HOW)
        settings.sections(page.bound, SECTIONS)
        page.problems()
        if readings:
            _picture(page, readings, important)
            pictures.table(classes.run_table(readings, important), "important.runs", page.file("runs"))
            for _ in page.bound.folded("Each class in numbers"):
                pictures.table(classes.class_table(readings), "important.classes", page.file("classes"))
    with right:
        if readings:
            settings.classes_control(page.bound, "important", readings[0].classes, important)
            _more(page, readings)
        sources.show(page)
    page.close()


def _picture(page: Page[ImportantView], readings: Sequence[Reading], important: Sequence[int]) -> None:
    view = page.view
    if view.section == "plane":
        others = plane.siblings(page.store.runs(), page.runs) if view.others and not view.file else []
        made = plane.plane(readings, page.runs, others, important, view.paths)
    elif view.section == "classes":
        made = classes.class_chart(readings, important)
    elif view.section == "confusion":
        made = matrices.confusion_chart(readings, important, view.counts)
    else:
        before, after = matrices.pair(readings, view.first, view.second)
        made = matrices.difference_chart(before, after, important, view.counts)
        pictures.chart(made, "important.difference", page.file("difference"))
        st.markdown(f"**{after.name} against {before.name}.** {matrices.gains(before, after, important)}")
        return
    pictures.chart(made, f"important.{view.section}", page.file(view.section))
    if view.section == "plane" and (said := cost.notice(readings, page.runs, important)):
        st.markdown(plain(said))


def _more(page: Page[ImportantView], readings: Sequence[Reading]) -> None:
    section = page.view.section
    if section == "plane" and not page.view.file:
        settings.control(page.bound, "others")
        settings.control(page.bound, "paths")
    if section in ("confusion", "difference"):
        settings.control(page.bound, "counts")
    if section == "difference":
        names = [reading.name for reading in readings]
        settings.reading_control(page.bound, "first", names)
        settings.reading_control(page.bound, "second", names)


show()
