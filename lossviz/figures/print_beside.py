"""The pictures beside the plane in print: curves of losses, and a loss as a surface."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from lossviz.figures import levels, palette
from lossviz.figures.axis import Array
from lossviz.figures.curves import Curve, Kind, line_chart
from lossviz.figures.drawing import Drawing
from lossviz.figures.levels import Spacing
from lossviz.figures.plane import name, thinned, view_angle, weight_on_surface
from lossviz.figures.print import PrintFigure
from lossviz.figures.print_axes import PIXELS, PrintAxes, style_solid
from lossviz.figures.print_chart import frame
from lossviz.figures.print_page import NOTE, TICK, Page
from lossviz.figures.print_text import FONT

if TYPE_CHECKING:
    from lossviz.fields import Field


_SQUARE = (0.0, 1.0, 0.0, 1.0)
_FLAT = (0.0, 1.0, 0.0, 0.45)  # as wide and high as curves are drawn
SURFACE_CELLS = 120


def lines(
    curves: Sequence[Curve],
    kind: Kind,
    *,
    level: float | None = None,
    note: str = "",
    below: Figure | None = None,
    dark: bool = False,
) -> Figure:
    """Curves of several losses as `screen.lines` draws them, named in the key. level: a loss that a straight
    line marks. below: a figure that grows by them, in place of a new one."""
    chart = line_chart(curves, kind, level=level)
    (panel,) = chart.panels
    named = {(mark.name, mark.color) for mark in panel.marks}
    plane = None if below is None else max(3.6, float(below.get_size_inches()[0]) - 1.3)
    page = Page.of(1, 1, _FLAT, True, [note], len(named), dark, PrintFigure, below, plane)
    axes = page.panel(0, _FLAT, "", note)
    axes.set(aspect="auto")
    axes.patch.set(hatch=None)
    pixels = PIXELS * page.plane[0], PIXELS * page.plane[1]
    own = PrintAxes(Drawing((), dark, named, {}), panel, chart.ends()[0], 0.0, pixels, axes, (True, True))
    frame(own)
    axes.set_ylabel(panel.y.label, rotation=90, va="bottom", labelpad=3)
    for mark in panel.marks:
        mark.print(own)
    page.key(list(zip(*axes.get_legend_handles_labels(), strict=True)))
    return page.figure


def surface(
    field: Field,
    *,
    spacing: Spacing = "linear",
    below: Figure | None = None,
    dark: bool = False,
) -> Figure:
    """The loss of a field as a height over the plane, as `screen.surface` draws it at first. below: a figure
    that grows by it, in place of a new one."""
    page = Page.of(1, 1, _SQUARE, False, [""], 1, dark, PrintFigure, below)
    flat = page.panel(0, _SQUARE, field.spec.title, "")
    box = flat.get_position(original=True)
    flat.remove()
    x, y, z_yx = thinned(field, field.z_yx, SURFACE_CELLS)
    edges = levels.band_edges(*levels.shared_range([z_yx]), 200, spacing)
    heights = np.where(np.isfinite(z_yx), levels.position(z_yx, edges), np.nan)
    from mpl_toolkits.mplot3d import Axes3D  # type: ignore[import-untyped]

    axes: Any = page.figure.add_axes((box.x0, box.y0, box.width, box.height), axes_class=Axes3D)
    axes.set_facecolor(palette.theme(dark).background)
    axes.computed_zorder = False
    axes.set_box_aspect((1, 1, 0.62), zoom=0.95)
    axes.view_init(elev=36, azim=np.degrees(view_angle(field)))
    colors = {"cmap": ListedColormap(palette.loss_colors(33)), "vmin": 0, "vmax": 1}
    drawn = {"linewidth": 0, "antialiased": False, "rasterized": True, "zorder": 1}
    axes.plot_surface(*np.meshgrid(x, y), heights, rcount=len(y), ccount=len(x), **colors, **drawn)
    _weights(axes, field, x, y, heights)
    style_solid(axes, ("z₁", "z₂", "loss"), dark, NOTE)
    ticks = levels.ticks(edges, spacing)
    axes.set_zticks(levels.position([value for value, _ in ticks], edges), [text for _, text in ticks])
    axes.set_zlim(-0.02, 1.02)
    return page.figure


def _weights(axes: Any, field: Field, x: Array, y: Array, heights: Array) -> None:
    """The weight vectors lying on a surface, named at their tips."""
    for k, weight in enumerate(field.weights):
        points, above = weight_on_surface(field, weight, x, y, heights)
        color = palette.LIGHT.own if k == field.label else palette.LIGHT.other
        axes.plot(*points.T, above, color=color, linewidth=1.6, zorder=5)
        text = {"color": color, "fontsize": TICK, "family": FONT, "weight": "bold", "zorder": 6}
        axes.text(*points[-1], above[-1] + 0.04, name("W", k), ha="center", **text)
