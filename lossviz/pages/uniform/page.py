"""Uniform classification (paper 002): one threshold for all samples of all classes."""

from __future__ import annotations

import streamlit as st

from lossviz.pages.uniform import UniformView, lacks
from lossviz.pages.uniform.ui import sections
from lossviz.ui.components import width
from lossviz.ui.reading import sources
from lossviz.ui.reading.page import Page


def show() -> None:
    """Draw the page."""
    page = Page("uniform", UniformView, needs=lacks)
    readings = page.alike(page.readings)
    pairs = sections.unknown(page, readings)
    left, right = st.columns([5, 2], gap="medium")
    with left:
        width.measure(page.bound)
        st.title("Does one threshold tell right from wrong for all classes?")
        sections.how(page)
        page.problems()
        if readings:
            sections.show(page, readings, pairs)
    with right:
        sections.controls(page, readings, pairs)
        sources.show(page)
    page.close()
