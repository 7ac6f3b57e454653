"""Panels as a message of the wire."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from lossviz.figures import levels, palette, wire
from lossviz.figures.scatter.panel import Array, Options, Panel, Picked, Timeline

EPOCH = 10_000  # epochs are told in whole parts of it


def encode(
    panels: Sequence[Panel],
    timeline: Timeline | None = None,
    options: Options | None = None,
    *,
    frame: int = 0,
    echo: int = 0,
    picked: Picked | None = None,
    message: str = "",
    series: str = "",
    state: str = "",
) -> bytes:
    """A picture as a message (lossviz.figures.wire); fields in README.md.

    frame: number of the picture, rising. echo: id of the last event that has been answered, 0
    for none. message: a line under the panels. series: pictures with the same one differ by their
    step alone, so that the browser may draw again what it has seen. state: a word that changes where the
    page around the picture has something new to say. Only the layer of `options` is packed.
    """
    options = options or Options()
    made = header(panels, timeline or Timeline(), options, picked)
    made |= {"frame": frame, "echo": echo, "message": message, "series": series, "state": state}
    return wire.message(made)


def encode_point(picked: Picked) -> bytes:
    """A picked point as a message: its header is `picked` of a picture's header."""
    return wire.message(_picked(picked))


def header(
    panels: Sequence[Panel], timeline: Timeline, options: Options, picked: Picked | None = None
) -> dict[str, Any]:
    """The header of one picture."""
    if picked is not None and not 0 <= picked.panel < len(panels):
        raise ValueError(f"scatter: picked.panel must lie in 0..{len(panels) - 1}; got {picked.panel}")
    return {
        "panels": [panel_header(panel, options) for panel in panels],
        "timeline": vars(timeline)
        | {
            # As arrays of the wire: a long run has thousands, and every picture tells them.
            "steps": np.asarray(timeline.steps, dtype=np.uint32),
            "epochs": np.round(np.asarray(timeline.epochs, dtype=float) * EPOCH).astype(np.uint32),
        },
        "options": options,
        "colours": colours(),
        "picked": None if picked is None else _picked(picked),
    }


@functools.cache
def colours() -> dict[str, Any]:
    """The colours of classes and of bands of a loss, low to high, as JSON."""
    return {
        "classes": list(palette.CLASS_COLORS),
        "outlines": {
            name: [palette.outline(color, name == "dark") for color in palette.CLASS_COLORS]
            for name in ("light", "dark")
        },
        "loss": palette.loss_colors(levels.BANDS),
        "themes": palette.browser_themes(),
    }


def panel_header(panel: Panel, options: Options) -> dict[str, Any]:
    """One panel of the header."""
    many = "u1" if len(panel.classes) <= 256 else "u2"
    field = panel.field if options.layer == "field" else None
    regions = panel.regions if options.layer == "regions" else None
    grid = field if field is not None else regions
    reach = panel.reach
    extent = panel.extent or (None if reach is None else (-reach, reach, -reach, reach))
    kinds: list[tuple[str, Array | None, str]] = [
        ("features", panel.features, "f4"),
        ("labels", panel.labels, many),
        ("predictions", panel.predictions, many),
        ("losses", panel.losses, "f4"),
        ("weights", panel.weights, "f4"),
        ("centers", panel.centers, "f4"),
        ("field", field, "f4"),
        ("regions", regions, "u1"),
        ("anchors", panel.anchors, "f4"),
        ("values", panel.values, "f4"),
        ("images", panel.images, "u1"),
        ("numbers", panel.numbers, "u4"),
    ]
    return {
        "run": panel.run,
        "title": panel.title,
        "note": panel.note,
        "warning": panel.warning,
        "state": panel.state,
        "text": panel.text,
        "classes": [str(name) for name in panel.classes],
        "points": 0 if panel.features is None else len(panel.features),
        "axes": None if panel.axes is None else list(panel.axes),
        "image_set": panel.image_set,
        "image": None if panel.images is None else [*panel.images.shape[1:], 1][:3],
        "dims": 2 if panel.features is None else panel.features.shape[1],
        "reach": None if reach is None else float(reach),
        "extent": None if grid is None or extent is None else [float(edge) for edge in extent],
        "grid": None if grid is None else [grid.shape[1], grid.shape[0]],
        "levels": [float(level) for level in panel.levels] if field is not None else [],
        "thresholds": [np.round(line, 4).ravel().tolist() for line in panel.thresholds],
        "arrays": {name: np.asarray(array, kind) for name, array, kind in kinds if array is not None},
    }


def _picked(picked: Picked) -> dict[str, Any]:
    made: dict[str, Any] = {"panel": picked.panel, "index": int(picked.index), "lines": list(picked.lines)}
    if picked.image is not None:
        height, width = picked.image.shape[:2]
        channels = 1 if picked.image.ndim == 2 else picked.image.shape[2]
        made |= {"width": width, "height": height, "channels": channels, "image": picked.image}
    return made
