"""Embeddings: features of many dimensions as a picture, and how well its classes are clusters."""

from __future__ import annotations

import streamlit as st

from lossviz.pages.embeddings import EmbeddingsView, projected_points
from lossviz.pages.embeddings.ui import embedded, projections
from lossviz.ui.reading import sources
from lossviz.ui.reading.page import Page


def show() -> None:
    """Draw the page."""
    page = Page("embeddings", EmbeddingsView, needs=projected_points.lacks)
    made = projections.scene(page)
    left, right = st.columns([5, 2], gap="medium")
    with left:
        st.title("How far do the classes stand apart?")
        embedded.how(made)
        # One place for what is told, or the picture below would be made anew whenever it changes.
        with st.container():
            page.problems()
            embedded.lacking(page, made)
            projections.progress(page, made)
        if made.projected:
            embedded.show(page, made)
        below = st.container()
    with right:
        embedded.controls(page)
        sources.show(page)
    page.close()
    # Last, since the first time they take a moment.
    with below:
        embedded.numbers(page, made)
