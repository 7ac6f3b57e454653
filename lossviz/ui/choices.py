"""Choices that several pages offer alike: a named view, and the loss of a page that shows one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from lossviz.ui.binding import Binding

OWN = "your own"


def preset(
    bound: Binding[Any], known: Sequence[str], name: str | None, taken: Callable[[Any, str], Any]
) -> None:
    """The named views of a page; any other view is called your own. name: of the view as it is, None
    for the visitor's own. taken(view now, name): the view that a choice leads to."""
    bound.control(
        st.selectbox,
        "preset",
        OWN if name is None else name,
        lambda now, new: now if new == OWN else taken(now, new),
        "Preset",
        [*known] if name is not None else [OWN, *known],
    )


def loss(bound: Binding[Any], titles: Mapping[str, str], told: str) -> None:
    """One loss. titles: by key, in the order of the list. told: the help."""
    bound.control(
        st.selectbox,
        "loss",
        bound.view.loss,
        lambda now, new: now.with_setting("loss", new),
        "Loss",
        list(titles),
        format_func=lambda key: titles.get(key, key),
        help=told,
    )
