"""A frame of the scatter in print style, with matplotlib's objects only."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch
from matplotlib.patheffects import withStroke

from lossviz.core.names import shortened
from lossviz.figures import palette, print_marks
from lossviz.figures import print as printed
from lossviz.figures.axis import Array
from lossviz.figures.print_axes import arrow, text_with_halo
from lossviz.figures.print_page import NOTE, Page
from lossviz.figures.scatter import Options, Panel
from lossviz.figures.scatter.panel import weight_factor

# Ten shapes as on the screen; beyond the hundredth class they repeat.
MARKERS = ("o", "s", "^", "D", "v", "*", "P", "<", "h", ">")
MOST_LETTERS = 24  # of a class name in a panel
_TURN, _LIFT = -0.6, 0.45  # from where three dimensions are seen, as the screen shows them first


def figure(panels: Sequence[Panel], options: Options, *, dark: bool = False) -> Figure:
    """The panels side by side, each with its own reach; a panel without one has reach 1."""
    reaches = [panel.reach or 1.0 for panel in panels]
    entries = _key(panels, options, dark)
    notes = [panel.note or panel.state for panel in panels]
    square = (-1.0, 1.0, -1.0, 1.0)
    page = Page.of(
        len(panels), options.columns, square, True, notes, max(1, len(entries)), dark, printed.PrintFigure
    )
    for i, (panel, reach) in enumerate(zip(panels, reaches, strict=True)):
        axes = page.panel(i, (-reach, reach, -reach, reach), panel.title, notes[i])
        if panel.features is not None and panel.features.shape[1] == 3:
            axes.set(xticks=[], yticks=[], xlabel="", ylabel="")  # seen from the side: no axis is z₁
        axes.patch.set(hatch=None, facecolor=palette.theme(dark).background)
        axes.tick_params(labelleft=True, labelbottom=True)  # each panel has a scale of its own
        _draw(axes, panel, reach, options, dark)
    if entries:
        page.key(entries)
    if isinstance(page.figure, printed.PrintFigure):
        page.figure.names = [name for panel in panels if _named(panel) for name in panel.classes]
    return page.figure


def save(
    panels: Sequence[Panel], options: Options, kind: printed.Format = "png", *, dark: bool = False
) -> bytes:
    """The panels as a png, svg or pdf file."""
    return printed.encoded(figure(panels, options, dark=dark), kind)


def side_view(features: Array) -> Array:
    """Features [P, 2] as they are, [P, 3] from the side: right and up, [P, 2]."""
    if features.shape[1] == 2:
        return np.asarray(features)
    x, y, z = features.T
    away = y * math.cos(_TURN) - x * math.sin(_TURN)
    right = x * math.cos(_TURN) + y * math.sin(_TURN)
    return np.stack([right, away * math.sin(_LIFT) + z * math.cos(_LIFT)], axis=1)


def _draw(axes: Axes, panel: Panel, reach: float, options: Options, dark: bool) -> None:
    axes.set_autoscale_on(False)
    extent = panel.extent or (-reach, reach, -reach, reach)
    if options.layer == "field" and panel.field is not None:
        x, y = _grid(panel.field.shape, extent)
        bands = palette.loss_colors(len(panel.levels) - 1)
        print_marks.fill(axes, x, y, panel.field, np.asarray(panel.levels, float), bands, dark)
    if options.layer == "regions" and panel.regions is not None:
        _regions(axes, panel.regions, extent, len(panel.classes), dark)
    print_marks.boundaries(axes, panel.thresholds, dark=dark)
    if panel.features is None:
        return
    axes.plot(
        [0], [0], marker="+", markersize=5, markeredgewidth=0.7, color=palette.theme(dark).other, zorder=3
    )
    _points(axes, panel, dark)
    if options.weights and panel.weights is not None:
        _weights(axes, panel, reach, options.of_class, dark)
    if options.centers and panel.centers is not None:
        case = [withStroke(linewidth=2.8, foreground=palette.theme(dark).casing)]
        x, y = side_view(panel.centers).T
        axes.plot(
            x, y, "x", markersize=5, mew=1.3, color=palette.theme(dark).other, path_effects=case, zorder=6
        )


def _grid(shape: Sequence[int], extent: Sequence[float]) -> tuple[Array, Array]:
    x0, x1, y0, y1 = extent
    return np.linspace(x0, x1, shape[1]), np.linspace(y0, y1, shape[0])


def _regions(axes: Axes, regions: Array, extent: Sequence[float], classes: int, dark: bool) -> None:
    """The muted class colours; nodes lie on the edges, so a pixel reaches half a cell beyond."""
    ground, share = np.array(to_rgb(palette.theme(dark).background)), palette.theme(dark).region_share
    colors = [share * np.array(to_rgb(palette.class_color(k))) + (1 - share) * ground for k in range(classes)]
    x, y = _grid(regions.shape, extent)
    axes.pcolormesh(
        x, y, regions, cmap=ListedColormap(colors), vmin=-0.5, vmax=classes - 0.5, shading="nearest", zorder=1
    )


def _points(axes: Axes, panel: Panel, dark: bool) -> None:
    assert panel.features is not None
    assert panel.labels is not None
    places = side_view(panel.features)
    finite = np.asarray(np.isfinite(places).all(axis=1))
    size = 3.2 * (500 / max(len(places), 125)) ** 0.25
    for k in range(len(panel.classes)):
        own = finite & (panel.labels == k)
        marker = MARKERS[(k // len(palette.CLASS_COLORS)) % len(MARKERS)]
        axes.plot(
            *places[own].T,
            marker,
            markersize=size,
            color=palette.class_color(k),
            mec=palette.outline(palette.class_color(k), dark),
            mew=0.35,
            zorder=4.5,
            label=f"class {k}",
        )
    if panel.predictions is not None:
        wrong = finite & (panel.labels != panel.predictions)
        ring: dict[str, Any] = {"mfc": "none", "mec": palette.theme(dark).other, "mew": 0.6, "zorder": 4.6}
        axes.plot(*places[wrong].T, "o", markersize=size + 2, label="misclassified", **ring)
    _names(axes, panel, places, finite, dark)


def _named(panel: Panel) -> bool:
    return len(panel.classes) <= len(palette.CLASS_COLORS)


def _names(axes: Axes, panel: Panel, places: Array, finite: Array, dark: bool) -> None:
    """The names of up to ten classes on the middle of their points; none on another."""
    if not _named(panel):
        return
    room = 0.09 * (axes.get_xlim()[1] - axes.get_xlim()[0]) / 2
    taken: list[Array] = []
    for k, text in enumerate(panel.classes):
        own = finite & (panel.labels == k)
        if not own.any():
            continue
        middle = np.median(places[own], axis=0)
        if any(np.abs(middle - other).max() < room for other in taken):
            continue
        taken.append(middle)
        style: dict[str, Any] = {
            "color": palette.theme(dark).other,
            "fontsize": NOTE,
            "weight": "bold",
            "zorder": 7,
        }
        place, name = (float(middle[0]), float(middle[1])), shortened(text, MOST_LETTERS)
        text_with_halo(axes, name, place, (0, 0), dark, ha="center", va="center", **style)


def _weights(axes: Axes, panel: Panel, reach: float, chosen: int | None, dark: bool) -> None:
    assert panel.weights is not None
    factor = weight_factor(panel.weights, reach)
    for k, (x, y) in enumerate(factor * side_view(panel.weights)):
        if not np.isfinite([x, y]).all() or math.hypot(x, y) == 0:
            continue
        own = k == chosen
        color = palette.theme(dark).own if own else palette.theme(dark).other
        width = 1.5 if own else 0.9
        tip = float(x), float(y)
        axes.add_patch(arrow(tip, color, width, dark, zorder=6 if own else 5))


def _key(panels: Sequence[Panel], options: Options, dark: bool) -> list[tuple[Any, str]]:
    """The marks that these panels show, each with its meaning."""
    black = palette.theme(dark).other
    entries: list[tuple[Any, str]] = []
    if any(panel.predictions is not None for panel in panels):
        ring = Line2D([], [], linestyle="none", marker="o", mfc="none", mec=black, mew=0.8)
        entries.append((ring, "misclassified"))
    weighted = [panel for panel in panels if options.weights and panel.weights is not None]
    if weighted:
        factors = {weight_factor(panel.weights, panel.reach or 1.0) for panel in weighted}
        longer = ", lengths not to scale" if factors != {1.0} else ""
        line = FancyArrowPatch((0, 0), (1, 0), color=black, linewidth=0.9)
        entries.append((line, f"class weights{longer}"))
        if options.of_class is not None and options.of_class < len(panels[0].classes):
            red = FancyArrowPatch((0, 0), (1, 0), color=palette.theme(dark).own, linewidth=1.5)
            entries.append(
                (red, f"weight of class {shortened(panels[0].classes[options.of_class], MOST_LETTERS)}")
            )
    if options.centers and any(panel.centers is not None for panel in panels):
        entries.append((Line2D([], [], linestyle="none", marker="x", color=black), "class centres"))
    if any(panel.thresholds for panel in panels):
        entries.append((print_marks.boundary_handle(dark), "threshold"))
    return entries
