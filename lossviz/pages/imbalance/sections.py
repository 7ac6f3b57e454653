"""The sections of the page of imbalance: a picture each, and the numbers of runs by class size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lossviz.pages.imbalance import maps, sizes
from lossviz.pages.imbalance.view import ImbalanceSettings
from lossviz.readings import confusion_charts, important_classes, pairs
from lossviz.readings.section import PageData, Part, Sections
from lossviz.readings.view import setting

Data = PageData[ImbalanceSettings]
SECTIONS = Sections[Data]()
HOW = "How well is each class recognised, against how many images it was trained on?"


def _of_recall(data: Data) -> tuple[str, ...]:
    return () if sizes.balanced(data.readings) else ("log",)


@SECTIONS.add("recall", "Recall by class size", HOW, _of_recall)
def _recall(data: Data) -> Iterator[Part]:
    if sizes.balanced(data.readings):
        # Classes of the same size would lie on top of each other.
        yield "recall-by-class", important_classes.class_chart(data.readings, ())
    else:
        yield "recall-by-size", sizes.recall_chart(data.readings, data.view.log)


@SECTIONS.add("sizes", "Class sizes", HOW, lambda data: ["log"])
def _sizes(data: Data) -> Iterator[Part]:
    yield "class-sizes", sizes.size_chart(data.readings, data.view.log)


@SECTIONS.add("confusion", "Confusion", HOW, lambda data: ["counts"])
def _confusion(data: Data) -> Iterator[Part]:
    yield "confusion", confusion_charts.confusion_chart(data.readings, (), data.view.counts)


def numbers(data: Data) -> Iterator[Part]:
    """Sentences on the class sizes, and the tables, under each section."""
    said = [] if sizes.balanced(data.readings) else [sizes.notice(data.readings)]
    yield " ".join([*said, sizes.tested(data.readings)])
    yield "runs", sizes.summary(data.readings)
    yield from pairs.parts(data.readings, sizes.smallest(data.readings))


SECTIONS.add("maps", "Feature maps", HOW, maps.controls, whole=True)(maps.parts)


@dataclass(frozen=True)
class ImbalanceView(ImbalanceSettings):
    """The settings of the page."""

    section: str = setting("recall", "choice", "show", "what is shown", choices=SECTIONS.titles)
