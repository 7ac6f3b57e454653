"""The contour component: panels of a landscape, drawn, hovered and dragged in the browser."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lossviz.core.points import POINT_LIMIT, Point, rounded
from lossviz.ui.components import component

# Shows a frame (lossviz.ui.components.contours.frames.encode). Triggers: `descend` {x, y, id}; `drag`
# {id, kind, index, x, y, done}, both in units of the plane.
mount = component("contours", Path(__file__).parent, "descend", "drag")


def point(event: Mapping[str, Any], digits: int = 3) -> Point | None:
    """Give the point of an event, rounded as in a link; None where it is no point of the plane."""
    x, y = event.get("x"), event.get("y")
    if not all(isinstance(v, (int, float)) and abs(v) <= POINT_LIMIT for v in (x, y)):
        return None
    return rounded(float(x), digits), rounded(float(y), digits)  # type: ignore[arg-type]
