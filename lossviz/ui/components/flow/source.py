"""The JavaScript of the flow component: files of one subject each, joined into one module."""

from __future__ import annotations

from pathlib import Path

from lossviz.figures import canvas
from lossviz.ui.components import sliders

ARITHMETIC = ("engine", "measures")
PARTS = ("camera", "drawing", "readings", "values", "layout", "running", "steering", "main")
_HERE = Path(__file__).parent


def part(name: str) -> str:
    """The text of one file."""
    return (_HERE / f"{name}.js").read_text(encoding="utf-8")


def arithmetic() -> str:
    """The steps and the measures alone: no page is needed to run them."""
    return "\n".join(map(part, ARITHMETIC))


def source() -> str:
    """The text of the module that the browser loads."""
    return "\n".join([canvas.joined(), sliders.code(), arithmetic(), *map(part, PARTS)])
