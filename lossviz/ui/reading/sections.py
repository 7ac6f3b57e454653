"""The sections of a reading page (`lossviz.readings.section`), shown with Streamlit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from lossviz.figures.chart import Chart
from lossviz.readings.reading import Reading
from lossviz.readings.section import (
    Button,
    Component,
    Control,
    D,
    Files,
    Fold,
    Html,
    Link,
    Part,
    Picture,
    Section,
    Text,
    titles,
)
from lossviz.ui import control
from lossviz.ui.binding import Binding, plain
from lossviz.ui.components import width
from lossviz.ui.page_files import page_file
from lossviz.ui.reading import pictures, sources
from lossviz.ui.reading.page import Page

Mounts = Mapping[str, Callable[[], None]]


def show(
    page: Page[Any],
    question: str,
    sections: Mapping[str, Section[D]],
    data: D,
    readings: Sequence[Reading] | None = None,
    *,
    section: str = "",
    offered: Collection[str] = (),
    note: str = "",
    first: Callable[[], None] = lambda: None,
    below: Callable[[D], Iterable[Part]] | None = None,
    mounts: Mounts | None = None,
    always_controls: bool = False,
) -> None:
    """Draw a reading page with one of its sections, and end its script.

    readings: those that the section shows, where they are fewer than those of `data`. section: where it is
    not the one of the view. offered: sections for a list beside the picture; none: all in a row above it.
    note: behind the line on how the section is read. first: draws above the section. below: parts under each
    section, for readings of the same images. mounts: the browser components of the page. always_controls:
    the section has its controls without readings too.
    """
    name = section or page.view.get("section")
    own, drawn = sections[name], replace(data, readings=data.readings if readings is None else readings)
    left, right = st.columns([5, 2], gap="medium")
    with left:
        width.measure(page.bound)
        st.title(question)
        with st.container(key="how"):
            st.caption(plain((own.how if isinstance(own.how, str) else own.how(drawn)) + note))
        if not offered:
            control.sections(page.bound)
        page.problems()
        first()
        if own.whole and drawn.readings:
            draw(page, own.parts(drawn), mounts=mounts)
        for group, end in page.groups(drawn.readings) if below or not own.whole else ():
            here = replace(drawn, readings=group)
            if not own.whole:
                draw(page, own.parts(here), group, end)
            draw(page, below(here) if below else (), group, end)
    with right:
        if offered:
            words = titles(sections)
            control.control(page.bound, "section", now=name, options=offered, words=words, help=None)
        if data.readings and "important" in page.view.declarations():
            control.classes_control(page.bound, data.classes, data.important)
        for each in own.controls(data) if data.readings or always_controls else ():
            _control(page.bound, each)
        sources.show(page)
    page.close()


def draw(
    page: Page[Any],
    parts: Iterable[Part],
    readings: Sequence[Reading] = (),
    end: str = "",
    *,
    folded: bool = False,
    mounts: Mounts | None = None,
) -> None:
    """Draw the parts of a section. readings: those in the names of files; none: all of the page. end: of the
    keys of its elements."""
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
            case Picture(name, chart, "drawing"):
                pictures.draw(chart, f"{page.name}.{name}{end}")
            case Picture(name, chart):
                pictures.files(chart, f"{page.name}.{name}{end}", page.file(name, readings))
            case Fold():
                for _ in page.bound.folded(part.label, f"{part.label}{end}"):
                    draw(page, part.parts(), readings, end, folded=True)
            case Link():
                st.page_link(page_file(part.page), label=part.label, query_params=dict(part.query))
            case Html():
                st.html(part.html)
            case Files(name, save):
                with st.container(horizontal=True, horizontal_alignment="right"):
                    made = {kind: partial(save, kind.lower()) for kind in pictures.KINDS}
                    pictures.save_menu(f"{page.name}.{name}", page.file(name, readings), made)
            case Component(name):
                (mounts or {})[name]()


def _text(part: Text) -> None:
    lines = "\n- ".join(map(plain, (part.text, *part.each)))
    shown = f"**{plain(part.bold)}** {lines}" if part.bold else lines
    if shown:
        kinds: dict[str, Callable[[str], Any]] = {
            "paragraph": st.markdown,
            "caption": st.caption,
            "info": st.info,
            "warning": st.warning,
        }
        kinds[part.kind](shown)


def _control(bound: Binding[Any], asked: str | Control | Button) -> None:
    if isinstance(asked, Button):
        bound.button(asked.label, asked.change)
        return
    one = Control(asked) if isinstance(asked, str) else asked
    control.control(bound, one.name, st.number_input if one.typed else None, **one.arguments)
