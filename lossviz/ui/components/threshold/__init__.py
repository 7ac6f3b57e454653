"""The threshold component: accuracy against one threshold that is dragged, and what it gets wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from lossviz.figures import canvas

PARTS = ("frame", "counting", "layout", "drawing", "rows", "tables", "handle", "main")
_HERE = Path(__file__).parent


def source() -> str:
    """The text of the module that the browser loads."""
    own = ((_HERE / f"{name}.js").read_text(encoding="utf-8") for name in PARTS)
    return "\n".join([canvas.joined(), *own])


def style() -> str:
    """The text of the style sheet."""
    return (_HERE / "threshold.css").read_text(encoding="utf-8")


_component = st.components.v2.component("lossviz_threshold", html="", css=style(), js=source())


def mount(data: bytes, *, key: str, on_release: Callable[[], None] | None = None) -> Any:
    """Show a picture (`lossviz.figures.threshold.encode`). Trigger: `release` {t, id}; answer with
    `encode(..., echo=id)`.
    """
    nothing: Callable[[], None] = lambda: None  # noqa: E731
    return _component(key=key, data=data, on_release_change=on_release or nothing)
