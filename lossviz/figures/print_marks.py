"""The marks in a panel of a print figure: bands, boundaries, arrows, names, paths, and their key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch
from matplotlib.patheffects import withStroke

from lossviz.core.text import number_text
from lossviz.figures import palette
from lossviz.figures.axis import Array
from lossviz.figures.plane import longer, name, share_inside, weight_factor
from lossviz.figures.print_axes import arrow, text_with_halo
from lossviz.figures.print_page import DPI, NOTE

if TYPE_CHECKING:
    from lossviz.fields import Field
    from lossviz.fields.opening import Opening

Strokes = Sequence[Array] | Array | None

_DASHES, _DOTS = (0, (4, 2.4)), (0, (1.2, 1.6))


def fill(
    axes: Axes, x: Array, y: Array, z_yx: Array, edges: Array, colors: Sequence[str], dark: bool
) -> None:
    """Filled bands with thin lines between them."""
    heights = np.ma.masked_invalid(np.asarray(z_yx, dtype=np.float64))
    heights = np.ma.clip(heights, edges[0], edges[-1])
    bands = axes.contourf(x, y, heights, levels=edges, colors=list(colors), zorder=1)
    bands.set_label("bands")
    if heights.count() and float(np.ma.ptp(heights)) > 0:
        lines = axes.contour(
            x,
            y,
            heights,
            levels=edges[1:-1],
            colors=palette.ISOLINE,
            linewidths=0.35,
            alpha=palette.ISOLINE_SHARE,
            zorder=2,
        )
        lines.set(linestyle="solid", label="isolines")
    axes.plot(
        [0], [0], marker="+", markersize=5, markeredgewidth=0.7, color=palette.theme(dark).other, zorder=3
    )


def boundaries(axes: Axes, boundaries: Sequence[Array], dotted: bool = False, dark: bool = False) -> None:
    """Grey dashes on a light line, which stand out on blue and on yellow; dark: on a dark line."""
    if not boundaries:
        return
    theme = palette.theme(dark)
    casing = {"colors": theme.casing, "alpha": theme.boundary_casing_share}
    axes.add_collection(LineCollection(boundaries, **casing, linewidths=1.5, zorder=4))
    lines = LineCollection(
        boundaries,
        colors=theme.boundary,
        linewidths=1.2,
        linestyles=[_DOTS if dotted else _DASHES],
        zorder=4.1,
    )
    lines.set_label("boundaries")
    axes.add_collection(lines)


def slopes(axes: Axes, points: Array, vectors: Array, dark: bool) -> None:
    """Small arrows down the slope; none where it is too gentle for an arrow to be seen."""
    points, vectors = np.asarray(points), np.asarray(vectors)
    length = np.linalg.norm(vectors, axis=-1)
    seen = np.isfinite(length) & (length > 0.08 * np.max(length, where=np.isfinite(length), initial=0.0))
    points, vectors = points[seen], vectors[seen]
    field = axes.quiver(
        points[:, 0],
        points[:, 1],
        vectors[:, 0],
        vectors[:, 1],
        angles="xy",
        scale_units="xy",
        scale=1,
        width=0.0042,
        headwidth=4,
        headlength=4.5,
        headaxislength=4,
        color=palette.theme(dark).other,
        path_effects=[withStroke(linewidth=0.9, foreground=palette.theme(dark).casing, alpha=0.6)],
        zorder=4.5,
    )
    field.set_label("slopes")


def weights(axes: Axes, field: Field, dark: bool) -> None:
    """The weight vectors as arrows from the origin with their names; the own one last, on top."""
    factor = _factor(field)
    for k in sorted(range(field.classes), key=lambda k: k == field.label):
        own, text, tip = k == field.label, name("W", k), factor * field.weights[k]
        length, share = float(np.linalg.norm(tip)), share_inside(tip, field.extent)
        end = tip * min(share, 1.0)
        if length > 0:
            width, head, zorder = 1.7 if own else 1.15, "-|>" if share >= 1 else "-", 6 if own else 5
            color = palette.theme(dark).own if own else palette.theme(dark).other
            axes.add_patch(arrow(tuple(end), color, width, dark, head, zorder=zorder, label=text))
        away = tip / length if length > 0 else np.array([0.0, -1.0])
        if share < 1:
            text = f"{text}, ‖{text}‖ = {number_text(length / factor, 2)}"
        _label(axes, end, away if share >= 1 else -away, text, own, dark)


def _factor(field: Field) -> float:
    return weight_factor(field.weights, field.extent[1])


def _label(axes: Axes, at: Array, towards: Array, text: str, own: bool, dark: bool) -> None:
    """A name beside a mark, moved into the panel where it would leave it."""
    x, y = (8.5 * float(part) for part in towards)
    drawn = text_with_halo(
        axes,
        text,
        (float(at[0]), float(at[1])),
        (x, y),
        dark,
        zorder=7,
        ha="center",
        va="center",
        fontsize=NOTE,
        weight="bold" if own else "normal",
        color=palette.theme(dark).own if own else palette.theme(dark).other,
        label="name",
    )
    box, panel = drawn[1].get_window_extent(), axes.get_window_extent()
    scale = 72 / DPI
    right = max(0.0, panel.x0 + 2 - box.x0) - max(0.0, box.x1 - panel.x1 + 2)
    up = max(0.0, panel.y0 + 2 - box.y0) - max(0.0, box.y1 - panel.y1 + 2)
    for each in drawn:
        each.set_position((x + right * scale, y + up * scale))


def centers(axes: Axes, field: Field, dark: bool) -> None:
    """The class centres as crosses with their names."""
    assert field.state.centers is not None
    for k, center in enumerate(field.state.centers.detach().numpy()):
        own = k == field.label
        length = float(np.linalg.norm(center))
        outward = 1.15 * center / length if length > 0 else np.array([1.1, 0.6])
        axes.plot(
            [center[0]],
            [center[1]],
            marker="x",
            markersize=5.5,
            markeredgewidth=1.6 if own else 1.3,
            color=palette.theme(dark).own if own else palette.theme(dark).other,
            path_effects=[withStroke(linewidth=3.0, foreground=palette.theme(dark).casing)],
            zorder=5.5,
            label=name("C", k),
        )
        _label(axes, center, outward, name("C", k), own, dark)


def opening(axes: Axes, field: Field, measured: Opening, dark: bool) -> None:
    """The line of the loss at the valley's edge, the circle, on it the arcs where the loss is lower, and the
    angle in the corner."""
    theme = palette.theme(dark)
    edge, around = theme.edge, theme.casing
    heights = np.ma.masked_invalid(np.asarray(field.z_yx, dtype=np.float64))
    if heights.count() and heights.min() < measured.level < heights.max():
        for color, width, layer in ((around, 2.6, 4.2), (edge, 1.5, 4.3)):
            lines = axes.contour(field.x, field.y, heights, levels=[measured.level], colors=color)
            lines.set(linestyle="solid", linewidth=width, zorder=layer, label="edge")
    whole = np.linspace(0, 2 * np.pi, 361)
    case = [withStroke(linewidth=1.7, foreground=palette.BLACK)]
    style: dict[str, Any] = {"color": palette.WHITE, "linewidth": 0.8, "zorder": 4.4, "label": "circle"}
    axes.plot(*_on_circle(measured.radius, whole), path_effects=case, **style)
    case = [withStroke(linewidth=4.4, foreground=around)]
    for start, end in measured.arcs:
        angles = np.linspace(start, end, max(2, round(180 * (end - start))))
        style = {"color": edge, "linewidth": 3.2, "zorder": 4.5, "label": "opening"}
        arc = _on_circle(measured.radius, angles)
        axes.plot(*arc, path_effects=case, solid_capstyle="butt", **style)
    style = {"xycoords": "axes fraction", "ha": "left", "va": "top", "label": "angle", "zorder": 7}
    style |= {"fontsize": NOTE, "weight": "bold", "color": theme.other}
    text_with_halo(axes, measured.text, (0, 1), (4, -4), dark, **style)


def _on_circle(radius: float, angles: Array) -> tuple[Array, Array]:
    return radius * np.cos(angles), radius * np.sin(angles)


def path(axes: Axes, path: Array, dark: bool) -> None:
    """A path of gradient descent: a ring where it starts, a dot where it ends."""
    path = np.asarray(path, dtype=np.float64)
    color, light = palette.theme(dark).other, palette.theme(dark).casing
    case = [withStroke(linewidth=2.6, foreground=light)]
    axes.plot(path[:, 0], path[:, 1], color=color, linewidth=1.1, path_effects=case, zorder=6.5, label="path")
    dots: dict[str, Any] = {"linestyle": "none", "marker": "o", "zorder": 6.6}
    axes.plot(*path[0], markersize=4.5, mfc=light, mec=color, mew=1.1, label="path start", **dots)
    axes.plot(*path[-1], markersize=5.0, mfc=color, mec=light, mew=0.8, label="path end", **dots)


def several(paths: Strokes) -> list[Array]:
    """One path or several as a list."""
    if paths is None:
        return []
    if isinstance(paths, np.ndarray) and paths.ndim == 2:
        return [paths]
    return [np.asarray(path) for path in paths]


def key(
    fields: Sequence[Field],
    dark: bool,
    centers: bool,
    arrows: Sequence[Any] | None,
    paths: Sequence[Any] | None,
    openings: Sequence[Opening | None] | None = None,
) -> list[tuple[Any, str]]:
    """The marks that these fields show, each with its meaning."""
    theme = palette.theme(dark)
    black = theme.other

    def line(color: str, width: float) -> FancyArrowPatch:
        return FancyArrowPatch((0, 0), (1, 0), color=color, linewidth=width)

    labels = sorted({field.label for field in fields})
    own = f"own weight vector, y = {labels[0]}" if len(labels) == 1 else "own weight vector"
    others = f"other classes{longer(max(_factor(field) for field in fields))}"
    entries: list[tuple[Any, str]] = [(line(theme.own, 1.7), own), (line(black, 1.15), others)]
    if any(field.boundaries for field in fields):
        entries.append((boundary_handle(dark), "decision boundary"))
    if measured := next((entry for entry in openings or [] if entry is not None), None):
        edge, radius = theme.edge, number_text(measured.radius, 3)
        level = number_text(measured.level, 3)
        entries.append((Line2D([], [], color=edge, linewidth=1.5), f"loss = {level}"))
        entries.append((Line2D([], [], color=edge, linewidth=3.2), f"lower, on ‖z‖ = {radius}: the opening"))
    if centers and any(field.state.centers is not None for field in fields):
        entries.append((Line2D([], [], linestyle="none", marker="x", color=black), "class centres"))
    if arrows is not None and any(entry is not None for entry in arrows):
        entries.append((line(black, 0.6), "downhill direction"))
    if paths is not None and any(len(several(entry)) for entry in paths):
        path = Line2D([], [], color=black, linewidth=1.1, marker="o", markersize=3.8, markevery=[1])
        entries.append((path, "gradient descent"))
    return entries


def boundary_handle(dark: bool, dotted: bool = False) -> Line2D:
    """The mark of a decision boundary in the key."""
    return Line2D(
        [], [], color=palette.theme(dark).boundary, linewidth=1.2, linestyle=_DOTS if dotted else _DASHES
    )
