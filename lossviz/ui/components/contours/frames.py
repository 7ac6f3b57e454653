"""Panels as the message that the contour component draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lossviz.core.text import number_text
from lossviz.fields.panel import Panel, Plane
from lossviz.figures import levels, palette
from lossviz.figures.plane import weight_factor
from lossviz.figures.wire import message
from lossviz.programs.javascript import programs
from lossviz.programs.javascript.programs import Program

# For a loss that cannot be traced (lossviz.programs.javascript): every move waits for the server.
SERVED = "drawn by the server, also while dragging"


def encode(
    panels: Sequence[Panel],
    plane: Plane,
    *,
    frame: int = 0,
    echo: int = 0,
    interactive: bool = True,
    columns: int | None = None,
    sliders: Sequence[Mapping[str, Any]] = (),
    alone: int = 0,
) -> bytes:
    """Panels as a message (lossviz.figures.wire); fields in the README.md of the component.

    sliders: those of the page that the picture follows while they move. alone: grid points a side, where
    there is no server and the browser draws all pictures itself.
    """
    first = panels[0].field
    codes = [program(panel) for panel in panels]
    header = {
        "frame": frame,
        "echo": echo,
        "nx": len(first.x),
        "ny": len(first.y),
        "extent": list(first.extent),
        "columns": columns or default_columns(len(panels)),
        "label": plane.label,
        "class_names": [str(k) for k in range(plane.classes)],
        "class_colors": [palette.class_color(k) for k in range(plane.classes)],
        "weights": [list(w) for w in plane.weights],
        "weight_factor": weight_factor(np.array(plane.weights), plane.reach),
        "centers": [list(c) for c in plane.centers] if _shows_centers(panels) else None,
        "circle": None if plane.circle is None else {"radius": plane.circle, "level": plane.level},
        "interactive": interactive,
        "presentation": plane.presentation,
        "bands": palette.loss_colors(levels.BANDS),
        "themes": palette.browser_themes(),
        "spacing": plane.spacing,
        "alone": alone,
        "programs": {p.id: p.source for p in codes if p is not None},
        "sliders": list(sliders),
        "bar": "shared" if plane.shared and len(panels) > 1 else "panel",
        "panels": _panel_headers(panels, plane, codes),
    }
    return message(header)


def resolution(count: int, moving: bool = False) -> int:
    """Grid points a side for `count` panels, coarser while moving.

    A point for every two or three pixels: the browser interpolates between them, and contours do
    not change visibly with more. Exports take as many points as they are asked for.
    """
    still = 240 if count == 1 else 200 if count <= 4 else 150 if count <= 12 else 120
    return min(still, 120) if moving else still


def default_columns(count: int) -> int:
    """Give the number of panels side by side on a wide window."""
    if count <= 3:
        return count
    return 2 if count == 4 else 3 if count <= 6 else 4 if count <= 16 else 6


def _shows_centers(panels: Sequence[Panel]) -> bool:
    return any(p.field.spec.needs.centers or p.field.spec.needs.adversary for p in panels)


def _panel_headers(
    panels: Sequence[Panel], plane: Plane, codes: Sequence[Program | None]
) -> list[dict[str, Any]]:
    grids = [np.asarray(panel.heights, dtype=np.float32) for panel in panels]
    common = _range(grids) if plane.shared else None
    headers = []
    for panel, grid, code in zip(panels, grids, codes, strict=True):
        low, high = common or _range([grid])
        edges = levels.band_edges(low, high, levels.BANDS, plane.spacing)
        ticks = levels.ticks(edges, plane.spacing)
        headers.append(
            {
                "key": panel.key,
                "title": panel.title,
                "note": panel.note if code else " · ".join(filter(None, [panel.note, SERVED])),
                "grid": grid,
                "levels": [float(e) for e in edges],
                "ticks": [{"value": float(v), "text": text} for v, text in ticks],
                "boundaries": [np.round(line, 4).ravel().tolist() for line in panel.field.boundaries],
                "path": None if panel.path is None else _path(panel.path),
                "arrows": None if panel.arrows is None else _arrows(panel),
                "points": _anchors(panel, plane),
                "opening": None if panel.opening is None else [list(arc) for arc in panel.opening.arcs],
                "text": describe(panel) + _opening_text(panel) + _path_text(panel, plane),
                "program": None if code is None else _wiring(panel, code),
            }
        )
    return headers


def program(panel: Panel) -> Program | None:
    """The code that draws the panel in the browser."""
    field = panel.field
    term = panel.key.partition("/")[2]
    return programs.program(field.spec, field.state, field.label, field.params, term)


def _wiring(panel: Panel, code: Program) -> dict[str, Any]:
    """Give the inputs of the panel's program, by name, with their values, and the control that moves each."""
    field = panel.field
    links = {p.link: p.name for p in field.spec.params if p.kind == "real" and p.name in code.inputs}
    links |= {"bias": "b"} if "b" in code.inputs else {}
    links |= {f"bias {k}": f"b{k}" for k in range(len(field.state.weights)) if f"b{k}" in code.inputs}
    return {
        "id": code.id,
        "names": list(code.inputs),
        "values": programs.values(code, field.state, field.params),
        "links": links,
        "letters": {"bias": ["b", ""]} | {p.link: [p.letter, p.unit] for p in field.spec.params},
        "logits": len(field.state.weights),
        "fixed_centers": field.spec.needs.adversary,
    }


def _range(grids: Sequence[np.ndarray]) -> tuple[float, float]:
    finite = [grid[np.isfinite(grid)] for grid in grids]
    some = [grid for grid in finite if grid.size]
    if not some:
        return 0.0, 0.0
    return float(min(grid.min() for grid in some)), float(max(grid.max() for grid in some))


def _path(path: np.ndarray) -> list[float]:
    return np.round(np.clip(path, -1e6, 1e6), 4).ravel().tolist()


def _path_text(panel: Panel, plane: Plane) -> str:
    if panel.path is None:
        return ""
    (x0, y0), (x1, y1) = panel.path[0], panel.path[-1]
    return (
        f" Gradient descent: {len(panel.path) - 1} steps of size {plane.rate:g} "
        f"from ({x0:.2f}, {y0:.2f}) to ({x1:.2f}, {y1:.2f})."
    )


def _opening_text(panel: Panel) -> str:
    if (found := panel.opening) is None:
        return ""
    at = f"loss {number_text(found.level, 3)} on the circle of radius {number_text(found.radius, 3)}"
    return f" Opening below {at}: {found.text}."


def _arrows(panel: Panel) -> list[float]:
    assert panel.arrows is not None
    return np.round(np.concatenate(panel.arrows, axis=1), 4).ravel().tolist()


def _anchors(panel: Panel, plane: Plane) -> list[dict[str, Any]]:
    if not panel.field.spec.needs.adversary:
        return []
    return [
        {"x": round(x, 4), "y": round(y, 4), "class": k, "name": f"anchor of class {k}"}
        for k, (x, y) in enumerate(plane.anchors)
    ]


def describe(panel: Panel) -> str:
    """Describe the picture in words: label, lowest and highest value and where they are."""
    field, heights = panel.field, panel.heights
    start = f"{panel.title}" + (f" ({panel.note})" if panel.note else "")
    return f"{start}, samples of class {field.label}: {extremes(field.x, field.y, heights)}."


def extremes(x: np.ndarray, y: np.ndarray, heights: np.ndarray) -> str:
    """The lowest and the highest value of heights [ny, nx], and where they are, in words."""
    finite = np.where(np.isfinite(heights), heights, np.nan)
    if np.isnan(finite).all():
        return "no finite value in this plane"

    def at(place: Any) -> str:
        j, i = np.unravel_index(place, heights.shape)
        return f"{heights[j, i]:.3g} at ({x[i]:.2f}, {y[j]:.2f})"

    return f"lowest {at(np.nanargmin(finite))}, highest {at(np.nanargmax(finite))}"
