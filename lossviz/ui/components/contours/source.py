"""The JavaScript of the contour component: files of one subject each, joined into one module.

What other pictures draw with too is in lossviz/figures/canvas and lossviz/ui/components/sliders, and
stands before these.
"""

from __future__ import annotations

from pathlib import Path

from lossviz.figures import canvas
from lossviz.ui.components import sliders

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
    "valley",
    "engine",
    "sliders",
    "handles",
    "painting",
    "main",
)


_HERE = Path(__file__).parent


def source() -> str:
    """The text of the module that the browser loads."""
    return "\n".join([canvas.joined(), sliders.code(), *(_text(f"{name}.js") for name in PARTS)])


def handout() -> str:
    """The same as a plain script, for a page without a server, with what starts such a page."""
    return source().replace("export default function", "function") + _text("handout.js")


def style() -> str:
    """The style sheet of the picture."""
    return _text("contours.css")


def page_style() -> str:
    """The style sheet of a page around the picture."""
    return _text("handout.css")


def _text(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")
