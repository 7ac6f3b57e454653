"""Class sizes of the training images, and how well classes of each size are recognised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lossviz.core.text import fixed, percent
from lossviz.figures.chart import Axis, Bars, Chart, Dots, Line, Panel, RunColor
from lossviz.figures.table import Column, Table
from lossviz.metrics import confusion
from lossviz.readings import images
from lossviz.readings.important_classes import counts, whiskers
from lossviz.readings.important_classes import lacks as lacks_predictions
from lossviz.readings.reading import Array, Reading

# Runs on one class size stand side by side within this factor.
SIDE = 1.06
FEW = 3  # runs whose changes are in the sentence


def lacks(reading: Reading) -> str:
    """The reason why recall cannot be held against class sizes; "" where it can."""
    if wrong := lacks_predictions(reading):
        return wrong
    if reading.train_counts is None:
        how = (
            "choose all test images, which looks them up"
            if reading.run_id
            else "put train_counts [K] into it"
        )
        return f"how many images of each class it was trained on is not known: {how}"
    return ""


def sizes(reading: Reading) -> Array:
    """The training images of each class, [K]."""
    assert reading.train_counts is not None
    return np.asarray(reading.train_counts)


def balanced(readings: Sequence[Reading]) -> bool:
    """True if no run has seen one class one and a half times as often as another."""
    return all(confusion.imbalance_ratio(sizes(reading)) < 1.5 for reading in readings)


def evenly_trained(readings: Sequence[Reading]) -> str:
    """A sentence that there is no small class, with the sizes."""
    own = np.concatenate([sizes(reading) for reading in readings])
    return (
        f"The classes were trained on {_between(own.min(), own.max())} images each, so there is no small "
        "class to lose. What this page is about shows on a long tail."
    )


def evenly_tested(readings: Sequence[Reading]) -> bool:
    """True if all classes have as many of the images that were read: accuracy is balanced accuracy then."""
    return all(len(set(counts(reading).sum(1).tolist())) == 1 for reading in readings)


def tested(readings: Sequence[Reading]) -> str:
    """The numbers of images read of the classes, as a sentence."""
    own = np.concatenate([counts(reading).sum(1) for reading in readings])
    if evenly_tested(readings) and own.min() == own.max():
        count = f"{int(own[0]):,} image{'' if own[0] == 1 else 's'}"
        return f"Every class was tested on {count}, so accuracy counts each as much."
    return (
        f"The classes were tested on {_between(own.min(), own.max())} images each: balanced accuracy counts "
        "each class as much, accuracy each image."
    )


def _between(low: float, high: float) -> str:
    return f"{int(low):,}" if low == high else f"{int(low):,} to {int(high):,}"


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
        bars = Bars(np.arange(len(own)), own, classes=np.arange(len(own)), texts=tuple(f"{n:,}" for n in own))
        ratio = confusion.imbalance_ratio(own)
        note = f"{int(own.sum()):,} training images, largest class {ratio:.3g} times the smallest"
        x = Axis("class", categories=reading.classes)
        y = Axis("training images", spacing="log" if log and own.min() > 0 else "linear")
        panels.append(Panel((bars,), names, x, y, note=note))
        told.append(f"{'; '.join(each.name for each in alike)}: {', '.join(f'{n:,}' for n in own)}")
    return Chart(
        tuple(panels),
        alt="Training images of each class. " + ". ".join(told) + ".",
        shared_y=True,
        legend="none",
        classes=readings[0].classes,
    )


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
            Line(place[order], recall[order], RunColor(n), reading.name, width=1.2),
            whiskers(place, low, high, n),
            Dots(place, recall, RunColor(n), hover=hover, size=7),
        ]
    spacing = "log" if log and min(sizes(r).min() for r in readings) > 0 else "linear"
    apart = " (runs moved apart a little)" if spacing == "log" and len(readings) > 1 else ""
    ends = (0.75 * least, 1.3 * most) if spacing == "log" else (None, None)
    x = Axis(f"training images of the class{apart}", spacing=spacing, low=ends[0], high=ends[1])  # type: ignore[arg-type]
    return Chart(
        (Panel(tuple(marks), "", x, Axis("recall", "%"), note=images.note(readings)),),
        alt="Recall against class size. " + " ".join(map(_group_text, readings)),
        height=400,
        classes=readings[0].classes,
    )


def groups(reading: Reading) -> tuple[confusion.SizeGroup, ...]:
    """The classes in three groups by size, the largest first."""
    return confusion.recall_by_size(counts(reading), sizes(reading))


def smallest(readings: Sequence[Reading]) -> tuple[int, ...]:
    """The classes of the last group by size, where all runs were trained on these sizes and sizes differ;
    else none."""
    own = [groups(reading)[-1].classes for reading in readings]
    alike = all(np.array_equal(sizes(reading), sizes(readings[0])) for reading in readings)
    return tuple(sorted(own[0])) if alike and not balanced(readings) else ()


def _group_text(reading: Reading) -> str:
    told = ", ".join(f"{percent(g.recall)} for {_what(g)}" for g in groups(reading))
    return f"{reading.name}: recall {told}."


def _range(group: confusion.SizeGroup) -> str:
    return _between(group.smallest, group.largest)


def _what(group: confusion.SizeGroup) -> str:
    """ "the 3 classes with 59 to 165 training images", "the class with 1 training image"."""
    many = len(group.classes)
    images_ = f"{_range(group)} training image{'' if group.largest == 1 else 's'}"
    return f"the {many} classes with {images_}" if many > 1 else f"the class with {images_}"


def summary(readings: Sequence[Reading]) -> Table:
    """Accuracy and the recall of large, middle and small classes; balanced accuracy where it differs."""
    tables = [counts(reading) for reading in readings]
    accuracies = np.array([confusion.accuracy(t) for t in tables])
    columns = [
        Column("run", tuple(reading.name for reading in readings), kind="text"),
        Column("accuracy", accuracies, kind="percent", best="high"),
    ]
    if not evenly_tested(readings):
        balanced_ones = np.array([confusion.balanced_accuracy(t) for t in tables])
        columns.append(Column("balanced accuracy", balanced_ones, kind="percent", best="high"))
    several = [groups(reading) for reading in readings]
    most = max(map(len, several))
    names = {1: ("all",), 2: ("large", "small"), 3: ("large", "middle", "small")}[most]
    for place, name in enumerate(names):
        values = np.array([g[place].recall if place < len(g) else np.nan for g in several])
        ranges = {_range(g[place]) for g in several if place < len(g)}
        what = f"{name} classes ({ranges.pop()} images)" if len(ranges) == 1 else f"{name} classes"
        columns.append(Column(f"recall of {what}", values, kind="percent", best="high"))
    return Table("Accuracy and recall by class size", tuple(columns), note=images.note(readings))


def notice(readings: Sequence[Reading]) -> str:
    """The recall of the smallest classes and of the largest, in a few sentences."""
    if balanced(readings):
        return evenly_trained(readings)
    several = [groups(reading) for reading in readings]
    said = [_recalls([(reading, own[-1]) for reading, own in zip(readings, several, strict=True)])]
    if any(len(own) > 1 for own in several):
        said.append(_recalls([(reading, own[0]) for reading, own in zip(readings, several, strict=True)]))
    few, first, weighed = smallest(readings), readings[0], False
    for other in readings[1 : 1 + FEW] if few else ():
        if found := images.paired(first, other, few):
            told_apart = images.verdict({"their recall": found})
            said.append(
                f"Of the smallest classes under {other.name} against {first.name}, "
                f"{images.changes(found)}. {told_apart}"
            )
            weighed = True
    return " ".join([*said, images.ONE_RUN] if weighed else said)


def _recalls(found: Sequence[tuple[Reading, confusion.SizeGroup]]) -> str:
    """ "Recall of the 3 classes with 59 to 165 training images (600 test images): 84.0 % under A, …"."""
    shares: dict[str, list[str]] = {}
    for reading, own in found:
        told = f"{_what(own)} ({_tested(own)})"
        shares.setdefault(told, []).append(f"{percent(own.recall)} under {reading.name}")
    each = (f"{what}: {', '.join(told)}" for what, told in shares.items())
    return f"Recall of {'; of '.join(each)}."


def _tested(group: confusion.SizeGroup) -> str:
    return f"{int(group.samples):,} test image{'' if group.samples == 1 else 's'}"
