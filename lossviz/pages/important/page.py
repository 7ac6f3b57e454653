"""Important classes: what caring for some classes gives them, and what it costs the others."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from lossviz.pages.important import ImportantView, cost, plane
from lossviz.readings import confusion_charts, important_classes, pairs
from lossviz.readings.reading import Reading
from lossviz.ui.binding import plain
from lossviz.ui.components import width
from lossviz.ui.control import classes_control, control, sections
from lossviz.ui.reading import pictures, sources
from lossviz.ui.reading.page import Page

HOW = "Up: more of the important class is found. Right: more of all images are right. Lines: 95 % intervals."


def show() -> None:
    """Draw the page."""
    page = Page("important", ImportantView, needs=important_classes.lacks)
    readings = page.alike(page.readings)
    important = important_classes.important_of(page.runs, readings, page.view.important)
    left, right = st.columns([5, 2], gap="medium")
    with left:
        width.measure(page.bound)
        st.title("What does caring for one class cost the others?")
        with st.container(key="how"):
            st.caption(HOW)
        sections(page.bound)
        page.problems()
        if readings and page.view.section == "difference":
            _difference(page, readings, important)
        for group, end in page.groups(readings):
            _group(page, group, important, end)
    with right:
        if readings:
            classes_control(page.bound, readings[0].classes, important)
            _more(page, readings)
        sources.show(page)
    page.close()


def _group(
    page: Page[ImportantView], readings: Sequence[Reading], important: Sequence[int], end: str
) -> None:
    """Pictures and tables of runs on the same images."""
    if page.view.section != "difference":
        _picture(page, readings, important, end)
    file = partial(page.file, readings=readings)
    pictures.table(important_classes.run_table(readings, important), f"important.runs{end}", file("runs"))
    pictures.pairs(page.bound, pairs.table(readings, important), end, file("pairs"))
    for _ in page.bound.folded("Each class in numbers", f"Each class in numbers{end}"):
        pictures.table(important_classes.class_table(readings), f"important.classes{end}", file("classes"))


def _picture(
    page: Page[ImportantView], readings: Sequence[Reading], important: Sequence[int], end: str
) -> None:
    view = page.view
    if view.section == "plane":
        ids = {reading.run_id for reading in readings}
        shown = [run for run in page.runs if run.id in ids]
        others = plane.siblings(page.store.runs(), shown, page.runs) if view.others and not view.file else []
        made = plane.plane(readings, shown, others, important, view.paths)
    elif view.section == "classes":
        made = important_classes.class_chart(readings, important)
    else:
        made = confusion_charts.confusion_chart(readings, important, view.counts)
    pictures.chart(made, f"important.{view.section}{end}", page.file(view.section, readings))
    if view.section == "plane" and (said := cost.notice(readings, page.runs, important)):
        st.markdown(plain(said))


def _difference(page: Page[ImportantView], readings: Sequence[Reading], important: Sequence[int]) -> None:
    """The change from one run's confusion matrix to another's, where they were read on the same images."""
    before, after = confusion_charts.pair(readings, page.view.first, page.view.second)
    if why := confusion_charts.apart(before, after):
        st.info(plain(why))
        return
    made = confusion_charts.difference_chart(before, after, important, page.view.counts)
    pictures.chart(made, "important.difference", page.file("difference"))
    st.markdown(
        f"**{plain(after.name)} against {plain(before.name)}.** "
        + plain(confusion_charts.gains(before, after, important))
    )


def _more(page: Page[ImportantView], readings: Sequence[Reading]) -> None:
    section = page.view.section
    if section == "plane" and not page.view.file:
        control(page.bound, "others")
        control(page.bound, "paths")
    if section in ("confusion", "difference"):
        control(page.bound, "counts")
    if section == "difference":
        names = [reading.name for reading in readings]
        control(
            page.bound,
            "first",
            now=min(page.view.first, len(names) - 1),
            options=range(len(names)),
            words=names,
        )
        control(
            page.bound,
            "second",
            now=min(page.view.second, len(names) - 1),
            options=range(len(names)),
            words=names,
        )
