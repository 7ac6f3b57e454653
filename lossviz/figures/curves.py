"""Curves of losses as a chart: axes, colours, dashes, the ends of y."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lossviz.core.text import number_text
from lossviz.figures import levels
from lossviz.figures.axis import Array
from lossviz.figures.chart import MUTED, Axis, Chart, Line, Mark, Panel, RoleColor, Rule, RunColor
from lossviz.figures.levels import Spacing

Kind = Literal["angle", "target", "probability"]

# Pixels of line and gap; with the eight colours of curves the first 24 pairs are different.
DASHES = ("solid", "8px,4px", "2px,3px", "9px,3px,2px,3px", "15px,4px", "9px,3px,2px,3px,2px,3px")


@dataclass(frozen=True, eq=False)
class Curve:
    """A named curve: x [n] ascending, y [n]. Whatever has these three attributes will do.

    place: which colour and dash it takes, so that a loss keeps them from picture to picture; by
    default its place in the sequence.
    """

    name: str
    x: Array
    y: Array
    place: int | None = None


@dataclass(frozen=True)
class CurveAxes:
    """The axes of one kind of curve: titles, the ends of x and the steps of its ticks."""

    x_title: str
    y_title: str
    x_range: tuple[float, float]
    x_steps: tuple[float, ...]
    x_unit: str
    y_hover: str
    headline: str


AXES: dict[Kind, CurveAxes] = {
    "angle": CurveAxes(
        "angle from the own weight vector",
        "loss",
        (-180, 180),
        (45, 90, 180),
        "°",
        ".3~g",
        "%{x:.1f}° from W<sub>y</sub>",
    ),
    "target": CurveAxes(
        "θ, angle from the own weight vector",
        "target logit ψ(θ)",
        (0, 180),
        (30, 60, 90),
        "°",
        ".3f",
        "θ = %{x:.1f}°",
    ),
    "probability": CurveAxes(
        "probability of the true class",
        "loss",
        (0, 100),
        (20, 50),
        " %",
        ".3~g",
        "p<sub>y</sub> = %{x:.1f} %",
    ),
}


def y_range_of(curves: Sequence[Curve], spacing: Spacing, kind: Kind) -> tuple[float, float]:
    """The range of the curves with a little air; a log axis reaches down ten decades at most."""
    # Where p_y goes to 0 most losses go to infinity: the part above 1 % sets the scale.
    start = 1.0 if kind == "probability" else -np.inf
    shown = [np.asarray(curve.y, dtype=np.float64)[np.asarray(curve.x) >= start] for curve in curves]
    low, high = levels.shared_range(shown)
    if kind == "target":
        low, high = min(low, -1.0), max(high, 1.0)
    if spacing == "log":
        high = high if high > 0 else 1.0
        low = max(levels.shared_range([y[y > 0] for y in shown])[0], high * 1e-10)
        return (low / 1.3 if low > 0 else high / 10), high * 1.3
    air = 0.04 * (high - low) or 0.5
    return low - air, high + air


def line_chart(
    curves: Sequence[Curve],
    kind: Kind,
    spacing: Spacing = "linear",
    y_range: tuple[float, float] | None = None,
    level: float | None = None,
    height: int = 350,
    width: float = 860,
) -> Chart:
    """The curves as lines of one panel, named at their ends.

    height: pixels of the plot. width: of the whole.
    """
    axes, marks = AXES[kind], list[Mark]()
    if kind == "target":
        angle = np.linspace(0, 180, 181)
        marks.append(Line(angle, np.cos(np.radians(angle)), MUTED, "cos θ, no margin", "dotted", 1.5))
    for i, curve in enumerate(curves):
        y = np.asarray(curve.y, dtype=np.float64)
        chosen = getattr(curve, "place", None)
        place = i if chosen is None else chosen
        dash = DASHES[place % len(DASHES)]
        marks.append(
            Line(curve.x, np.where(np.isfinite(y), y, np.nan), RunColor(place), curve.name, dash, 2.5)
        )
    if level is not None:
        marks.append(Rule(level, "y", RoleColor("edge"), f"loss {number_text(level, 3)}", "solid"))
    low, high = axes.x_range
    step = next((s for s in axes.x_steps if (high - low) / s * 56 <= width - 80), axes.x_steps[-1])
    ticks = tuple((float(at), number_text(at) + axes.x_unit) for at in np.arange(low, high + 1, step))
    x = Axis(axes.x_title, low=low, high=high, ticks=ticks)
    bottom, top = y_range_of(curves, spacing, kind) if y_range is None else y_range
    y_axis = Axis(axes.y_title, spacing=spacing, low=bottom, high=top)
    about = f"{axes.y_title} against {axes.x_title}: {', '.join(curve.name for curve in curves)}"
    return Chart((Panel(tuple(marks), x=x, y=y_axis),), about, height=height)
