"""The sections of the page of uniform classification, each over all runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lossviz.pages.uniform import (
    accuracies,
    bias,
    corollary,
    matrix,
    metric_sample,
    negatives,
    open_set,
    ranges,
    scores,
    threshold,
)
from lossviz.pages.uniform.view import UniformSettings
from lossviz.readings.section import Control, Fold, Own, PageData, Part, Sections, Text
from lossviz.readings.view import setting


@dataclass(frozen=True)
class Data(PageData[UniformSettings]):
    """The data of a section. pairs: the readings of unknown images beside those of known ones."""

    pairs: Sequence[open_set.Pair] = ()


SECTIONS = Sections[Data](whole=True)
Controls = Iterator[str | Control | Own]


def _listed(sentences: Sequence[str]) -> Text:
    """The first sentence, and the others, one a run, in a list below it."""
    return Text("".join(sentences[:1]), each=sentences[1:])


def _afresh(name: str) -> Any:
    """The change of a setting after which t* of each run is shown again."""
    return lambda now, new: replace(now.with_setting(name, new), t=None)


def _softmax() -> Control:
    return Control("softmax", change=_afresh("softmax"))


def _axes(count: int, own: bool) -> Iterator[Control]:
    """The control that chooses an axis for each run or one for all, if there are several runs."""
    if count > 1:
        yield Control("own_axes", now=own)


def _missing(data: Data) -> Iterator[Part]:
    for problem in ranges.missing(data.readings, data.view):
        yield Text(f"{problem}.", "info")


def _of_threshold(data: Data) -> Controls:
    if len(data.readings) > 1:
        one = threshold.common(data.readings, data.view)
        yield Control("common", now=one, change=_afresh("common"))
    yield _softmax()


@SECTIONS.add(
    "threshold",
    "Threshold",
    "An image is right when the metric of its class lies above the threshold and no other does.",
    _of_threshold,
)
def _threshold(data: Data) -> Iterator[Part]:
    readings, view = data.readings, data.view
    three = accuracies.chart(readings, view)
    yield Own("threshold", three)
    yield _listed([threshold.notice(readings, view), *filter(None, threshold.of_each(readings, view))])
    yield Own("three-accuracies", three)
    yield "accuracies", accuracies.table(readings, view)
    yield Text(accuracies.KEY, "caption")
    of_classes = "The best threshold of each class"
    yield Fold(of_classes, lambda: [("class-thresholds", accuracies.class_table(readings, view))])


def _of_ranges(data: Data) -> Controls:
    made = ranges.parts(data.readings, data.view)
    yield _softmax()
    yield from _axes(len(made), metric_sample.own_of(made, data.view))
    if not data.view.softmax and any(map(scores.acts, data.readings)):
        yield "biased"
    yield "everything"


@SECTIONS.add(
    "ranges",
    "Ranges",
    "How far do the metrics of the own class lie above those of the others? Fig. 2 of paper 002.",
    _of_ranges,
)
def _ranges(data: Data) -> Iterator[Part]:
    readings, view = data.readings, data.view
    yield from _missing(data)
    if ranges.parts(readings, view):
        yield "ranges", ranges.class_chart(readings, view)
        yield "histograms", ranges.histogram_chart(readings, view)
        yield Text(ranges.key(readings, view), "caption")
        yield ranges.notice(readings, view)
        yield "overlap", ranges.table(readings, view)


def _of_negatives(data: Data) -> Controls:
    there = negatives.there(data.readings, data.view)
    yield _softmax()
    yield from _axes(len(there), negatives.own_axes(there, data.view))
    yield "everything"
    if names := data.classes:
        now = negatives.class_of(data.readings, data.view)
        yield Control("of_class", now=now, options=range(len(names)), words=names)


@SECTIONS.add(
    "negatives",
    "Negatives",
    "Type I: metrics of a class's samples for other classes. Type II: of other samples for it.",
    _of_negatives,
)
def _negatives(data: Data) -> Iterator[Part]:
    view, there = data.view, negatives.there(data.readings, data.view)
    yield from _missing(data)
    if there:
        yield "negatives", negatives.chart(there, view)
        yield Text(metric_sample.axes_words(negatives.own_axes(there, view), len(there)), "caption")
        yield Text(f"{metric_sample.images_text(there, view)}.", "caption")
        yield negatives.notice(there, view)
        of_all = "All classes (Fig. 3 of paper 002)"
        yield Fold(of_all, lambda: [("all-classes", negatives.all_classes(there, view))])
        split = negatives.split_title(data.readings)
        yield Fold(split, lambda: [("split", negatives.table(there, view))])


def _of_matrix(data: Data) -> Controls:
    yield _softmax()
    yield "pick"
    if data.view.pick == "random":
        yield Own("draw again")


@SECTIONS.add(
    "matrix",
    "Matrix",
    "One sample of each class: does the diagonal dominate its columns, or the whole matrix?",
    _of_matrix,
)
def _matrix(data: Data) -> Iterator[Part]:
    yield "matrix", matrix.chart(data.readings, data.view)
    yield matrix.notice(data.readings, data.view)
    yield Text(matrix.KEY, "caption")


@SECTIONS.add(
    "bias",
    "Bias",
    "Does training bring the bias to the threshold that is best?",
    lambda data: _axes(len(data.readings), bool(data.view.own_axes)),
)
def _bias(data: Data) -> Iterator[Part]:
    if data.view.file:
        yield Text(
            "A file says nothing about training: choose runs to see their bias over the epochs.", "info"
        )
        return
    found, without = bias.trajectories(data.runs, data.readings)
    if found:
        yield "bias", bias.chart(found, bool(data.view.own_axes))
        yield _listed(bias.notice(found))
        yield Text(bias.key(found), "caption")
    if without:
        yield Text(". ".join(without) + ".", "info")


def _of_corollary(data: Data) -> Controls:
    runs = corollary.scaled(data.runs, data.readings)
    if corollary.speaks(data.view, runs):
        asked = corollary.question(data.view, runs, len(data.classes))
        yield Control("gamma", typed=True, now=asked.gamma)
        yield Control("n", typed=True, now=asked.classes)
        yield Control("dimension", typed=True, now=asked.dimension)


@SECTIONS.add(
    "corollary",
    "Corollary",
    "Which scale γ lets bce-nu learn one threshold for N classes, and which bias can it learn?",
    _of_corollary,
)
def _corollary(data: Data) -> Iterator[Part]:
    runs = corollary.scaled(data.runs, data.readings)
    asked, about = corollary.question(data.view, runs, len(data.classes)), corollary.concerned(runs)
    query = asked.doctor.to_query()
    if not corollary.speaks(data.view, runs):
        yield Text(corollary.silent(data.readings), "info")
        yield Own("doctor", ("Which γ lets bce-nu part these classes: the doctor", query))
        if corollary.several(runs):
            yield "gamma", corollary.by_gamma(runs)
        return
    yield corollary.answer(asked)
    yield Own("doctor", ("What fits, with these settings: the doctor", query))
    yield "corollary", corollary.chart(asked, runs)
    if about:
        yield _listed(["", *corollary.notice(about)])
        yield "corollary", corollary.table(about)


def _of_open(data: Data) -> Controls:
    view, parts = data.view, open_set.offered(data.runs)
    yield from _axes(len(data.pairs), open_set.own_axes(data.pairs, view))
    if view.file or not parts:
        return

    def respond(now: UniformSettings, new: str) -> UniformSettings:
        return replace(now.with_setting("response", new), softmax=False)

    yield Control("unknown", now=open_set.unknown_part(view, parts), options=parts, words=parts)
    yield "known"
    yield Control("response", now=open_set.response(view), change=respond, words=open_set.RESPONSES)
    yield "log"


@SECTIONS.add(
    "open",
    "Open set",
    "Images of classes never seen: how many does one threshold accept, where it accepts known ones?",
    _of_open,
)
def _open(data: Data) -> Iterator[Part]:
    pairs, view = data.pairs, data.view
    if view.file:
        yield Text("A file holds no network to show unknown images to: choose runs.", "info")
    elif not open_set.offered(data.runs):
        yield Text(open_set.NOTHING, "info")
    elif not pairs:
        told = "The unknown images go through the networks once; what they make of them appears here."
        yield Text(told, "info")
    if pairs:
        yield "open-set", open_set.chart(pairs, view)
        yield Text(metric_sample.axes_words(open_set.own_axes(pairs, view), len(pairs)), "caption")
        yield open_set.notice(pairs, view)
        yield "open-set", open_set.table(pairs, view)
        yield Text(open_set.key(pairs), "caption")


@dataclass(frozen=True)
class UniformView(UniformSettings):
    """The settings of the page."""

    section: str = setting("threshold", "choice", "show", "what is shown", choices=SECTIONS.titles)
