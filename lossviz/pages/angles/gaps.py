"""The angular gaps between neighbouring classes around the circle, and the room of the important ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lossviz.core.text import fixed
from lossviz.figures.chart import Axis, Bars, Chart, Mark, Note, Panel, RoleColor, Rule
from lossviz.figures.table import Column, Table
from lossviz.metrics.circle import Gaps
from lossviz.pages.angles import labels, measures
from lossviz.readings.reading import Array, Reading

MOST_NUMBERS = 16  # gaps of a run that are written, not only drawn
# Classes whose gap is below both this angle and this share of the mean gap point the same way.
MERGED, MERGED_SHARE = math.radians(1), 0.05


def gap_chart(
    readings: Sequence[Reading], important: Sequence[int], between: str, right: bool = False
) -> Chart:
    """The gaps in their order around the circle, the first important class in the middle."""
    last = len(readings) - 1
    top = math.degrees(max(measures.gaps(r, between, right).gaps.max(initial=0.0) for r in readings))
    panels = [_gaps(r, important, between, right, top, n == last) for n, r in enumerate(readings)]
    return Chart(
        tuple(panels),
        alt="Gaps between neighbouring classes around the circle. "
        + " ".join(gap_text(reading, important, between, right) for reading in readings),
        columns=1 if len(panels) <= 3 else 2,
        shared_y=True,
        height=max(88, 320 // len(panels)) if len(panels) <= 3 else 110,
        legend="ends",
        classes=readings[0].classes,
    )


def _gaps(
    reading: Reading, important: Sequence[int], between: str, right: bool, top: float, last: bool
) -> Panel:
    found = measures.gaps(reading, between, right)
    order, sizes = _turned(found, important[0] if important else -1)
    following, degrees, names = np.roll(order, -1), np.degrees(sizes), reading.classes
    pairs = tuple(
        f"{labels.short(names[a])}–{labels.short(names[b])}" for a, b in zip(order, following, strict=True)
    )
    hover = tuple(f"{pair}: {fixed(gap)}°" for pair, gap in zip(pairs, degrees, strict=True))
    touched = [next((k for k in pair if k in important), -1) for pair in zip(order, following, strict=True)]
    marks: list[Mark] = []
    # A gap lies between two classes and has the colour of neither, unless one is important.
    for k in sorted(set(touched)):
        at = np.flatnonzero(np.array(touched) == k)
        told = tuple(hover[i] for i in at)
        color = RoleColor("border") if k < 0 else labels.color(k, important)
        marks.append(Bars(at, degrees[at], color, hover=told))
    if len(sizes) <= MOST_NUMBERS:
        # The numbers stand in one row above all bars, so that the line of the mean does not cross them.
        marks += [Note(i, 1.13 * top, f"{gap:.0f}°", "center") for i, gap in enumerate(degrees.tolist())]
    mean = math.degrees(found.mean)
    if math.isfinite(mean):
        marks.append(Rule(mean, "y", RoleColor("text"), f"mean {fixed(mean)}°"))
    of = measures.sample(reading, right) if between == "means" else reading.of
    title = "neighbours around the circle" if last else ""
    return Panel(
        tuple(marks),
        reading.name,
        Axis(title, categories=pairs),
        Axis("gap", "°", low=0, high=1.25 * top),
        note=of,
    )


def _turned(found: Gaps, k: int) -> tuple[Array, Array]:
    """Order and gaps, turned so that class k stands in the middle with a gap on either side."""
    places = np.flatnonzero(found.order == k)
    if not len(places):
        return found.order, found.gaps
    shift = len(found.order) // 2 - int(places[0])
    return np.roll(found.order, shift), np.roll(found.gaps, shift)


def gap_text(reading: Reading, important: Sequence[int], between: str, right: bool = False) -> str:
    """The gaps beside the important classes of one run, as a sentence."""
    found = measures.gaps(reading, between, right)
    told = [
        f"class {reading.classes[k]} has {fixed(math.degrees(found.before[k]))}° and "
        f"{fixed(math.degrees(found.after[k]))}° to its neighbours, "
        f"{fixed(found.relative[k], 2)} of the mean gap"
        for k in important
        if math.isfinite(found.relative[k])
    ]
    return f"{reading.name}: {'; '.join(told) or 'the important classes have no direction'}."


def gap_table(
    readings: Sequence[Reading], important: Sequence[int], between: str, right: bool = False
) -> Table:
    """The gaps beside each important class under each run, against the mean gap."""
    rows: list[tuple[Any, ...]] = []
    for reading in readings:
        found = measures.gaps(reading, between, right)
        names, order = reading.classes, found.order.tolist()
        for k in important:
            if k not in order:
                continue
            place = order.index(k)
            rank = 1 + int((found.relative > found.relative[k] + 1e-12).sum())
            before, after = names[order[place - 1]], names[order[(place + 1) % len(order)]]
            gaps = found.before[k], found.after[k]
            rows.append((reading.name, names[k], before, gaps[0], after, gaps[1], found.relative[k], rank))
    columns = list(zip(*rows, strict=True)) or [()] * 8
    of = "mean features" if between == "means" else "class weights"
    return Table(
        f"Gaps between {of} beside the important classes",
        (
            Column("run", columns[0]),
            Column("class", columns[1]),
            Column("before it", columns[2]),
            Column("gap before", np.array(columns[3]), kind="angle"),
            Column("after it", columns[4]),
            Column("gap after", np.array(columns[5]), kind="angle"),
            Column("both, over mean gap", np.array(columns[6]), kind="number", digits=2, best="high"),
            Column("rank by width", np.array(columns[7]), kind="count"),
        ),
        note=measures.samples(readings, right and between == "means"),
    )


def room_text(
    readings: Sequence[Reading], important: Sequence[int], between: str, right: bool = False
) -> str:
    """The gaps beside the important classes under each run, and the run with the widest."""
    found = []
    for reading in readings:
        relative = measures.gaps(reading, between, right).relative
        values = [relative[k] for k in important if math.isfinite(relative[k])]
        if values:
            found.append((reading.name, sum(values) / len(values)))
    if not found:
        return ""
    who = labels.group(readings[0].classes, important)
    of = "mean feature" if between == "means" else "weight"
    told = ", ".join(f"{name} {fixed(value, 2)}" for name, value in found)
    start = f"The gaps beside the {of} of {who}, over the mean gap"
    if len(found) == 1:
        return f"{start}: {fixed(found[0][1], 2)}."
    widest = max(found, key=lambda pair: pair[1])
    if sum(fixed(value, 2) == fixed(widest[1], 2) for _, value in found) > 1:
        return f"{start}: {told}."
    return f"{start}, are the widest under {widest[0]}: {told}."


def merged_text(readings: Sequence[Reading], between: str, right: bool = False) -> str:
    """Runs in which neighbouring classes share a direction."""
    told = []
    for reading in readings:
        found = measures.gaps(reading, between, right)
        limit = min(MERGED, MERGED_SHARE * found.mean)
        near = int((found.gaps < limit).sum())
        if near:
            told.append(
                f"{reading.name}: {near} of {len(found.gaps)} gaps are below {math.degrees(limit):.2g}°, "
                "those classes share a direction."
            )
    return " ".join(told)
