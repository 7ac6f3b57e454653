"""Where things of a chart stand, for both painters: ends of axes, ticks, bars side by side, labels."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from lossviz.figures import label_layout, levels
from lossviz.figures.chart import (
    Array,
    Arrows,
    Axis,
    Band,
    Bars,
    Chart,
    Circle,
    Dots,
    Dots3,
    Line,
    Mark,
    Matrix,
    Note,
    Panel,
    Rule,
    Spans,
    Steps,
)

Range = tuple[float, float]
ValueScale = tuple[str, str]  # title and spacing
_AIR = 0.04
_DEGREES = (5, 10, 15, 30, 45, 60, 90, 180)


def columns(chart: Chart) -> int:
    """The columns of the grid: as asked, else what suits the number of panels."""
    count = len(chart.panels)
    if chart.columns is not None:
        return min(chart.columns, count)
    return count if count <= 3 else 2 if count == 4 else 3 if count in (5, 6, 9) else 4


def ranges(chart: Chart) -> list[tuple[Range, Range]]:
    """The ends of x and y for each panel, ascending, in the axis's unit; shared ones are equal."""
    alone = [(_ends(panel, "x"), _ends(panel, "y")) for panel in chart.panels]
    joint = [i for i, panel in enumerate(chart.panels) if not (panel.polar or panel.solid)]
    for place, shared in ((0, chart.shared_x), (1, chart.shared_y)):
        if not shared or not joint:
            continue
        low = min(alone[i][place][0] for i in joint)
        high = max(alone[i][place][1] for i in joint)
        for i in joint:
            pair = list(alone[i])
            pair[place] = (low, high)
            alone[i] = (pair[0], pair[1])
    return alone


def _ends(panel: Panel, name: str) -> Range:
    axis: Axis = getattr(panel, name)
    matrix = next((mark for mark in panel.marks if isinstance(mark, Matrix)), None)
    if matrix is not None:
        return -0.5, len(matrix.column_names if name == "x" else matrix.row_names) - 0.5
    if axis.categories:
        return -0.5, len(axis.categories) - 0.5
    log = axis.spacing == "log"
    loose: list[Array] = []
    snug: list[Array] = []
    for mark in panel.marks:
        for values, is_snug in _reach(mark, name):
            finite = np.asarray(values, dtype=np.float64).ravel()
            finite = finite[np.isfinite(finite) & ((finite > 0) | (not log))]
            (snug if is_snug else loose).append(finite)
    low, high = levels.shared_range([*loose, *snug])
    if not any(len(values) for values in (*loose, *snug)):
        low, high = (0.1, 1.0) if log else (0.0, 1.0)
        snug.append(np.array([low, high]))
    tight_low, tight_high = levels.shared_range(snug) if any(map(len, snug)) else (math.inf, -math.inf)
    wanted = _with_air(low, high, tight_low <= low, tight_high >= high, log)
    low = wanted[0] if axis.low is None else axis.low
    high = wanted[1] if axis.high is None else axis.high
    return (low, high) if low < high else (low, low + 1.0) if axis.high is None else (high - 1.0, high)


def _with_air(low: float, high: float, tight_low: bool, tight_high: bool, log: bool) -> Range:
    """The ends with a little room, but for those where the drawing itself ends."""
    if low == high:
        return (low / 2, high * 2) if log else (low - 0.5 * (not tight_low or low != 0), high + 0.5)
    if log:
        air = (high / low) ** _AIR
        return low / (1 if tight_low else air), high * (1 if tight_high else air)
    air = _AIR * (high - low)
    return low - (0 if tight_low else air), high + (0 if tight_high else air)


def _reach(mark: Mark, name: str) -> Iterator[tuple[Any, bool]]:
    """What a mark needs of an axis, and whether the axis may end right there."""
    x = name == "x"
    if isinstance(mark, Line):
        yield (mark.x, True) if x else (mark.y, False)
    elif isinstance(mark, Band):
        yield (mark.x, True) if x else (np.concatenate([mark.low, mark.high]), False)
    elif isinstance(mark, Steps):
        if x:
            yield mark.edges, True
        else:
            yield mark.heights, False
            yield [0.0], True
    elif isinstance(mark, Spans):
        half = spacing_of(mark.at) / 2
        yield (
            (np.concatenate([mark.at - half, mark.at + half]), True)
            if x
            else (
                np.concatenate([mark.low, mark.high]),
                False,
            )
        )
    elif isinstance(mark, Bars):
        if x != mark.horizontal:
            half = spacing_of(mark.at) / 2
            yield np.concatenate([mark.at - half, mark.at + half]), True
        else:
            errors = np.nan_to_num(mark.errors) if mark.errors is not None else 0
            yield np.concatenate([mark.heights - errors, mark.heights + errors]), False
            yield [0.0], True
    elif isinstance(mark, (Dots, Note)):
        yield (mark.x if x else mark.y), False
    elif isinstance(mark, Arrows):
        yield 1.12 * np.append(mark.x if x else mark.y, 0.0), False
    elif isinstance(mark, Circle):
        centre = mark.x if x else mark.y
        yield [centre - mark.radius, centre + mark.radius], False
    elif isinstance(mark, Rule) and mark.across == name:
        yield [mark.at], False


def spacing_of(at: Array) -> float:
    """The distance between neighbouring places; 1 for a single one."""
    places = np.unique(at[np.isfinite(at)])
    return float(np.diff(places).min()) if len(places) > 1 else 1.0


def side_by_side(panel: Panel, mark: Bars | Spans) -> tuple[float, float]:
    """Where a bar starts, measured from its place, and its width, so that all marks of its kind fit."""
    same = [other for other in panel.marks if type(other) is type(mark)]
    room = min(spacing_of(other.at) for other in same)
    width = 0.8 * room / len(same)
    i = next(i for i, other in enumerate(same) if other is mark)
    return i * width - 0.4 * room, width


def ticks(axis: Axis, ends: Range) -> list[tuple[float, str]]:
    """Places of ticks with their texts, without unit, within the ends of the axis."""
    low, high = ends
    if axis.ticks:
        return [(at, text) for at, text in axis.ticks if low <= at <= high]
    if axis.categories:
        return [(float(i), text) for i, text in enumerate(axis.categories)]
    if axis.spacing == "log":
        return levels.log_ticks(low, high)
    if axis.unit == "°" and (step := degree_step(ends)):
        places = range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
        return [(float(i * step), levels.number_text(i * step)) for i in places]
    return levels.ticks(np.array([low, high]))


def degree_step(ends: Range, most: int = 7) -> int | None:
    """A step of degrees that divides a turn evenly, at most so many; None where ordinary ticks are finer."""
    span = ends[1] - ends[0]
    return next((step for step in _DEGREES if span / step <= most), None) if span > 20 else None


def suffix(axis: Axis) -> str:
    """The unit as it stands behind a number."""
    return {"°": "°", "%": " %"}.get(axis.unit, "")


def axis_title(axis: Axis) -> str:
    """The title, with a unit that is not behind the numbers."""
    return f"{axis.title} ({axis.unit})" if axis.unit and not suffix(axis) and axis.title else axis.title


def text_width(text: str, size: float) -> float:
    """About how wide a text is, in the unit of its size; on the safe side for the fonts in use."""
    narrow = sum(c in "iljtfrI.,:;'|()[] " for c in text)
    wide = sum(c in "mwMW%—" or c.isupper() for c in text)
    return size * (0.36 * narrow + 0.74 * wide + 0.6 * (len(text) - narrow - wide))


def rows_for(places: Sequence[float], widths: Sequence[float], gap: float = 10.0) -> list[int]:
    """The row, counted from 0, of each label centred at its place so that none covers another."""
    rows = [0] * len(places)
    taken: list[list[Range]] = []
    for i in sorted(range(len(places)), key=lambda i: places[i]):
        start, end = places[i] - widths[i] / 2 - gap, places[i] + widths[i] / 2
        row = next(
            (r for r, spans in enumerate(taken) if all(end < a or start > b for a, b in spans)), len(taken)
        )
        if row == len(taken):
            taken.append([])
        taken[row].append((start + gap, end))
        rows[i] = row
    return rows


def wrapped(text: str, width: float, size: float) -> list[str]:
    """A text in lines of at most a width, broken between words."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def shortened(text: str, width: float, size: float) -> str:
    """A text, or as much of its beginning as fits into a width."""
    if text_width(text, size) <= width:
        return text
    fits = next((n for n in range(len(text), 1, -1) if text_width(text[:n] + "…", size) <= width), 1)
    return text[:fits].rstrip() + "…"


def outline(mark: Steps, base: float = 0.0) -> tuple[Array, Array]:
    """The corners of a histogram, from the base and back to it: x and y, [2·B + 2]."""
    x = np.repeat(mark.edges, 2)
    y = np.concatenate([[base], np.repeat(mark.heights, 2), [base]])
    return x, y


def finite_parts(*arrays: Array) -> list[slice]:
    """The stretches where all of the arrays [n] are finite."""
    good = np.isfinite(np.stack([np.asarray(a, dtype=np.float64) for a in arrays])).all(axis=0)
    steps = np.diff(np.concatenate([[0], good.astype(int), [0]]))
    return [slice(a, b) for a, b in zip(np.flatnonzero(steps == 1), np.flatnonzero(steps == -1), strict=True)]


def in_range(value: float, ends: Range, log: bool) -> float:
    """Where a value stands on an axis, as a share of its length."""
    low, high = ends
    if log:
        return math.log(value / low) / math.log(high / low) if value > 0 else 0.0
    return (value - low) / (high - low)


def last_finite(y: Array, log: bool) -> float | None:
    """The height at which a line ends."""
    good = y[np.isfinite(y) & ((y > 0) | (not log))]
    return float(good[-1]) if len(good) else None


def same_everywhere(names: Sequence[Sequence[str]]) -> bool:
    """Whether a name stands in more than one panel."""
    return any(set(a) & set(b) for a, b in itertools.combinations(names, 2))


def label_sides(
    panel: Panel, mark: Dots, ends: tuple[Range, Range], room: tuple[float, float]
) -> list[label_layout.Side]:
    """Where the texts of dots stand, so that they cover neither texts nor dots; room in pixels."""
    logs = (panel.x.spacing == "log", panel.y.spacing == "log")

    def at(x: float, y: float) -> tuple[float, float]:
        return in_range(x, ends[0], logs[0]) * room[0], in_range(y, ends[1], logs[1]) * room[1]

    def placed(dots: Dots) -> list[tuple[float, float]]:
        return [at(x, y) for x, y in zip(dots.x.tolist(), dots.y.tolist(), strict=True)]

    others = [m for m in panel.marks if isinstance(m, Dots) and m is not mark]
    notes = [m for m in panel.marks if isinstance(m, Note)]
    return label_layout.sides(
        placed(mark),
        [text_width(text, 13) for text in mark.texts],
        room,
        others=[place for m in others for place in placed(m)],
        texts=[(*at(m.x, m.y), text_width(m.text, 13), m.anchor) for m in notes],
    )


def dot_count(panel: Panel) -> int:
    """The points of a panel."""
    return sum(len(mark.x) for mark in panel.marks if isinstance(mark, (Dots, Dots3)))


def dot_size(mark: Dots | Dots3, count: int) -> float:
    """The diameter of dots in pixels: smaller among many, so that they do not hide each other."""
    return mark.size if mark.size is not None else min(10.0, 6.0 * (500 / max(count, 30)) ** 0.22)


def value_scales(chart: Chart) -> list[ValueScale]:
    """The scales of numbers that colour dots, each once."""
    marks = (m for panel in chart.panels for m in panel.marks if isinstance(m, (Dots, Dots3)))
    return list(dict.fromkeys((m.value_title, m.value_spacing) for m in marks if m.values is not None))


def value_places(mark: Dots | Dots3) -> Array:
    """The numbers of dots as places on their scale: log₁₀ on a logarithmic one, NaN where there is none."""
    values = np.asarray(mark.values, dtype=np.float64)
    if mark.value_spacing == "linear":
        return values
    return np.log10(np.where(values > 0, values, np.nan))


def value_ends(chart: Chart, scale: ValueScale) -> Range:
    """The ends of a scale, as places on it."""
    marks = (m for panel in chart.panels for m in panel.marks if isinstance(m, (Dots, Dots3)))
    own = [m for m in marks if m.values is not None and (m.value_title, m.value_spacing) == scale]
    low, high = levels.shared_range([value_places(m) for m in own])
    return (low, high) if low < high else (low - 0.5, low + 0.5)


def value_ticks(chart: Chart, scale: ValueScale) -> list[tuple[float, str]]:
    """Places on a scale with their texts."""
    low, high = value_ends(chart, scale)
    if scale[1] == "linear":
        return levels.ticks(np.array([low, high]))
    return [(math.log10(at), text) for at, text in levels.log_ticks(10**low, 10**high)]
