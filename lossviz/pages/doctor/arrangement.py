"""The directions themselves: K class weights in 2-D or 3-D, as far apart as is known, with their beams."""

from __future__ import annotations

import math

import numpy as np

from lossviz.figures.chart import (
    Array,
    Arrows,
    Axis,
    Chart,
    Circle,
    ClassColor,
    Dots,
    Line,
    Mark,
    Note,
    Panel,
    PolarSteps,
    RoleColor,
)
from lossviz.metrics.bounds import codes, margins
from lossviz.metrics.bounds.margins import FACTOR
from lossviz.metrics.bounds.room import degrees
from lossviz.readings.advice import verdict, words
from lossviz.readings.advice.question import DoctorView

MOST_DRAWN = 48
_VIEW = np.array([[0.94, -0.34, 0.0], [0.10, 0.28, 0.955], [-0.325, -0.898, 0.297]])


def lacks(view: DoctorView) -> str:
    """The reason why there is no picture; "" if there is one."""
    if view.dimension > 3:
        return f"{view.dimension} dimensions cannot be drawn. Choose 2 or 3 to see the directions."
    if view.classes > MOST_DRAWN:
        return f"Up to {MOST_DRAWN} directions are drawn; there are {view.classes:,}."
    if view.dimension == 3 and view.important is not None:
        return "Important classes are drawn in 2-D."
    return ""


def beam(view: DoctorView) -> float:
    """Half the angle that each class needs for itself, in radians; beams that overlap do not fit."""
    if view.asks != "margin":
        return 0.0
    if view.link == FACTOR:
        return margins.beam(view.value, view.classes, view.dimension).low
    return margins.as_angle(view.value, view.link) / 2


def angles(view: DoctorView) -> tuple[Array, Array]:
    """In 2-D: the direction of each class [K] and half of its beam [K], radians.

    With important classes: these first, one after the other; beside them gaps of the margin, where that
    leaves room, and the others share what is left.
    """
    count, half = view.classes, beam(view)
    even = 2 * math.pi * np.arange(count) / count
    cared = view.important
    if cared is None or cared == count:
        return even, np.full(count, half)
    chosen = np.arange(count) < cared
    wide = chosen | np.roll(chosen, -1)  # the gap from a class to the next
    need = 2 * half * 1.02
    rest = 2 * math.pi - need * wide.sum()
    if need <= 2 * math.pi / count or rest <= 0:
        gaps = np.full(count, 2 * math.pi / count)
    else:
        gaps = np.where(wide, need, rest / max(1, (~wide).sum()))
        gaps *= 2 * math.pi / gaps.sum()
    found = np.concatenate([[0.0], np.cumsum(gaps)[:-1]])
    return found, np.where(chosen, 2 * half, 0.0)


def chart(view: DoctorView) -> Chart:
    """The directions with their beams, on the circle or on the sphere."""
    panel = _circle(view) if view.dimension == 2 else _sphere(view)
    return Chart((panel,), f"{notice(view)} {verdict.verdict(view).head}", height=400, legend="none")


def notice(view: DoctorView) -> str:
    """The picture in sentences."""
    known = codes.optimal(view.classes, view.dimension)
    how = "as far apart as can be" if known is not None else "as far apart as was found"
    half = beam(view)
    first = f"{words.classes(view.classes)}, their weights {how}."
    first += " Pale ones are behind." if view.dimension == 3 else ""
    if view.important is not None:
        many, wide = words.classes(view.important), degrees(2 * half)
        rule = "no other weight may lie in the coloured sector. The others share what is left."
        return f"{many[0].upper()}{many[1:]} with a margin of {wide}: {rule}"
    if view.asks != "margin":
        return first
    if view.link == FACTOR:
        return f"{first} A feature keeps its margin within {degrees(half)} of its class weight."
    wide = degrees(half)
    return (
        f"{first} Each beam is {wide} to either side, half of what m asks: where two overlap, m does not fit."
    )


def _circle(view: DoctorView) -> Panel:
    places, halves = angles(view)
    marks: list[Mark] = []
    for k, (at, half) in enumerate(zip(places.tolist(), halves.tolist(), strict=True)):
        if half > 0:
            marks.append(PolarSteps(np.array([at - half, at + half]), np.array([1.0]), ClassColor(k)))
    marks.append(Arrows(np.cos(places), np.sin(places), classes=np.arange(view.classes)))
    for k, at in enumerate(places.tolist() if view.classes <= 30 else ()):
        marks.append(Note(0.7 * math.cos(at), 0.7 * math.sin(at), str(k), "center"))
    rim = Axis(high=1.0, ticks=((1.0, ""),))
    return Panel(tuple(marks), f"{view.classes} directions in the plane", polar=True, y=rim)


def _sphere(view: DoctorView) -> Panel:
    points = codes.best(view.classes, 3) @ _turn().T
    half = beam(view)
    marks: list[Mark] = [Circle(1.0, color=RoleColor("border"))]
    # What is behind first, so that the front covers it.
    for k in np.argsort(points[:, 2]).tolist():
        x, y, z = _ring(points[k], half)
        behind = ClassColor(k, muted=True)
        if half > 0:
            marks.append(Line(np.where(z < 0, x, np.nan), np.where(z < 0, y, np.nan), behind, width=1.2))
            marks.append(
                Line(np.where(z >= 0, x, np.nan), np.where(z >= 0, y, np.nan), ClassColor(k), width=2.2)
            )
        front = points[k, 2] >= 0
        at = points[k : k + 1]
        text = (f"{k}",) if front and view.classes <= 30 else ()
        marks.append(
            Dots(at[:, 0], at[:, 1], ClassColor(k) if front else behind, texts=text, size=10 if front else 8)
        )
    ends = Axis(low=-1.08, high=1.08, ticks=((9.0, ""),))
    title = f"{view.classes} directions on the sphere"
    return Panel(tuple(marks), title, ends, ends, equal=True)


def _turn() -> Array:
    """A turn that puts no axis of a regular arrangement upon another."""
    q, _ = np.linalg.qr(_VIEW)
    return np.asarray(q)


def _ring(centre: Array, radius: float) -> tuple[Array, Array, Array]:
    """The rim of a cap about a direction, [64] each."""
    side = np.cross(centre, [0.0, 0.0, 1.0] if abs(centre[2]) < 0.9 else [1.0, 0.0, 0.0])
    side /= np.linalg.norm(side)
    other = np.cross(centre, side)
    turn = np.linspace(0, 2 * math.pi, 64)[:, None]
    rim = math.cos(radius) * centre + math.sin(radius) * (np.cos(turn) * side + np.sin(turn) * other)
    return rim[:, 0], rim[:, 1], rim[:, 2]
