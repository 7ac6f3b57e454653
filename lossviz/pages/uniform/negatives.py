"""Type I and type II negatives (002 Fig. 3), without and with the learned bias."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lossviz.figures.chart import Axis, Chart, Dash, Mark, Panel, RoleColor, Rule, Steps
from lossviz.figures.table import Column, Table
from lossviz.metrics import separation
from lossviz.metrics.vectors import mean_of_finite
from lossviz.pages.uniform import metric_sample, ranges, scores
from lossviz.pages.uniform.metric_sample import MetricSample
from lossviz.pages.uniform.ranges import NEGATIVE, POSITIVE
from lossviz.pages.uniform.view import UniformSettings
from lossviz.pages.uniform.words import number, percent
from lossviz.readings.identity_cache import once
from lossviz.readings.reading import Array, Reading

BINS = 60


def class_of(readings: Sequence[Reading], view: UniformSettings) -> int:
    """The class of the view, or the last one there is."""
    return min(view.of_class, len(readings[0].classes) - 1)


def there(readings: Sequence[Reading], view: UniformSettings) -> list[Reading]:
    """The runs that have a sample to show."""
    return [reading for reading in readings if len(metric_sample.of(reading, view, True).labels)]


def _rows(readings: Sequence[Reading], view: UniformSettings) -> list[tuple[MetricSample, ...]]:
    """The samples of each run without and with the learned bias; one if it changes nothing shown."""
    if view.softmax or not any(map(scores.acts, readings)):
        return [(metric_sample.of(reading, view, True),) for reading in readings]
    return [
        (metric_sample.of(reading, view, False), metric_sample.of(reading, view, True))
        for reading in readings
    ]


def own_axes(readings: Sequence[Reading], view: UniformSettings) -> bool:
    """True if each run has an axis of its own, with the learned bias and without."""
    return any(metric_sample.own_of(column, view) for column in zip(*_rows(readings, view), strict=True))


def chart(readings: Sequence[Reading], view: UniformSettings) -> Chart:
    """The metrics of one class: positive, type I and type II, a row a run."""
    k, rows = class_of(readings, view), _rows(readings, view)
    columns, own = list(zip(*rows, strict=True)), own_axes(readings, view)
    panels = [
        _panel(
            part,
            k,
            metric_sample.axis(part, column, own),
            metric_sample.title(view, biased or view.softmax),
            biased,
        )
        for row in rows
        for biased, part, column in zip((False, True), row, columns, strict=False)
    ]
    return Chart(
        tuple(panels),
        alt(readings, view),
        columns=len(columns),
        height=220 if len(readings) < 2 else 120 if len(readings) < 3 else 90,
        legend="top",
        classes=readings[0].classes,
    )


def _panel(part: MetricSample, k: int, ends: tuple[float, float], title: str, biased: bool) -> Panel:
    found, edges = _of_class(part, k), np.linspace(*ends, BINS + 1)
    marks: list[Mark] = []
    for values, color, name, filled in (
        (found.type_one, NEGATIVE, "type I negatives", True),
        (found.type_two, NEGATIVE, "type II negatives", False),
        (found.positive, POSITIVE, "positive metrics", True),
    ):
        counts, _ = np.histogram(values, edges)
        shares = 100 * counts / max(1, len(values))
        marks.append(Steps(edges, shares, color, name, filled, "solid" if filled else "dashed"))
    marks += _rules(part, k)
    name, x = part.reading.name + ", with bias" * biased, Axis(title, low=ends[0], high=ends[1])
    note = f"n = {len(found.positive):,} of class {part.reading.classes[k]}"
    return Panel(tuple(marks), name, x, Axis("share", "%"), note=note)


def _rules(part: MetricSample, k: int) -> list[Mark]:
    made: list[Mark] = []
    lines: tuple[tuple[str, Array | None, Dash], ...] = (
        ("t*", part.best, "solid"),
        ("learned", part.bias, "dashed"),
    )
    for what, values, dash in lines:
        if values is not None:
            at = float(values[0 if len(values) == 1 else k])
            made.append(Rule(at, "x", RoleColor("text"), f"{what} {part.at(at)}", dash))
    return made


def _of_class(part: MetricSample, k: int) -> separation.ClassMetrics:
    return once(
        ("class", k), (part.metrics, part.labels), lambda: separation.of_class(part.metrics, part.labels, k)
    )


def all_classes(readings: Sequence[Reading], view: UniformSettings) -> Chart:
    """The ranges of all classes, three panels a run as in 002 Fig. 3: type I, type II, type I with bias."""
    rows = _rows(readings, view)
    columns, own = list(zip(*rows, strict=True)), own_axes(readings, view)
    panels = []
    for row in rows:
        looks: list[tuple[int, separation.Kind, str]] = [(0, "I", "type I"), (0, "II", "type II")]
        if len(row) > 1:
            looks.append((1, "I", "type I, with bias"))
        for place, kind, words in looks:
            part = row[place]
            low, high = metric_sample.axis(part, columns[place], own)
            bars = ranges.spans(ranges.ranges_of(part, kind), part.reading.classes)
            panels.append(
                Panel(
                    (*bars, *metric_sample.rules(part, "y")),
                    f"{part.reading.name}: {words}",
                    metric_sample.class_axis(part.reading.classes),
                    Axis("metric", low=low, high=high),
                    note=part.note,
                )
            )
    return Chart(
        tuple(panels),
        ranges.alt([row[0] for row in rows]),
        columns=1 + len(columns),
        height=150,
        legend="top",
        classes=readings[0].classes,
    )


def split_title(readings: Sequence[Reading]) -> str:
    """The title of the table."""
    return "What the learned threshold and t* split" if scores.learned(readings) else "What t* splits"


def table(readings: Sequence[Reading], view: UniformSettings) -> Table:
    """Shares of either type of negatives below the learned bias and t*, in the class and in all."""
    k = class_of(readings, view)
    made = [part for part in (metric_sample.of(r, view, True) for r in readings) if len(part.labels)]
    columns = [Column("run", tuple(part.reading.name for part in made), kind="text")]
    kinds: tuple[separation.Kind, ...] = ("I", "II")
    lines = (("learned threshold", "bias"), ("t*", "best"))
    for words, line in lines if scores.learned(readings) else lines[1:]:
        for kind in kinds:
            shares = [_shares(part, getattr(part, line), kind) for part in made]
            of = f"class {readings[0].classes[k]}"
            if kind == "I":
                above = np.array([s[0][k] for s in shares])
                columns.append(Column(f"positives above {words}, {of}", above, kind="percent"))
            below = np.array([s[1][k] for s in shares])
            columns.append(Column(f"type {kind} at or below {words}, {of}", below, kind="percent"))
            every = np.array([mean_of_finite(s[1]) for s in shares])
            columns.append(Column(f"type {kind} at or below {words}, mean of classes", every, kind="percent"))
    return Table(
        split_title(readings),
        tuple(columns),
        note=f"Metrics{' with bias' if any(map(scores.acts, readings)) else ''}; "
        f"{metric_sample.images_text(readings, view)}",
    )


def _shares(part: MetricSample, line: Array | None, kind: separation.Kind) -> tuple[Array, Array]:
    classes = part.metrics.shape[1]
    if line is None:
        return np.full(classes, np.nan), np.full(classes, np.nan)
    key = ("split", kind, line.tobytes())
    return once(
        key, (part.metrics, part.labels), lambda: separation.shares_at(part.metrics, part.labels, line, kind)
    )


def alt(readings: Sequence[Reading], view: UniformSettings) -> str:
    """The key values of the class, in words."""
    k = class_of(readings, view)
    said = []
    for reading in readings:
        part = metric_sample.of(reading, view, True)
        if not len(part.labels):
            said.append(f"{reading.name}: no sample is classified right")
            continue
        found = _of_class(part, k)
        said.append(
            f"{reading.name}: {len(found.positive):,} positives, smallest {_end(found.positive, np.min)}; "
            f"largest type I negative {_end(found.type_one, np.max)}, largest type II "
            f"{_end(found.type_two, np.max)}"
        )
    with_bias = ", with the learned bias" if any(map(scores.acts, readings)) else ""
    return f"Metrics of class {readings[0].classes[k]}{with_bias}. {'. '.join(said)}."


def _end(values: Array, which: Any) -> str:
    return number(float(which(values))) if len(values) else "none"


def notice(readings: Sequence[Reading], view: UniformSettings) -> str:
    """The numbers in sentences."""
    k, said = class_of(readings, view), []
    for reading in readings:
        part = metric_sample.of(reading, view, True)
        if part.bias is None or not len(part.labels):
            continue
        one, two = (_shares(part, part.bias, kind)[1][k] for kind in ("I", "II"))
        if np.isfinite(one) and np.isfinite(two):
            said.append(f"{reading.name} {percent(one)} of type I and {percent(two)} of type II")
    if not said:
        return ""
    return (
        f"At or below the learned threshold lie, of the negatives of class {readings[0].classes[k]}: "
        f"{'; '.join(said)}. Type I: metrics of its samples for other classes; type II: of other samples "
        "for it."
    )
