"""The sections of the uniform classification page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from lossviz.errors import LossvizError
from lossviz.figures.threshold import encode
from lossviz.reading import source
from lossviz.reading.reading import Reading
from lossviz.reading.uniform import (
    SECTIONS,
    UniformView,
    accuracies,
    bias,
    corollary,
    matrix,
    negatives,
    open_set,
    ranges,
    scores,
    shown,
    threshold,
)
from lossviz.ui import threshold as component
from lossviz.ui.binding import guarded, plain, sentence
from lossviz.ui.reading import pictures, settings
from lossviz.ui.reading.page import Page

PICTURE = "uniform.threshold"
UniformPage = Page[UniformView]


def _threshold(page: UniformPage, readings: Sequence[Reading]) -> None:
    """Accuracy against the threshold that is dragged, and the three accuracies."""
    view, state = page.view, st.session_state
    state["uniform.frame"] = state.get("uniform.frame", 0) + 1
    data = encode(
        threshold.rows(readings, view.softmax),
        threshold.edges(readings, view.softmax),
        readings[0].classes,
        threshold.start(readings, view),
        x_title=threshold.axis_title(readings, view.softmax),
        note=accuracies.samples(readings),
        frame=state["uniform.frame"],
        echo=state.get("uniform.echo", 0),
        height=190 if len(readings) < 3 else 150,
        presentation=view.presentation,
    )
    component.mount(data, key=PICTURE, on_release=guarded(lambda: _released(page)))
    pictures.files(threshold.chart(readings, view), PICTURE, page.file("threshold"))
    st.markdown(plain(threshold.notice(readings, view)))
    pictures.table(accuracies.table(readings, view), "uniform.accuracies", page.file("accuracies"))
    for _ in page.bound.folded("The best threshold of each class"):
        pictures.table(
            accuracies.class_table(readings, view), "uniform.classes", page.file("class-thresholds")
        )


def _released(page: UniformPage) -> None:
    event = st.session_state[PICTURE].release
    if not isinstance(event, dict):
        return
    st.session_state["uniform.echo"] = int(event.get("id") or 0)
    try:
        page.bound.view = page.view.with_setting("t", float(event.get("t") or 0.0))
    except LossvizError:
        page.bound.touch()


def _ranges(page: UniformPage, readings: Sequence[Reading]) -> None:
    """The ranges of the classes, the histograms and the overlap."""
    view = page.view
    _say(ranges.missing(readings, view))
    if not ranges.parts(readings, view):
        return
    pictures.chart(ranges.class_chart(readings, view), "uniform.ranges", page.file("ranges"))
    pictures.chart(ranges.histogram_chart(readings, view), "uniform.histograms", page.file("histograms"))
    st.caption(plain(ranges.key(readings, view)))
    st.markdown(plain(ranges.notice(readings, view)))
    pictures.table(ranges.table(readings, view), "uniform.overlap", page.file("overlap"))


def _negatives(page: UniformPage, readings: Sequence[Reading]) -> None:
    """Type I and II negatives of a class, and of all classes."""
    view = page.view
    _say(ranges.missing(readings, view))
    there = negatives.there(readings, view)
    if not there:
        return
    pictures.chart(negatives.chart(there, view), "uniform.negatives", page.file("negatives"))
    _say_axes(negatives.own_axes(there, view), len(there))
    st.markdown(plain(negatives.notice(there, view)))
    for _ in page.bound.folded("All classes (Fig. 3 of paper 002)"):
        pictures.chart(
            negatives.all_classes(there, view), "uniform.all", page.file("all-classes"), folded=True
        )
    for _ in page.bound.folded(negatives.split_title(readings)):
        pictures.table(negatives.table(there, view), "uniform.split", page.file("split"))


def _matrix(page: UniformPage, readings: Sequence[Reading]) -> None:
    """The metric matrix of one sample a class."""
    pictures.chart(matrix.chart(readings, page.view), "uniform.matrix", page.file("matrix"))
    st.markdown(plain(matrix.notice(readings, page.view)))
    st.caption(plain(matrix.KEY))


def _bias(page: UniformPage, readings: Sequence[Reading]) -> None:
    """The learned bias over training."""
    if page.view.file:
        st.info("A file says nothing about training: choose runs to see their bias over the epochs.")
        return
    found, without = bias.trajectories(page.runs, source.names(page.runs))
    if found:
        pictures.chart(bias.chart(found, bool(page.view.own_axes)), "uniform.bias", page.file("bias"))
        st.markdown(plain(bias.notice(found)))
        st.caption("Solid: the threshold that the learned bias stands for. Dashed: t* of all test images.")
    if without:
        st.info(plain(". ".join(without) + "."))


def _corollary(page: UniformPage, readings: Sequence[Reading]) -> None:
    """The calculator of Corollary 1."""
    runs = corollary.scaled(page.runs, readings)
    gamma, classes = corollary.settings(page.view, runs, len(page.classes))
    st.markdown(plain(corollary.answer(gamma, classes)))
    pictures.chart(corollary.chart(gamma, classes, runs), "uniform.corollary", page.file("corollary"))
    if runs:
        pictures.table(corollary.table(runs), "uniform.scaled", page.file("corollary"))


def _open(page: UniformPage, pairs: Sequence[open_set.Pair]) -> None:
    """Unknown images against t*."""
    if page.view.file:
        st.info("A file holds no network to show unknown images to: choose runs.")
    elif not open_set.offered(page.runs):
        st.info(open_set.NOTHING)
    elif not pairs:
        st.info("The unknown images go through the networks once; what they make of them appears here.")
    if not pairs:
        return
    pictures.chart(open_set.chart(pairs, page.view), "uniform.open", page.file("open-set"))
    _say_axes(open_set.own_axes(pairs, page.view), len(pairs))
    st.markdown(plain(open_set.notice(pairs, page.view)))
    pictures.table(open_set.table(pairs, page.view), "uniform.rates", page.file("open-set"))
    st.caption(plain(open_set.KEY))


HOW = {
    "threshold": "Drag the threshold: a sample is right when the metric of its own class lies above it and "
    "no other does.",
    "ranges": "How far do the metrics of the own class lie above those of the others? Fig. 2 of paper 002.",
    "negatives": "Type I: metrics of a class's samples for other classes. Type II: of other samples for it.",
    "matrix": "One sample of each class: does the diagonal dominate its columns, or the whole matrix?",
    "bias": "Does training bring the bias to the threshold that is best?",
    "corollary": "Which scale γ lets bce-nu learn one threshold for N classes, and which bias does it learn?",
    "open": "Images of classes never seen: does the one threshold reject them?",
}


def how(page: UniformPage) -> None:
    """The choice of the section, and what it shows, in a line."""
    with st.container(key="how"):
        st.caption(plain(HOW[page.view.section]))
    settings.sections(page.bound, SECTIONS)


def show(page: UniformPage, readings: Sequence[Reading], pairs: Sequence[open_set.Pair]) -> None:
    """The section that the view names. pairs: of `unknown`."""
    if page.view.section == "open":
        _open(page, pairs)
    else:
        _SECTIONS[page.view.section](page, readings)


def controls(page: UniformPage, readings: Sequence[Reading], pairs: Sequence[open_set.Pair]) -> None:
    """The settings of the section that is shown. pairs: of `unknown`."""
    bound, section = page.bound, page.view.section
    if section in ("threshold", "ranges", "negatives", "matrix", "open"):
        softmax = page.view.softmax
        _flag(page, "softmax", softmax, lambda now, new: replace(now.with_setting("softmax", new), t=None))
    _axes(page, readings, pairs)
    if section == "ranges" and not page.view.softmax and any(map(scores.acts, readings)):
        settings.control(bound, "biased")
    if section in ("ranges", "negatives"):
        settings.control(bound, "everything")
    if section == "negatives" and readings:
        names = readings[0].classes
        _choice(page, "of_class", negatives.class_of(readings, page.view), list(range(len(names))), names)
    if section == "matrix":
        settings.control(bound, "pick")
        if page.view.pick == "random":
            bound.button("Draw again", lambda now: replace(now, seed=(now.seed + 1) % 2**31))
    if section == "corollary":
        runs = corollary.scaled(page.runs, readings)
        gamma, classes = corollary.settings(page.view, runs, len(page.classes))
        _number(page, "gamma", gamma)
        _number(page, "n", classes)
    if section == "open" and not page.view.file:
        parts = open_set.offered(page.runs)
        if parts:
            _choice(page, "unknown", open_set.chosen(page.view, parts), list(parts), parts)


def _axes(page: UniformPage, readings: Sequence[Reading], pairs: Sequence[open_set.Pair]) -> None:
    """An axis for each run or one for all, where the section has runs side by side."""
    view = page.view
    if view.section == "bias":
        count, own = len(readings), bool(view.own_axes)
    elif view.section == "open":
        count, own = len(pairs), open_set.own_axes(pairs, view)
    elif view.section == "ranges":
        made = ranges.parts(readings, view)
        count, own = len(made), shown.own_of(made, view)
    elif view.section == "negatives":
        there = negatives.there(readings, view)
        count, own = len(there), negatives.own_axes(there, view)
    else:
        return
    if count > 1:
        _flag(page, "own_axes", own, lambda now, new: now.with_setting("own_axes", new))


def _flag(
    page: UniformPage, name: str, now: bool, change: Callable[[UniformView, bool], UniformView]
) -> None:
    declared = page.view.settings()[name]
    page.bound.control(
        st.toggle,
        name,
        now,
        change,
        declared.label,
        help=declared.meaning[0].upper() + declared.meaning[1:] + ".",
    )


def _choice(page: UniformPage, name: str, now: Any, values: list[Any], words: Any) -> None:
    declared = page.view.settings()[name]
    page.bound.control(
        st.selectbox,
        name,
        now,
        lambda view, new: view.with_setting(name, new),
        declared.label,
        values,
        format_func=lambda value: words[value],
        help=declared.meaning[0].upper() + declared.meaning[1:] + ".",
    )


def _number(page: UniformPage, name: str, now: float) -> None:
    declared = page.view.settings()[name]
    whole = declared.kind == "whole"
    page.bound.control(
        st.number_input,
        name,
        int(now) if whole else float(now),
        lambda view, new: view if new is None else view.with_setting(name, int(new) if whole else float(new)),
        declared.label,
        int(declared.low) if whole else float(declared.low),
        int(declared.high) if whole else float(declared.high),
        help=declared.meaning[0].upper() + declared.meaning[1:] + ".",
    )


def unknown(page: UniformPage, readings: Sequence[Reading]) -> list[open_set.Pair]:
    """For the section on open sets, the readings of unknown images.

    What is not read yet is asked for, and the page waits for it.
    """
    if page.view.section != "open":
        return []
    part = open_set.chosen(page.view, open_set.offered(page.runs))
    runs = {run.id: run for run in page.runs}
    pairs = []
    for place, reading in enumerate(readings):
        run = runs.get(reading.run_id)
        if run is None or not part:
            continue
        try:
            if not source.kept(run, page.view.at, part):
                page.waiting.append(page.extraction(run, part))
                continue
            found = source.of_run(run, page.view.at, part, reading.name)
            # While a run trains its unknown images may be some epochs behind.
            behind = found.epoch != reading.epoch
            known = source.of_run(run, found.epoch, name=reading.name) if behind else reading
            pairs.append(open_set.Pair(place, known, found))
        except LossvizError as error:
            page.told.append(str(error))
    return pairs


_SECTIONS: dict[str, Callable[[UniformPage, Sequence[Reading]], None]] = {
    "threshold": _threshold,
    "ranges": _ranges,
    "negatives": _negatives,
    "matrix": _matrix,
    "bias": _bias,
    "corollary": _corollary,
}


def _say_axes(own: bool, count: int) -> None:
    if words := shown.axes_words(own, count):
        st.caption(words)


def _say(problems: Sequence[str]) -> None:
    for problem in problems:
        st.info(plain(sentence(problem) + "."))
