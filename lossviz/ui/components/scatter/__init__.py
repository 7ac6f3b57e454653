"""The scatter component: embeddings of one to six runs with a timeline, drawn in the browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from lossviz.figures.module_bundle import bundle, style
from lossviz.figures.scatter import STYLE, Options, Panel, Picked, Timeline, encode

__all__ = ["Options", "Panel", "Picked", "Timeline", "encode", "mount"]

_component = st.components.v2.component(
    "lossviz_scatter",
    html="",
    css=style(STYLE),
    js=bundle(Path(__file__).parent / "main.js"),
)


def mount(
    data: bytes,
    *,
    key: str,
    on_pick: Callable[[], None] | None = None,
    on_seek: Callable[[], None] | None = None,
    on_rest: Callable[[], None] | None = None,
    on_changed: Callable[[], None] | None = None,
) -> Any:
    """Show a picture (`encode`).

    A picture without a route triggers `pick` {panel, index, id}, panel and index null where a card was
    closed, and `seek` {index, playing, live, id}; answer with `encode(..., echo=id)`. A picture with a
    route (`source` in its header) fetches frames and points itself. `rest` {epoch}: the timeline stands
    still after a seek; null where it follows the run. `changed` {state}: the page has something new to say.
    """
    nothing: Callable[[], None] = lambda: None  # noqa: E731
    return _component(
        key=key,
        data=data,
        on_pick_change=on_pick or nothing,
        on_seek_change=on_seek or nothing,
        on_rest_change=on_rest or nothing,
        on_changed_change=on_changed or nothing,
    )
