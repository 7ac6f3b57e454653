"""The three accuracies of paper 002 (Table II) and their thresholds, as a picture and as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from lossviz.figures.chart import Axis, Chart, Dots, Line, Mark, Panel, RoleColor, RunColor, Symbol
from lossviz.figures.table import Column, Table
from lossviz.pages.uniform import best, scores
from lossviz.pages.uniform.view import UniformSettings
from lossviz.pages.uniform.words import images, percent, same
from lossviz.readings.reading import Reading

KINDS: tuple[tuple[str, str, Symbol], ...] = (
    ("sample_wise", "sample-wise A_SW", "ring"),
    ("class_wise", "class-wise A_CW", "diamond"),
    ("uniform", "uniform A_Uni", "circle"),
)
KEY = (
    "A_SW: each sample by a threshold of its own, which is whether its class has the largest metric. A_CW: "
    "one threshold for each class, the best. A_Uni: one for all, t*. As good: thresholds "
    "that get at most 0.1 points, or one sample, fewer right."
)


def chart(readings: Sequence[Reading], view: UniformSettings) -> Chart:
    """The three accuracies of each run on one line, and what its learned threshold gets right."""
    reports = [scores.report(reading, view.softmax) for reading in readings]
    places = np.arange(len(readings), dtype=float)
    marks: list[Mark] = []
    for n, report in enumerate(reports):
        ends = 100 * np.array([report.uniform, report.sample_wise])
        marks.append(Line(ends, places[[n, n]], RunColor(n), label_at_end=False, width=3.0))
    kinds = [(*kind, [getattr(report, kind[0]) for report in reports]) for kind in KINDS]
    if not view.softmax and any(map(scores.learns, readings)):
        kinds.append(("", "at the learned threshold", "cross", list(map(_at_bias, readings))))
    for _, words, symbol, shares in kinds:
        said = tuple(
            f"{reading.name}: {words} {percent(share)} of {len(reading.labels):,}"
            for reading, share in zip(readings, shares, strict=True)
        )
        size = 13.0 if symbol == "ring" else 9.0
        color = RoleColor("text")
        marks.append(
            Dots(100 * np.array(shares), places, color, words, symbols=symbol, hover=said, size=size)
        )
    names = tuple(reading.name for reading in readings)
    seen = np.concatenate([100 * np.array(shares) for *_, shares in kinds])
    low, high = float(np.nanmin(seen)), float(np.nanmax(seen))
    room = 0.04 * (high - low) or 1.0
    x = Axis("", "%", low=low - room, high=high + room)
    panel = Panel(tuple(marks), x=x, y=Axis(categories=names), note=images(readings))
    return Chart((panel,), alt(readings, view), height=22 * len(readings) + 14, legend="top")


def alt(readings: Sequence[Reading], view: UniformSettings) -> str:
    """The three accuracies in words."""
    said = []
    for reading in readings:
        report = scores.report(reading, view.softmax)
        shares = (f"{words} {percent(getattr(report, name))}" for name, words, _ in KINDS)
        said.append(f"{reading.name}: {', '.join(shares)}")
    return f"Samples right, of {images(readings)}. {'; '.join(said)}."


def table(readings: Sequence[Reading], view: UniformSettings) -> Table:
    """A_SW, A_CW, A_Uni and t* of each run, thresholds as good, and what its learned bias gets right."""
    reports = [scores.report(reading, view.softmax) for reading in readings]
    found = [best.of(reading, view.softmax) for reading in readings]
    top: Literal["high"] | None = "high" if same(readings) else None
    columns = [Column("run", tuple(reading.name for reading in readings), "text")]
    for name, words, _ in KINDS:
        columns.append(Column(words, np.array([getattr(r, name) for r in reports]), "percent", best=top))
    near = tuple("–" if b is None else best.reach(b.near) for b in found)
    columns += [thresholds("t*", found), Column("as good as t*", near, "text")]
    if not view.softmax and any(map(scores.learns, readings)):
        at_bias = np.array([_at_bias(reading) for reading in readings])
        columns.append(Column("at the learned threshold", at_bias, "percent"))
    columns.append(Column("samples", [len(r.labels) for r in readings], "count"))
    return Table(
        "Accuracy by thresholds of each sample, each class and all",
        tuple(columns),
        f"{what(readings, view)}; {images(readings)}",
    )


def thresholds(name: str, found: Sequence[best.Best | None], shifts: Sequence[float] | None = None) -> Column:
    """t* of each run, with the digits that its images determine."""
    moved = [0.0] * len(found) if shifts is None else shifts
    pairs = list(zip(found, moved, strict=True))
    values = np.array([np.nan if b is None else b.threshold + shift for b, shift in pairs])
    return Column(name, values, "number", shown=tuple("–" if b is None else b.text(s) for b, s in pairs))


def _at_bias(reading: Reading) -> float:
    return best.right_at_bias(reading) / len(reading.labels) if scores.learns(reading) else float("nan")


def class_table(readings: Sequence[Reading], view: UniformSettings) -> Table:
    """t_i* of each class under each run, and the share of its samples that t_i* gets right."""
    columns = [Column("class", readings[0].classes, "text")]
    for reading in readings:
        limits = scores.report(reading, view.softmax).class_thresholds
        texts = best.class_texts(reading, view.softmax)
        columns.append(Column(f"t_i*, {reading.name}", limits, "number", shown=texts))
        columns.append(Column(f"right, {reading.name}", _right(reading, limits, view.softmax), "percent"))
    sizes = np.bincount(readings[0].labels, minlength=len(readings[0].classes))
    columns.append(Column("samples", sizes, "count"))
    return Table(
        "The best threshold of each class", tuple(columns), f"{what(readings, view)}; {images(readings)}"
    )


def _right(reading: Reading, limits: np.ndarray, softmax: bool) -> np.ndarray:
    """The share of each class that its own threshold gets right; NaN for a class without samples."""
    positive, negative = scores.sides(reading, softmax)
    own = limits[reading.labels]
    right = (positive > own) & (negative <= own)
    classes = len(limits)
    sizes = np.bincount(reading.labels, minlength=classes)
    hits = np.bincount(reading.labels, weights=right, minlength=classes)
    return np.where(sizes > 0, hits / np.maximum(sizes, 1), np.nan)


def what(readings: Sequence[Reading], view: UniformSettings) -> str:
    """The metrics that are held against the thresholds, in words."""
    if view.softmax:
        return "Softmax of the metrics"
    if not any(map(scores.acts, readings)):
        none = (
            "the learned bias acts on the loss alone"
            if scores.learned(readings)
            else "there is no learned bias"
        )
        return f"Metrics; {none}"
    some = "" if all(map(scores.acts, readings)) else ", where there is one"
    return f"Metrics with the learned bias{some}"
