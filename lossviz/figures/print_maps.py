"""Feature maps in print: a row for each run with its name and verdict, the maps named as on screen."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from lossviz.figures import palette
from lossviz.figures import print as printed
from lossviz.figures.maps import Array
from lossviz.figures.print_page import DPI, NOTE, TICK, TITLE
from lossviz.figures.print_text import FONT

_SIDE, _GAP, _HEAD, _NAME, _LINE = 0.9, 0.08, 0.26, 0.2, 0.15  # inches


def figure(
    rows: Sequence[Sequence[Array]], heads: Sequence[str], names: Sequence[str], note: str = ""
) -> Figure:
    """Rows of images uint8 [h, w, 3], each on a square of one size. heads: above each row; names: below the
    images of a row; note: below all, as on the page."""
    theme = palette.theme(False)
    width = max(map(len, rows)) * (_SIDE + _GAP) + _GAP
    told = textwrap.wrap(note, int(width / 0.062))
    row = _HEAD + _SIDE + _NAME
    height = len(rows) * row + _LINE * len(told) + 2 * _GAP
    made = printed.PrintFigure(figsize=(width, height), dpi=DPI, facecolor=theme.background)
    FigureCanvasAgg(made)

    def text(x: float, y: float, words: str, size: float, color: str, **options: Any) -> None:
        made.text(x / width, y / height, words, fontsize=size, color=color, family=FONT, **options)

    for r, images in enumerate(rows):
        top = height - r * row
        text(_GAP, top - 0.2, heads[r], TITLE, theme.text, weight="bold")
        for c, image in enumerate(images):
            x, y = _GAP + c * (_SIDE + _GAP), top - _HEAD - _SIDE
            axes = made.add_axes((x / width, y / height, _SIDE / width, _SIDE / height))
            axes.imshow(image, interpolation="nearest", aspect="auto")
            axes.set_axis_off()
            text(x, y - 0.13, names[c], TICK, theme.muted)
    for line, words in enumerate(told):
        text(_GAP, height - len(rows) * row - _LINE * (line + 1), words, NOTE, theme.muted)
    return made


def sheet(
    rows: Sequence[Sequence[Array]],
    heads: Sequence[str],
    names: Sequence[str],
    note: str = "",
    kind: printed.Format = "png",
) -> bytes:
    """The figure as a png, svg or pdf file; the text of the page is in it."""
    return printed.encoded(figure(rows, heads, names, note), kind, note)
