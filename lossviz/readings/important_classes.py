"""The important classes, and recall and precision of each class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lossviz.core.text import fixed, listed, percent
from lossviz.figures.chart import Axis, Chart, Dots, Line, Mark, Panel, RunColor
from lossviz.figures.table import Column, Table
from lossviz.metrics import confusion
from lossviz.metrics.vectors import mean_of_finite
from lossviz.readings import images
from lossviz.readings.identity_cache import once
from lossviz.readings.reading import NONE, Array, Reading
from lossviz.runs import Run

USUAL = 3
# The runs of one class stand side by side within this share of the class's width on the axis.
SIDE = 0.6


def lacks(reading: Reading) -> str:
    """The reason why there is no recall; "" where there is."""
    if (reading.predictions == NONE).any() or (reading.labels == NONE).any():
        return (
            "it holds no predictions; put metrics or logits [N, K], or weights [K, d] beside the features, "
            "into the file"
        )
    return ""


def important_of(runs: Sequence[Run], readings: Sequence[Reading], chosen: Sequence[int]) -> tuple[int, ...]:
    """The classes chosen, else those that a run's loss cares for, else class 3 (or the last one)."""
    count = min((len(reading.classes) for reading in readings), default=0)
    kept = tuple(k for k in chosen if k < count)
    if kept or not count:
        return kept
    for run in runs:
        values = {} if run.problem else run.config.loss_params()
        if "important" in values:
            own = values["important"]
            found = tuple(k for k in ([own] if isinstance(own, int) else own) if k < count)
            if found:
                return found
    return (min(USUAL, count - 1),)


def counts(reading: Reading) -> Array:
    """The confusion matrix: int64 [K, K], [true, predicted]."""
    classes = len(reading.classes)
    return once(
        "confusion",
        (reading.logits, reading.labels),
        lambda: confusion.confusion(reading.labels, reading.predictions, classes),
    )


def named(classes: Sequence[str], important: Sequence[int]) -> str:
    """ "3", or "3, 5 and 8"."""
    return listed([classes[k] for k in important])


def starred(classes: Sequence[str], important: Sequence[int]) -> tuple[str, ...]:
    """Class names, the important ones marked."""
    return tuple(f"{name} ●" if k in important else name for k, name in enumerate(classes))


def class_axis(classes: Sequence[str], important: Sequence[int]) -> Axis:
    """The axis of classes, the important ones marked."""
    return Axis("class (● important)" if important else "class", categories=starred(classes, important))


@dataclass(frozen=True, eq=False)
class ClassValues:
    """A number of each class under one run: values [K], the words for each, the ends of a range around it."""

    values: Array
    words: Sequence[str]
    ends: tuple[Array, Array] | None = None


def class_marks(
    readings: Sequence[Reading], found: Sequence[ClassValues], size: float = 7
) -> tuple[Mark, ...]:
    """Dots above the classes, those of the runs side by side, with their ranges. found: of each reading."""
    marks: list[Mark] = []
    for n, (reading, own) in enumerate(zip(readings, found, strict=True)):
        place = np.arange(len(own.values)) + SIDE * ((n + 0.5) / len(readings) - 0.5)
        hover = tuple(
            f"{name}, {reading.name}: {text}" for name, text in zip(reading.classes, own.words, strict=True)
        )
        if own.ends:
            marks.append(whiskers(place, *own.ends, n))
        marks.append(Dots(place, own.values, RunColor(n), reading.name, hover=hover, size=size))
    return tuple(marks)


def class_chart(readings: Sequence[Reading], important: Sequence[int]) -> Chart:
    """Recall with its interval and precision of each class, the runs side by side."""
    classes = readings[0].classes
    recalls, precisions = list[ClassValues](), list[ClassValues]()
    for reading in readings:
        table = counts(reading)
        recall, precision = 100 * confusion.recall(table), 100 * confusion.precision(table)
        low, high = (100 * end for end in confusion.recall_interval(table))
        told = [
            f"{fixed(r)} % of {n:,} images ({fixed(a)} to {fixed(b)} %)"
            for r, n, a, b in zip(recall, table.sum(1).tolist(), low, high, strict=True)
        ]
        recalls.append(ClassValues(recall, told, (low, high)))
        told = [
            f"{fixed(p)} % of {n:,} taken for it"
            for p, n in zip(precision, table.sum(0).tolist(), strict=True)
        ]
        precisions.append(ClassValues(precision, told))
    x = class_axis(classes, important)
    shown = class_marks(readings, recalls), class_marks(readings, precisions)
    return Chart(
        (
            Panel(shown[0], "Recall", x, Axis("recall", "%"), note=images.note(readings)),
            Panel(shown[1], "Precision", x, Axis("precision", "%")),
        ),
        alt=_class_text(readings, important),
        columns=1,
        height=230,
        legend="top",
        classes=classes,
    )


def whiskers(place: Array, low: Array, high: Array, n: int) -> Line:
    """Upright lines from low to high at each place, in the colour of run n: one line with gaps."""
    gap = np.full(len(place), np.nan)
    x, y = np.stack([place, place, gap], 1), np.stack([low, high, gap], 1)
    return Line(x.ravel(), y.ravel(), RunColor(n), width=1.2)


def _class_text(readings: Sequence[Reading], important: Sequence[int]) -> str:
    parts = []
    for reading in readings:
        recall = confusion.recall(counts(reading))
        own = "".join(f"{reading.classes[k]} {percent(recall[k])}; " for k in important)
        parts.append(f"{reading.name}: {own}least of all classes {percent(min(recall[~np.isnan(recall)]))}")
    head = "Recall of the important ones: " if important else ""
    return f"Recall and precision of each class. {head}{'. '.join(parts)}."


def class_table(readings: Sequence[Reading]) -> Table:
    """Recall, precision and F1 of each class under each run."""
    classes = readings[0].classes
    columns = [
        Column("class", classes, kind="text"),
        Column("images", counts(readings[0]).sum(1), kind="count"),
    ]
    for reading in readings:
        table = counts(reading)
        for what, values in (
            ("recall", confusion.recall(table)),
            ("precision", confusion.precision(table)),
            ("F1", confusion.f1(table)),
        ):
            columns.append(Column(f"{what}, {reading.name}", values, kind="percent"))
    return Table("Recall, precision and F1 of each class", tuple(columns), note=images.note(readings))


def run_table(readings: Sequence[Reading], important: Sequence[int]) -> Table:
    """Accuracy of each run, and the recalls of the important classes together and of the others."""
    tables = [counts(reading) for reading in readings]
    several = [confusion.important_recall(table, important) for table in tables]
    group = named(readings[0].classes, important)
    columns = [
        Column("run", tuple(reading.name for reading in readings), kind="text"),
        Column("accuracy", [confusion.accuracy(t) for t in tables], kind="percent", best="high"),
        Column("95 % interval", tuple(_interval_text(confusion.accuracy_interval(t)) for t in tables)),
        Column(f"recall of {group}", [s.mean for s in several], kind="percent", best="high"),
    ]
    if len(important) == 1:
        ends = tuple(_interval_text(confusion.important_interval(t, important)) for t in tables)
        columns.append(Column("95 % interval, recall", ends))
    else:
        least = np.array([s.minimum for s in several])
        columns.append(Column("least of them", least, kind="percent", best="high"))
    others = np.array([s.others for s in several])
    columns.append(Column("recall of the others", others, kind="percent", best="high"))
    own = np.array([mean_of_finite(confusion.precision(t)[list(important)]) for t in tables])
    columns.append(Column(f"precision of {group}", own, kind="percent", best="high"))
    return Table(f"Important: {group}", tuple(columns), note=images.note(readings))


def _interval_text(ends: tuple[float, float]) -> str:
    """An interval in per cent: "98.9 to 99.4"."""
    low, high = ends
    return f"{fixed(100 * low)} to {fixed(100 * high)}"
