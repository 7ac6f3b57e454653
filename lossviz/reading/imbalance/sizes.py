"""Class sizes of the training images, and how well classes of each size are recognised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossviz.figures.chart import Axis, Bars, Chart, Dots, Line, Panel, RunInk
from lossviz.figures.table import Column, Table
from lossviz.metrics import confusion
from lossviz.reading.important.classes import counts, whiskers
from lossviz.reading.important.classes import lacks as lacks_predictions
from lossviz.reading.reading import Reading
from lossviz.rounding import fixed, percent

Array = NDArray[Any]
# Runs on one class size stand side by side within this factor.
SIDE = 1.06
BALANCED = (
    "These runs were trained on balanced classes: all have about as many training images, so there is no "
    "small class to lose. What this page is about shows on a long tail."
)


def lacks(reading: Reading) -> str:
    """Why recall cannot be held against class sizes; "" where it can."""
    if wrong := lacks_predictions(reading):
        return wrong
    if reading.train_counts is None:
        return (
            "how many images of each class it was trained on is not known: put train_counts [K] into the "
            "file, or choose all test images, which looks them up"
        )
    return ""


def sizes(reading: Reading) -> Array:
    """The training images of each class, [K]."""
    assert reading.train_counts is not None
    return np.asarray(reading.train_counts)


def balanced(readings: Sequence[Reading]) -> bool:
    """Whether no run has seen one class one and a half times as often as another."""
    return all(confusion.imbalance_ratio(sizes(reading)) < 1.5 for reading in readings)


def size_chart(readings: Sequence[Reading], log: bool) -> Chart:
    """Training images of each class (003 Fig. 2), once for each training set that differs."""
    panels: list[Panel] = []
    told = []
    sets: dict[bytes, list[Reading]] = {}
    for reading in readings:
        sets.setdefault(sizes(reading).tobytes(), []).append(reading)
    for alike in sets.values():
        reading, own = alike[0], sizes(alike[0])
        names = "; ".join(each.name for each in alike) if len(sets) > 1 else ""
        bars = Bars(np.arange(len(own)), own, inks=np.arange(len(own)), texts=tuple(f"{n:,}" for n in own))
        ratio = confusion.imbalance_ratio(own)
        panels.append(
            Panel(
                (bars,), names, Axis("class", categories=reading.classes),
                Axis("training images", spacing="log" if log and own.min() > 0 else "linear"),
                note=f"{int(own.sum()):,} training images, largest class {ratio:.3g} times the smallest",
            )
        )  # fmt: skip
        told.append(f"{'; '.join(each.name for each in alike)}: {', '.join(f'{n:,}' for n in own)}")
    return Chart(
        tuple(panels), alt="Training images of each class. " + ". ".join(told) + ".", shared_y=True,
        legend="none", classes=readings[0].classes,
    )  # fmt: skip


def recall_chart(readings: Sequence[Reading], log: bool) -> Chart:
    """Recall of each class, with its interval, against its number of training images."""
    marks: list[Any] = []
    least, most = min(sizes(r).min() for r in readings), max(sizes(r).max() for r in readings)
    # Never further apart than a twentieth of the picture.
    side = min(SIDE, (most / least) ** (0.05 / len(readings))) if least > 0 else 1.0
    for n, reading in enumerate(readings):
        own, table = sizes(reading), counts(reading)
        place = own * side ** (n - (len(readings) - 1) / 2) if log and own.min() > 0 else own.astype(float)
        recall = 100 * confusion.recall(table)
        low, high = (100 * end for end in confusion.recall_interval(table))
        order = np.argsort(own, kind="stable")
        hover = tuple(
            f"{name}, {reading.name}: recall {fixed(r)} % ({fixed(a)} to {fixed(b)} %) "
            f"after {s:,} training images"
            for name, r, a, b, s in zip(reading.classes, recall, low, high, own, strict=True)
        )
        marks += [
            Line(place[order], recall[order], RunInk(n), reading.name, width=1.2),
            whiskers(place, low, high, n),
            Dots(place, recall, RunInk(n), hover=hover, size=7),
        ]
    spacing = "log" if log and min(sizes(r).min() for r in readings) > 0 else "linear"
    apart = " (runs moved apart a little)" if spacing == "log" and len(readings) > 1 else ""
    ends = (0.75 * least, 1.3 * most) if spacing == "log" else (None, None)
    x = Axis(f"training images of the class{apart}", spacing=spacing, low=ends[0], high=ends[1])  # type: ignore[arg-type]
    return Chart(
        (Panel(tuple(marks), "", x, Axis("recall", "%"), note=readings[0].of),),
        alt="Recall against class size. " + " ".join(map(_group_text, readings)),
        height=400,
        classes=readings[0].classes,
    )


def groups(reading: Reading) -> tuple[confusion.SizeGroup, ...]:
    """The classes in three groups by size, the largest first."""
    return confusion.recall_by_size(counts(reading), sizes(reading))


def _group_text(reading: Reading) -> str:
    told = ", ".join(
        f"{percent(g.recall)} for classes of {_range(g)} training images" for g in groups(reading)
    )
    return f"{reading.name}: recall {told}."


def _range(group: confusion.SizeGroup) -> str:
    if group.smallest == group.largest:
        return f"{group.smallest:,}"
    return f"{group.smallest:,} to {group.largest:,}"


def summary(readings: Sequence[Reading]) -> Table:
    """Accuracy, balanced accuracy and the recall of large, middle and small classes."""
    tables = [counts(reading) for reading in readings]
    columns = [
        Column("run", tuple(reading.name for reading in readings), kind="text"),
        Column("accuracy", np.array([confusion.accuracy(t) for t in tables]), kind="percent", best="high"),
        Column(
            "balanced accuracy", np.array([confusion.balanced_accuracy(t) for t in tables]), kind="percent",
            best="high",
        ),
    ]  # fmt: skip
    several = [groups(reading) for reading in readings]
    most = max(map(len, several))
    names = {1: ("all",), 2: ("large", "small"), 3: ("large", "middle", "small")}[most]
    for place, name in enumerate(names):
        values = np.array([g[place].recall if place < len(g) else np.nan for g in several])
        ranges = {_range(g[place]) for g in several if place < len(g)}
        what = f"{name} classes ({ranges.pop()} images)" if len(ranges) == 1 else f"{name} classes"
        columns.append(Column(f"recall of {what}", values, kind="percent", best="high"))
    return Table("Accuracy and recall by class size", tuple(columns), note=readings[0].of)


def notice(readings: Sequence[Reading]) -> str:
    """What the numbers say, in a sentence or two."""
    if balanced(readings):
        return BALANCED
    small = [groups(reading)[-1] for reading in readings]
    large = [100 * groups(reading)[0].recall for reading in readings]
    told = ", ".join(
        f"{percent(g.recall)} ({reading.name})" for reading, g in zip(readings, small, strict=True)
    )
    least, most = fixed(min(large)), fixed(max(large))
    ends = f"{least} %" if least == most else f"{least} to {most} %"
    return (
        f"Of the classes with {_range(small[0])} training images is recognised: {told}. "
        f"Of the largest classes: {ends}."
    )
