"""Reference: the whole catalogue, from the registry."""

from __future__ import annotations

import streamlit as st

from lossviz import losses
from lossviz.pages.reference.ui import reference
from lossviz.ui.binding import Binding


def show() -> None:
    """Draw the page."""
    bound = Binding("reference", reference.ReferenceView)
    bound.open()
    st.title("Every loss, on one page")
    bound.tell()
    st.markdown(
        f"{len(losses.keys())} losses of five papers. Each picture: three evenly spread classes, samples of "
        "class 0, default parameters; blue is low, yellow high, each panel on its own scale."
    )
    for family in losses.families():
        reference.show_family(family)
    bound.close()
