"""Lines: the mean over seeds with its spread along one axis, and the seeds themselves as dots."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lossviz.figures.chart import MUTED, Axis, Band, Chart, Dots, Line, Mark, Panel, Rule, RunColor
from lossviz.metrics.bounds.room import Room
from lossviz.pages.sweep.shown import Shown, in_unit, sample_text
from lossviz.sweeps.aggregate import Group
from lossviz.training.measures import room_of


def chart(shown: Shown) -> Chart:
    """The lines of all losses along the axis of the columns."""
    axis = shown.columns
    places, x = _axis(shown, axis)
    marks: list[Mark] = []
    told = []
    for n, loss in enumerate(shown.plan.losses):
        groups = shown.groups.along(loss, axis, shown.at) if axis >= 0 else [shown.group]
        marks += _marks(shown, loss, n, places, groups)
        told.append(_words(shown, loss, groups))
    if bounds := _bounds(shown, axis):
        marks += [Rule(at, "x", MUTED, name) for at, name in bounds.items()]
    y = Axis(shown.measure.title, shown.measure.unit)
    note = ", ".join(part for part in (shown.others((axis,)), shown.seeds_text) if part)
    title = f"{shown.measure.title}: mean ± standard deviation over seeds, and the seeds"
    alt = f"{shown.measure.title.capitalize()} along {x.title}, mean over seeds. {' '.join(told)}"
    return Chart((Panel(tuple(marks), title[:1].upper() + title[1:], x, y, note=note),), alt, height=400)


def _marks(shown: Shown, loss: str, n: int, places: list[float], groups: list[Group | None]) -> list[Mark]:
    measure, color = shown.measure, RunColor(n)
    samples = [None if g is None else g.sample(measure) for g in groups]
    mean = measure.shown(np.array([math.nan if s is None else s.mean for s in samples]))
    sd = measure.shown(np.array([math.nan if s is None else s.sd for s in samples]))
    x, name = np.array(places), shown.loss_title(loss)
    lacks = shown.columns >= 0 and shown.groups.lacks(loss, shown.columns)
    line = Line(x, mean, color, name, dash="dashed" if lacks else "solid")
    marks: list[Mark] = [Band(x, mean - sd, mean + sd, color), line]
    if lacks:
        return marks  # the same cells at every value: a level line
    dots = [
        (place, float(value), shown.place_text(g), cell.config.seed)
        for place, g in zip(places, groups, strict=True)
        if g is not None
        for value, cell in zip(measure.shown(g.values(measure)), g.cells, strict=True)
        if math.isfinite(value)
    ]
    if dots:
        px, py, where, seeds = zip(*dots, strict=True)
        hover = tuple(
            f"{w}, seed {s}: {measure.title} {y:.4g}{measure.unit}"
            for w, y, s in zip(where, py, seeds, strict=True)
        )
        marks.append(Dots(np.array(px), np.array(py), color, hover=hover, size=5))
    return marks


def _axis(shown: Shown, axis: int) -> tuple[list[float], Axis]:
    """The places of the values, and the axis: of numbers, logarithmic where they are spaced so; of names."""
    if axis < 0:
        return [0.0], Axis("", categories=("one setting",))
    declared, values = shown.declared(axis), shown.plan.axes[axis].values
    title = shown.axis_title(axis)
    if declared.kind not in ("real", "whole"):
        names = tuple(shown.value_text(axis, i) for i in range(len(values)))
        return [float(i) for i in range(len(values))], Axis(title, categories=names)
    places = list(map(in_unit(declared), values))
    unit = "°" if declared.unit == "rad" else declared.unit
    return places, Axis(title, unit, "log" if log_spaced(places) else "linear")


def log_spaced(values: list[float]) -> bool:
    """True for three or more positive numbers whose ratios are more alike than their steps."""
    ordered = sorted(set(values))
    if len(ordered) < 3 or ordered[0] <= 0:
        return False
    steps, ratios = np.diff(ordered), np.diff(np.log(ordered))
    return bool(ratios.std() / ratios.mean() < steps.std() / steps.mean() and ordered[-1] / ordered[0] > 4)


def _bounds(shown: Shown, axis: int) -> dict[float, str]:
    """The largest margins of the losses, by their place on the axis, if margins are on it."""
    if axis < 0 or shown.plan.axes[axis].name != "margin":
        return {}
    classes, found = len(shown.groups.classes), dict[float, str]()
    unit: Any = in_unit(shown.declared(axis))
    for loss in shown.plan.losses:
        group = shown.groups.group(loss, shown.at)
        room: Room | None = None if group is None or classes < 2 else room_of(group.config, classes)
        if room is not None and math.isfinite(room.largest.high):
            at = unit(room.largest.high)
            if at <= 1.05 * unit(max(shown.plan.axes[axis].values)):
                found[at] = f"largest margin {room.text(room.largest.high)}"
    return found


def _words(shown: Shown, loss: str, groups: list[Group | None]) -> str:
    told = [
        f"{shown.value_text(shown.columns, i) if shown.columns >= 0 else 'all'}: "
        f"{sample_text(shown.measure, g.sample(shown.measure))}"
        for i, g in enumerate(groups)
        if g is not None
    ]
    return f"{shown.loss_title(loss)}: {'; '.join(told)}."
