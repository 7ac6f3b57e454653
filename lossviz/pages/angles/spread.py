"""Mean and standard deviation of the angle to the own weight, class by class (001 Table II)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lossviz.core.text import fixed
from lossviz.figures.chart import Axis, Chart, Panel
from lossviz.figures.table import Column, Table
from lossviz.metrics.angular import AgainstOthers
from lossviz.pages.angles import measures
from lossviz.pages.angles.labels import group
from lossviz.readings.important_classes import ClassValues, class_axis, class_marks, starred
from lossviz.readings.reading import Reading

MIDDLE = (0.1, 0.5, 0.9)
FEW = 3  # runs whose numbers are in the sentence
ENOUGH = 20  # images of a class: the deviation of fewer is uncertain by a sixth and more


def sampled(readings: Sequence[Reading], right: bool = False) -> str:
    """The note of a panel that all runs share: the images, where they are told alike."""
    told = {measures.sample(reading, right) for reading in readings}
    return told.pop() if len(told) == 1 else "images as told below"


def spread_chart(readings: Sequence[Reading], important: Sequence[int], right: bool = False) -> Chart:
    """Standard deviation of the own angle, and below it where the middle of each class lies."""
    classes = readings[0].classes
    deviations, middles = list[ClassValues](), list[ClassValues]()
    for reading in readings:
        spread = measures.angles(reading, right).spread
        mean, deviation = np.degrees(spread.mean), np.degrees(spread.deviation)
        told = [
            f"{fixed(m)}° ± {fixed(s)}° ({c:,} images)"
            for m, s, c in zip(mean, deviation, spread.count, strict=True)
        ]
        deviations.append(ClassValues(deviation, told))
        low, middle, high = np.degrees(measures.quantiles(reading, MIDDLE, right)).T
        told = [
            f"median {fixed(m)}°, eight tenths of the images {fixed(a)}° to {fixed(b)}°"
            for m, a, b in zip(middle, low, high, strict=True)
        ]
        middles.append(ClassValues(middle, told, (low, high)))
    axis, note = class_axis(classes, important), sampled(readings, right)
    shown = class_marks(readings, deviations, 8), class_marks(readings, middles)
    title = "Median, and the middle 80 % of the images"
    return Chart(
        (
            Panel(shown[0], "Standard deviation", axis, Axis("deviation", "°", low=0), note=note),
            Panel(shown[1], title, axis, Axis("angle", "°", low=0)),
        ),
        alt="Angle to the own weight, class by class. "
        + " ".join(spread_text(r, important, right) for r in readings),
        columns=1,
        shared_x=True,
        height=165,
        legend="top",
        classes=classes,
    )


def spread_text(reading: Reading, important: Sequence[int], right: bool = False) -> str:
    """Mean and deviation of the own angle of the important classes, as a sentence."""
    spread = measures.angles(reading, right).spread
    mean, deviation = np.degrees(spread.mean), np.degrees(spread.deviation)
    told = ", ".join(
        f"class {reading.classes[k]} {fixed(mean[k])}° ± {fixed(deviation[k])}°"
        for k in important
        if spread.count[k]
    )
    return f"{reading.name}: angle to {measures.towards(reading)}, mean ± deviation: {told or 'no images'}."


def column_names(readings: Sequence[Reading], taken: str) -> list[str]:
    """Names for a column of each reading; that of a file may be anything, also that of another column."""
    return [f"{reading.name} (read)" if reading.name == taken else reading.name for reading in readings]


def second_table(readings: Sequence[Reading], important: Sequence[int], right: bool = False) -> Table:
    """001 Table II: the deviation of the important classes, minimum and median of the others, by run."""
    classes = readings[0].classes
    found = [measures.against(reading, important, right) for reading in readings]
    rows = [
        *(f"{classes[k]} (important)" for k in important),
        "minimum of the others",
        "median of the others",
    ]
    columns = [Column("class", rows)]
    for name, own in zip(column_names(readings, "class"), found, strict=True):
        values = np.array([*own.values, own.minimum, own.median])
        columns.append(Column(name, values, kind="angle", digits=2, best="low"))
    return Table(
        "Standard deviation of the angle to the own weight (paper 001, Table II)",
        tuple(columns),
        note=measures.samples(readings, right),
    )


def class_table(readings: Sequence[Reading], important: Sequence[int], right: bool = False) -> Table:
    """Mean and standard deviation of the own angle, every class under every run."""
    classes = readings[0].classes
    found = [measures.angles(reading, right).spread for reading in readings]
    same = all(np.array_equal(spread.count, found[0].count) for spread in found)
    columns = [Column("class", starred(classes, important))]
    if same:
        columns.append(Column("images", found[0].count, kind="count"))
    for reading, spread in zip(readings, found, strict=True):
        if not same:
            columns.append(Column(f"images, {reading.name}", spread.count, kind="count"))
        columns.append(Column(f"mean, {reading.name}", spread.mean, kind="angle", digits=2))
        columns.append(
            Column(f"deviation, {reading.name}", spread.deviation, kind="angle", digits=2, best="low")
        )
    return Table(
        "Angle to the own weight, class by class", tuple(columns), note=measures.samples(readings, right)
    )


def second_text(readings: Sequence[Reading], important: Sequence[int], right: bool = False) -> str:
    """Table II of these runs in sentences."""
    if not important:
        return ""
    told, below = [], []
    for reading in readings:
        found = measures.against(reading, important, right)
        if math.isnan(found.mean) or math.isnan(found.minimum):
            continue
        told.append(
            f"{reading.name} {fixed(math.degrees(found.mean))}° against "
            f"{fixed(math.degrees(found.minimum))}° to "
            f"{fixed(math.degrees(_largest(reading, important, right)))}°"
        )
        if found.mean + _uncertainty(found.mean, measures.class_sizes([reading], right)[0]) < found.minimum:
            below.append(reading.name)
    if not told:
        return ""
    who, sizes = group(readings[0].classes, important), measures.a_class(readings, right)
    if measures.class_sizes(readings, right)[0] < ENOUGH:
        verdict = "With so few images of a class their order says little."
    elif len(told) == 1:
        verdict = "It is the smallest of all." if below else "It is not clearly the smallest."
    else:
        where = "no run" if not below else "every run" if len(below) == len(told) else ", ".join(below)
        verdict = f"It is clearly below that of every other class under {where}."
    if len(told) > FEW:
        return f"Standard deviation of the angle of {who}, {sizes}. {verdict}"
    return (
        f"Standard deviation of the angle of {who}, against those of the others, {sizes}: "
        f"{'; '.join(told)}. {verdict}"
    )


def _uncertainty(deviation: float, count: int) -> float:
    """Two standard errors of the deviation of so many values: of normal ones σ/√(2(n − 1)) each."""
    return 2 * deviation / math.sqrt(2 * max(count - 1, 1))


def right_text(readings: Sequence[Reading], important: Sequence[int]) -> str:
    """Deviations of recognised images alone, as a sentence; "" if all are recognised."""
    told = []
    for reading in readings:
        good = measures.recognised(reading)
        if not important or good.all() or not np.isin(reading.labels[good], important).any():
            continue
        found = measures.against(reading, important, right=True)
        told.append(f"{reading.name} {fixed(math.degrees(found.mean))}° ({_rank(found)})")
    return f"Of recognised images alone: {', '.join(told)}." if told else ""


def _rank(found: AgainstOthers) -> str:
    if math.isnan(found.minimum):
        return "no other class"
    least = f"{fixed(math.degrees(found.minimum))}°"
    return (
        f"below all others, the least {least}"
        if found.mean < found.minimum
        else f"least of the others {least}"
    )


def _largest(reading: Reading, important: Sequence[int], right: bool) -> float:
    deviation = measures.angles(reading, right).spread.deviation
    return float(np.nanmax(np.delete(deviation, list(important))))
