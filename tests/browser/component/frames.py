"""Frames for the component tests: the binary layout, and pictures with known values.

The layout is written here a second time on purpose: it is what the browser code
is held to, whatever the library's own writer does.
"""

import json

import numpy as np
from numpy.typing import ArrayLike

from lossviz.figures.palette import browser_themes, loss_colors

BANDS = loss_colors(16)
COLOURS = [
    "#3f90da",
    "#ffa90e",
    "#bd1f01",
    "#94a4a2",
    "#832db6",
    "#a96b59",
    "#e76300",
    "#b9ac70",
    "#717581",
    "#92dadd",
]

LIGHT = {"--st-text-color": "#31333f", "--st-background-color": "#ffffff", "--st-primary-color": "#1c6fd1"}
DARK = {"--st-text-color": "#fafafa", "--st-background-color": "#0e1117", "--st-primary-color": "#4aa3ff"}


def frame_bytes(header: dict, grids: ArrayLike) -> bytes:
    """[u32 H][H bytes JSON][zeros to a multiple of 4][float32 grids one after another], little endian."""
    text = json.dumps(header, allow_nan=False).encode()
    head = len(text).to_bytes(4, "little") + text
    head += b"\0" * (-len(head) % 4)
    return head + np.ascontiguousarray(grids, dtype="<f4").tobytes()


def plane(nx: int, ny: int, extent) -> tuple[np.ndarray, np.ndarray]:
    """x and y of every grid node, each [ny, nx]; row 0 is the lowest y."""
    return np.meshgrid(np.linspace(*extent[:2], nx), np.linspace(*extent[2:], ny))


def softmax_loss(x, y, weights, label: int, scale: float = 1.0) -> np.ndarray:
    """Cross-entropy over inner products with the weights: [ny, nx]."""
    logits = scale * np.stack([x * w[0] + y * w[1] for w in weights])
    return np.logaddexp.reduce(logits, axis=0) - logits[label]


def boundary_rays(weights, radius: float) -> list[list[float]]:
    """Rays from the origin halfway between neighbouring unit weights."""
    angles = np.sort([np.arctan2(w[1], w[0]) for w in weights])
    middles = (angles + np.diff(np.append(angles, angles[0] + 2 * np.pi)) / 2) if len(angles) > 2 else []
    return [[0, 0, float(radius * np.cos(a)), float(radius * np.sin(a))] for a in middles]


def circle_weights(count: int, radius: float = 1.0) -> list[list[float]]:
    angles = np.pi / 2 + 2 * np.pi * np.arange(count) / count
    return np.round(np.stack([radius * np.cos(angles), radius * np.sin(angles)], 1), 4).tolist()


def ticks(levels) -> list[dict]:
    return [{"value": float(v), "text": f"{v:.3g}"} for v in levels[:: max(1, len(levels) // 5)]]


def scene(
    panels: int = 1, *, nx: int = 80, ny: int = 80, classes: int = 3, **changes
) -> tuple[dict, np.ndarray]:
    """A header and its grids: cross-entropy panels of rising scale. `changes` go into the header."""
    extent = changes.get("extent", [-2.0, 2.0, -2.0, 2.0])
    weights = changes.get("weights", circle_weights(classes))
    x, y = plane(nx, ny, extent)
    grids = np.stack([softmax_loss(x, y, circle_weights(classes), 0, 1 + 0.5 * i) for i in range(panels)])
    header = {
        "frame": 1,
        "echo": 0,
        "nx": nx,
        "ny": ny,
        "extent": extent,
        "columns": 0,
        "label": 0,
        "class_names": [str(k + 1) for k in range(len(weights))],
        "class_colors": COLOURS,
        "weights": weights,
        "centers": None,
        "interactive": True,
        "presentation": False,
        "bands": BANDS,
        "bar": "shared",
        "themes": browser_themes(),
        "panels": [panel(i, grids, f"Loss {i + 1}", note=f"s = {1 + 0.5 * i:g}") for i in range(panels)],
    }
    header.update(changes)
    return header, grids


def panel(i: int, grids: np.ndarray, title: str, **changes) -> dict:
    """One panel of a header, with evenly spaced levels over the finite values of its grid."""
    finite = grids[i][np.isfinite(grids[i])]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    levels = np.linspace(low, high, len(BANDS) + 1).tolist()
    entry = {
        "key": f"loss{i}",
        "title": title,
        "note": "",
        "grid": {"at": 4 * i * grids[i].size, "n": grids[i].size, "type": "f4"},
        "levels": levels,
        "ticks": ticks(levels),
        "boundaries": [],
        "path": None,
        "arrows": None,
        "points": [],
        "text": f"{title}, class 1: lowest {low:.3g}, highest {high:.3g}",
    }
    entry.update(changes)
    return entry
