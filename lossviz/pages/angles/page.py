"""Angles: how tight each class is, and how far the others are."""

from __future__ import annotations

from collections.abc import Sequence

from lossviz.pages.angles import SECTIONS, AnglesView, lacks, measures
from lossviz.pages.angles.sections import PLANE, numbers
from lossviz.readings.important_classes import important_of
from lossviz.readings.reading import Reading
from lossviz.readings.section import PageData
from lossviz.ui.reading import sections
from lossviz.ui.reading.page import Page


def show() -> None:
    """Draw the page."""
    page = Page("angles", AnglesView, needs=lacks)
    every = page.alike(page.readings)
    flat = [reading for reading in every if measures.in_plane(reading)]
    important = important_of(page.runs, every, page.view.important)
    readings = _measurable(page, every, flat)
    means = any(reading.weights is None for reading in readings)
    sections.show(
        page,
        "How tight is each class, and how far are the others?",
        SECTIONS,
        PageData(page.view, every, page.runs, important),
        readings,
        section="nearest" if page.view.section in PLANE and every and not flat else page.view.section,
        offered=[name for name in SECTIONS if flat or not every or name not in PLANE],
        note=" Class means stand in for class weights that a file does not hold." if means else "",
        below=numbers,
    )


def _measurable(
    page: Page[AnglesView], every: Sequence[Reading], flat: Sequence[Reading]
) -> Sequence[Reading]:
    """The readings that the section can be shown of; the page says why not of the others."""
    section, found = page.view.section, every
    if section in PLANE and flat:
        found = flat
        page.messages += [
            f"{reading.name}: has {reading.dimension} dimensions and no circle; its angles are "
            f"under {SECTIONS['nearest'].title}"
            for reading in every
            if reading not in flat
        ]
    elif section in PLANE and every and section != AnglesView().section:
        page.messages.append(
            f"{SECTIONS[section].title}: around a circle there are gaps in two dimensions only; choose runs "
            "with dimension 2, or see the angles to the own and the nearest other weight"
        )
    if not page.view.right:
        return found
    recognised = [reading for reading in found if measures.recognised(reading).any()]
    page.messages += [
        f"{reading.name}: no image is recognised, so none is left to measure"
        for reading in found
        if reading not in recognised
    ]
    return recognised
