"""The sections of the uniform classification page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from lossviz.core.errors import LossvizError
from lossviz.figures.threshold import encode
from lossviz.pages.uniform import (
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
from lossviz.pages.uniform.words import images
from lossviz.readings import source
from lossviz.readings.reading import Reading
from lossviz.ui.binding import guarded, plain, sentence
from lossviz.ui.components import threshold as component
from lossviz.ui.control import control, sections
from lossviz.ui.page_files import page_file
from lossviz.ui.reading import pictures
from lossviz.ui.reading.page import Page

PICTURE = "uniform.threshold"
UniformPage = Page[UniformView]


def _threshold(page: UniformPage, readings: Sequence[Reading]) -> None:
    """The three accuracies, and accuracy against the threshold: t* of each run, or one that is dragged."""
    view, state = page.view, st.session_state
    three = accuracies.chart(readings, view)
    pictures.draw(three, "uniform.three")
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
    told = [threshold.notice(readings, view), *filter(None, threshold.of_each(readings, view))]
    _say_each(told)
    pictures.files(three, "uniform.three", page.file("three-accuracies"))
    pictures.table(accuracies.table(readings, view), "uniform.accuracies", page.file("accuracies"))
    st.caption(plain(accuracies.KEY))
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
    st.caption(plain(f"{shown.judged(there, view)}."))
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
    found, without = bias.trajectories(page.runs, readings)
    if found:
        pictures.chart(bias.chart(found, bool(page.view.own_axes)), "uniform.bias", page.file("bias"))
        _say_each(bias.notice(found))
        st.caption(plain(bias.key(found)))
    if without:
        st.info(plain(". ".join(without) + "."))


def _corollary(page: UniformPage, readings: Sequence[Reading]) -> None:
    """Corollary 1 and what directions allow, for the runs that it is about or for numbers that are asked."""
    runs = corollary.scaled(page.runs, readings)
    asked, about = corollary.asked(page.view, runs, len(page.classes)), corollary.concerned(runs)
    doctor, link = page_file("doctor"), asked.doctor.to_query()
    if not corollary.speaks(page.view, runs):
        st.info(plain(corollary.silent(readings)))
        st.page_link(doctor, label="Which γ lets bce-nu part these classes: the doctor", query_params=link)
        if corollary.several(runs):
            pictures.chart(corollary.by_gamma(runs), "uniform.corollary", page.file("gamma"))
        return
    st.markdown(plain(corollary.answer(asked)))
    st.page_link(doctor, label="What fits, with these settings: the doctor", query_params=link)
    pictures.chart(corollary.chart(asked, runs), "uniform.corollary", page.file("corollary"))
    if about:
        _say_each(["", *corollary.notice(about)])
        pictures.table(corollary.table(about), "uniform.scaled", page.file("corollary"))


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
    st.caption(plain(open_set.key(pairs)))


HOW = {
    "threshold": "An image is right when the metric of its class lies above the threshold and no other does.",
    "ranges": "How far do the metrics of the own class lie above those of the others? Fig. 2 of paper 002.",
    "negatives": "Type I: metrics of a class's samples for other classes. Type II: of other samples for it.",
    "matrix": "One sample of each class: does the diagonal dominate its columns, or the whole matrix?",
    "bias": "Does training bring the bias to the threshold that is best?",
    "corollary": "Which scale γ lets bce-nu learn one threshold for N classes, and which bias can it learn?",
    "open": "Images of classes never seen: how many does one threshold accept, where it accepts known ones?",
}


def how(page: UniformPage) -> None:
    """The choice of the section, and what it shows, in a line."""
    with st.container(key="how"):
        st.caption(plain(HOW[page.view.section]))
    sections(page.bound)


def show(page: UniformPage, readings: Sequence[Reading], pairs: Sequence[open_set.Pair]) -> None:
    """The section that the view names. pairs: of `unknown`."""
    if page.view.section == "open":
        _open(page, pairs)
    else:
        _SECTIONS[page.view.section](page, readings)


def controls(page: UniformPage, readings: Sequence[Reading], pairs: Sequence[open_set.Pair]) -> None:
    """The settings of the section that is shown. pairs: of `unknown`."""
    bound, section = page.bound, page.view.section
    if section == "threshold" and len(readings) > 1:
        one = threshold.common(readings, page.view)
        control(
            bound, "common", now=one, change=lambda now, new: replace(now.with_setting("common", new), t=None)
        )
    if section in ("threshold", "ranges", "negatives", "matrix"):
        control(bound, "softmax", change=lambda now, new: replace(now.with_setting("softmax", new), t=None))
    _axes(page, readings, pairs)
    if section == "ranges" and not page.view.softmax and any(map(scores.acts, readings)):
        control(bound, "biased")
    if section in ("ranges", "negatives"):
        control(bound, "everything")
    if section == "negatives" and readings:
        names, now = readings[0].classes, negatives.class_of(readings, page.view)
        control(bound, "of_class", now=now, options=range(len(names)), words=names)
    if section == "matrix":
        control(bound, "pick")
        if page.view.pick == "random":
            bound.button("Draw again", lambda now: replace(now, seed=(now.seed + 1) % 2**31))
    if section == "corollary":
        runs = corollary.scaled(page.runs, readings)
        if corollary.speaks(page.view, runs):
            asked = corollary.asked(page.view, runs, len(page.classes))
            control(bound, "gamma", st.number_input, now=asked.gamma)
            control(bound, "n", st.number_input, now=asked.classes)
            control(bound, "dimension", st.number_input, now=asked.dimension)
    if section == "open" and not page.view.file:
        parts = open_set.offered(page.runs)
        if parts:
            control(bound, "unknown", now=open_set.chosen(page.view, parts), options=parts, words=parts)
            control(bound, "known")
            control(
                bound,
                "response",
                now=open_set.response(page.view),
                change=lambda view, new: replace(view.with_setting("response", new), softmax=False),
                words=open_set.RESPONSES,
            )
            control(bound, "log")


def _axes(page: UniformPage, readings: Sequence[Reading], pairs: Sequence[open_set.Pair]) -> None:
    """An axis for each run or one for all, where the section has runs side by side."""
    view, bound = page.view, page.bound
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
        control(bound, "own_axes", now=own)


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


def _say_each(told: Sequence[str]) -> None:
    """A sentence, and one for each run below it."""
    st.markdown("\n- ".join(map(plain, told)))


def _say_axes(own: bool, count: int) -> None:
    if words := shown.axes_words(own, count):
        st.caption(words)


def _say(problems: Sequence[str]) -> None:
    for problem in problems:
        st.info(plain(sentence(problem) + "."))
