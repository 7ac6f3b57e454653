"""Parallel coordinates: a line is a cell, through its settings and its measures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from lossviz.figures import palette, screen_theme
from lossviz.figures.chart import MUTED, TEXT, Array, Axis, Chart, Line, Mark, Note, Panel, RunColor
from lossviz.figures.roles import color_code
from lossviz.figures.screen_theme import NAME
from lossviz.figures.text_width import text_width
from lossviz.pages.sweep.lines import log_spaced
from lossviz.pages.sweep.shown import Shown, in_unit
from lossviz.sweeps.aggregate import Group

HEIGHT = 440
USUAL = ("test_accuracy", "uniform_accuracy", "silhouette", "angular_spread", "smallest_gap")
MOST, AXIS_PX = 9, 90  # axes, and the room of one


@dataclass(frozen=True, eq=False)
class Coordinate:
    """One axis: its title, the number of each cell on it [N], and the texts of some numbers."""

    title: str
    values: Array
    ticks: tuple[tuple[float, str], ...] = ()

    @property
    def ends(self) -> tuple[float, float]:
        """The lowest and the highest number; apart from each other."""
        low, high = float(np.nanmin(self.values)), float(np.nanmax(self.values))
        return (low, high) if low < high else (low - 0.5, low + 0.5)


def cells(shown: Shown) -> list[tuple[Group, int]]:
    """The cells that have finished: group and number in it."""
    return [
        (group, i)
        for group in shown.groups.of.values()
        for i, result in enumerate(group.results)
        if result is not None and result.ended_well
    ]


def coordinates(shown: Shown) -> list[Coordinate]:
    """The axes of the sweep, then measures: that of the view and the usual ones, those that differ."""
    found = cells(shown)
    made = []
    if len(shown.plan.losses) > 1:
        keys = shown.plan.losses
        ticks = tuple((float(n), shown.loss_title(key)) for n, key in enumerate(keys))
        made.append(Coordinate("loss", np.array([float(keys.index(g.loss)) for g, _ in found]), ticks))
    made += [_of_axis(shown, axis, found) for axis in range(len(shown.plan.axes))]
    known = {m.name: m for m in shown.groups.measures}
    for name in dict.fromkeys((shown.measure.name, shown.against.name, *USUAL)):
        if name not in known or len(made) >= MOST:
            continue
        measure = known[name]
        per_group = {id(group): measure.shown(group.values(measure)) for group, _ in found}
        values = np.array([per_group[id(group)][i] for group, i in found])
        if np.isfinite(values).any():
            unit = f" ({measure.unit})" if measure.unit else ""
            made.append(Coordinate(measure.short + unit, values))
    return made


def _of_axis(shown: Shown, axis: int, found: list[tuple[Group, int]]) -> Coordinate:
    declared, values = shown.declared(axis), shown.plan.axes[axis].values
    numeric = declared.kind in ("real", "whole")
    places = list(map(in_unit(declared), values)) if numeric else [float(i) for i in range(len(values))]
    if numeric and log_spaced(places):
        places = [math.log10(place) for place in places]
    ticks = [(place, shown.value_text(axis, i)) for i, place in enumerate(places)]
    own = np.array([places[g.at[axis]] if g.at[axis] >= 0 else math.nan for g, _ in found])
    if np.isnan(own).any():
        # A loss that lacks the parameter has a place of its own below.
        low = min(places) - 0.15 * ((max(places) - min(places)) or 1.0)
        own = np.where(np.isnan(own), low, own)
        ticks.append((low, "–"))
    return Coordinate(declared.letter if declared.symbol else declared.title, own, tuple(ticks))


def figure(shown: Shown, dark: bool, width: int) -> Any:
    """The cells as plotly's parallel coordinates: ranges can be drawn on each axis, axes can be moved."""
    import plotly.graph_objects as go

    theme = palette.theme(dark)
    made, losses = coordinates(shown), shown.plan.losses
    dimensions = []
    # In little room the settings and the first measure.
    least = 2 + len(shown.plan.axes)
    for each in made[: max(least, width // AXIS_PX)]:
        ticks = {"tickvals": [at for at, _ in each.ticks], "ticktext": [text for _, text in each.ticks]}
        options = ticks if each.ticks else {"tickformat": ".3~g"}
        dimensions.append({"label": each.title, "values": each.values, "range": list(each.ends), **options})
    codes = [color_code(RunColor(n), dark) for n in range(len(losses))]
    # Equal bands of colour, so that each loss has its own.
    scale = [
        pair
        for n, code in enumerate(codes)
        for pair in ((n / len(codes), code), ((n + 1) / len(codes), code))
    ]
    font = {"color": theme.text, "size": NAME}
    trace = go.Parcoords(
        dimensions=dimensions,
        line={
            "color": [losses.index(group.loss) + 0.5 for group, _ in cells(shown)],
            "colorscale": scale,
            "cmin": 0,
            "cmax": len(codes),
        },
        labelfont=font,
        tickfont=font,
        rangefont={"color": theme.muted, "size": NAME - 2},
        unselected={"line": {"color": theme.border, "opacity": 0.25}},
        labelside="top",
    )
    # The names of losses stand at the left of the first axis.
    longest = max(text_width(text, NAME) for _, text in made[0].ticks) if made[0].ticks else 40.0
    layout = screen_theme.layout(dark, HEIGHT, {"l": round(longest) + 16, "r": 48, "t": 56, "b": 24})
    return go.Figure([trace], layout)


def chart(shown: Shown) -> Chart:
    """The same for print: every axis from its lowest to its highest number."""
    made, found = coordinates(shown), cells(shown)
    places = np.arange(len(made), dtype=np.float64)
    shares = np.array([[(v - c.ends[0]) / (c.ends[1] - c.ends[0]) for v in c.values] for c in made]).T
    marks: list[Mark] = [Line(np.full(2, x), np.array([0.0, 1.0]), MUTED, width=1) for x in places]
    for row, (group, _) in zip(shares, found, strict=True):
        n = shown.plan.losses.index(group.loss)
        name = shown.loss_title(group.loss)
        marks.append(Line(places, row, RunColor(n), name, width=0.8, label_at_end=False))
    for x, each in zip(places, made, strict=True):
        low, high = each.ends
        ticks = each.ticks or ((low, f"{low:.3g}"), (high, f"{high:.3g}"))
        marks += [Note(float(x), (at - low) / (high - low), text, "center", TEXT) for at, text in ticks]
    titles = tuple(each.title for each in made)
    panel = Panel(
        tuple(marks),
        "",
        Axis("", categories=titles),
        Axis("", low=-0.04, high=1.04, ticks=((-1.0, ""),)),
        note=f"{len(found):,} cells",
    )
    alt = f"Parallel coordinates of {len(found):,} cells over {', '.join(titles)}; a line is a cell."
    return Chart((panel,), alt, height=400)
