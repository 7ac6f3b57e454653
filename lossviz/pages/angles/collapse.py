"""Neural collapse: its measures beside their ideals, and how they came there over training."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lossviz.core.errors import LossvizError
from lossviz.core.text import listed, number_text
from lossviz.figures.chart import Axis, Chart, Dots, Line, Mark, Panel, RoleColor, Rule, RunColor
from lossviz.figures.table import Column, Table
from lossviz.metrics.collapse import Collapse, least_deviation
from lossviz.metrics.vectors import mean_of_finite
from lossviz.pages.angles import labels, measures
from lossviz.readings import source
from lossviz.readings.reading import Reading
from lossviz.runs import Run

MOST_EPOCHS = 30


# The measures of neural collapse: their names, and their places in `Collapse`.
MEASURES: tuple[tuple[str, Callable[[Collapse], float]], ...] = (
    ("NC1: scatter within over between, tr(Σ_W Σ_B⁺)/K", lambda c: c.within),
    ("NC2: lengths of class means, deviation over mean", lambda c: c.means.norms),
    ("NC2: lengths of class weights, deviation over mean", lambda c: c.weights.norms),
    ("NC2: cosines of class means, deviation", lambda c: c.means.cosines),
    ("NC2: cosines of class weights, deviation", lambda c: c.weights.cosines),
    ("NC2: cosines of class means, mean distance from −1/(K−1)", lambda c: c.means.off_simplex),
    ("NC2: cosines of class weights, mean distance from −1/(K−1)", lambda c: c.weights.off_simplex),
    ("NC3: class weights against class means, ‖W/‖W‖ − M/‖M‖‖", lambda c: c.self_duality),
    ("NC4: share not predicted as the nearest class mean", lambda c: c.disagreement),
)


def collapse_table(readings: Sequence[Reading]) -> Table:
    """Each measure with its ideal value, and with what K directions spread evenly in the plane have."""
    found = [measures.collapsed(reading) for reading in readings]
    columns = [
        Column("measure", [name for name, _ in MEASURES]),
        Column("ideal", np.zeros(len(MEASURES)), kind="number", digits=0),
    ]
    if _cramped(found):
        columns.append(_column(f"{found[0].classes} even directions", _even(found[0].classes)))
    taken = {column.name for column in columns}
    for reading, own in zip(readings, found, strict=True):
        # A file may be called anything.
        columns.append(_column(f"{reading.name} (read)" if reading.name in taken else reading.name, own))
    return Table("Neural collapse", tuple(columns), note=measures.samples(readings))


def _column(name: str, own: Collapse) -> Column:
    # A value that is 0 up to rounding is written as 0.
    values = np.array([of(own) for _, of in MEASURES]).round(12)
    return Column(name, values, kind="number", digits=4)


def _cramped(found: Sequence[Collapse]) -> bool:
    """True if all are in the plane, with as many classes, and too many for a simplex."""
    same = len({own.classes for own in found}) == 1
    return same and all(own.dimension == 2 and not own.simplex_fits for own in found)


def _even(count: int) -> Collapse:
    """The measures of K classes collapsed onto K even directions in the plane."""
    from lossviz.metrics.collapse import collapse

    turn = 2 * math.pi * np.arange(count) / count
    ring = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    numbers = np.arange(count)
    return collapse(ring, numbers, count, weights=ring, predictions=numbers)


def collapse_text(readings: Sequence[Reading]) -> str:
    """The scatter within classes of the best run, and the ideal that cannot be reached."""
    found = [(reading, measures.collapsed(reading)) for reading in readings]
    known = [(r.name, c.within) for r, c in found if math.isfinite(c.within)]
    told = ""
    if known:
        name, value = min(known, key=lambda pair: pair[1])
        told = f"Scatter within classes (NC1) is {value:.3g} under {name}" + (
            f", the least of the {len(known)} runs" if len(known) > 1 else ""
        )
        told += f" ({measures.a_class(readings)}). "
    cramped = next((c for _, c in found if not c.simplex_fits), None)
    if cramped is None:
        return told.strip()
    k, d = cramped.classes, cramped.dimension
    return told + (
        f"The ideal of NC2, {k} directions at equal angles (a simplex), needs {k - 1} dimensions; with "
        f"{d} the cosines deviate by at least {least_deviation(k, d):.3f}"
        + (", which directions spread evenly around the circle have." if d == 2 else ".")
    )


@dataclass(frozen=True)
class Course:
    """A number over the epochs: its panel, and the value that it goes to."""

    title: str
    of: Callable[[Reading], float]
    ideal: float | None = 0.0
    unit: str = ""
    spacing: Literal["linear", "log"] = "linear"


def _courses(readings: Sequence[Reading], important: Sequence[int]) -> tuple[Course, ...]:
    found = map(measures.collapsed, readings)
    cramped = next((c for c in found if not c.simplex_fits), None)
    least = 0.0 if cramped is None else least_deviation(cramped.classes, cramped.dimension)
    return (
        Course("NC1: within over between", lambda r: measures.collapsed(r).within, None, spacing="log"),
        Course("NC2: lengths of means", lambda r: measures.collapsed(r).means.norms),
        Course("NC2: cosines of means", lambda r: measures.collapsed(r).means.cosines, least),
        Course("NC3: weights against means", lambda r: measures.collapsed(r).self_duality),
        Course("NC4: not the nearest mean", lambda r: 100 * measures.collapsed(r).disagreement, unit="%"),
        _own_course(readings, list(important)),
    )


def _own_course(readings: Sequence[Reading], important: list[int]) -> Course:
    """The room beside the important classes in the plane, else their spread."""
    who = listed([labels.short(readings[0].classes[k]) for k in important[:3]])
    if all(map(measures.in_plane, readings)):
        return Course(
            f"Gaps beside {who} (mean: 1)",
            lambda r: mean_of_finite(measures.gaps(r, "weights").relative[important]),
            1.0,
        )
    return Course(
        f"Spread of the angle, class {who}",
        lambda r: math.degrees(mean_of_finite(measures.angles(r).spread.deviation[important])),
        None,
        "°",
    )


def collapse_chart(
    readings: Sequence[Reading], runs: Sequence[Run], important: Sequence[int], at: float | None
) -> Chart:
    """The measures over the epochs of each run (of the images shown in training), up to `at`."""
    paths = [_path(reading, runs, at) for reading in readings]
    # A file has no epochs.
    timed = any(reading.run_id for reading in readings)
    panels = []
    for place, course in enumerate(_courses(readings, important)):
        marks: list[Mark] = []
        for n, path in enumerate(paths):
            x = np.array([reading.epoch for reading in path])
            y = np.array([course.of(reading) for reading in path], dtype=np.float64)
            if len(path) > 1:
                marks.append(Line(x, y, RunColor(n), readings[n].name, label_at_end=False))
            marks.append(Dots(x[-1:], y[-1:], RunColor(n), "" if len(path) > 1 else readings[n].name, size=8))
        if course.ideal is not None:
            marks.append(Rule(course.ideal, "y", RoleColor("muted")))
        epoch = Axis("epoch" if place >= 3 else "") if timed else Axis(ticks=((0.0, ""),))
        low = None if course.spacing == "log" else 0.0
        panels.append(
            Panel(tuple(marks), course.title, epoch, Axis("", course.unit, course.spacing, low=low))
        )
    return Chart(
        tuple(panels),
        alt=_alt(readings, [measures.collapsed(reading) for reading in readings]),
        columns=3,
        height=150,
        legend="top",
        classes=readings[0].classes,
    )


def _path(reading: Reading, runs: Sequence[Run], at: float | None) -> list[Reading]:
    """Readings of a run's epochs, thinned; the reading alone for a file."""
    run = next((run for run in runs if run.id == reading.run_id), None)
    if run is None:
        return [reading]
    ends = [end for end in source.epoch_ends(run).values() if at is None or end <= at + 1e-6]
    if len(ends) > MOST_EPOCHS:
        ends = [ends[i] for i in np.unique(np.linspace(0, len(ends) - 1, MOST_EPOCHS).round().astype(int))]
    found = []
    for end in ends:
        try:
            found.append(source.of_run(run, end))
        except LossvizError:
            continue  # an epoch that ran away; the picture has a gap there
    return found or [reading]


def _alt(readings: Sequence[Reading], found: Sequence[Collapse]) -> str:
    told = [
        f"{reading.name}: NC1 {_text(own.within)}, NC2 {_text(own.means.norms)} and "
        f"{_text(own.means.cosines)}, NC3 {_text(own.self_duality)}, NC4 {_text(own.disagreement)}"
        for reading, own in zip(readings, found, strict=True)
    ]
    return f"Measures of neural collapse over the epochs; now: {'; '.join(told)}."


def _text(value: float) -> str:
    return number_text(value, 3, missing="none")
