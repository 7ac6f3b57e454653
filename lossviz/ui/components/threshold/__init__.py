"""The threshold component: accuracy against one threshold that is dragged, and what it gets wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from lossviz.figures.module_bundle import bundle, style

_HERE = Path(__file__).parent

_component = st.components.v2.component(
    "lossviz_threshold",
    html="",
    css=style(_HERE / "threshold.css"),
    js=bundle(_HERE / "main.js"),
)


def mount(data: bytes, *, key: str, on_release: Callable[[], None] | None = None) -> Any:
    """Show a picture (`lossviz.figures.threshold.encode`). Trigger: `release` {t, id}; answer with
    `encode(..., echo=id)`.
    """
    nothing: Callable[[], None] = lambda: None  # noqa: E731
    return _component(key=key, data=data, on_release_change=on_release or nothing)
