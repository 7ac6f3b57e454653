"""Accuracy against one threshold: what the threshold component is sent, as a value and as bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from lossviz.figures import palette
from lossviz.figures.axis import Array
from lossviz.figures.wire import message

_TOGETHER = (
    ("positive", "negative", "labels"),
    ("curve_x", "curve_y"),
    ("positive_heights", "negative_heights"),
    ("rest", "rest_before"),
)


@dataclass(frozen=True, eq=False)
class Row:
    """One run: what a threshold makes of its samples.

    color, color_dark: "#rrggbb", on a light and on a dark page. positive, negative: [N], the positive
    metric and the largest negative one of each sample (−inf with one class). labels: [N]. curve_x,
    curve_y: [T], the accuracy from each threshold up to the next. positive_heights, negative_heights:
    [B], shares of all positive and of all negative metrics between the edges. negatives: how many
    negative metrics there are; tail: the largest of them, descending, none left out; rest, rest_before:
    thresholds below the tail, descending, and how many negative metrics reach them. best: (t*, the
    accuracy there), or None; best_text: t* as it is written. near: [R, 2], the ends of the ranges of
    thresholds nearly as good. bias: where the threshold that the learned bias stands for lies, or None.
    """

    name: str
    color: str
    color_dark: str
    positive: Array
    negative: Array
    labels: Array
    curve_x: Array
    curve_y: Array
    positive_heights: Array
    negative_heights: Array
    negatives: int
    tail: Array
    rest: Array
    rest_before: Array
    best: tuple[float, float] | None = None
    best_text: str = ""
    near: Array = field(default_factory=lambda: np.empty((0, 2)))
    bias: float | None = None

    def __post_init__(self) -> None:
        """Raise ValueError unless the arrays that belong together have one length."""
        for names in _TOGETHER:
            if len({getattr(self, name).shape for name in names}) > 1:
                shapes = ", ".join(f"{name} {list(getattr(self, name).shape)}" for name in names)
                raise ValueError(f"threshold: {self.name}: arrays must be of one length; got {shapes}")


def encode(
    rows: Sequence[Row],
    edges: Array,
    classes: Sequence[str],
    threshold: float,
    *,
    common: bool = True,
    x_title: str = "threshold t",
    note: str = "",
    frame: int = 0,
    echo: int = 0,
    height: int = 190,
    presentation: bool = False,
) -> bytes:
    """Rows as a message (lossviz.figures.wire); fields in the README.md of the component.

    edges: [B + 1] of the bins, ascending; the picture reaches from the first to the last. common:
    whether the threshold is held against all rows, else each is shown at its t*. height: of the curves, in
    pixels. note: the samples, in words. echo: the last `release` that the threshold answers.
    """
    header = {
        "frame": frame,
        "echo": echo,
        "rows": list(rows),
        "edges": edges,
        "classes": list(classes),
        "threshold": float(threshold),
        "common": common,
        "x_title": x_title,
        "note": note,
        "sides": {"light": palette.sides(False), "dark": palette.sides(True)},
        "themes": palette.browser_themes(),
        "height": height,
        "presentation": presentation,
    }
    return message(header)
