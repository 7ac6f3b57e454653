"""Lines: the mean over seeds with its spread along one axis, and the seeds themselves as dots; a second
measure dotted."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from lossviz.core.text import listed
from lossviz.figures.chart import MUTED, Axis, Band, Chart, Dash, Dots, Line, Mark, Panel, Rule, RunColor
from lossviz.pages.sweep.shown import Shown, in_unit, sample_text
from lossviz.sweeps.aggregate import Group
from lossviz.sweeps.bounds import bounds
from lossviz.sweeps.measures import Measure


def chart(shown: Shown) -> Chart:
    """The lines of all losses along the axis of the columns. A loss without it has a panel of its own, along
    an axis that those others lack; without one, the same cells at every value, a level line."""
    panels, told = [], []
    drawn = [measure for measure in (shown.measure, shown.beside) if measure is not None]
    for axis, keys in _own_axes(shown).items():
        places, x = _axis(shown, axis)
        marks: list[Mark] = []
        for loss in keys:
            groups = shown.groups.along(loss, axis, shown.at) if axis >= 0 else [shown.group]
            for measure, dash in zip(drawn, ("solid", "dotted"), strict=False):
                marks += _marks(shown, loss, axis, places, groups, measure, dash)
            told.append(_words(shown, loss, axis, groups))
        marks += [Rule(at, "x", MUTED, name) for at, name in _bounds(shown, axis, keys).items()]
        lacked = [i for i in range(len(shown.plan.axes)) if all(shown.groups.lacks(key, i) for key in keys)]
        note = ", ".join(part for part in (shown.others((axis, *lacked)), shown.seeds_text) if part)
        panels.append(Panel(tuple(marks), "", x, Axis(_title(drawn), shown.measure.unit), note=note))
    if len(panels) == 1:
        title = f"{_title(drawn)}: mean ± standard deviation over seeds, and the seeds"
        panels = [replace(panels[0], title=title[:1].upper() + title[1:])]
    over = " and ".join(panel.x.title for panel in panels)
    alt = f"{_title(drawn).capitalize()} along {over}, mean over seeds. {' '.join(told)}"
    return Chart(tuple(panels), alt, height=400, shared_y=len(panels) > 1)


def _title(drawn: list[Measure]) -> str:
    return " and ".join(measure.title for measure in drawn)


def _own_axes(shown: Shown) -> dict[int, list[str]]:
    """The losses by the axis along which they are drawn, in the order of the axes."""
    groups, axis = shown.groups, shown.columns
    has = [loss for loss in shown.plan.losses if axis >= 0 and not groups.lacks(loss, axis)]
    found: dict[int, list[str]] = {}
    for loss in shown.plan.losses:
        own = axis
        if has and loss not in has:
            own = next(
                (
                    i
                    for i in range(len(shown.plan.axes))
                    if not groups.lacks(loss, i) and all(groups.lacks(other, i) for other in has)
                ),
                axis,
            )
        found.setdefault(own, []).append(loss)
    return dict(sorted(found.items()))


def _marks(
    shown: Shown,
    loss: str,
    axis: int,
    places: list[float],
    groups: list[Group | None],
    measure: Measure,
    dash: Dash,
) -> list[Mark]:
    color = RunColor(shown.plan.losses.index(loss))
    samples = [None if g is None else g.sample(measure) for g in groups]
    mean = measure.shown(np.array([math.nan if s is None else s.mean for s in samples]))
    sd = measure.shown(np.array([math.nan if s is None else s.sd for s in samples]))
    x, name = np.array(places), shown.loss_title(loss)
    if shown.beside is not None:
        name = f"{name}, {measure.short}"
    lacks = axis >= 0 and shown.groups.lacks(loss, axis)
    line = Line(x, mean, color, name, dash="dashed" if lacks and dash == "solid" else dash)
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


def _bounds(shown: Shown, axis: int, keys: list[str]) -> dict[float, str]:
    """The bounds of the losses on the parameter of the axis, by their place on it; named after their losses
    where others have that parameter too."""
    if axis < 0:
        return {}
    has = [loss for loss in keys if not shown.groups.lacks(loss, axis)]
    own, values = shown.plan.axes[axis], shown.plan.axes[axis].values
    found: dict[tuple[float, str], list[str]] = {}
    for loss in has:
        group = shown.groups.group(loss, shown.at)
        for each in [] if group is None else bounds(group.config, len(shown.groups.classes)):
            if each.name == own.name and min(values) / 1.05 <= each.at <= 1.05 * max(values):
                at: float = in_unit(shown.declared(axis))(each.at)
                found.setdefault((at, each.title), []).append(shown.loss_title(loss))
    told: dict[float, list[str]] = {}
    for (at, title), titles in found.items():
        told.setdefault(at, []).append(title if len(titles) == len(has) else f"{title}, {listed(titles)}")
    return {at: "; ".join(words) for at, words in told.items()}


def _words(shown: Shown, loss: str, axis: int, groups: list[Group | None]) -> str:
    told = [
        f"{shown.value_text(axis, i) if axis >= 0 else 'all'}: "
        f"{sample_text(shown.measure, g.sample(shown.measure))}"
        for i, g in enumerate(groups)
        if g is not None
    ]
    return f"{shown.loss_title(loss)}: {'; '.join(told)}."
