"""Features of length 1 on the circle, with class weights (001 Fig. 2)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lossviz.core.text import fixed, number_text
from lossviz.figures.chart import Arrows, Axis, Chart, Circle, Dots, Line, Mark, Note, Panel, RoleColor
from lossviz.metrics.circle import Gaps
from lossviz.pages.angles import gaps, labels, measures
from lossviz.pages.angles.measures import Angles
from lossviz.readings.reading import Array, Reading

MOST_DOTS = 3000  # a panel
SEEN = math.radians(0.25)  # dots of a class that are nearer than this cover each other
TOGETHER = math.radians(9)  # labels nearer than this are one
# Arcs of gaps are drawn for so many important classes, with numbers where there is room for them.
MOST_ARCS, ROOM = 2, math.radians(14)
# Pixels of a panel, by the number of panels: circles fill their width, and all fit on a laptop.
HEIGHTS = {1: 430, 2: 400, 3: 280}


def circle_chart(readings: Sequence[Reading], important: Sequence[int], right: bool = False) -> Chart:
    """Each run's features and class weights on the unit circle, important classes coloured."""
    return Chart(
        tuple(_circle(reading, important, right) for reading in readings),
        alt="Normalised features on the unit circle with class weights. "
        + " ".join(gaps.gap_text(reading, important, "weights", right) for reading in readings),
        columns=min(len(readings), 3),
        shared_x=True,
        shared_y=True,
        height=HEIGHTS.get(len(readings), 250),
        legend="none",
        classes=readings[0].classes,
    )


def _circle(reading: Reading, important: Sequence[int], right: bool) -> Panel:
    found = measures.angles(reading, right)
    of = measures.class_directions(found)
    marks: list[Mark] = [Circle(color=RoleColor("border")), *_features(reading, important, right)]
    places = np.arange(len(of))
    x, y = 0.93 * np.cos(of), 0.93 * np.sin(of)
    others = np.isin(places, important, invert=True)
    marks.append(Arrows(x[others], y[others], classes=places[others], vivid=()))
    marks += [Arrows(x[k : k + 1], y[k : k + 1], labels.color(k, important)) for k in important]
    marks += [_name(label, important) for label in labels.labels(of, reading.classes, TOGETHER, important)]
    if len(important) <= MOST_ARCS:
        marks += _arcs(measures.gaps(reading, "weights", right), of, important)
    reach = 1.24 + 0.075 * max(len(labels.short(name)) for name in reading.classes)
    ticks = tuple((float(t), number_text(t)) for t in (-1, 0, 1))
    note = measures.sample(reading, right)
    if len(visible(found)) > MOST_DOTS:
        note += f"; {MOST_DOTS:,} drawn"
    return Panel(
        tuple(marks),
        reading.name,
        Axis("z₁ / ‖z‖", low=-reach, high=reach, ticks=ticks),
        Axis("z₂ / ‖z‖", low=-reach, high=reach, ticks=ticks),
        equal=True,
        note=note,
    )


def _features(reading: Reading, important: Sequence[int], right: bool) -> list[Mark]:
    """The features on the circle, those of important classes on top."""
    found = measures.angles(reading, right)
    assert found.direction is not None
    shown = dots(found)
    direction, classes, own = found.direction[shown], found.labels[shown], np.degrees(found.own[shown])
    x, y, to = np.cos(direction), np.sin(direction), measures.towards(reading)
    hover = np.array(
        [
            f"class {reading.classes[k]}, {fixed(a)}° from {to}"
            for k, a in zip(classes.tolist(), own, strict=True)
        ]
    )
    marks: list[Mark] = []
    for rows, color in [
        (np.isin(classes, important, invert=True), None),
        *((classes == k, labels.color(k, important)) for k in important),
    ]:
        if rows.any():
            given = {"classes": classes[rows], "vivid": ()} if color is None else {"color": color}
            marks.append(Dots(x[rows], y[rows], hover=tuple(hover[rows]), size=6, **given))
    return marks


def visible(found: Angles) -> Array:
    """The places of features without those that another of their class covers."""
    assert found.direction is not None
    given = np.flatnonzero(~np.isnan(found.direction))
    steps = np.round(found.direction[given] / SEEN).astype(np.int64)
    # Along the circle there are fewer steps than 2000.
    first = np.unique(found.labels[given] * 2000 + steps, return_index=True)[1]
    return given[np.sort(first)]


def dots(found: Angles) -> Array:
    """The places of the features that are drawn: those that are seen, or as many as can be, evenly chosen."""
    places = visible(found)
    if len(places) <= MOST_DOTS:
        return places
    return places[np.linspace(0, len(places) - 1, MOST_DOTS).astype(np.int64)]


def _name(label: labels.Label, important: Sequence[int]) -> Note:
    cos, sin = math.cos(label.at), math.sin(label.at)
    anchor: Any = "center" if abs(cos) < 0.35 else "left" if cos > 0 else "right"
    color = label.color(important, RoleColor("text"))
    return Note((1.09 if anchor != "center" else 1.14) * cos, 1.14 * sin, label.text, anchor, color)


def _arcs(found: Gaps, directions: Array, important: Sequence[int]) -> list[Mark]:
    """The gaps on both sides of the important classes, with their degrees."""
    marks: list[Mark] = []
    for n, k in enumerate(important):
        if len(found.order) < 2 or math.isnan(directions[k]):
            continue
        radius, color = 0.52 - 0.16 * n, labels.color(k, important)
        for start, gap in (
            (directions[k] - found.before[k], found.before[k]),
            (directions[k], found.after[k]),
        ):
            turn = np.linspace(start, start + gap, max(2, round(math.degrees(gap) / 3)))
            marks.append(Line(radius * np.cos(turn), radius * np.sin(turn), color, width=1.6))
            if gap > ROOM:
                x, y = (
                    (radius + 0.16) * math.cos(start + gap / 2),
                    (radius + 0.16) * math.sin(start + gap / 2),
                )
                marks.append(Note(x, y, f"{math.degrees(gap):.0f}°", "center", color))
    return marks
