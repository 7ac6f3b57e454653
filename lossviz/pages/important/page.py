"""Important classes: what caring for some classes gives them, and what it costs the others."""

from __future__ import annotations

from lossviz.pages.important import SECTIONS, ImportantView
from lossviz.pages.important.sections import numbers
from lossviz.readings.important_classes import important_of, lacks
from lossviz.readings.section import PageData
from lossviz.ui.reading import sections
from lossviz.ui.reading.page import Page


def show() -> None:
    """Draw the page."""
    page = Page("important", ImportantView, needs=lacks)
    readings = page.alike(page.readings)
    important = important_of(page.runs, readings, page.view.important)
    data = PageData(page.view, readings, page.runs, important)
    sections.show(page, "What does caring for one class cost the others?", SECTIONS, data, below=numbers)
