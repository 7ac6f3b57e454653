"""The sections of the page of important classes: a picture each, and the numbers of runs and classes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lossviz.pages.important import cost, plane
from lossviz.pages.important.view import ImportantSettings
from lossviz.readings import confusion_charts, important_classes, pairs
from lossviz.readings.section import Control, Fold, PageData, Part, Sections, Text
from lossviz.readings.view import setting
from lossviz.runs import RunStore

Data = PageData[ImportantSettings]
SECTIONS = Sections[Data]()
HOW = "Up: more of the important class is found. Right: more of all images are right. Lines: 95 % intervals."


def _of_plane(data: Data) -> tuple[str, ...]:
    return () if data.view.file else ("others", "paths")


@SECTIONS.add("plane", "Recall and accuracy", HOW, _of_plane)
def _plane(data: Data) -> Iterator[Part]:
    ids = {reading.run_id for reading in data.readings}
    shown = [run for run in data.runs if run.id in ids]
    asked = data.view.others and not data.view.file
    others = plane.siblings(RunStore().runs(), shown, data.runs) if asked else []
    yield "plane", plane.plane(data.readings, shown, others, data.important, data.view.paths)
    yield cost.notice(data.readings, data.runs, data.important)


@SECTIONS.add("classes", "Each class", HOW)
def _classes(data: Data) -> Iterator[Part]:
    yield "classes", important_classes.class_chart(data.readings, data.important)


@SECTIONS.add("confusion", "Confusion", HOW, lambda data: ["counts"])
def _confusion(data: Data) -> Iterator[Part]:
    yield "confusion", confusion_charts.confusion_chart(data.readings, data.important, data.view.counts)


def _of_difference(data: Data) -> Iterator[str | Control]:
    yield "counts"
    names = [reading.name for reading in data.readings]
    for name in ("first", "second"):
        now = min(data.view.get(name), len(names) - 1)
        yield Control(name, now=now, options=range(len(names)), words=names)


@SECTIONS.add("difference", "Difference", HOW, _of_difference, whole=True)
def _difference(data: Data) -> Iterator[Part]:
    """The change from one run's matrix to another's, where they were read on the same images."""
    before, after = confusion_charts.pair(data.readings, data.view.first, data.view.second)
    if why := confusion_charts.apart(before, after):
        yield Text(why, "info")
        return
    made = confusion_charts.difference_chart(before, after, data.important, data.view.counts)
    yield "difference", made
    heading = f"{after.name} against {before.name}."
    yield Text(confusion_charts.gains(before, after, data.important), bold=heading)


def numbers(data: Data) -> Iterator[Part]:
    """The tables under each section."""
    yield "runs", important_classes.run_table(data.readings, data.important)
    yield from pairs.parts(data.readings, data.important)
    yield Fold("Each class in numbers", lambda: [("classes", important_classes.class_table(data.readings))])


@dataclass(frozen=True)
class ImportantView(ImportantSettings):
    """The settings of the page."""

    section: str = setting("plane", "choice", "show", "what is shown", choices=SECTIONS.titles)
