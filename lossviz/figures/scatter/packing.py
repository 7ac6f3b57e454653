"""Panels as bytes: a JSON header, and the arrays it refers to."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from lossviz.figures import palette
from lossviz.figures.scatter.panel import Array, Options, Panel, Picked, Timeline

BANDS = 14
_TYPES = {"f4": "<f4", "u1": "u1", "u2": "<u2", "u4": "<u4"}


class Packer:
    """Arrays in one block of bytes, each once however often it is given, each at a multiple of 4."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0
        self._known: dict[tuple[str, bytes], dict[str, Any]] = {}

    def add(self, array: Array, kind: str) -> dict[str, Any]:
        """Where the array is: {"at": byte, "n": numbers, "type": "f4", "u1", "u2" or "u4"}."""
        data = np.ascontiguousarray(array, dtype=_TYPES[kind]).tobytes()
        known = self._known.get((kind, data))
        if known is None:
            known = {"at": self._size, "n": array.size, "type": kind}
            self._known[kind, data] = known
            padded = data + b"\0" * (-len(data) % 4)
            self._pieces.append(padded)
            self._size += len(padded)
        return known

    def bytes(self) -> bytes:
        """All arrays."""
        return b"".join(self._pieces)


def encode(
    panels: Sequence[Panel],
    timeline: Timeline | None = None,
    options: Options | None = None,
    *,
    frame: int = 0,
    echo: int = 0,
    picked: Picked | None = None,
    message: str = "",
    shelf: str = "",
    state: str = "",
) -> bytes:
    """[u32 header length][JSON][zeros to a multiple of 4][arrays], all little-endian.

    frame: number of the picture, rising. echo: id of the last event that has been answered, 0
    for none. message: a line under the panels. shelf: pictures with the same one differ by their
    step alone, so that the browser may draw again what it has seen. state: a word that changes where the
    page around the picture has something new to say. Only the layer of `options` is packed.
    """
    options = options or Options()
    packer = Packer()
    made = header(packer, panels, timeline or Timeline(), options, picked)
    made |= {"frame": frame, "echo": echo, "message": message, "shelf": shelf, "state": state}
    return _packet(made, packer.bytes())


def encode_point(picked: Picked) -> bytes:
    """A picked point as bytes of the same form: its header is `picked` of a picture's header."""
    packer = Packer()
    return _packet(_picked(packer, picked), packer.bytes())


def with_header(data: bytes, **more: Any) -> bytes:
    """The bytes of a picture with more in its header."""
    size = int.from_bytes(data[:4], "little")
    made = json.loads(data[4 : 4 + size])
    return _packet(made | more, data[4 + size + -(4 + size) % 4 :])


def _packet(made: dict[str, Any], arrays: bytes) -> bytes:
    text = json.dumps(made, ensure_ascii=False, allow_nan=False).encode()
    padding = b"\0" * (-(4 + len(text)) % 4)
    return b"".join([len(text).to_bytes(4, "little"), text, padding, arrays])


def header(
    packer: Packer,
    panels: Sequence[Panel],
    timeline: Timeline,
    options: Options,
    picked: Picked | None = None,
) -> dict[str, Any]:
    """The JSON of one picture; its arrays go into the packer."""
    if picked is not None and not 0 <= picked.panel < len(panels):
        raise ValueError(f"scatter: picked.panel must lie in 0..{len(panels) - 1}; got {picked.panel}")
    return {
        "panels": [panel_header(packer, panel, options) for panel in panels],
        "timeline": {
            "steps": np.asarray(timeline.steps, dtype=int).tolist(),
            "epochs": np.round(np.asarray(timeline.epochs, dtype=float), 4).tolist(),
            "position": timeline.position,
            "live": timeline.live,
            "playing": timeline.playing,
            "running": timeline.running,
        },
        "options": vars(options) | {"values": options.values and vars(options.values)},
        "colours": _colours(),
        "picked": None if picked is None else _picked(packer, picked),
    }


@functools.cache
def _colours() -> dict[str, Any]:
    return {
        "classes": list(palette.CLASS_COLORS),
        "outlines": {
            name: [palette.outline(color, name == "dark") for color in palette.CLASS_COLORS]
            for name in ("light", "dark")
        },
        "loss": palette.loss_colors(BANDS),
    }


def panel_header(packer: Packer, panel: Panel, options: Options) -> dict[str, Any]:
    """One panel of the JSON."""
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
        "arrays": {name: packer.add(array, kind) for name, array, kind in kinds if array is not None},
    }


def _picked(packer: Packer, picked: Picked) -> dict[str, Any]:
    made: dict[str, Any] = {"panel": picked.panel, "index": int(picked.index), "lines": list(picked.lines)}
    if picked.image is not None:
        height, width = picked.image.shape[:2]
        channels = 1 if picked.image.ndim == 2 else picked.image.shape[2]
        made |= {"width": width, "height": height, "channels": channels}
        made["image"] = packer.add(picked.image, "u1")
    return made
