"""One threshold for all samples: the accuracy against it, and what it gets wrong, at t* of each run or at one
threshold for all runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

from lossviz.figures import palette
from lossviz.figures.chart import (
    Axis,
    Band,
    Chart,
    Dots,
    Line,
    Mark,
    Panel,
    RoleColor,
    Rule,
    RunColor,
    Steps,
)
from lossviz.figures.threshold import Row
from lossviz.metrics import uniform
from lossviz.metrics.histograms import histograms
from lossviz.metrics.separation import largest_negatives
from lossviz.pages.uniform import best, scores
from lossviz.pages.uniform.view import UniformSettings
from lossviz.pages.uniform.words import images, listed, number, percent, points
from lossviz.readings.identity_cache import once
from lossviz.readings.reading import Array, Reading

BINS = 200
# TAIL negative metrics are sent one by one, the others as counts at REST thresholds.
TAIL, REST = 20_000, 1500
POINTS = 1500
# Marks of an axis whose heights are the roots of shares.
_ROOTS = tuple((math.sqrt(p / 100), f"{p:g} %") for p in (0.001, 0.01, 0.1, 0.5, 1, 2, 5, 10, 20, 50, 100))
# Below this sample-wise accuracy a run has not learned to tell its classes apart.
FEW = 0.5


def axis_title(readings: Sequence[Reading], softmax: bool) -> str:
    """The name of the axis of thresholds."""
    if softmax:
        return "threshold t on the softmax of the metrics"
    acts = any(scores.acts(reading) for reading in readings)
    return f"threshold t on the metrics{' with the learned bias' if acts else ''}"


def common(readings: Sequence[Reading], view: UniformSettings) -> bool:
    """True if one threshold is held against all runs: asked for, set by hand, or of the only run there is."""
    return view.common or view.t is not None or len(readings) < 2


def edges(readings: Sequence[Reading], softmax: bool) -> Array:
    """Edges [BINS + 1] that hold all metrics of all runs, so that they share one axis."""
    if softmax:
        return np.linspace(0.0, 1.0, BINS + 1)
    seen = [end for reading in readings for end in scores.ends(reading.logits)]
    if scores.learned(readings):
        seen.append(0.0)  # the learned bias lies there
    # With one class t* lies below all metrics.
    seen += filter(np.isfinite, (scores.report(reading).threshold for reading in readings))
    return np.linspace(*scores.widened(seen, 0.02), BINS + 1)


def start(readings: Sequence[Reading], view: UniformSettings) -> float:
    """The threshold that is shown: the view's where there are metrics, else t* of the run that gets most
    samples right."""
    ends = edges(readings, view.softmax)
    if view.t is not None and ends[0] <= view.t <= ends[-1]:
        return view.t
    reports = [scores.report(reading, view.softmax) for reading in readings]
    best = max(reports, key=lambda report: report.uniform)
    return best.threshold if np.isfinite(best.threshold) else float(ends[len(ends) // 2])


def rows(readings: Sequence[Reading], softmax: bool) -> list[Row]:
    """The data that the component draws and counts from, one row a run."""
    shared = edges(readings, softmax)
    return [_row(reading, n, shared, softmax) for n, reading in enumerate(readings)]


def _row(reading: Reading, n: int, shared: Array, softmax: bool) -> Row:
    metrics, labels = scores.biased(reading, softmax), reading.labels
    positive, negative = scores.sides(reading, softmax)
    found = best.of(reading, softmax)
    curve = once("curve", (metrics, labels), lambda: uniform.curve_of(positive, negative, POINTS))
    key = ("heights", float(shared[0]), float(shared[-1]))
    counted = once(key, (metrics, labels), lambda: histograms(metrics, labels, shared))
    largest = once("tail", (metrics, labels), lambda: largest_negatives(metrics, labels, TAIL))
    negatives = metrics.size - len(labels)
    rest = once(("rest", *key), (metrics, labels), lambda: _rest(metrics, labels, shared, len(largest)))
    light, dark = (palette.curve_colors(side)[n % 8] for side in (False, True))
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
        best=None if found is None else (found.threshold, found.accuracy),
        best_text="" if found is None else found.text(),
        near=np.empty((0, 2)) if found is None else found.near.ranges.clip(shared[0], shared[-1]),
        bias=0.0 if scores.learns(reading) and not softmax else None,
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


def chart(readings: Sequence[Reading], view: UniformSettings) -> Chart:
    """The component's picture for paper: the curves, and below them the metrics of each run."""
    t, softmax = start(readings, view) if common(readings, view) else None, view.softmax
    made, shared = rows(readings, softmax), edges(readings, softmax)
    axis = Axis(axis_title(readings, softmax), low=float(shared[0]), high=float(shared[-1]))
    marks: list[Mark] = [
        Line(*_steps(row, shared), RunColor(n), row.name, label_at_end=False) for n, row in enumerate(made)
    ]
    if t is not None:
        marks.append(Rule(t, "x", RoleColor("text"), f"t = {number(t)}", "solid"))
    for n, row in enumerate(made):
        if row.best is not None:
            at = np.array([row.best[0]]), np.array([100 * row.best[1]])
            marks.append(Dots(*at, RunColor(n), symbols="ring", size=9))
    top = Panel(tuple(marks), x=axis, y=Axis("samples right", "%", low=0, high=100), note=images(readings))
    return Chart(
        (top, *(_spread(row, n, shared, t, axis) for n, row in enumerate(made))),
        alt(readings, view),
        columns=1,
        shared_x=True,
        legend="top",
        height=150,
        classes=readings[0].classes,
    )


def _steps(row: Row, shared: Array) -> tuple[Array, Array]:
    """A step function as the corners of a line, in per cent."""
    x = np.concatenate([[shared[0]], np.repeat(row.curve_x, 2), [shared[-1]]])
    y = np.concatenate([[row.curve_y[0]] * 2, np.repeat(row.curve_y, 2)])
    return x.clip(shared[0], shared[-1]), 100 * y


def _spread(row: Row, n: int, shared: Array, t: float | None, axis: Axis) -> Panel:
    """The metrics of a run as on screen: heights are roots of shares, what lies on the wrong side is full."""
    sides: tuple[tuple[Literal["negative", "positive"], Array], ...] = (
        ("negative", np.sqrt(row.negative_heights)),
        ("positive", np.sqrt(row.positive_heights)),
    )
    top = max(1e-5, *(float(heights.max()) for _, heights in sides))
    at = t if t is not None else None if row.best is None else row.best[0]
    marks: list[Mark] = [
        Band(np.array(ends), np.zeros(2), np.full(2, top), RunColor(n)) for ends in row.near.tolist()
    ]
    for side, heights in sides:
        marks.append(Steps(shared, heights, RoleColor(side), f"{side} metrics" if n == 0 else ""))
    for side, heights in sides:
        if at is None:
            break
        cut = _beyond(shared, heights, at) if side == "negative" else _below(shared, heights, at)
        if cut is not None:
            name = f"{side} on the wrong side" if n == 0 else ""
            marks.append(Steps(*cut, RoleColor(side), name, solid=True))
    if t is not None:
        marks.append(Rule(t, "x", RoleColor("text"), "", "solid"))
    if row.best is not None:
        marks.append(Rule(row.best[0], "x", RunColor(n), f"t* {row.best_text}", "solid"))
    if row.bias is not None:
        marks.append(Rule(row.bias, "x", RoleColor("text"), "learned threshold", "dashed"))
    highest = [tick for tick in _ROOTS if tick[0] <= top][-1:]
    y = Axis("share (root)", low=0.0, high=1.03 * top, ticks=((0.0, "0 %"), *highest))
    return Panel(tuple(marks), row.name, axis, y, note=_right(row, at, t is None))


def _beyond(shared: Array, heights: Array, at: float) -> tuple[Array, Array] | None:
    """The part of a histogram above a threshold: its edges and heights; None where there is none."""
    first = int(np.searchsorted(shared, at, "right"))
    if first >= len(shared):
        return None
    if first == 0:
        return shared, heights
    return np.concatenate([[at], shared[first:]]), heights[first - 1 :]


def _below(shared: Array, heights: Array, at: float) -> tuple[Array, Array] | None:
    """The part of a histogram below a threshold."""
    found = _beyond(-shared[::-1], heights[::-1], -at)
    return None if found is None else (-found[0][::-1], found[1][::-1])


def _right(row: Row, at: float | None, best_one: bool) -> str:
    """The share of samples that the threshold gets right, as it stands beside the row on screen."""
    if at is None:
        return "no threshold gets a sample right"
    share = float(((row.positive > at) & (row.negative <= at)).mean())
    best_too = "" if best_one or row.best is None else f", at best {percent(row.best[1])}"
    return f"{percent(share)} of {len(row.positive):,} right{best_too}"


def alt(readings: Sequence[Reading], view: UniformSettings) -> str:
    """The picture in words, with its key values."""
    t = start(readings, view) if common(readings, view) else None
    said = []
    for reading in readings:
        found = best.of(reading, view.softmax)
        if found is None:
            said.append(f"{reading.name}: no threshold gets a sample right")
            continue
        words = f"at best {percent(found.accuracy)} at t* = {found.text()}, {found.as_good()}"
        if t is not None:
            now = uniform.at(scores.biased(reading, view.softmax), reading.labels, t)
            words = f"{percent(now.accuracy)} right, {words}"
        said.append(f"{reading.name}: {words}")
    where = "" if t is None else f", here t = {number(t)}"
    return f"Samples right against one threshold{where}, of {images(readings)}. {'; '.join(said)}."


def notice(readings: Sequence[Reading], view: UniformSettings) -> str:
    """The cost of one threshold: under the run that loses most, and least."""
    reports = [(reading.name, scores.report(reading, view.softmax)) for reading in readings]
    ranked = sorted(reports, key=lambda pair: pair[1].uniform - pair[1].sample_wise)
    told = [ranked[0]] if len(ranked) == 1 else [ranked[0], ranked[-1]]
    costs = listed([f"{name} {_cost(report)}" for name, report in told])
    return (
        f"One threshold for all samples in place of one for each costs {costs}, judged by {images(readings)}."
    )


def _cost(report: uniform.UniformReport) -> str:
    lost = report.sample_wise - report.uniform
    if lost == 0:
        return f"nothing ({percent(report.uniform)} right)"
    return f"{points(lost)} ({percent(report.sample_wise)} to {percent(report.uniform)} right)"


def of_each(readings: Sequence[Reading], view: UniformSettings) -> list[str]:
    """A sentence a run: the shares of metrics that t* parts, and the cost of its learned threshold."""
    return [_of_run(reading, view) for reading in readings]


def _of_run(reading: Reading, view: UniformSettings) -> str:
    report, found = scores.report(reading, view.softmax), best.of(reading, view.softmax)
    if found is None:
        return f"{reading.name}: no threshold gets a sample right."
    said = [_parted(reading, view), "" if view.softmax else _learned(reading, found)]
    told = "; ".join(part for part in said if part)
    if report.sample_wise < FEW:
        return (
            f"{reading.name} tells few classes apart: {percent(report.sample_wise)} are right even with a "
            f"threshold for each sample, so none for all can part the metrics{'; ' * bool(told)}{told}."
        )
    return f"{reading.name}: {told}." if told else ""


def _learned(reading: Reading, found: best.Best) -> str:
    """The cost of a learned threshold, and where it ended; "" where none is learned."""
    cost, limits = best.cost(reading), reading.thresholds
    if not cost or limits is None or len(limits) > 1:
        return cost
    at = float(limits[0])
    return (
        f"{cost}; it ended at {found.at(at)} on metrics without the bias, where t* lies at {found.text(at)}"
    )


def _parted(reading: Reading, view: UniformSettings) -> str:
    """The shares of positive and negative metrics that t* leaves on their sides; "" without negatives."""
    found, scored = best.of(reading, view.softmax), scores.biased(reading, view.softmax)
    if found is None:
        return ""
    at = once("at t*", (scored, reading.labels), lambda: uniform.at(scored, reading.labels, found.threshold))
    if not at.negatives:
        return ""
    return (
        f"{_nearly(at.true_accept_rate)} of the positive metrics lie above t* and "
        f"{_nearly(1 - at.false_accept_rate)} of the negative ones at or below"
    )


def _nearly(share: float) -> str:
    """A share; near 1 with the digits that tell it from 1."""
    return percent(share) if share == 1 or share < 0.999 else percent(share, 2)
