"""Each class's distribution: its directions in the plane, else its angles to class weights; polar or flat."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from lossviz.figures.chart import (
    Axis,
    Chart,
    Color,
    Line,
    Mark,
    Note,
    Panel,
    PolarSteps,
    RoleColor,
    Rule,
    RunColor,
    Steps,
)
from lossviz.metrics import angular
from lossviz.pages.angles import labels, measures, spread
from lossviz.pages.angles.nearest import edges as common_edges
from lossviz.pages.angles.nearest import shares
from lossviz.readings.reading import Array, Reading

MOST_PANELS = 12  # classes with a panel of their own
MOST_COLORED = 24  # classes with a histogram of their own in one panel
POLAR_BIN, FLAT_BIN = 5, 3  # degrees
TEXT, MUTED = RoleColor("text"), RoleColor("muted")


def plane_histograms(
    readings: Sequence[Reading], important: Sequence[int], polar: bool, right: bool = False
) -> Chart:
    """d = 2: a panel a run, the directions of each class around the circle or from 0° to 360°."""
    draw = _around if polar else _along
    count = len(readings)
    heights = {1: 430, 2: 380, 3: 300} if polar else {1: 360, 2: 165, 3: 105}
    return Chart(
        tuple(draw(reading, important, right) for reading in readings),
        alt="Directions of each class's features. "
        + " ".join(spread.spread_text(r, important, right) for r in readings),
        columns=min(count, 3) if polar else 1 if count <= 3 else 2,
        shared_x=not polar,
        shared_y=True,
        height=heights.get(count, 240 if polar else 105),
        legend="none",
        classes=readings[0].classes,
    )


def _around(reading: Reading, important: Sequence[int], right: bool) -> Panel:
    edges = np.arange(0.0, 360 + POLAR_BIN, POLAR_BIN)
    marks: list[Mark] = [
        PolarSteps(np.radians(edges), heights, color)
        for heights, color in _of_classes(reading, edges, important, right)
    ]
    for label in _weight_labels(reading, important, math.radians(9), right):
        x, y = math.cos(label.at), math.sin(label.at)
        color = label.color(important, MUTED)
        marks.append(Line(np.array([0, x]), np.array([0, y]), color, width=1.0, dash="dotted"))
        marks.append(Note(0.82 * x, 0.82 * y, label.text, "center", label.color(important, TEXT)))
    rim = Axis("images of the class", "%")
    return Panel(tuple(marks), reading.name, y=rim, polar=True, note=measures.sample(reading, right))


def _along(reading: Reading, important: Sequence[int], right: bool) -> Panel:
    edges = np.arange(0.0, 360 + FLAT_BIN, FLAT_BIN)
    marks: list[Mark] = [
        Steps(edges, heights, color) for heights, color in _of_classes(reading, edges, important, right)
    ]
    for label in _weight_labels(reading, important, math.radians(6), right):
        color = label.color(important, MUTED)
        marks.append(Rule(math.degrees(label.at) % 360, "x", color, label.text, "dotted", 1.2))
    x, y = Axis("direction", "°", low=0, high=360), Axis("of the class", "%", low=0)
    return Panel(tuple(marks), reading.name, x, y, note=measures.sample(reading, right))


def _of_classes(
    reading: Reading, edges: Array, important: Sequence[int], right: bool
) -> list[tuple[Array, Color]]:
    """Per cent of each class in each bin of directions, with its color; important classes last, on top."""
    found, count = measures.angles(reading, right), len(reading.classes)
    assert found.direction is not None
    counts = angular.histogram(np.mod(np.degrees(found.direction), 360), found.labels, count, edges)
    sizes = np.bincount(found.labels, minlength=count)
    vivid = [k for k in important if sizes[k]]
    others = [k for k in range(count) if k not in important and sizes[k]]
    made: list[tuple[Array, Color]] = []
    if len(others) > MOST_COLORED:
        made.append((100 * counts[others].sum(0) / sizes[others].sum(), MUTED))
    else:
        made += [(100 * counts[k] / sizes[k], labels.color(k, important)) for k in others]
    return made + [(100 * counts[k] / sizes[k], labels.color(k, important)) for k in vivid]


def _weight_labels(
    reading: Reading, important: Sequence[int], least: float, right: bool
) -> list[labels.Label]:
    of = measures.class_directions(measures.angles(reading, right))
    return labels.labels(of, reading.classes, least, important)


def class_histograms(
    readings: Sequence[Reading], important: Sequence[int], polar: bool, right: bool = False
) -> Chart:
    """Any d: a panel a class, the angles to the own and to the nearest other weight under each run."""
    every = [measures.angles(reading, right) for reading in readings]
    classes = readings[0].classes
    shown = panel_classes(important, len(classes))
    rows = 1 if len(shown) <= 3 else 2 if len(shown) <= 10 else 3
    edges = np.arange(0.0, 180 + POLAR_BIN, POLAR_BIN) if polar else common_edges(every)
    panels = []
    for k in shown:
        marks: list[Mark] = []
        for n, (reading, found) in enumerate(zip(readings, every, strict=True)):
            own_class = found.labels == k
            own, other = (shares(np.degrees(a[own_class]), edges) for a in (found.own, found.other))
            if polar:
                below = np.radians(360 - edges[::-1])
                marks.append(PolarSteps(np.radians(edges), own, RunColor(n), reading.name))
                marks.append(PolarSteps(below, other[::-1], RunColor(n), filled=False))
            else:
                marks.append(Steps(edges, own, RunColor(n), reading.name))
                marks.append(Steps(edges, other, RunColor(n), filled=False, dash="dotted"))
        sizes = {int((found.labels == k).sum()) for found in every}
        note = f"n = {min(sizes):,}" + (f" to {max(sizes):,}" if len(sizes) > 1 else "")
        x = Axis("angle to a weight", "°", low=0, high=float(edges[-1]))
        y = Axis("", "%", low=None if polar else 0)
        name = f"{labels.short(classes[k])}{' ●' if k in important else ''}"
        panels.append(Panel(tuple(marks), name, x, y, polar=polar, note=note))
    return Chart(
        tuple(panels),
        alt="Angles to the own and the nearest other weight, class by class. "
        + " ".join(spread.spread_text(r, important, right) for r in readings),
        columns=-(-len(panels) // rows),
        shared_x=not polar,
        shared_y=True,
        height=(150 if polar else 360 // rows) if rows > 1 else 230,
        legend="top",
        classes=classes,
    )


def panel_classes(important: Sequence[int], count: int) -> list[int]:
    """The classes with a panel of their own: the important ones first, where there are too many."""
    if count <= MOST_PANELS:
        return list(range(count))
    return [*important, *(k for k in range(count) if k not in important)][:MOST_PANELS]
