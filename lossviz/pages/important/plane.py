"""Recall of the important classes against accuracy: a point a run (001 Table I and Fig. 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lossviz.core.text import fixed
from lossviz.figures.chart import Axis, Chart, Dots, Line, Panel, RoleColor, RunColor
from lossviz.metrics import confusion
from lossviz.readings import images
from lossviz.readings.important_classes import counts, named
from lossviz.readings.reading import Reading
from lossviz.runs import Run, names

MOST_OTHERS = 200
CLOSE = 0.01  # of the picture: dots that lie on each other
Place = tuple[float, float]


def plane(
    readings: Sequence[Reading],
    runs: Sequence[Run],
    others: Sequence[Run],
    important: Sequence[int],
    paths: bool,
) -> Chart:
    """Accuracy and mean recall of the important classes of each run.

    others: runs shown small, from their own last test; paths: the epochs that led to each run.
    """
    marks: list[Any] = []
    ends = _ends(readings, important)
    every = [(run, place) for run in others[:MOST_OTHERS] if (place := _last(run, important)) is not None]
    known = [(r, p) for r, p in every if all(lo <= v <= hi for v, (lo, hi) in zip(p, ends, strict=True))]
    if known:
        x, y = np.array([place for _, place in known]).T
        small = tuple(
            f"{names.title(run.config)}, all test images: recall {fixed(b)} %, accuracy {fixed(a)} %"
            for run, (a, b) in known
        )
        marks.append(Dots(x, y, RoleColor("muted"), "other runs", hover=small, size=6))
    away = len(every) - len(known)
    note = images.note(readings) + (
        f"; {away} other run{'s' if away > 1 else ''} outside the picture" if away else ""
    )
    where = {run.id: run for run in runs}
    texts: list[str] = []
    places: list[Place] = []
    for n, reading in enumerate(readings):
        table = counts(reading)
        accuracy = 100 * confusion.accuracy(table)
        found = confusion.important_recall(table, important)
        if paths and reading.run_id in where:
            way = [p for row in where[reading.run_id].metrics() if (p := _place(row, important)) is not None]
            if len(way) > 1:
                a, b = np.array(way).T
                marks.append(Line(a, b, RunColor(n), width=1.2))
        recall = 100 * found.mean
        (left, right), (low, high) = _intervals(table, important)
        marks.append(Line(np.full(2, accuracy), np.array([low, high]), RunColor(n), width=1.2))
        marks.append(Line(np.array([left, right]), np.full(2, recall), RunColor(n), width=1.2))
        told = (
            f"{reading.name}: recall {fixed(recall)} % ({fixed(low)} to {fixed(high)} %), "
            f"accuracy {fixed(accuracy)} % ({fixed(left)} to {fixed(right)} %; {reading.of})"
        )
        beneath = sum(_close((accuracy, recall), place, ends) for place in places)
        places.append((accuracy, recall))
        x, y, size = np.array([accuracy]), np.array([recall]), max(14 - 4 * beneath, 3)
        marks.append(Dots(x, y, RunColor(n), reading.name, hover=(told,), size=size))
        texts.append(told)
    group = named(readings[0].classes, important)
    what = f"recall of class {group}" if len(important) == 1 else f"mean recall of {group}"
    return Chart(
        (
            Panel(
                tuple(marks),
                "",
                Axis("accuracy", "%", low=ends[0][0], high=ends[0][1]),
                Axis(what, "%", low=ends[1][0], high=ends[1][1]),
                note=note,
            ),
        ),
        alt=f"{what[0].upper() + what[1:]} against accuracy. " + ". ".join(texts) + ".",
        height=400,
        legend="top",
        classes=readings[0].classes,
    )


def _ends(
    readings: Sequence[Reading], important: Sequence[int]
) -> tuple[tuple[float, float], tuple[float, float]]:
    """The ends of both axes: the runs shown and their intervals, with room for as much again."""
    found = []
    for pairs in zip(*(_intervals(counts(reading), important) for reading in readings), strict=True):
        values = [end for pair in pairs for end in pair]
        low, high = min(values), max(values)
        room = max(0.25 * (high - low), 0.5)
        # Nothing lies beyond 0 and 100 %; a dot on the end is whole.
        found.append((max(low - room, -1.0), min(high + room, 100.4)))
    return found[0], found[1]


def siblings(all_runs: Sequence[Run], alike: Sequence[Run], shown: Sequence[Run]) -> list[Run]:
    """The other runs, not shown, that are tested on the same images as these."""
    kinds = {_tested_on(run) for run in alike if not run.problem}
    ids = {run.id for run in shown}
    return [run for run in all_runs if run.id not in ids and not run.problem and _tested_on(run) in kinds]


def _tested_on(run: Run) -> tuple[Any, ...]:
    made = run.config
    return (
        made.data,
        made.classes,
        made.held_out,
        made.test_images,
        made.images_seed if made.test_images else 0,
    )


def _last(run: Run, important: Sequence[int]) -> tuple[float, float] | None:
    rows = run.metrics()
    return _place(rows[-1], important) if rows else None


def _place(row: Mapping[str, Any], important: Sequence[int]) -> tuple[float, float] | None:
    """Accuracy and mean recall of the important classes in per cent, where the row has them."""
    numbers = [row.get("test_accuracy"), *(row.get(f"recall_{k}") for k in important)]
    known = [float(n) for n in numbers if isinstance(n, (int, float))]
    if len(known) < len(numbers):
        return None
    accuracy, *recalls = known
    return 100 * accuracy, 100 * sum(recalls) / len(recalls)


def _intervals(table: Any, important: Sequence[int]) -> tuple[Place, Place]:
    """The ends of the intervals of accuracy and of the recall of the important classes, per cent."""
    left, right = confusion.accuracy_interval(table)
    low, high = confusion.important_interval(table, important)
    return (100 * left, 100 * right), (100 * low, 100 * high)


def _close(one: Place, other: Place, ends: tuple[Place, Place]) -> bool:
    return all(abs(a - b) <= CLOSE * (high - low) for a, b, (low, high) in zip(one, other, ends, strict=True))
