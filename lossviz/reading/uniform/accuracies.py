"""The three accuracies of paper 002 (Table II) and their thresholds, as tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lossviz.figures.table import Column, Table
from lossviz.metrics import uniform
from lossviz.reading.reading import Reading
from lossviz.reading.uniform import scores
from lossviz.reading.uniform.view import UniformView


def table(readings: Sequence[Reading], view: UniformView) -> Table:
    """A_SW, A_CW, A_Uni and t* of each run, and what its learned bias gets right."""
    reports = [scores.report(reading, view.softmax) for reading in readings]
    columns = [
        Column("run", tuple(reading.name for reading in readings), "text"),
        Column("A_SW", np.array([r.sample_wise for r in reports]), "percent", best="high"),
        Column("A_CW", np.array([r.class_wise for r in reports]), "percent", best="high"),
        Column("A_Uni", np.array([r.uniform for r in reports]), "percent", best="high"),
        Column("t*", np.array([r.threshold for r in reports]), "number", digits=3),
    ]
    if not view.softmax and any(map(scores.acts, readings)):
        columns.append(
            Column("right at the learned bias", np.array([_at_bias(r) for r in readings]), "percent")
        )
    columns.append(Column("samples", np.array([len(r.labels) for r in readings]), "count"))
    return Table(
        "Accuracy by thresholds of each sample, each class and all",
        tuple(columns),
        f"{what(readings, view)}; {samples(readings)}",
    )


def _at_bias(reading: Reading) -> float:
    if not scores.acts(reading):
        return float("nan")
    return uniform.at(reading.logits, reading.labels, 0.0).accuracy


def class_table(readings: Sequence[Reading], view: UniformView) -> Table:
    """t_i* of each class under each run, and the share of its samples that t_i* gets right."""
    columns = [Column("class", readings[0].classes, "text")]
    for reading in readings:
        limits = scores.report(reading, view.softmax).class_thresholds
        columns.append(Column(f"t_i*, {reading.name}", limits, "number", digits=3))
        columns.append(Column(f"right, {reading.name}", _right(reading, limits, view.softmax), "percent"))
    sizes = np.bincount(readings[0].labels, minlength=len(readings[0].classes))
    columns.append(Column("samples", sizes, "count"))
    return Table(
        "The best threshold of each class", tuple(columns), f"{what(readings, view)}; {samples(readings)}"
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


def what(readings: Sequence[Reading], view: UniformView) -> str:
    """What is held against the thresholds."""
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


def samples(readings: Sequence[Reading]) -> str:
    """What the samples of the runs are, each kind once."""
    return "; ".join(dict.fromkeys(reading.of for reading in readings))
