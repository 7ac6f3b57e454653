"""The map: classes against the margin, the scale or γ, with what fits, and the present setting."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from lossviz.core.text import whole_text
from lossviz.figures.chart import (
    TEXT,
    Array,
    Axis,
    Band,
    Chart,
    Color,
    Dots,
    Line,
    Mark,
    Note,
    Panel,
    RoleColor,
)
from lossviz.metrics import corollary
from lossviz.metrics.bounds import gammas, margins, repulsion_table, room, scales
from lossviz.metrics.bounds.angles import separation
from lossviz.metrics.bounds.margins import ANGLE, COSINE, FACTOR
from lossviz.metrics.bounds.room import Room, degrees
from lossviz.readings.advice import verdict, words
from lossviz.readings.advice.question import DoctorView

USUAL_TOP = 1000
DIMENSIONS = (2, 3, 8, 64)
LEVELS = (0.5, 0.9, 0.99, 0.999)
FITS, NOT, MUTED = RoleColor("positive"), RoleColor("negative"), RoleColor("muted")
# The words for the regions of a map, from below: of margins, and of scales and γ.
STATES = ("fits with room", "tight", "does not fit")
SCALED = ("not enough", "open", "enough")
TOPS = {ANGLE: 120.0, COSINE: 1.5, FACTOR: 60.0}


@dataclass(frozen=True, eq=False)
class Region:
    """Two ends [n] over numbers of classes [n]; between them it is open. roomy: [n], what leaves room."""

    classes: Array
    low: Array
    high: Array
    roomy: Array | None = None


def counts(most: int, dimension: int, each: int = 24, points: int = 44) -> Array:
    """Numbers of classes from 2 to `most`: each small one, then in equal ratios; above 2d those for which
    angles were looked for, since between them the lower bound falls in steps."""
    ratios = np.geomspace(each, most, points).round()
    sizes = [size for size in repulsion_table.angles() if size <= dimension]
    if sizes:
        known = np.array([count for count, _ in repulsion_table.angles()[max(sizes)]])
        ratios = ratios[(ratios < known[0]) | (ratios > known[-1])]
        ratios = np.concatenate([ratios, known[(known > each) & (known <= most)], [most]])
    return np.unique(np.concatenate([np.arange(2, each), ratios])).astype(int)


def top(view: DoctorView) -> int:
    """Give the number of classes at which the axis of the classes ends."""
    if view.link == FACTOR and view.classes <= 50:
        return 100
    # The point stands clear of the rim, where its name would be cut off.
    return USUAL_TOP if view.classes <= USUAL_TOP // 2 else 10 ** math.ceil(math.log10(2 * view.classes))


def chart(view: DoctorView) -> Chart:
    """The map of the view."""
    panel = _margin_panel(view) if view.asks == "margin" else _scale_panel(view)
    if view.asks == "threshold":
        panel = _gamma_panel(view)
    return Chart((panel,), alt(view), height=340)


def alt(view: DoctorView) -> str:
    """The map in words."""
    said = verdict.verdict(view)
    what = {"scale": "scale", "gamma": "γ"}.get(view.link, "margin")
    return f"Map of the number of classes against the {what}, {view.dimension}-D. {said.head} {said.sentence}"


# Margins.


@lru_cache(maxsize=64)
def margin_region(link: str, dimension: int, most: int, important: int | None = None) -> Region:
    """The largest margins, in the unit of the axis: degrees, or cosines; the beam of a factor m = 1."""
    numbers = counts(most, dimension)
    if link == FACTOR:
        bounds = [separation(int(k), dimension) for k in numbers]
    else:
        bounds = [margins.largest(link, int(k), dimension, important) for k in numbers]
    unit = 1.0 if link == COSINE else 180 / math.pi
    roomy = [Room(link, 0.0, int(k), dimension, important).practical for k in numbers]
    low, high = (unit * np.array([getattr(b, end) for b in bounds]) for end in ("low", "high"))
    return Region(numbers, low, high, unit * np.array(roomy))


def _margin_panel(view: DoctorView) -> Panel:
    if view.link == FACTOR:
        return _factor_panel(view)
    most, ends = top(view), TOPS[view.link]
    own = margin_region(view.link, view.dimension, most, view.important)
    assert own.roomy is not None
    tight = replace(own, low=own.roomy)
    marks: list[Mark] = [
        *_bands(tight, 0.0, ends, (FITS, MUTED, NOT)),
        Line(own.classes, _cut(own.roomy, ends), TEXT, dash="dotted", width=1.5),
    ]
    for dimension in DIMENSIONS:
        if dimension != view.dimension and view.important is None:
            other = margin_region(view.link, dimension, most)
            marks.append(Line(other.classes, _cut(other.low, ends), MUTED, f"{dimension}-D", width=1))
    marks += _ends(own, ends, f"{view.dimension}-D")
    unit = 180 / math.pi if view.link == ANGLE else 1.0
    marks += _here(view, min(view.value * unit, ends), room.text(view.value, view.link))
    marks += _names(tight, 0.0, ends)
    title = "margin m" if view.link == ANGLE else "margin m on the cosine"
    y = Axis(title, "°" if view.link == ANGLE else "", low=0.0, high=ends)
    return Panel(tuple(marks), _title(view), _classes_axis(most), y)


def _factor_panel(view: DoctorView) -> Panel:
    """The angle to its class weight that a feature may have, for each factor."""
    most = top(view)
    own = margin_region(FACTOR, view.dimension, most)
    marks: list[Mark] = []
    for factor in (1, 2, 3, 4, 8):
        if factor != view.value:
            reach = np.minimum(own.low / (factor + 1), TOPS[FACTOR])
            marks.append(Line(own.classes, reach, MUTED, f"m = {factor}", width=1))
    mine = Region(own.classes, own.low / (view.value + 1), own.high / (view.value + 1))
    marks += _ends(mine, TOPS[FACTOR], f"m = {view.value:.0f}")
    beam = margins.beam(view.value, view.classes, view.dimension)
    marks += _here(view, math.degrees(beam.low), degrees(beam.low))
    y = Axis("a feature may stray by", "°", low=0.0, high=TOPS[FACTOR])
    return Panel(tuple(marks), _title(view), _classes_axis(most), y)


# Scales.


@lru_cache(maxsize=64)
def _least(dimension: int, most: int, level: float) -> Region:
    """The necessary and the sufficient scale for a probability."""
    numbers = counts(most, dimension, 12, 24)
    pairs = [scales.least_scale(int(k), dimension, level, look=False, refine=False) for k in numbers]
    low, high = np.array(pairs).T
    return Region(numbers, low, high)


def _scale_panel(view: DoctorView) -> Panel:
    most, (bottom, ends) = top(view), (0.5, 512.0)
    letter = view.param.letter
    target = view.target
    own = _least(view.dimension, most, target)
    marks = _bands(own, bottom, ends, (NOT, MUTED, FITS))
    others = [(level, _least(view.dimension, most, level)) for level in LEVELS if level != target]
    # If bounds are wide apart, those for several levels run into each other and are left out.
    known = all(np.array_equal(region.low, region.high) for _, region in others)
    for i, (level, region) in enumerate(others if known else ()):
        marks += _named(region.classes, region.low, ends, share_text(level), 0.22 * 0.5**i)
    marks += _ends(own, ends, "")
    marks += _named(own.classes, own.low, ends, share_text(target), 0.45, TEXT)[1:]
    at = min(max(view.value, bottom), ends)
    marks += _here(view, at, f"{letter} = {whole_text(view.value)}")
    marks += _names(own, bottom, ends, SCALED)
    y = Axis(f"scale {letter}", spacing="log", low=bottom, high=ends)
    title = f"The least {letter} for a probability of the own class, {view.dimension}-D"
    return Panel(tuple(marks), title, _classes_axis(most), y)


# γ.


@lru_cache(maxsize=32)
def gamma_region(dimension: int, most: int) -> Region:
    """The necessary and the sufficient γ."""
    numbers = counts(most, dimension)
    bounds = [gammas.least_gamma(int(k), dimension, look=False) for k in numbers]
    return Region(numbers, np.array([b.low for b in bounds]), np.array([b.high for b in bounds]))


def _gamma_panel(view: DoctorView) -> Panel:
    most, (bottom, ends) = top(view), (0.5, 512.0)
    own = gamma_region(view.dimension, most)
    by_corollary = np.array([corollary.least_gamma(int(k)) for k in own.classes])
    shown = np.where(by_corollary >= bottom, by_corollary, np.nan)
    marks: list[Mark] = [
        *_bands(own, bottom, ends, (NOT, MUTED, FITS)),
        Line(own.classes, shown, TEXT, "Corollary 1", "dotted", 2.0),
        *_ends(Region(own.classes, np.maximum(own.low, bottom), own.high), ends, "needed"),
        *_here(view, min(max(view.value, bottom), ends), f"γ = {whole_text(view.value)}"),
        *_names(own, bottom, ends, SCALED),
    ]
    y = Axis("γ", spacing="log", low=bottom, high=ends)
    return Panel(tuple(marks), f"The γ that one threshold needs, {view.dimension}-D", _classes_axis(most), y)


# What all maps share.


def _title(view: DoctorView) -> str:
    who = "" if view.important is None else f", {words.classes(view.important)} with a margin"
    return f"{view.spec.title} in {view.dimension}-D{who}"


def _classes_axis(most: int) -> Axis:
    powers = [n for n in (2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000, 100_000) if n <= most]
    return Axis(
        "classes K", spacing="log", low=2.0, high=float(most), ticks=tuple((n, f"{n:,}") for n in powers)
    )


def _spans(region: Region, bottom: float, ends: float) -> list[tuple[Array, Array]]:
    """The parts of the picture below, between and above the two ends of a region."""
    low, high = np.clip(region.low, bottom, ends), np.clip(region.high, bottom, ends)
    return [(np.full(len(low), bottom), low), (low, high), (high, np.full(len(low), ends))]


def _bands(region: Region, bottom: float, ends: float, colors: Sequence[Color]) -> list[Mark]:
    spans = zip(_spans(region, bottom, ends), colors, strict=True)
    return [Band(region.classes, under, over, color) for (under, over), color in spans]


def _ends(region: Region, ends: float, name: str) -> list[Mark]:
    """The border of what fits, and, where it is not known, of what does not."""
    exact = np.allclose(region.low, region.high, rtol=1e-3)
    lines: list[Mark] = [Line(region.classes, _cut(region.low, ends), TEXT, name, width=2.5)]
    if not exact:
        lines.append(Line(region.classes, _cut(region.high, ends), TEXT, dash="dashed", width=1.5))
    return lines


def _cut(values: Array, ends: float) -> Array:
    return np.where(values <= ends * (1 + 1e-9), values, np.nan)


def _named(x: Array, y: Array, ends: float, name: str, share: float, color: Color = MUTED) -> list[Mark]:
    """A thin curve; its name stands at its end, or, where it leaves the picture on top, on it at a share
    of the height."""
    cut = _cut(y, ends)
    if np.isfinite(cut[-1]):
        return [Line(x, cut, color, name, width=1)]
    at = float(np.exp(np.interp(math.log(share * ends), np.log(y), np.log(x))))
    return [Line(x, cut, color, width=1), Note(at, share * ends, name, "center", color)]


def _here(view: DoctorView, at: float, text: str) -> list[Mark]:
    x, y = np.array([float(view.classes)]), np.array([at])
    said = f"K = {view.classes:,}, {text}"
    return [Dots(x, y, RoleColor("own"), symbols="diamond", size=14, texts=(said,), hover=(said,))]


def _names(region: Region, bottom: float, ends: float, words: tuple[str, str, str] = STATES) -> list[Mark]:
    """The words for the regions from below, each where it has most room; scales are logarithmic."""
    log = words == SCALED
    put: Callable[[float], float] = math.log if log else float
    colors = (NOT, TEXT, FITS) if log else (FITS, TEXT, NOT)
    marks: list[Mark] = []
    inside = (region.classes > 3) & (region.classes < region.classes[-1] / 3)
    for (under, over), text, color in zip(_spans(region, bottom, ends), words, colors, strict=True):
        room = np.array([put(b) - put(a) for a, b in zip(under.tolist(), over.tolist(), strict=True)])
        room = np.where(inside, room, -1.0)
        i = int(room.argmax())
        if room[i] > 0.12 * (put(ends) - put(bottom)):
            middle = (put(float(under[i])) + put(float(over[i]))) / 2
            marks.append(
                Note(float(region.classes[i]), math.exp(middle) if log else middle, text, "center", color)
            )
    return marks


def share_text(level: float) -> str:
    """A share in per cent: "99.9 %"."""
    return f"{100 * level:g} %"
