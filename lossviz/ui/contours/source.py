"""The JavaScript of the contour component: files of one subject each, joined into one module."""

from __future__ import annotations

from pathlib import Path

# Plain scripts that share one scope; only the last one exports, and nothing imports.
PARTS = (
    "frame",
    "layout",
    "page",
    "theme",
    "fill",
    "isolines",
    "drawing",
    "axes",
    "labels",
    "overlay",
    "bars",
    "legend",
    "messages",
    "cursor",
    "keyboard",
    "handles",
    "painting",
    "main",
)


def source() -> str:
    """The text of the module that the browser loads."""
    here = Path(__file__).parent
    return "\n".join((here / f"{name}.js").read_text(encoding="utf-8") for name in PARTS)
