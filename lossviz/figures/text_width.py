"""Widths of texts, and texts made to fit a width.

Measured in DejaVu Sans, which comes with matplotlib: print is set in it, and the fonts of browsers are
as wide or narrower.
"""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path

from PIL import ImageFont

_UNITS = 100  # pixels at which the font is measured


@functools.cache
def _font() -> ImageFont.FreeTypeFont:
    # Found without an import of matplotlib, which takes longer than a page's charts.
    spec = importlib.util.find_spec("matplotlib")
    assert spec is not None
    assert spec.origin is not None
    return ImageFont.truetype(
        Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf", _UNITS
    )


@functools.lru_cache(4096)
def text_width(text: str, size: float) -> float:
    """The width of a line of text in the unit of its size."""
    return size / _UNITS * float(_font().getlength(text))


def wrapped(text: str, width: float, size: float) -> list[str]:
    """A text in lines of at most a width, broken between words."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def shortened(text: str, width: float, size: float) -> str:
    """A text, or as much of its beginning as fits into a width."""
    if text_width(text, size) <= width:
        return text
    fits = next((n for n in range(len(text), 1, -1) if text_width(text[:n] + "…", size) <= width), 1)
    return text[:fits].rstrip() + "…"
