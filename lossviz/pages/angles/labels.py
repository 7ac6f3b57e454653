"""Colours and names of classes: the important ones stand out, those that lie together share a label."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lossviz.core.names import shortened
from lossviz.core.text import listed
from lossviz.figures.chart import ClassColor, Color, RoleColor
from lossviz.readings.reading import Array

MOST_LABELS = 40
NAMED = 3  # classes named in one label, at most
LETTERS = 12


def color(k: int, important: Sequence[int], rest: Color | None = None) -> Color:
    """The colour of class `k`: one important class is red, as in 001 Fig. 2, several have their own colours.

    rest: that of classes that are not important; None: their own, muted.
    """
    if k in important:
        return RoleColor("own") if len(important) == 1 else ClassColor(k)
    return rest or ClassColor(k, muted=True)


@dataclass(frozen=True)
class Label:
    """A text at a direction (radians), and the classes it stands for."""

    at: float
    text: str
    classes: tuple[int, ...]

    def color(self, important: Sequence[int], rest: Color) -> Color:
        """The colour of the text: that of an important class among them, else `rest`."""
        return color(next((k for k in self.classes if k in important), -1), important, rest)


def labels(directions: Array, names: Sequence[str], least: float, first: Sequence[int] = ()) -> list[Label]:
    """A label for each direction [K] (NaN: none), or one for several that lie within `least` radians.

    first: classes that are named first in a shared label, and alone where there are too many classes.
    """
    present = [k for k in np.argsort(directions, kind="stable") if not math.isnan(directions[k])]
    if len(present) > MOST_LABELS:
        present = [k for k in present if k in first]
    groups: list[list[int]] = []
    for k in present:
        if groups and directions[k] - directions[groups[-1][0]] < least:
            groups[-1].append(int(k))
        else:
            groups.append([int(k)])
    # Around the circle the last one is a neighbour of the first.
    if len(groups) > 1 and directions[groups[0][-1]] + 2 * math.pi - directions[groups[-1][0]] < least:
        groups[0] = groups.pop() + groups[0]
    return [Label(_middle(directions[group]), _text(group, names, first), tuple(group)) for group in groups]


def short(name: str) -> str:
    """A name of at most LETTERS letters."""
    return shortened(name, LETTERS)


def group(names: Sequence[str], important: Sequence[int]) -> str:
    """ "class 3", or "classes 3 and 5 (mean)"."""
    told = listed([short(names[k]) for k in important])
    return f"class {told}" if len(important) == 1 else f"classes {told} (mean)"


def _text(group: Sequence[int], names: Sequence[str], first: Sequence[int]) -> str:
    order = sorted(group, key=lambda k: (k not in first, group.index(k)))
    told = [short(names[k]) for k in order[:NAMED]]
    more = len(order) - NAMED
    return ", ".join(told) + (f" +{more}" if more > 0 else "")


def _middle(directions: Array) -> float:
    return math.atan2(float(np.sin(directions).mean()), float(np.cos(directions).mean()))
