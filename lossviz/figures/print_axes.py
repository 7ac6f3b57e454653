"""The axes of a panel in print, to which its marks add artists of matplotlib; 130 pixels are an inch."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from matplotlib.colors import ListedColormap
from matplotlib.patheffects import Stroke

from lossviz.figures import palette
from lossviz.figures.drawing import PanelAxes
from lossviz.figures.panel import Anchor, Dash
from lossviz.figures.panel_layout import PanelLayout
from lossviz.figures.print_text import FONT
from lossviz.figures.roles import TEXT, Color
from lossviz.figures.screen_theme import NAME

PIXELS = 130  # an inch
POINT = 72 / PIXELS  # points, a pixel
_DASHES: dict[Dash, Any] = {"solid": "solid", "dashed": (0, (5, 2.5)), "dotted": (0, (1.2, 1.6))}


@dataclass
class PrintAxes(PanelAxes):
    """Matplotlib's axes. numbers: whether x and y have some. later: drawn once `pixels` are exact."""

    axes: Any  # its methods take more than their declared types say
    numbers: tuple[bool, bool]
    later: list[Callable[[], None]] = field(default_factory=list)
    _layer: float = 2.0

    def layout(self, pixels: tuple[float, float]) -> PanelLayout:
        """The texts around the panel for a plot of this width and height."""
        return PanelLayout(self.panel, *pixels, self.ends, self.numbers)

    def artist(self, name: str, color: Color) -> dict[str, Any]:
        """The label and layer of the next artist: above the last, and in the legend if it is the first."""
        self._layer += 0.01
        return {"zorder": self._layer, "label": name if self.drawing.names(name, color) else None}

    def line_style(self, color: Color, width: float, dash: Dash = "solid") -> dict[str, Any]:
        """A line; width: pixels."""
        style = _DASHES.get(dash) or (0, [float(part.removesuffix("px")) / width for part in dash.split(",")])
        return {"color": self.code(color), "linewidth": width * POINT, "linestyle": style}

    def note(
        self,
        x: float,
        y: float,
        text: str,
        color: Color = TEXT,
        anchor: Anchor = "left",
        shift: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        """Add a text with a halo of the page's colour, one end of it or its middle at (x, y)."""
        if not self.shows(x, y):
            return
        halo = Stroke(linewidth=1.6, foreground=palette.casing(self.dark))
        # A text with an effect is drawn as curves, so the halo is one of its own and the text stays text.
        for layer, effects in ((3.9, [halo]), (4.0, [])):
            self.axes.annotate(
                text,
                (x, y),
                xytext=(shift[0] * POINT, shift[1] * POINT),
                textcoords="offset points",
                ha=anchor,
                va="center",
                fontsize=NAME * POINT,
                family=FONT,
                color=self.text_code(color),
                path_effects=effects,
                annotation_clip=False,
                zorder=layer,
            )

    def text_in_cell(self, x: float, y: float, text: str, size: float, color: str) -> None:
        """Add a text in the middle of a cell; size: pixels."""
        style: dict[str, Any] = {"fontsize": size * POINT, "color": color, "family": FONT, "zorder": 3}
        self.axes.text(x, y, text, ha="center", va="center_baseline", **style)

    def points(self, pixels: float) -> float:
        """A length in points."""
        return pixels * POINT


@functools.cache
def value_map() -> ListedColormap:
    """The colours of numbers, from low to high."""
    return ListedColormap(palette.loss_colors(256))
