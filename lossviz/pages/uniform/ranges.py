"""Positive and negative metrics apart (002 Fig. 2): ranges of the classes, histograms, overlap."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lossviz.figures.chart import Axis, Band, Bars, Chart, Mark, Panel, RoleColor, Rule, Steps
from lossviz.figures.table import Column, Table
from lossviz.metrics import separation
from lossviz.metrics.histograms import histograms
from lossviz.metrics.separation import ClassRanges, Overlap
from lossviz.pages.uniform import accuracies, best, metric_sample, scores
from lossviz.pages.uniform.metric_sample import MetricSample
from lossviz.pages.uniform.view import UniformSettings
from lossviz.pages.uniform.words import number, percent
from lossviz.readings.identity_cache import once
from lossviz.readings.reading import Array, Reading

BINS = 80
POSITIVE, NEGATIVE = RoleColor("positive"), RoleColor("negative")


def key(readings: Sequence[Reading], view: UniformSettings) -> str:
    """The key of the lines, a word on axes that differ, and the images that are seen."""
    bias = " the threshold that the learned bias stands for (dashed)," if scores.learned(readings) else ""
    made = parts(readings, view)
    axes = metric_sample.axes_words(metric_sample.own_of(made, view), len(made))
    return f"{axes} " * bool(axes) + (
        f"Lines: t* (solid),{bias} the means over the classes of the smallest positive and of the largest "
        "negative metric (dotted, in their colours). Shaded: where both kinds overlap (grey), and thresholds "
        f"within 0.1 points, or one sample, of t* (red). {metric_sample.images_text(readings, view)}."
    )


def parts(readings: Sequence[Reading], view: UniformSettings) -> list[MetricSample]:
    """The runs that have a sample to show."""
    found = [metric_sample.of(reading, view) for reading in readings]
    return [part for part in found if len(part.labels)]


def missing(readings: Sequence[Reading], view: UniformSettings) -> list[str]:
    """The runs that have none, in words."""
    return [
        f"{reading.name}: no sample is classified right, so there is nothing to show; switch on “All samples”"
        for reading in readings
        if not len(metric_sample.of(reading, view).labels)
    ]


def ranges_of(part: MetricSample, kind: separation.Kind = "I") -> ClassRanges:
    """Smallest, mean and largest positive and negative metric of each class."""
    key = ("ranges", kind)
    return once(key, (part.metrics, part.labels), lambda: separation.ranges(part.metrics, part.labels, kind))


def overlap_of(part: MetricSample) -> Overlap:
    """From the smallest positive to the largest negative metric."""
    return once("overlap", (part.metrics, part.labels), lambda: separation.overlap(part.metrics, part.labels))


def class_chart(readings: Sequence[Reading], view: UniformSettings) -> Chart:
    """The ranges of the metrics of each class, with t*, the learned bias and the means of the ends."""
    made = parts(readings, view)
    own = metric_sample.own_of(made, view)
    return Chart(
        tuple(_class_panel(part, view, *metric_sample.axis(part, made, own)) for part in made),
        alt(made),
        shared_y=not own,
        height=210 if len(made) < 3 else 165,
        legend="top",
        classes=readings[0].classes,
    )


def _class_panel(part: MetricSample, view: UniformSettings, low: float, high: float) -> Panel:
    found = ranges_of(part)
    return Panel(
        (
            *metric_sample.bands(part, (low, high), "y", len(found.counts)),
            *spans(found, part.reading.classes),
            *_means(found),
            *metric_sample.rules(part, "y"),
        ),
        part.reading.name,
        metric_sample.class_axis(part.reading.classes),
        Axis(_title(part, view), low=low, high=high),
        note=part.note,
    )


def _title(part: MetricSample, view: UniformSettings) -> str:
    return metric_sample.title(view, view.biased and scores.acts(part.reading))


def spans(found: ClassRanges, classes: Sequence[str]) -> list[Mark]:
    """Two bars a class: from its smallest to its largest positive, and negative, metric."""
    place = np.arange(len(found.counts), dtype=float)
    made: list[Mark] = []
    for name, color, low, mean, high in (
        ("negative", NEGATIVE, found.negative_min, found.negative_mean, found.negative_max),
        ("positive", POSITIVE, found.positive_min, found.positive_mean, found.positive_max),
    ):
        hover = tuple(
            f"{classes[k]}: {name} metrics from {number(low[k])} to {number(high[k])}, mean {number(mean[k])}"
            for k in range(len(place))
        )
        made.append(Bars(place, high, color, f"{name} metrics", base=low, hover=hover))
    return made


def _means(found: ClassRanges) -> list[Mark]:
    """The means of the smallest positive and of the largest negative metric, as in the paper's figure."""
    made: list[Mark] = []
    for value, color in ((found.lowest_positive[0], POSITIVE), (found.highest_negative[0], NEGATIVE)):
        if np.isfinite(value):
            made.append(Rule(value, "y", color, "", "dotted"))
    return made


def histogram_chart(readings: Sequence[Reading], view: UniformSettings) -> Chart:
    """Histograms of positive and negative metrics, with t*, the learned bias and the overlap."""
    made = parts(readings, view)
    own = metric_sample.own_of(made, view)
    return Chart(
        tuple(_histogram_panel(part, view, *metric_sample.axis(part, made, own)) for part in made),
        alt(made),
        shared_x=not own,
        shared_y=not own,
        height=130,
        legend="top",
        classes=readings[0].classes,
    )


def _histogram_panel(part: MetricSample, view: UniformSettings, low: float, high: float) -> Panel:
    edges = np.linspace(low, high, BINS + 1)
    key = ("spread", float(low), float(high))
    arrays = (part.metrics, part.labels)
    counted = once(key, arrays, lambda: histograms(part.metrics, part.labels, edges))
    shares = [100 * c / max(1, int(c.sum())) for c in (counted.negative_counts, counted.positive_counts)]
    marks: list[Mark] = []
    region = overlap_of(part)
    top = float(max(share.max() for share in shares))
    if region.width > 0:
        reach = np.array([region.low, region.high])
        marks.append(Band(reach, np.zeros(2), np.full(2, top), RoleColor("muted"), "overlap"))
    marks += [
        *metric_sample.bands(part, (low, high), "x", top),
        Steps(edges, shares[0], NEGATIVE, "negative metrics"),
        Steps(edges, shares[1], POSITIVE, "positive metrics"),
        *metric_sample.rules(part, "x"),
    ]
    x = Axis(_title(part, view), low=low, high=high)
    return Panel(tuple(marks), part.reading.name, x, Axis("share", "%"), note=part.note)


def table(readings: Sequence[Reading], view: UniformSettings) -> Table:
    """Overlap, the ends of the classes, t* and the learned bias of each run."""
    made = parts(readings, view)
    regions, found = [overlap_of(part) for part in made], [ranges_of(part) for part in made]

    def line(values: Array | None) -> float:
        return float(values[0]) if values is not None and len(values) == 1 else float("nan")

    columns = [
        Column("run", tuple(part.reading.name for part in made), kind="text"),
        Column("samples", [region.samples for region in regions], kind="count"),
        Column("overlap width", [region.width for region in regions], "number", digits=2, best="low"),
        Column("samples in it", [r.samples_inside for r in regions], kind="percent", best="low"),
        accuracies.thresholds(
            "t*",
            [None if part.shift is None else part.found for part in made],
            [part.shift or 0.0 for part in made],
        ),
    ]
    if scores.learned(readings):
        columns.append(Column("learned threshold", [line(part.bias) for part in made], "number", digits=2))
    columns += [
        Column("smallest positive", [region.low for region in regions], "number", digits=2),
        Column("largest negative", [region.high for region in regions], "number", digits=2),
        Column("mean of smallest positives", [f.lowest_positive[0] for f in found], "number", digits=2),
        Column("sd", [f.lowest_positive[1] for f in found], "number", digits=2),
        Column("mean of largest negatives", [f.highest_negative[0] for f in found], "number", digits=2),
        Column("sd of these", [f.highest_negative[1] for f in found], "number", digits=2),
    ]
    return Table(
        "Where positive and negative metrics overlap",
        tuple(columns),
        note=metric_sample.images_text(readings, view),
    )


def alt(made: Sequence[MetricSample]) -> str:
    """The key values of the ranges, in words."""
    said = []
    for part in made:
        region, found = overlap_of(part), ranges_of(part)
        if np.isnan(region.width):
            said.append(f"{part.reading.name}: one class, so no negative metrics")
            continue
        what = "overlap" if region.width >= 0 else "gap"
        said.append(
            f"{part.reading.name}: {what} from {number(min(region.low, region.high))} to "
            f"{number(max(region.low, region.high))}, width {number(abs(region.width))}, with "
            f"{percent(region.samples_inside)} of {region.samples:,} samples; mean of the smallest "
            f"positives {number(found.lowest_positive[0])}, of the largest negatives "
            f"{number(found.highest_negative[0])}"
        )
    return f"Positive and negative metrics of each run. {'. '.join(said)}."


def notice(readings: Sequence[Reading], view: UniformSettings) -> str:
    """The numbers in sentences."""
    made = [part for part in parts(readings, view) if np.isfinite(overlap_of(part).width)]
    if not made:
        return ""
    by_share = sorted(made, key=lambda part: overlap_of(part).samples_inside)
    told = by_share if len(made) < 4 else [by_share[0], by_share[-1]]
    return " ".join(_told(part, view) for part in told)


def _told(part: MetricSample, view: UniformSettings) -> str:
    region = overlap_of(part)
    if region.width < 0:
        said = (
            f"Under {part.reading.name} the smallest positive metric lies {number(-region.width)} above the "
            f"largest negative one: any threshold between splits all {region.samples:,} samples shown."
        )
    else:
        said = (
            f"Under {part.reading.name} positive and negative metrics overlap from {number(region.low)} to "
            f"{number(region.high)} (width {number(region.width)}), a range that "
            f"{percent(region.samples_inside)} of {region.samples:,} samples reach with their positive or "
            "their largest negative metric."
        )
    cost = best.cost(part.reading)
    if not cost or view.softmax or part.bias is None or part.found is None or part.shift is None:
        return said
    low, high = sorted((region.low, region.high))
    where = "inside" if low <= float(part.bias[0]) <= high else "outside of"
    return (
        f"{said} Its learned threshold, {part.at(float(part.bias[0]))}, lies {where} the "
        f"{'gap' if region.width < 0 else 'overlap'}: of all {part.found.samples:,} samples {cost}. "
        f"t* = {part.found.text(part.shift)}, {part.found.as_good(part.shift)}."
    )
