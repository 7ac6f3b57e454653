"""Inks as colours, and what a legend says of them."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from lossviz.figures import palette
from lossviz.figures.chart import (
    Arrows,
    Band,
    Bars,
    Chart,
    ClassInk,
    Dash,
    Dots,
    Dots3,
    Ink,
    Line,
    Panel,
    PolarSteps,
    RunInk,
    Spans,
    Steps,
)

MOST_CLASSES = 12  # in a legend; with more the picture says nothing by colour alone
_MUTED_SHARE = {False: 0.30, True: 0.36}


Look = Literal["line", "area", "wash", "dot", "arrow"]


@dataclass(frozen=True)
class Entry:
    """One line of a legend."""

    name: str
    ink: Ink
    look: Look
    dash: Dash = "solid"
    width: float = 2.0
    symbol: str = "circle"


@functools.cache
def color(ink: Ink, dark: bool) -> str:
    """The colour of an ink as `#rrggbb`."""
    theme = palette.theme(dark)
    if isinstance(ink, ClassInk):
        own = palette.class_color(ink.k)
        return palette.mixed(own, theme.background, _MUTED_SHARE[dark]) if ink.muted else own
    if isinstance(ink, RunInk):
        colors = palette.curve_colors(dark)
        return colors[ink.n % len(colors)]
    positive, negative = palette.sides(dark)
    return {
        "own": palette.OWN,
        "other": palette.other(dark),
        "boundary": palette.BOUNDARY,
        "text": theme.text,
        "muted": theme.muted,
        "border": theme.border,
        "grid": theme.grid,
        "positive": positive,
        "negative": negative,
        "difference": palette.curve_colors(dark)[4],
    }[ink.role]


@functools.cache
def text_color(ink: Ink, dark: bool) -> str:
    """The colour of an ink where it is text on the page."""
    return palette.readable(color(ink, dark), palette.theme(dark).background)


def by_class(mark: Any) -> list[tuple[int, Any]]:
    """The class numbers in `inks` and where they are, bool [n]; muted classes first, to lie below."""
    numbers = np.asarray(mark.inks)
    classes = [int(k) for k in np.unique(numbers)]
    vivid = set(classes if mark.vivid is None else mark.vivid)
    return [(k, numbers == k) for k in sorted(classes, key=lambda k: (k in vivid, k))]


def class_ink(mark: Any, k: int) -> ClassInk:
    """The ink of class `k` in a mark with inks."""
    return ClassInk(k, muted=mark.vivid is not None and k not in mark.vivid)


def class_name(chart: Chart, k: int) -> str:
    """What class `k` is called."""
    return chart.classes[k] if k < len(chart.classes) else f"class {k}"


def entries(chart: Chart, lines: bool) -> list[Entry]:
    """The legend: each name once, in the order of the marks. lines: also those with names at their ends."""
    found: dict[tuple[str, Ink], Entry] = {}
    for panel in chart.panels:
        for entry in _of_panel(chart, panel, lines):
            found.setdefault((entry.name, entry.ink), entry)
    classes = sum(isinstance(entry.ink, ClassInk) for entry in found.values())
    return [e for e in found.values() if classes <= MOST_CLASSES or not isinstance(e.ink, ClassInk)]


def _of_panel(chart: Chart, panel: Panel, lines: bool) -> list[Entry]:
    found: list[Entry] = []
    for mark in panel.marks:
        if isinstance(mark, Line) and mark.name and (lines or not mark.label_at_end):
            found.append(Entry(mark.name, mark.ink, "line", mark.dash, mark.width))
        elif isinstance(mark, (Steps, PolarSteps)) and mark.name:
            full = isinstance(mark, Steps) and mark.solid
            look: Look = "line" if not mark.filled else "area" if full else "wash"
            dash = mark.dash if isinstance(mark, Steps) else "solid"
            found.append(Entry(mark.name, mark.ink, look, dash))
        elif isinstance(mark, Band) and mark.name:
            found.append(Entry(mark.name, mark.ink, "area"))
        elif isinstance(mark, (Dots, Dots3)):
            found += _of_dots(chart, mark)
        elif isinstance(mark, (Bars, Spans)) and mark.name:
            found.append(Entry(mark.name, mark.ink, "area"))
        elif isinstance(mark, Arrows) and mark.name:
            found.append(Entry(mark.name, mark.ink, "arrow"))
    return found


def _of_dots(chart: Chart, mark: Dots | Dots3) -> list[Entry]:
    if mark.inks is not None:
        numbers = sorted(k for k, _ in by_class(mark))
        return [Entry(class_name(chart, k), class_ink(mark, k), "dot") for k in numbers]
    if not mark.name or mark.values is not None:
        return []
    symbol = mark.symbols if isinstance(mark.symbols, str) else "circle"
    return [Entry(mark.name, mark.ink, "dot", symbol=symbol)]


def one_ink(mark: Any, at: Sequence[bool], ink: Ink) -> Any:
    """The part of a mark that has one class, in one ink."""
    pick = np.flatnonzero(at)
    changes: dict[str, Any] = {"ink": ink, "inks": None}
    for name in ("x", "y", "z", "at", "low", "high", "heights", "errors"):
        given = getattr(mark, name, None)
        if given is not None:
            changes[name] = given[pick]
    for name in ("texts", "hover", "labels", "symbols"):
        given = getattr(mark, name, None)
        if given and not isinstance(given, str):
            changes[name] = tuple(given[i] for i in pick)
    return replace(mark, **changes)


def colors(mark: Any, dark: bool) -> str | list[str]:
    """The colour of a mark, or one for each of its places where it has inks."""
    if mark.inks is None:
        return color(mark.ink, dark)
    of = {int(k): color(class_ink(mark, int(k)), dark) for k in np.unique(mark.inks)}
    return [of[int(k)] for k in mark.inks]


def split(mark: Any, always: bool = False) -> list[Any]:
    """A mark with inks as one mark a class, each in one ink; as it is without, or with many classes.

    always: however many classes.
    """
    if mark.inks is None or (len(np.unique(mark.inks)) > MOST_CLASSES and not always):
        return [mark]
    return [one_ink(mark, at, class_ink(mark, k)) for k, at in by_class(mark)]
