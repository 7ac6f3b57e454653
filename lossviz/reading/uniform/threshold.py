"""One threshold for all samples: the accuracy against it, and what it gets wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossviz.figures import palette
from lossviz.figures.chart import Axis, Chart, Line, Mark, Panel, RoleInk, Rule, RunInk, Steps
from lossviz.figures.threshold import Row
from lossviz.metrics import uniform
from lossviz.metrics.histograms import histograms
from lossviz.metrics.tail import largest_negatives
from lossviz.reading.measured import once
from lossviz.reading.reading import Reading
from lossviz.reading.uniform import scores
from lossviz.reading.uniform.view import UniformView
from lossviz.reading.uniform.words import number, percent
from lossviz.rounding import fixed

Array = NDArray[Any]
BINS = 200
# Of the negative metrics so many are sent one by one, the others as counts on so many thresholds.
TAIL, REST = 20_000, 1500
POINTS = 1500


def axis_title(readings: Sequence[Reading], softmax: bool) -> str:
    """What the threshold is held against."""
    if softmax:
        return "threshold t on the softmax of the metrics"
    acts = any(scores.acts(reading) for reading in readings)
    return f"threshold t on the metrics{' with the learned bias' if acts else ''}"


def edges(readings: Sequence[Reading], softmax: bool) -> Array:
    """Edges [BINS + 1] that hold all metrics of all runs, so that they share one axis."""
    if softmax:
        return np.linspace(0.0, 1.0, BINS + 1)
    ends = [scores.ends(reading.logits) for reading in readings]
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    if any(reading.thresholds is not None for reading in readings):
        # The learned bias, at 0, is to be seen where it lies.
        low, high = min(low, 0.0), max(high, 0.0)
    # With one class t* lies below all metrics.
    best = [scores.report(reading).threshold for reading in readings]
    low, high = min([low, *filter(np.isfinite, best)]), max([high, *filter(np.isfinite, best)])
    room = max(0.02 * (high - low), 1e-3 * max(abs(low), abs(high), 1.0))
    return np.linspace(low - room, high + room, BINS + 1)


def start(readings: Sequence[Reading], view: UniformView) -> float:
    """The threshold that is shown: the view's where there are metrics, else t* of the run that gets most
    samples right."""
    ends = edges(readings, view.softmax)
    if view.t is not None and ends[0] <= view.t <= ends[-1]:
        return view.t
    reports = [scores.report(reading, view.softmax) for reading in readings]
    best = max(reports, key=lambda report: report.uniform)
    return best.threshold if np.isfinite(best.threshold) else float(ends[len(ends) // 2])


def rows(readings: Sequence[Reading], softmax: bool) -> list[Row]:
    """What the component draws and counts from, one row a run."""
    common = edges(readings, softmax)
    return [_row(reading, n, common, softmax) for n, reading in enumerate(readings)]


def _row(reading: Reading, n: int, common: Array, softmax: bool) -> Row:
    metrics, labels = scores.biased(reading, softmax), reading.labels
    positive, negative = scores.sides(reading, softmax)
    report = scores.report(reading, softmax)
    curve = once("curve", (metrics, labels), lambda: uniform.curve_of(positive, negative, POINTS))
    key = ("heights", float(common[0]), float(common[-1]))
    counted = once(key, (metrics, labels), lambda: histograms(metrics, labels, common))
    largest = once("tail", (metrics, labels), lambda: largest_negatives(metrics, labels, TAIL))
    negatives = metrics.size - len(labels)
    rest = once(("rest", *key), (metrics, labels), lambda: _rest(metrics, labels, common, len(largest)))
    light, dark = (palette.curve_colors(side)[n % 8] for side in (False, True))
    found = np.isfinite(report.threshold)
    return Row(
        name=reading.name,
        color=light,
        color_dark=dark,
        positive=positive,
        negative=negative,
        labels=labels,
        curve_x=curve.thresholds,
        curve_y=curve.accuracy,
        positive_heights=_shares(counted.positive_counts),
        negative_heights=_shares(counted.negative_counts),
        negatives=negatives,
        tail=largest,
        rest=rest[0],
        rest_before=rest[1],
        best=(report.threshold, report.uniform) if found else None,
        bias=0.0 if scores.acts(reading) and not softmax else None,
    )


def _rest(metrics: Array, labels: Array, common: Array, sent: int) -> tuple[Array, Array]:
    """(thresholds, descending; how many negative metrics reach each), where they are not sent one by one."""
    if sent == metrics.size - len(labels):
        return np.empty(0), np.empty(0)
    fine = np.linspace(common[0], common[-1], REST + 1)
    counts = histograms(metrics, labels, fine).negative_counts
    return fine[:-1][::-1], np.cumsum(counts[::-1])


def _shares(counts: Array) -> Array:
    return counts / max(1, int(counts.sum()))


def chart(readings: Sequence[Reading], view: UniformView) -> Chart:
    """The same as a picture for paper: the curves, and below them the metrics of each run."""
    t, softmax = start(readings, view), view.softmax
    made, common = rows(readings, softmax), edges(readings, softmax)
    axis = Axis(axis_title(readings, softmax), low=float(common[0]), high=float(common[-1]))
    marks: list[Mark] = [
        Line(*_steps(row, common), RunInk(n), row.name, label_at_end=False) for n, row in enumerate(made)
    ]
    marks.append(Rule(t, "x", RoleInk("text"), f"t = {number(t)}", "solid"))
    top = Panel(tuple(marks), x=axis, y=Axis("samples right", "%", low=0, high=100), note=readings[0].of)
    return Chart(
        (top, *(_spread(row, n, common, t, axis) for n, row in enumerate(made))),
        alt(readings, view),
        columns=1,
        shared_x=True,
        legend="top",
        height=150,
        classes=readings[0].classes,
    )


def _steps(row: Row, common: Array) -> tuple[Array, Array]:
    """A step function as the corners of a line, in per cent."""
    x = np.concatenate([[common[0]], np.repeat(row.curve_x, 2), [common[-1]]])
    y = np.concatenate([[row.curve_y[0]] * 2, np.repeat(row.curve_y, 2)])
    return x.clip(common[0], common[-1]), 100 * y


def _spread(row: Row, n: int, common: Array, t: float, axis: Axis) -> Panel:
    marks: list[Mark] = [
        Steps(common, 100 * row.negative_heights, RoleInk("negative"), "negative metrics" if n == 0 else ""),
        Steps(common, 100 * row.positive_heights, RoleInk("positive"), "positive metrics" if n == 0 else ""),
        Rule(t, "x", RoleInk("text"), "", "solid"),
    ]
    if row.best is not None:
        marks.append(Rule(row.best[0], "x", RunInk(n), f"t* {number(row.best[0])}", "solid"))
    if row.bias is not None:
        marks.append(Rule(row.bias, "x", RoleInk("text"), "learned bias", "dashed"))
    return Panel(tuple(marks), row.name, axis, Axis("share", "%"))


def alt(readings: Sequence[Reading], view: UniformView) -> str:
    """The picture in words, with its key values."""
    t = start(readings, view)
    said = []
    for reading in readings:
        report = scores.report(reading, view.softmax)
        now = uniform.at(scores.biased(reading, view.softmax), reading.labels, t)
        best = f"at best {percent(report.uniform)} at t* = {number(report.threshold)}"
        said.append(
            f"{reading.name}: {percent(now.accuracy)} of {now.samples:,} samples right, {best}"
            if np.isfinite(report.threshold)
            else f"{reading.name}: no threshold gets a sample right"
        )
    return f"Samples right against one threshold, here t = {number(t)}. {'; '.join(said)}."


def notice(readings: Sequence[Reading], view: UniformView) -> str:
    """What to see in these numbers."""
    reports = [(reading.name, scores.report(reading, view.softmax)) for reading in readings]
    lost = sorted(reports, key=lambda pair: pair[1].sample_wise - pair[1].uniform)
    (least, few), (most, many) = lost[0], lost[-1]
    said = (
        f"With one threshold for all samples in place of one for each, {most} loses {_points(many)} "
        f"({percent(many.sample_wise)} to {percent(many.uniform)} right)"
    )
    if len(readings) > 1:
        said += f", {least} {_points(few)} ({percent(few.sample_wise)} to {percent(few.uniform)})"
    with_bias = [] if view.softmax else [reading for reading in readings if scores.acts(reading)]
    if not with_bias:
        return f"{said}."
    at_bias = (uniform.at(reading.logits, reading.labels, 0.0).accuracy for reading in with_bias)
    told = (f"{reading.name} {percent(share)}" for reading, share in zip(with_bias, at_bias, strict=True))
    return f"{said}. At the learned bias, t = 0, the share that is right is: {', '.join(told)}."


def _points(report: uniform.UniformReport) -> str:
    lost = fixed(100 * (report.sample_wise - report.uniform))
    return f"{lost} point" if lost == "1.0" else f"{lost} points"
