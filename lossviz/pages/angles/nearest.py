"""The angle to the own and to the nearest other weight: how much room a margin has made between them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lossviz.core.text import fixed, percent
from lossviz.figures.chart import Axis, Chart, Mark, Note, Panel, RoleColor, Rule, Steps
from lossviz.metrics import angular
from lossviz.pages.angles import labels, measures
from lossviz.pages.angles.measures import Angles
from lossviz.readings.reading import Array, Reading

OWN, OTHER = RoleColor("positive"), RoleColor("negative")
MOST_OUTLINES = 2  # important classes with an outline of their own
# The axis reaches to this share of the own angles: a few images lie far from their class.
MOST = 0.98
FEW = 3  # runs that have a sentence each


def nearest_chart(readings: Sequence[Reading], important: Sequence[int], right: bool = False) -> Chart:
    """Histograms of both angles, a panel a run."""
    common = edges([measures.angles(reading, right) for reading in readings])
    panels = [_panel(reading, common, important, right) for reading in readings]
    heights = [mark.heights for panel in panels for mark in panel.marks if isinstance(mark, Steps)]
    top = max(float(h.max()) for h in heights)
    panels = [_with_beyond(p, r, common, top, right) for p, r in zip(panels, readings, strict=True)]
    one = len(panels) <= 3
    return Chart(
        tuple(panels),
        alt="Angles to the own and the nearest other weight. "
        + " ".join(near_text(reading, right) for reading in readings),
        columns=1 if one else 2,
        shared_x=True,
        shared_y=True,
        height=max(95, 330 // len(panels)) if one else 120,
        legend="top",
        classes=readings[0].classes,
    )


def _panel(reading: Reading, common: Array, important: Sequence[int], right: bool) -> Panel:
    found = measures.angles(reading, right)
    own, other = np.degrees(found.own), np.degrees(found.other)
    marks: list[Mark] = [
        Steps(common, shares(own, common), OWN, "to the own weight"),
        _middle(own, "own", OWN),
    ]
    if not np.isnan(other).all():
        outline = Steps(common, shares(other, common), OTHER, "to the nearest other", filled=False)
        marks += [outline, _middle(other, "other", OTHER)]
    if len(reading.classes) > 1:
        for k in important[:MOST_OUTLINES]:
            of_class = own[found.labels == k]
            name = f"to the own weight, class {labels.short(reading.classes[k])} alone"
            heights = shares(of_class, common)
            marks.append(
                Steps(common, heights, labels.color(k, important), name, filled=False, dash="dashed")
            )
    axis = Axis("angle", "°", low=0, high=float(common[-1]))
    return Panel(
        tuple(marks), reading.name, axis, Axis("images", "%", low=0), note=measures.sample(reading, right)
    )


def _with_beyond(panel: Panel, reading: Reading, common: Array, top: float, right: bool) -> Panel:
    """The panel with the share of own angles beyond its right end, written there; top: its highest bar."""
    beyond = float((np.degrees(measures.angles(reading, right).own) > common[-1]).mean())
    if not beyond:
        return panel
    text = f"{percent(beyond)} of own beyond {common[-1]:.0f}° →"
    told = Note(float(common[-1]), 0.9 * top, text, "right", RoleColor("muted"))
    return replace(panel, marks=(*panel.marks, told))


def _middle(values: Array, name: str, color: RoleColor) -> Rule:
    middle = float(np.nanmedian(values))
    return Rule(middle, "x", color, f"{name} {fixed(middle)}°", "dotted")


def edges(every: Sequence[Angles]) -> Array:
    """Edges in degrees for all runs: up to the farthest other weight and to most of the own angles."""
    top = 0.0
    for found in every:
        top = max(top, math.degrees(float(np.quantile(found.own, MOST))))
        if not np.isnan(found.other).all():
            top = max(top, math.degrees(float(np.nanmax(found.other))))
    top = min(180.0, 5 * math.ceil(top / 5 + 1e-9))
    step = next((s for s in (0.25, 0.5, 1.0, 2.0) if top / s <= 100), 2.0)
    return np.arange(0.0, top + step / 2, step)


def shares(values: Array, common: Array) -> Array:
    """Per cent of the values in each bin; those beyond the edges count in the whole."""
    if not len(values):
        return np.zeros(len(common) - 1)
    counts = angular.histogram(values, np.zeros(len(values), dtype=np.int64), 1, common)[0]
    return 100 * counts / len(values)


def notice(readings: Sequence[Reading], right: bool = False) -> str:
    """A sentence for each run or, of many, where the room is widest and where it is narrowest."""
    if len(readings) <= FEW:
        return " ".join(near_text(reading, right) for reading in readings)
    found = [measures.angles(reading, right) for reading in readings]
    room = [
        (math.degrees(float(np.median(a.other - a.own))), reading.name, 100 * a.nearer)
        for reading, a in zip(readings, found, strict=True)
        if not np.isnan(a.other).all()
    ]
    if not room:
        return ""
    (least, narrow, lost), (most, wide, few) = min(room), max(room)
    return (
        f"Room between the own and the nearest other weight, median: most under {wide}, {_degrees(most)} "
        f"({fixed(few)} % of {measures.sample(readings[0], right)} are nearer to the other), least under "
        f"{narrow}, {_degrees(least)} ({fixed(lost)} %)."
    )


def _degrees(angle: float) -> str:
    return f"{fixed(angle)}°"


def near_text(reading: Reading, right: bool = False) -> str:
    """Own and nearest other angle of one run, as a sentence."""
    found = measures.angles(reading, right)
    own, to = math.degrees(float(np.median(found.own))), measures.towards(reading)
    start = f"{reading.name}: the median angle is {fixed(own)}° to {to}"
    if np.isnan(found.other).all():
        return f"{start}; there is no other."
    other = math.degrees(float(np.nanmedian(found.other)))
    return (
        f"{start} and {fixed(other)}° to the nearest other; {percent(found.nearer)} of "
        f"{len(found.own):,} images are nearer to the other."
    )
