"""Compactness of classes: the second principal component (004), scatter within and between classes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lossviz.core.text import fixed, percent
from lossviz.figures.chart import Axis, Chart, Panel
from lossviz.figures.table import Column, Table
from lossviz.metrics.vectors import mean_of_finite
from lossviz.pages.angles import measures
from lossviz.pages.angles.spread import sampled
from lossviz.readings.important_classes import ClassValues, class_axis, class_marks
from lossviz.readings.reading import Array, Reading


def component_chart(
    readings: Sequence[Reading], important: Sequence[int], normalised: bool, right: bool = False
) -> Chart:
    """Share of variance along the second component, and scatter within over between, by class."""
    classes = readings[0].classes
    shares, inner = list[ClassValues](), list[ClassValues]()
    for reading in readings:
        found = measures.compact(reading, normalised, right)
        share, within = 100 * found.components.second_share, _relative(found)
        shares.append(ClassValues(share, [f"{fixed(value)} % of its variance" for value in share]))
        inner.append(ClassValues(within, [f"{value:.3g} of the scatter between classes" for value in within]))
    axis, note = class_axis(classes, important), sampled(readings, right)
    y = Axis("share", "%", low=0), Axis("within / between", spacing="log")
    marks = class_marks(readings, shares, 8), class_marks(readings, inner, 8)
    return Chart(
        (
            Panel(marks[0], "Variance along the second component", axis, y[0], note=note),
            Panel(marks[1], "Scatter within the class over scatter between classes", axis, y[1]),
        ),
        alt="Principal components and scatter. " + component_text(readings, normalised, right),
        columns=1,
        shared_x=True,
        height=165,
        legend="top",
        classes=classes,
    )


def _relative(found: measures.Compact) -> Array:
    """The scatter of each class over the scatter between classes: [K]; NaN where classes do not differ."""
    between = found.scatter.between
    return found.scatter.within_by_class / between if between > 0 else found.scatter.within_by_class * np.nan


def scatter_table(readings: Sequence[Reading], normalised: bool, right: bool = False) -> Table:
    """Scatter within and between classes and the mean share of the second component, a row a run."""
    found = [measures.compact(reading, normalised, right) for reading in readings]
    of = "features of length 1" if normalised else "features"
    seconds = [mean_of_finite(f.components.second_share) for f in found]
    return Table(
        f"Scatter of {of} within and between classes",
        (
            Column("run", [reading.name for reading in readings]),
            Column("within classes", [f.scatter.within for f in found], kind="number"),
            Column("between classes", [f.scatter.between for f in found], kind="number"),
            Column("within / between", [f.scatter.ratio for f in found], kind="number", best="low"),
            Column("second component, mean of classes", seconds, kind="percent", best="low"),
        ),
        note=measures.samples(readings, right),
    )


def component_text(readings: Sequence[Reading], normalised: bool, right: bool = False) -> str:
    """The mean share of the second component and within over between under each run."""
    if all(reading.dimension < 2 for reading in readings):
        return "Features of one dimension have no second component."
    told = []
    for reading in readings:
        found = measures.compact(reading, normalised, right)
        share, ratio = mean_of_finite(found.components.second_share), found.scatter.ratio
        told.append(f"{reading.name} {_percent(share)} (scatter within over between: {_number(ratio)})")
    return (
        "Share of a class's variance along its second component, mean of the classes "
        f"({measures.a_class(readings, right)}): {', '.join(told)}."
    )


def _percent(share: float) -> str:
    return "none (no variance)" if math.isnan(share) else f"{percent(share)}"


def _number(value: float) -> str:
    return "none, classes do not differ" if math.isnan(value) else f"{value:.3g}"
