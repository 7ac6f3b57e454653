"""The sections of the page of angles: a picture, what to notice in its numbers, and tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lossviz.pages.angles import circle, collapse, compactness, gaps, histograms, measures, nearest, spread
from lossviz.pages.angles.view import AnglesSettings
from lossviz.readings.section import Fold, PageData, Part, Section, titles
from lossviz.readings.view import setting

Data = PageData[AnglesSettings]


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def in_plane(data: Data) -> bool:
    """Whether all features have directions on a circle."""
    return all(map(measures.in_plane, data.readings))


def _second_table(data: Data) -> Part:
    return "deviation", spread.second_table(data.readings, data.important, data.view.right)


def _second_text(data: Data) -> str:
    return spread.second_text(data.readings, data.important, data.view.right)


def _circle(data: Data) -> Iterator[Part]:
    runs, important, right = data.readings, data.important, data.view.right
    yield "circle", circle.circle_chart(runs, important, right)
    yield _joined(
        gaps.room_text(runs, important, "weights", right),
        gaps.merged_text(runs, "weights", right),
        _second_text(data),
    )
    yield _second_table(data)
    yield "gaps", gaps.gap_table(runs, important, "weights", right)


def _nearest(data: Data) -> Iterator[Part]:
    yield "nearest", nearest.nearest_chart(data.readings, data.important, data.view.right)
    yield nearest.notice(data.readings, data.view.right)
    yield _second_table(data)


def _distributions(data: Data, name: str) -> Iterator[Part]:
    draw = histograms.plane_histograms if in_plane(data) else histograms.class_histograms
    yield name, draw(data.readings, data.important, name == "polar", data.view.right)
    yield _second_text(data)
    yield _second_table(data)


def _how_of_classes(otherwise: str) -> Callable[[Data], str]:
    """How histograms of directions are read, and those of angles outside the plane."""
    around = "How many features of each class point where. Dotted: class weights."
    return lambda data: around if in_plane(data) else otherwise


def _gaps(data: Data) -> Iterator[Part]:
    runs, important, right, between = data.readings, data.important, data.view.right, data.view.between
    yield "gaps", gaps.gap_chart(runs, important, between, right)
    yield _joined(gaps.room_text(runs, important, between, right), gaps.merged_text(runs, between, right))
    yield "gaps", gaps.gap_table(runs, important, between, right)
    yield _second_table(data)


def _spread(data: Data) -> Iterator[Part]:
    right = data.view.right
    yield "spread", spread.spread_chart(data.readings, data.important, right)
    yield _joined(_second_text(data), "" if right else spread.right_text(data.readings, data.important))
    yield _second_table(data)


def _components(data: Data) -> Iterator[Part]:
    asked = data.view.normalised, data.view.right
    yield "components", compactness.component_chart(data.readings, data.important, *asked)
    yield compactness.component_text(data.readings, *asked)
    yield "scatter", compactness.scatter_table(data.readings, *asked)


def _collapse(data: Data) -> Iterator[Part]:
    yield "collapse", collapse.collapse_chart(data.readings, data.runs, data.important, data.view.at)
    yield collapse.collapse_text(data.readings)
    yield "neural-collapse", collapse.collapse_table(data.readings)


def classes_in_numbers(data: Data) -> Iterator[Part]:
    """Mean and deviation of every class, under each section."""
    made = lambda: spread.class_table(data.readings, data.important, data.view.right)  # noqa: E731
    yield Fold("Each class in numbers", lambda: [("classes", made())])


def _recognised(data: Data) -> Iterator[str]:
    """Leaving out images that are not recognised, where it is known which they are."""
    if any(map(measures.judges, data.readings)):
        yield "right"


def _of_gaps(data: Data) -> Iterator[str]:
    if all(reading.weights is not None for reading in data.readings):
        yield "between"
    if data.view.between == "means":
        yield from _recognised(data)


def _of_components(data: Data) -> Iterator[str]:
    yield "normalised"
    yield from _recognised(data)


SECTIONS: dict[str, Section[Data]] = {
    "circle": Section(
        "On the circle",
        "Dots: features scaled to length 1. Arrows: class weights. In strong colour: important classes.",
        _circle,
        _recognised,
    ),
    "nearest": Section(
        "Own and nearest other weight",
        "The angle of each feature to its own class weight and to the nearest other: the wider apart, the "
        "safer.",
        _nearest,
        _recognised,
    ),
    "polar": Section(
        "Each class, polar",
        _how_of_classes(
            "Filled, upper half: the angle to the own class weight. Outlined, lower half: to the nearest "
            "other."
        ),
        lambda data: _distributions(data, "polar"),
        _recognised,
    ),
    "flat": Section(
        "Each class, flat",
        _how_of_classes("Filled: the angle to the own class weight. Dotted: to the nearest other."),
        lambda data: _distributions(data, "flat"),
        _recognised,
    ),
    "gaps": Section(
        "Gaps between neighbours",
        "The angle between each class and its neighbour around the circle; coloured beside the important "
        "classes.",
        _gaps,
        _of_gaps,
    ),
    "spread": Section(
        "Spread of each class",
        "The angle between features and their own class weight. A few images far from their class can make "
        "most of a standard deviation.",
        _spread,
        _recognised,
    ),
    "components": Section(
        "Second principal component",
        "Little variance along the second component: the class is a beam, as paper 004 wants it. Little "
        "scatter: it is tight.",
        _components,
        _of_components,
    ),
    "collapse": Section(
        "Neural collapse",
        "Features that fall onto their class means: each measure is 0 where that is complete. Curves: images "
        "shown in training.",
        _collapse,
    ),
}
# Of directions in the plane alone.
PLANE = ("circle", "gaps")


@dataclass(frozen=True)
class AnglesView(AnglesSettings):
    """The settings of the page."""

    section: str = setting("circle", "choice", "show", "what is shown", choices=titles(SECTIONS))
