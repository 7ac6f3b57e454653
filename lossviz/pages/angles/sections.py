"""The sections of the page of angles: a picture, what to notice in its numbers, and tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lossviz.pages.angles import circle, collapse, compactness, gaps, histograms, measures, nearest, spread
from lossviz.pages.angles.view import AnglesSettings
from lossviz.readings.section import Fold, PageData, Part, Sections
from lossviz.readings.view import setting

Data = PageData[AnglesSettings]
SECTIONS = Sections[Data]()
# Of directions in the plane alone.
PLANE = ("circle", "gaps")


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def _second(data: Data) -> Iterator[Part]:
    yield spread.second_text(data.readings, data.important, data.view.right)
    yield _second_table(data)


def _second_table(data: Data) -> Part:
    return "deviation", spread.second_table(data.readings, data.important, data.view.right)


def _room(data: Data, between: str) -> str:
    room = gaps.room_text(data.readings, data.important, between, data.view.right)
    return _joined(room, gaps.merged_text(data.readings, between, data.view.right))


def _recognised(data: Data) -> Iterator[str]:
    """The control that leaves out images that are not recognised, if it is known which they are."""
    if any(map(measures.judges, data.readings)):
        yield "right"


@SECTIONS.add(
    "circle",
    "On the circle",
    "Dots: features scaled to length 1. Arrows: class weights. In strong colour: important classes.",
    _recognised,
)
def _circle(data: Data) -> Iterator[Part]:
    asked = data.readings, data.important
    yield "circle", circle.circle_chart(*asked, data.view.right)
    yield _joined(_room(data, "weights"), spread.second_text(*asked, data.view.right))
    yield _second_table(data)
    yield "gaps", gaps.gap_table(*asked, "weights", data.view.right)


@SECTIONS.add(
    "nearest",
    "Own and nearest other weight",
    "The angle of each feature to its own class weight and to the nearest other: the wider apart, the safer.",
    _recognised,
)
def _nearest(data: Data) -> Iterator[Part]:
    yield "nearest", nearest.nearest_chart(data.readings, data.important, data.view.right)
    yield nearest.notice(data.readings, data.view.right)
    yield _second_table(data)


def _in_plane(data: Data) -> bool:
    return all(map(measures.in_plane, data.readings))


def _how(of_classes: str) -> Callable[[Data], str]:
    """The line on how to read histograms: of directions in the plane, else of angles to weights."""
    around = "How many features of each class point where. Dotted: class weights."
    return lambda data: around if _in_plane(data) else of_classes


_POLAR = "Filled, upper half: the angle to the own class weight. Outlined, lower half: to the nearest other."


@SECTIONS.add("polar", "Each class, polar", _how(_POLAR), _recognised)
def _polar(data: Data) -> Iterator[Part]:
    draw = histograms.plane_histograms if _in_plane(data) else histograms.class_histograms
    yield "polar", draw(data.readings, data.important, True, data.view.right)
    yield from _second(data)


_FLAT = "Filled: the angle to the own class weight. Dotted: to the nearest other."


@SECTIONS.add("flat", "Each class, flat", _how(_FLAT), _recognised)
def _flat(data: Data) -> Iterator[Part]:
    draw = histograms.plane_histograms if _in_plane(data) else histograms.class_histograms
    yield "flat", draw(data.readings, data.important, False, data.view.right)
    yield from _second(data)


def _of_gaps(data: Data) -> Iterator[str]:
    if all(reading.weights is not None for reading in data.readings):
        yield "between"
    if data.view.between == "means":
        yield from _recognised(data)


@SECTIONS.add(
    "gaps",
    "Gaps between neighbours",
    "The angle between each class and its neighbour around the circle; coloured beside the important "
    "classes.",
    _of_gaps,
)
def _gaps(data: Data) -> Iterator[Part]:
    asked = data.readings, data.important, data.view.between, data.view.right
    yield "gaps", gaps.gap_chart(*asked)
    yield _room(data, data.view.between)
    yield "gaps", gaps.gap_table(*asked)
    yield _second_table(data)


@SECTIONS.add(
    "spread",
    "Spread of each class",
    "The angle between features and their own class weight. A few images far from their class can make most "
    "of a standard deviation.",
    _recognised,
)
def _spread(data: Data) -> Iterator[Part]:
    runs, important, right = data.readings, data.important, data.view.right
    yield "spread", spread.spread_chart(runs, important, right)
    rest = "" if right else spread.right_text(runs, important)
    yield _joined(spread.second_text(runs, important, right), rest)
    yield _second_table(data)


@SECTIONS.add(
    "components",
    "Second principal component",
    "Little variance along the second component: the class is a beam, as paper 004 wants it. Little scatter: "
    "it is tight.",
    lambda data: ["normalised", *_recognised(data)],
)
def _components(data: Data) -> Iterator[Part]:
    asked = data.view.normalised, data.view.right
    yield "components", compactness.component_chart(data.readings, data.important, *asked)
    yield compactness.component_text(data.readings, *asked)
    yield "scatter", compactness.scatter_table(data.readings, *asked)


@SECTIONS.add(
    "collapse",
    "Neural collapse",
    "Features that fall onto their class means: each measure is 0 where that is complete. Curves: images "
    "shown in training.",
)
def _collapse(data: Data) -> Iterator[Part]:
    yield "collapse", collapse.collapse_chart(data.readings, data.runs, data.important, data.view.at)
    yield collapse.collapse_text(data.readings)
    yield "neural-collapse", collapse.collapse_table(data.readings)


def numbers(data: Data) -> Iterator[Part]:
    """Mean and deviation of every class, under each section."""
    asked = data.readings, data.important, data.view.right
    yield Fold("Each class in numbers", lambda: [("classes", spread.class_table(*asked))])


@dataclass(frozen=True)
class AnglesView(AnglesSettings):
    """The settings of the page."""

    section: str = setting("circle", "choice", "show", "what is shown", choices=SECTIONS.titles)
