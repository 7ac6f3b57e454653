"""Colours by what they stand for: a class, a run, or a role in the picture."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Literal

from lossviz.figures import palette

Role = Literal[
    "own",
    "other",
    "boundary",
    "edge",
    "text",
    "muted",
    "border",
    "grid",
    "positive",
    "negative",
    "difference",
]
_MUTED_SHARE = {False: 0.30, True: 0.36}


@dataclass(frozen=True)
class ClassColor:
    """The colour of class `k`, the same in every picture; muted where other classes matter more."""

    k: int
    muted: bool = False


@dataclass(frozen=True)
class RunColor:
    """The colour of the `n`-th run, counted from 0; keep a run's number from picture to picture."""

    n: int


@dataclass(frozen=True)
class RoleColor:
    """A colour by its meaning; positive and negative are the metrics of the own and of other classes."""

    role: Role


Color = ClassColor | RunColor | RoleColor
TEXT, MUTED, OTHER = RoleColor("text"), RoleColor("muted"), RoleColor("other")


@functools.cache
def color_code(color: Color, dark: bool) -> str:
    """The colour as `#rrggbb`."""
    theme = palette.theme(dark)
    if isinstance(color, ClassColor):
        own = palette.class_color(color.k)
        return palette.mixed(own, theme.background, _MUTED_SHARE[dark]) if color.muted else own
    if isinstance(color, RunColor):
        colors = palette.curve_colors(dark)
        return colors[color.n % len(colors)]
    positive, negative = palette.sides(dark)
    return {
        "own": theme.own,
        "other": theme.other,
        "boundary": theme.boundary,
        "edge": theme.edge,
        "text": theme.text,
        "muted": theme.muted,
        "border": theme.border,
        "grid": theme.grid,
        "positive": positive,
        "negative": negative,
        "difference": palette.curve_colors(dark)[4],
    }[color.role]


@functools.cache
def text_code(color: Color, dark: bool) -> str:
    """The colour as `#rrggbb`, readable as text on the page: contrast at least 4.5:1."""
    return palette.readable(color_code(color, dark), palette.theme(dark).background)
