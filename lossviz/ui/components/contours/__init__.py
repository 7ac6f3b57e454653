"""The contour component: panels of a landscape, drawn, hovered and dragged in the browser."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from lossviz.core.points import POINT_LIMIT, Point, rounded
from lossviz.figures.module_bundle import bundle, style

_HERE = Path(__file__).parent

_component = st.components.v2.component(
    "lossviz_contours",
    html="",
    css=style(_HERE / "contours.css"),
    js=bundle(_HERE / "main.js"),
)


def mount(
    frame: bytes,
    *,
    key: str,
    on_descend: Callable[[], None] | None = None,
    on_drag: Callable[[], None] | None = None,
) -> Any:
    """Show a frame (lossviz.ui.components.contours.frames.encode). Triggers: `descend` {x, y, id}; `drag`
    {id, kind, index, x, y, done}, both in units of the plane.
    """
    nothing: Callable[[], None] = lambda: None  # noqa: E731
    return _component(
        key=key,
        data=frame,
        on_descend_change=on_descend or nothing,
        on_drag_change=on_drag or nothing,
    )


def point(event: Mapping[str, Any], digits: int = 3) -> Point | None:
    """Give the point of an event, rounded as in a link; None where it is no point of the plane."""
    x, y = event.get("x"), event.get("y")
    if not all(isinstance(v, (int, float)) and abs(v) <= POINT_LIMIT for v in (x, y)):
        return None
    return rounded(float(x), digits), rounded(float(y), digits)  # type: ignore[arg-type]
