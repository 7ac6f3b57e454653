"""The sections of a reading page (`lossviz.readings.section`), shown with Streamlit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from lossviz.figures.chart import Chart
from lossviz.readings.reading import Reading
from lossviz.readings.section import Control, D, Fold, Own, Part, Sections, Text
from lossviz.ui import control
from lossviz.ui.binding import plain
from lossviz.ui.components import width
from lossviz.ui.reading import pictures, sources
from lossviz.ui.reading.page import Page

Draws = Mapping[str, Callable[[Any], object]]


def show(
    page: Page[Any],
    question: str,
    sections: Sections[D],
    data: D,
    readings: Sequence[Reading] | None = None,
    *,
    section: str = "",
    offered: Collection[str] = (),
    note: str = "",
    first: Callable[[], None] = lambda: None,
    below: Callable[[D], Iterable[Part]] | None = None,
    own: Draws | None = None,
    always_controls: bool = False,
) -> None:
    """Draw a reading page with one of its sections, and end its script.

    readings: those that the section shows, where they are fewer than those of `data`. section: its name,
    where it is not the one of the view. offered: sections for a list beside the picture; without them, all
    stand in a row above it. note: follows the line that explains the section. first: draws above the
    section. below: gives parts under each section, for readings of the same images. own: draws the page's
    own parts, by name. always_controls: the section has its controls also without readings.
    """
    name = section or page.view.get("section")
    shown, drawn = sections[name], replace(data, readings=data.readings if readings is None else readings)
    left, right = st.columns([5, 2], gap="medium")
    with left:
        width.measure(page.bound)
        st.title(question)
        with st.container(key="how"):
            st.caption(plain((shown.how if isinstance(shown.how, str) else shown.how(drawn)) + note))
        if not offered:
            control.sections(page.bound)
        page.problems()
        first()
        if shown.whole and drawn.readings:
            draw(page, shown.parts(drawn), own=own)
        for group, end in page.groups(drawn.readings) if below or not shown.whole else ():
            here = replace(drawn, readings=group)
            if not shown.whole:
                draw(page, shown.parts(here), group, end)
            draw(page, below(here) if below else (), group, end)
    with right:
        if offered:
            words = sections.titles
            control.control(page.bound, "section", now=name, options=offered, words=words, help=None)
        if data.readings and "important" in page.view.declarations():
            control.classes_control(page.bound, data.classes, data.important)
        for each in shown.controls(data) if data.readings or always_controls else ():
            if isinstance(each, Own):
                (own or {})[each.name](each.data)
                continue
            asked = Control(each) if isinstance(each, str) else each
            widget = st.number_input if asked.typed else None
            control.control(page.bound, asked.name, widget, **asked.arguments)
        sources.show(page)
    page.close()


def draw(
    page: Page[Any],
    parts: Iterable[Part],
    readings: Sequence[Reading] = (),
    end: str = "",
    *,
    folded: bool = False,
    own: Draws | None = None,
) -> None:
    """Draw the parts of a section. readings: those that file names mention; none: all of the page. end: the
    ending of its elements' keys."""
    for part in parts:
        match part:
            case str():
                _text(Text(part))
            case Text():
                _text(part)
            case (str() as name, Chart() as chart):
                pictures.chart(chart, f"{page.name}.{name}{end}", page.file(name, readings), folded)
            case (str() as name, table):
                pictures.table(table, f"{page.name}.{name}{end}", page.file(name, readings))
            case Fold():
                for _ in page.bound.folded(part.label, f"{part.label}{end}"):
                    draw(page, part.parts(), readings, end, folded=True)
            case Own(name, data):
                (own or {})[name](data)


def _text(part: Text) -> None:
    lines = "\n- ".join(map(plain, (part.text, *part.each)))
    shown = f"**{plain(part.bold)}** {lines}" if part.bold else lines
    if shown:
        getattr(st, part.kind)(shown)
