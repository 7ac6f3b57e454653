"""The pictures beside the plane in print: curves of losses, and a loss as a surface."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, MaxNLocator
from numpy.typing import NDArray

from lossviz.core.text import number_text
from lossviz.figures import levels, palette
from lossviz.figures.curves import (
    AXES,
    DASHES,
    Curve,
    Kind,
    curve_color,
    place_of,
    plain_cosine,
    y_range_of,
)
from lossviz.figures.levels import Spacing
from lossviz.figures.plane import bilinear, name, seen_from, share_inside, thinned
from lossviz.figures.print import PrintFigure
from lossviz.figures.print_page import NOTE, TICK, Page
from lossviz.figures.print_text import FONT

if TYPE_CHECKING:
    from lossviz.fields import Field

Array = NDArray[Any]

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
    theme, axes_of = palette.theme(dark), AXES[kind]
    reference = [plain_cosine()] if kind == "target" else []
    looks = [(curve, theme.muted, "2px,3px", 0.9) for curve in reference]
    for i, curve in enumerate(curves):
        place = place_of(curve, i)
        looks.append((curve, curve_color(place, dark), DASHES[place % len(DASHES)], 1.4))
    plane = None if below is None else max(3.6, float(below.get_size_inches()[0]) - 1.3)
    page = Page.of(
        1, 1, _FLAT, True, [note], len(looks) + (level is not None), dark, PrintFigure, below, plane
    )
    axes = page.panel(0, _FLAT, "", note)
    axes.set(aspect="auto", xlim=axes_of.x_range, ylim=y_range_of(curves, "linear", kind))
    axes.patch.set(hatch=None, facecolor=theme.background)
    axes.grid(color=theme.grid, linewidth=0.5)
    axes.set_axisbelow(True)
    first, last = axes_of.x_range
    ticks = np.arange(first, last + 1, axes_of.x_steps[0])
    axes.xaxis.set_major_locator(FixedLocator(ticks.tolist()))
    axes.xaxis.set_ticklabels([number_text(tick) + axes_of.x_unit for tick in ticks])
    axes.yaxis.set_major_locator(MaxNLocator(6))
    style: dict[str, Any] = {"fontsize": NOTE, "color": theme.text, "family": FONT}
    axes.set_xlabel(axes_of.x_title, labelpad=1, **style)
    axes.set_ylabel(axes_of.y_title, labelpad=2, rotation=90, **style)
    entries: list[tuple[Any, str]] = []
    for curve, color, dash, width in looks:
        y = np.asarray(curve.y, dtype=np.float64)
        pattern: Any = "solid" if dash == "solid" else (0, _points(dash))
        options: dict[str, Any] = {"color": color, "linewidth": width, "linestyle": pattern}
        axes.plot(curve.x, np.where(np.isfinite(y), y, np.nan), **options)
        entries.append((Line2D([], [], **options), curve.name))
    if level is not None:
        edge: dict[str, Any] = {"color": palette.edge(dark), "linewidth": 0.9}
        axes.axhline(level, **edge)
        entries.append((Line2D([], [], **edge), f"loss {number_text(level, 3)}"))
    page.key(entries)
    return page.figure


def _points(dash: str) -> list[float]:
    """Lines and gaps in pixels, for matplotlib, which counts them in line widths."""
    return [float(part.removesuffix("px")) / 2.5 for part in dash.split(",")]


def surface(
    field: Field,
    *,
    note: str = "",
    spacing: Spacing = "linear",
    below: Figure | None = None,
    dark: bool = False,
) -> Figure:
    """The loss of a field as a height over the plane, as `screen.surface` draws it at first. below: a figure
    that grows by it, in place of a new one."""
    theme = palette.theme(dark)
    page = Page.of(1, 1, _SQUARE, False, [note], 1, dark, PrintFigure, below)
    flat = page.panel(0, _SQUARE, field.spec.title, note)
    box = flat.get_position(original=True)
    flat.remove()
    x, y, z_yx = thinned(field, field.z_yx, SURFACE_CELLS)
    edges = levels.band_edges(*levels.shared_range([z_yx]), 200, spacing)
    heights = np.where(np.isfinite(z_yx), levels.position(z_yx, edges), np.nan)
    from mpl_toolkits.mplot3d import Axes3D  # type: ignore[import-untyped]

    axes: Any = page.figure.add_axes((box.x0, box.y0, box.width, box.height), axes_class=Axes3D)
    axes.set_facecolor(theme.background)
    axes.set_proj_type("ortho")
    axes.computed_zorder = False
    axes.set_box_aspect((1, 1, 0.62), zoom=0.95)
    axes.view_init(elev=36, azim=np.degrees(seen_from(field)))
    axes.plot_surface(
        *np.meshgrid(x, y), heights, cmap=ListedColormap(palette.loss_colors(33)), vmin=0, vmax=1,
        rcount=len(y), ccount=len(x), linewidth=0, antialiased=False, rasterized=True, zorder=1,
    )  # fmt: skip
    _weights(axes, field, x, y, heights, dark)
    ticks = levels.ticks(edges, spacing)
    axes.set_zticks(levels.position([value for value, _ in ticks], edges), [text for _, text in ticks])
    axes.set_zlim(-0.02, 1.02)
    for letter, title in (("x", "z₁"), ("y", "z₂"), ("z", "loss")):
        axis = getattr(axes, f"{letter}axis")
        axis.set_pane_color((0, 0, 0, 0))
        axis.line.set(color=theme.muted, linewidth=0.6)
        axis._axinfo["grid"].update(color=theme.grid, linewidth=0.5)
        axis.set_tick_params(pad=-2, labelsize=TICK - 1, labelcolor=theme.muted, labelfontfamily=FONT)
        axis.set_label_text(title, fontsize=NOTE, color=theme.text, family=FONT)
        axis.labelpad = -6
        if letter != "z":
            axis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    return page.figure


def _weights(axes: Any, field: Field, x: Array, y: Array, heights: Array, dark: bool) -> None:
    """The weight vectors lying on a surface, named at their tips."""
    for k, weight in enumerate(field.state.weights.detach().cpu().numpy()):
        points = np.linspace(0.03, 1, 49)[:, None] * weight * min(1.0, share_inside(weight, field.extent))
        above = bilinear(heights, x, y, points) + 0.02
        color = palette.OWN if k == field.label else palette.OTHER_LIGHT
        axes.plot(*points.T, above, color=color, linewidth=1.6, zorder=5)
        text = {"color": color, "fontsize": TICK, "family": FONT, "weight": "bold", "zorder": 6}
        axes.text(*points[-1], above[-1] + 0.04, name("W", k), ha="center", **text)
