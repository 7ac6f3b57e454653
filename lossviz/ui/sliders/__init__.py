"""Sliders of the page that a picture follows in the browser while they are dragged.

`code` is a plain script for the module of a component (lossviz/ui/contours, lossviz/ui/flow), which says
what it does with a value; `lossviz.ui.param_controls.sliders` says which sliders there are.
"""

from __future__ import annotations

from pathlib import Path


def code() -> str:
    """The text of the script."""
    return (Path(__file__).parent / "sliders.js").read_text(encoding="utf-8")
