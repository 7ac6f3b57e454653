"""A figure for a projector: everything that is measured in pixels, larger by one factor."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

LARGER = 1.35  # as the pictures that are drawn on a canvas
# Lengths in pixels, by where they stand; elsewhere the same words may be steps or places of the data.
_ANYWHERE = frozenset(("xshift", "yshift", "standoff", "ticklen", "arrowwidth", "thickness", "gridwidth"))
_WITHIN = {
    "size": frozenset(("font", "tickfont", "textfont", "marker")),
    "width": frozenset(("line", "error_x", "error_y")),
    "height": frozenset(("layout",)),
    **dict.fromkeys("lrtb", frozenset(("margin",))),
}


def enlarged(figure: go.Figure, factor: float = LARGER) -> go.Figure:
    """The figure with texts, marks, lines, margins and height `factor` times as large; places stay."""
    data = [_walk(trace.to_plotly_json(), factor, "") for trace in figure.data]
    layout = _walk(figure.layout.to_plotly_json(), factor, "layout")
    # Plotly's own check of each property takes ten times as long as all the rest.
    return go.Figure(data, layout, _validate=False)


def _walk(node: Any, factor: float, parent: str) -> Any:
    if isinstance(node, dict):
        return {key: _scaled(key, value, factor, parent) for key, value in node.items()}
    if isinstance(node, (list, tuple)):
        return [_walk(one, factor, parent) for one in node]
    return node


def _scaled(key: str, value: Any, factor: float, parent: str) -> Any:
    if key not in _ANYWHERE and parent not in _WITHIN.get(key, ()):
        return _walk(value, factor, key)
    if isinstance(value, (list, tuple, np.ndarray)):
        return factor * np.asarray(value)
    return factor * value if isinstance(value, (int, float)) else value
