"""The cells component: the sliders of a sweep, and the network that they lead to, drawn in the browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from lossviz.figures.cells import STYLES
from lossviz.figures.module_bundle import bundle

_component = st.components.v2.component(
    "lossviz_cells",
    html="",
    css="\n".join(style.read_text(encoding="utf-8") for style in STYLES),
    js=bundle(Path(__file__).parent / "main.js"),
)


def mount(data: bytes, *, key: str, on_rest: Callable[[], None] | None = None) -> Any:
    """Show a sweep (`lossviz.sweeps.bundle.encode`).

    Trigger: `rest` {loss, at, seed, id}, once the sliders rest: key of the loss, index of the value on each
    axis, index of the seed. No answer is needed: the same bytes move nothing, and are sent once. To show
    another cell, encode with another `current` and, of the last `rest`, echo=id.
    """
    nothing: Callable[[], None] = lambda: None  # noqa: E731
    return _component(key=key, data=data, on_rest_change=on_rest or nothing)
