"""Confusion matrices, and what changes from one run's to another's (001 Fig. 4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from lossviz.core.names import shortened
from lossviz.core.text import fixed
from lossviz.figures.chart import Axis, Chart, Matrix, Panel
from lossviz.metrics import confusion
from lossviz.readings import images
from lossviz.readings.important_classes import counts
from lossviz.readings.reading import Reading

MOST_TEXTS = 12
MOST_LETTERS = 20
TRUE, TAKEN = Axis("true class"), Axis("taken for")


def confusion_chart(readings: Sequence[Reading], important: Sequence[int], in_counts: bool) -> Chart:
    """The confusion matrix of each run; the cells of important classes' recalls are framed."""
    shown = []
    for reading in readings:
        table = counts(reading)
        values = table if in_counts else 100 * confusion.shares(table)
        names, boxed = _short(reading.classes), tuple((k, k) for k in important)
        kind: Literal["counts", "share"] = "counts" if in_counts else "share"
        matrix = Matrix(values, names, names, kind, texts=_texts(values, in_counts), boxed=boxed)
        shown.append(Panel((matrix,), reading.name, TAKEN, TRUE, note=reading.of))
    return Chart(
        tuple(shown),
        alt="Confusion matrices. " + " ".join(map(_worst, readings)),
        columns=min(2, len(readings)),
        height=270,
        classes=readings[0].classes,
    )


def _short(names: Sequence[str]) -> tuple[str, ...]:
    """Names that fit beside a matrix."""
    return tuple(shortened(name, MOST_LETTERS) for name in names)


def _texts(values: Any, in_counts: bool) -> tuple[tuple[str, ...], ...] | None:
    """The texts of the cells: none for 0, and none at all where there is no room."""
    if len(values) > MOST_TEXTS:
        return None
    digits = 0 if in_counts else 1
    return tuple(tuple(fixed(v, digits, thousands=True) if v > 0 else "" for v in row) for row in values)


def difference_chart(before: Reading, after: Reading, important: Sequence[int], in_counts: bool) -> Chart:
    """The second run's confusion matrix less the first's."""
    change = confusion.difference(counts(before), counts(after))
    values: Any = change.counts if in_counts else 100 * change.shares
    names, boxed = _short(before.classes), tuple((k, k) for k in important)
    matrix = Matrix(values, names, names, "difference", boxed=boxed)
    title = f"{after.name} less {before.name}"
    return Chart(
        (Panel((matrix,), title, TAKEN, TRUE, note=images.note([before, after])),),
        alt=f"{title}. {gains(before, after, important)}",
        height=430,
        classes=before.classes,
    )


def apart(before: Reading, after: Reading) -> str:
    """The reason why two readings cannot be compared image by image; "" where they can."""
    if before is after:
        return "A difference takes two runs: choose another one beside it."
    if images.same(before, after):
        return ""
    return (
        f"{before.name} and {after.name} were read on different images ({before.of}; {after.of}), so their "
        "confusion matrices have no difference: choose two runs on the same images."
    )


def gains(before: Reading, after: Reading, important: Sequence[int]) -> str:
    """The gains of the important classes, and from which classes, as sentences."""
    change = confusion.difference(counts(before), counts(after)).counts
    told = []
    for k in important:
        off = np.delete(np.arange(len(change)), k)
        if not len(off):
            continue
        name = before.classes[k]
        found = images.paired(before, after, [k])
        said = f"Of class {name}: {images.changes(found)}" if found else ""
        gain = change[k, k]
        most = off[np.argmin(change[k, off])] if gain > 0 else off[np.argmax(change[k, off])]
        if gain and change[k, most]:
            way = "fewer" if gain > 0 else "more"
            said += f"; {abs(int(change[k, most])):,} {way} taken for {before.classes[most]}"
        told.append(f"{said}. Of other classes, {_more(int(change[off, k].sum()))} taken for {name}.")
    if whole := images.paired(before, after):
        told.append(f"Of all classes: {images.changes(whole)}.")
    return " ".join(told)


def _more(count: int) -> str:
    """ "2 more images are", "1 fewer image is", "as many images are"."""
    if not count:
        return "as many images are"
    kind = "image is" if abs(count) == 1 else "images are"
    return f"{abs(count):,} {'more' if count > 0 else 'fewer'} {kind}"


def _worst(reading: Reading) -> str:
    """The commonest confusion of a run, as a sentence."""
    table = counts(reading).copy()
    np.fill_diagonal(table, 0)
    if not table.any():
        return f"{reading.name}: nothing is confused."
    row, column = np.unravel_index(int(table.argmax()), table.shape)
    return (
        f"{reading.name}: most often {reading.classes[row]} is taken for {reading.classes[column]}, "
        f"{'once' if table[row, column] == 1 else f'{int(table[row, column]):,} times'}."
    )


def pair(readings: Sequence[Reading], first: int, second: int) -> tuple[Reading, Reading]:
    """The two readings to compare, as far as there are so many."""
    last = len(readings) - 1
    return readings[min(first, last)], readings[min(second, last)]
