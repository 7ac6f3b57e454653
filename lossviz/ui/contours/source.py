"""The JavaScript of the contour component: files of one subject each, joined into one module.

What other pictures draw with too is in lossviz/figures/canvas and stands before these.
"""

from __future__ import annotations

from pathlib import Path

from lossviz.figures import canvas

# Plain scripts that share one scope; only the last one exports, and nothing imports.
PARTS = (
    "frame",
    "layout",
    "page",
    "drawing",
    "axes",
    "labels",
    "overlay",
    "bars",
    "legend",
    "messages",
    "cursor",
    "keyboard",
    "engine",
    "sliders",
    "handles",
    "painting",
    "main",
)


def source() -> str:
    """The text of the module that the browser loads."""
    here = Path(__file__).parent
    return "\n".join(
        [canvas.joined(), *((here / f"{name}.js").read_text(encoding="utf-8") for name in PARTS)]
    )
