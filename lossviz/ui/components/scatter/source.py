"""The JavaScript and the style sheet of the scatter component."""

from __future__ import annotations

from pathlib import Path

from lossviz.figures.scatter import script
from lossviz.ui.components import follow

_HERE = Path(__file__).parent


def source() -> str:
    """The text of the module that the browser loads: the drawing, and Streamlit's entry to it."""
    own = ((_HERE / f"{name}.js").read_text(encoding="utf-8") for name in ("follow", "main"))
    return "\n".join([script.drawing(), follow.source(), *own])


def style() -> str:
    """The text of the style sheet."""
    return script.style()
