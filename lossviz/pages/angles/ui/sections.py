"""The page of angles: which pictures and tables belong to what was chosen, and its controls."""

from __future__ import annotations

from collections.abc import Sequence

from lossviz.figures.chart import Chart
from lossviz.figures.table import Table
from lossviz.pages.angles import (
    SECTIONS,
    AnglesView,
    circle,
    collapse,
    compactness,
    gaps,
    histograms,
    measures,
    nearest,
    spread,
    words,
)
from lossviz.pages.angles.view import PLANE
from lossviz.readings.important_classes import important_of
from lossviz.readings.reading import Reading
from lossviz.ui.control import control
from lossviz.ui.reading.page import Page

HOW = {
    "circle": "Dots: features scaled to length 1. Arrows: class weights. In strong colour: important "
    "classes.",
    "nearest": "The angle of each feature to its own class weight and to the nearest other: the wider apart, "
    "the safer.",
    "polar": "How many features of each class point where. Dotted: class weights.",
    "flat": "How many features of each class point where. Dotted: class weights.",
    "gaps": "The angle between each class and its neighbour around the circle; coloured beside the important "
    "classes.",
    "spread": "The angle between features and their own class weight. A few images far from their class can "
    "make most of a standard deviation.",
    "components": "Little variance along the second component: the class is a beam, as paper 004 wants it. "
    "Little scatter: it is tight.",
    "collapse": "Features that fall onto their class means: each measure is 0 where that is complete. "
    "Curves: images shown in training.",
}
HOW_CLASSES = {
    "polar": "Filled, upper half: the angle to the own class weight. Outlined, lower half: to the nearest "
    "other.",
    "flat": "Filled: the angle to the own class weight. Dotted: to the nearest other.",
}
# Where leaving out images that are not recognised changes what is shown.
SAMPLED = ("circle", "nearest", "polar", "flat", "spread", "components")


def shown(page: Page[AnglesView]) -> tuple[list[Reading], str, tuple[int, ...]]:
    """The readings that what was chosen can be shown of, what is shown, and the important classes."""
    readings, section = page.alike(page.readings), page.view.section
    important = important_of(page.runs, readings, page.view.important)
    flat = [reading for reading in readings if measures.in_plane(reading)]
    if section in PLANE and readings and not flat:
        if section != AnglesView().section:
            page.told.append(
                f"{SECTIONS[section]}: around a circle there are gaps in two dimensions only; choose runs "
                "with dimension 2, or see the angles to the own and the nearest other weight"
            )
        section = "nearest"
    elif section in PLANE:
        for reading in readings:
            if reading not in flat:
                page.told.append(
                    f"{reading.name}: has {measures.dimension(reading)} dimensions and no circle; its angles "
                    f"are under {SECTIONS['nearest']}"
                )
        readings = flat
    if page.view.right:
        for reading in list(readings):
            if not measures.recognised(reading).any():
                page.told.append(f"{reading.name}: no image is recognised, so none is left to measure")
                readings.remove(reading)
    return readings, section, important


def how(readings: Sequence[Reading], section: str) -> str:
    """One line on how to read the picture."""
    flat = all(map(measures.in_plane, readings))
    told = HOW[section] if flat else HOW_CLASSES.get(section, HOW[section])
    if any(reading.weights is None for reading in readings):
        told += " Class means stand in for class weights that a file does not hold."
    return told


def sections(page: Page[AnglesView], section: str) -> None:
    """The choice of what is shown, without what these runs do not have."""
    flat = not page.readings or any(map(measures.in_plane, page.readings))
    offered = [name for name in SECTIONS if flat or name not in PLANE]
    control(page.bound, "section", now=section, options=offered, words=SECTIONS, help=None)


def more(page: Page[AnglesView], section: str) -> None:
    """The settings of what is shown."""
    of_means = section == "gaps" and page.view.between == "means"
    if section == "gaps" and all(reading.weights is not None for reading in page.readings):
        control(page.bound, "between")
    if section == "components":
        control(page.bound, "normalised")
    if (section in SAMPLED or of_means) and any(map(measures.judges, page.readings)):
        control(page.bound, "right")


def chart(
    page: Page[AnglesView], readings: Sequence[Reading], important: Sequence[int], section: str
) -> Chart:
    """The picture of a section."""
    view = page.view
    if section == "circle":
        return circle.circle_chart(readings, important, view.right)
    if section == "nearest":
        return nearest.nearest_chart(readings, important, view.right)
    if section in ("polar", "flat"):
        whole = all(map(measures.in_plane, readings))
        draw = histograms.plane_histograms if whole else histograms.class_histograms
        return draw(readings, important, section == "polar", view.right)
    if section == "gaps":
        return gaps.gap_chart(readings, important, view.between, view.right)
    if section == "spread":
        return spread.spread_chart(readings, important, view.right)
    if section == "components":
        return compactness.component_chart(readings, important, view.normalised, view.right)
    return collapse.collapse_chart(readings, page.runs, important, view.at)


def notice(
    page: Page[AnglesView], readings: Sequence[Reading], important: Sequence[int], section: str
) -> str:
    """What to notice in these numbers."""
    return words.notice(readings, important, page.view, section)


def tables(
    page: Page[AnglesView], readings: Sequence[Reading], important: Sequence[int], section: str
) -> list[tuple[Table, str]]:
    """The tables under the picture of a section, with the names of their files."""
    view = page.view
    second = spread.second_table(readings, important, view.right), "deviation"
    if section in PLANE:
        of = view.between if section == "gaps" else "weights"
        room = gaps.gap_table(readings, important, of, view.right), "gaps"
        return [room, second] if section == "gaps" else [second, room]
    if section == "components":
        return [(compactness.scatter_table(readings, view.normalised, view.right), "scatter")]
    if section == "collapse":
        return [(collapse.collapse_table(readings), "neural-collapse")]
    return [second]


def class_table(page: Page[AnglesView], readings: Sequence[Reading], important: Sequence[int]) -> Table:
    """Mean and deviation of every class."""
    return spread.class_table(readings, important, page.view.right)
