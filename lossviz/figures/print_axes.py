"""The axes of a panel in print, to which its marks add artists of matplotlib; 130 pixels are an inch."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from matplotlib.colors import ListedColormap
from matplotlib.patches import FancyArrowPatch
from matplotlib.patheffects import Stroke, withStroke
from matplotlib.ticker import MaxNLocator

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
        text_with_halo(
            self.axes,
            text,
            (x, y),
            (shift[0] * POINT, shift[1] * POINT),
            self.dark,
            zorder=4.0,
            ha=anchor,
            va="center",
            fontsize=NAME * POINT,
            color=self.text_code(color),
        )

    def text_in_cell(self, x: float, y: float, text: str, size: float, color: str) -> None:
        """Add a text in the middle of a cell; size: pixels."""
        style: dict[str, Any] = {"fontsize": size * POINT, "color": color, "family": FONT, "zorder": 3}
        self.axes.text(x, y, text, ha="center", va="center_baseline", **style)


def text_with_halo(
    axes: Any,
    text: str,
    at: tuple[float, float],
    shift: tuple[float, float],
    dark: bool,
    *,
    zorder: float,
    **options: Any,
) -> list[Any]:
    """Add a text, `shift` points from a place, and a halo of the page's colour below it; returns both.

    A text with an effect is drawn as curves, so the halo is a text of its own, and the other stays text.
    """
    halo = [Stroke(linewidth=1.8, foreground=palette.theme(dark).casing)]
    own = {"textcoords": "offset points", "family": FONT, "annotation_clip": False, **options}
    below = axes.annotate(
        text, at, xytext=shift, **{**own, "label": "_halo"}, path_effects=halo, zorder=zorder - 0.1
    )
    return [below, axes.annotate(text, at, xytext=shift, **own, zorder=zorder)]


def arrow(
    tip: tuple[float, float], color: str, width: float, dark: bool, head: str = "-|>", **options: Any
) -> FancyArrowPatch:
    """An arrow from the origin with a halo of the page's colour; width: points."""
    return FancyArrowPatch(
        (0.0, 0.0),
        tip,
        arrowstyle=head,
        mutation_scale=4 + 2.6 * width,
        shrinkA=0,
        shrinkB=0,
        linewidth=width,
        color=color,
        path_effects=[withStroke(linewidth=width + 1.2, foreground=palette.theme(dark).casing)],
        **options,
    )


def tick_style(dark: bool, size: float) -> dict[str, Any]:
    """The ticks of an axis and their numbers; size: points."""
    muted = palette.theme(dark).muted
    labels = {"labelcolor": muted, "labelsize": size, "labelfontfamily": FONT}
    return {"width": 0.6, "pad": 2, "color": muted, **labels}


def style_solid(axes: Any, titles: Sequence[str], dark: bool, size: float) -> None:
    """Axes in three dimensions, without perspective, and their titles; size: points of a title."""
    theme = palette.theme(dark)
    axes.set_proj_type("ortho")
    for name, title in zip("xyz", titles, strict=True):
        axis = getattr(axes, name + "axis")
        axis.set_pane_color((0, 0, 0, 0))
        axis.line.set(color=theme.muted, linewidth=0.6)
        axis._axinfo["grid"].update(color=theme.grid, linewidth=0.5)
        axis.set_tick_params(pad=-3, labelsize=0.85 * size, labelcolor=theme.muted, labelfontfamily=FONT)
        axis.set_label_text(title, fontsize=size, color=theme.text, family=FONT)
        axis.labelpad = -7
        axis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))


@functools.cache
def value_map() -> ListedColormap:
    """The colours of numbers, from low to high."""
    return ListedColormap(palette.loss_colors(256))
