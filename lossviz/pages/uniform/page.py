"""Uniform classification (paper 002): one threshold for all samples of all classes."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lossviz.core.errors import LossvizError
from lossviz.figures.chart import Chart
from lossviz.figures.threshold import encode
from lossviz.pages.uniform import SECTIONS, UniformView, lacks, open_set, threshold
from lossviz.pages.uniform.sections import Data
from lossviz.pages.uniform.words import images
from lossviz.readings import source
from lossviz.readings.reading import Reading
from lossviz.ui.binding import guarded
from lossviz.ui.components import threshold as component
from lossviz.ui.page_files import page_file
from lossviz.ui.reading import pictures, sections
from lossviz.ui.reading.page import Page

PICTURE, THREE = "uniform.threshold", "uniform.three-accuracies"


def show() -> None:
    """Draw the page."""
    page = Page("uniform", UniformView, needs=lacks)
    readings = page.alike(page.readings)
    sections.show(
        page,
        "Does one threshold tell right from wrong for all classes?",
        SECTIONS,
        Data(page.view, readings, page.runs, pairs=_unknown(page, readings)),
        own={
            "threshold": lambda three: _threshold(page, readings, three),
            "three-accuracies": lambda three: pictures.files(three, THREE, page.file("three-accuracies")),
            "draw again": lambda _: page.bound.button("Draw again", lambda now: now.with_next_sample()),
            "doctor": lambda said: st.page_link(page_file("doctor"), label=said[0], query_params=said[1]),
        },
        always_controls=True,
    )


def _threshold(page: Page[UniformView], readings: Sequence[Reading], three: Chart) -> None:
    """The three accuracies, and accuracy against one threshold that is dragged."""
    view, state = page.view, st.session_state
    pictures.draw(three, THREE)
    state["uniform.frame"] = state.get("uniform.frame", 0) + 1
    data = encode(
        threshold.rows(readings, view.softmax),
        threshold.edges(readings, view.softmax),
        readings[0].classes,
        threshold.start(readings, view),
        common=threshold.common(readings, view),
        x_title=threshold.axis_title(readings, view.softmax),
        note=images(readings),
        frame=state["uniform.frame"],
        echo=state.get("uniform.echo", 0),
        height=150 if len(readings) < 3 else 110,
        presentation=view.presentation,
    )
    component.mount(data, key=PICTURE, on_release=guarded(lambda: _released(page)))
    pictures.files(threshold.chart(readings, view), PICTURE, page.file("threshold"))


def _released(page: Page[UniformView]) -> None:
    event = st.session_state[PICTURE].release
    if not isinstance(event, dict):
        return
    st.session_state["uniform.echo"] = int(event.get("id") or 0)
    try:
        page.bound.view = page.view.with_setting("t", float(event.get("t") or 0.0))
    except LossvizError:
        page.bound.touch()


def _unknown(page: Page[UniformView], readings: Sequence[Reading]) -> list[open_set.Pair]:
    """For the section on open sets, the readings of unknown images.

    What is not read yet is asked for, and the page waits for it.
    """
    if page.view.section != "open":
        return []
    part = open_set.unknown_part(page.view, open_set.offered(page.runs))
    runs = {run.id: run for run in page.runs}
    pairs = []
    for place, reading in enumerate(readings):
        run = runs.get(reading.run_id)
        if run is None or not part:
            continue
        try:
            if not source.available(run, page.view.at, part):
                page.waiting.append(page.extraction(run, part))
                continue
            found = source.of_run(run, page.view.at, part, reading.name)
            # While a run trains its unknown images may be some epochs behind.
            behind = found.epoch != reading.epoch
            known = source.of_run(run, found.epoch, name=reading.name) if behind else reading
            pairs.append(open_set.Pair(place, known, found))
        except LossvizError as error:
            page.messages.append(str(error))
    return pairs
