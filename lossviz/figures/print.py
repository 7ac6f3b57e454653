"""Print figures of loss fields, with matplotlib's objects only: no pyplot, no global state.

>>> figure = lossviz.figures.contours([lossviz.fields.compute("arcface", margin=0.4)])
>>> lossviz.figures.save(figure, "arcface.pdf")

Lengths are in inches, line widths and text in points. All places are computed here rather than by a
layout engine, so the same fields give the same bytes.
"""

from __future__ import annotations

import io
import math
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Literal

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.legend_handler import HandlerPatch
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from lossviz.figures import levels, palette
from lossviz.figures.levels import Spacing
from lossviz.figures.plane import (
    check_extents,
    gap,
    name,
    pair_note,
    params_note,
    same_boundaries,
    share_inside,
)

if TYPE_CHECKING:
    from lossviz.fields import Field

Array = NDArray[Any]
Format = Literal["png", "svg", "pdf"]
Strokes = Sequence[Array] | Array | None

DPI = 200
TITLE, NOTE, TICK = 9.5, 8.0, 7.5
FONT = "DejaVu Sans"  # comes with matplotlib, so it is the same on every machine

# By the number of columns: twelve panels still fit a page.
_PLANE_WIDTH = {1: 3.6, 2: 2.75, 3: 2.25, 4: 1.85, 5: 1.65}
_DASHES, _DOTS = (0, (4, 2.4)), (0, (1.2, 1.6))
_METADATA: Mapping[str, dict[str, Any]] = {
    "png": {"Software": "lossviz"},
    "svg": {"Date": None, "Creator": "lossviz"},
    "pdf": {"CreationDate": None, "Creator": "lossviz", "Producer": "lossviz"},
}
_SAVING = threading.Lock()


class PrintFigure(Figure):
    """A figure that shows itself in a notebook without pyplot."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        save(self, buffer, "png")
        return buffer.getvalue()


def contours(
    fields: Sequence[Field],
    *,
    titles: Sequence[str] | None = None,
    notes: Sequence[str] | None = None,
    columns: int | None = None,
    spacing: Spacing = "linear",
    shared: bool = False,
    count: int = 14,
    arrows: Sequence[tuple[Array, Array] | None] | None = None,
    paths: Sequence[Strokes] | None = None,
    centers: bool = False,
    dark: bool = False,
) -> Figure:
    """Small multiples of losses over the plane, one panel a field, all with the same extent.

    titles, notes: one text a field; by default the loss and its parameters. shared: one scale and
    one colour bar for all panels, otherwise each panel has its own. spacing, count: of the bands,
    see `levels.band_edges`. arrows: for each field (points [N, 2], vectors [N, 2]) in units of the
    plane, as `fields.arrows` gives them, or None. paths: for each field a polyline [n, 2], several,
    or None; a ring marks the start, a dot the end. centers: draw the class centres, where a field
    has them. Where a loss is not finite the panel is hatched. Raises ValueError.
    """
    fields = list(fields)
    check_extents(fields)
    for what, given in (("titles", titles), ("notes", notes), ("arrows", arrows), ("paths", paths)):
        if given is not None and len(given) != len(fields):
            raise ValueError(f"contours: {what} needs one entry a field; got {len(given)} for {len(fields)}")
    titles = [field.spec.title for field in fields] if titles is None else titles
    notes = [params_note(field.spec, field.params) for field in fields] if notes is None else notes
    groups = [fields] * len(fields) if shared else [[field] for field in fields]
    ranges = [levels.shared_range(group) for group in groups]
    colors = palette.loss_colors(count)
    key = _key(fields, dark, centers, arrows, paths)
    page = _Page.of(len(fields), columns, fields[0].extent, shared, notes, len(key), dark)
    for i, field in enumerate(fields):
        edges = levels.band_edges(*ranges[i], count, spacing)
        axes = page.panel(i, field.extent, titles[i], notes[i])
        _fill(axes, field.x, field.y, field.z_yx, edges, colors, dark)
        _boundaries(axes, field.boundaries)
        slopes = None if arrows is None else arrows[i]
        if slopes is not None:
            _slopes(axes, slopes[0], slopes[1], dark)
        _weights(axes, field, dark)
        if centers and field.state.centers is not None:
            _centers(axes, field, dark)
        for path in _several(paths[i] if paths is not None else None):
            _path(axes, path, dark)
        if not shared or i == 0:
            page.bar(i, edges, colors, levels.ticks(edges, spacing), "loss")
    page.key(key)
    return page.figure


def difference(
    field_a: Field,
    field_b: Field,
    *,
    title: str | None = None,
    note: str | None = None,
    spacing: Spacing = "linear",
    count: int = 15,
    dark: bool = False,
) -> Figure:
    """The loss of `field_a` minus that of `field_b`, both over the same grid, in one panel.

    The map is centred at zero; with an odd count the central band is the neutral colour. The
    weights and boundaries are those of `field_a`; boundaries of `field_b` that differ are dotted.
    Raises ValueError.
    """
    below = gap(field_a, field_b)
    low, high = levels.shared_range([below])
    edges = levels.symmetric_edges(max(abs(low), abs(high)), count, spacing)
    colors = palette.difference_colors(count)
    title = f"{field_a.spec.title} − {field_b.spec.title}" if title is None else title
    note = pair_note(field_a, field_b) if note is None else note
    same = same_boundaries(field_a, field_b)
    key = _key([field_a], dark, False, None, None)
    if not same:
        key[-1] = (key[-1][0], f"boundary, {field_a.spec.title}")
        key.append((_boundary_handle(dotted=True), f"boundary, {field_b.spec.title}"))
    page = _Page.of(1, 1, field_a.extent, False, [note], len(key), dark)
    axes = page.panel(0, field_a.extent, title, note)
    _fill(axes, field_a.x, field_a.y, below, edges, colors, dark)
    _boundaries(axes, field_a.boundaries)
    if not same:
        _boundaries(axes, field_b.boundaries, dotted=True)
    _weights(axes, field_a, dark)
    page.bar(0, edges, colors, levels.ticks(edges, spacing), "difference")
    page.key(key)
    return page.figure


def save(
    figure: Figure, path_or_buffer: str | os.PathLike[str] | IO[bytes], format: Format | None = None
) -> None:
    """Write a figure as png (200 dots an inch), svg (text stays text) or pdf (fonts embedded).

    format: by default the ending of the path. The same figure gives the same bytes each time.
    Raises ValueError for another format.
    """
    if format is None and isinstance(path_or_buffer, (str, os.PathLike)):
        format = os.path.splitext(os.fspath(path_or_buffer))[1].lstrip(".").lower()  # type: ignore[assignment]
    if format is None or format not in _METADATA:
        raise ValueError(f"save: the format must be png, svg or pdf; got {format!r}")
    options: Any = {
        "svg.fonttype": "none",
        "svg.hashsalt": "lossviz",
        "pdf.fonttype": 42,
        "path.simplify": True,
    }
    # matplotlib takes these from its global options only; the lock keeps two threads from mixing them up.
    with _SAVING, rc_context(options):
        figure.savefig(path_or_buffer, format=format, dpi=DPI, metadata=_METADATA[format])


# ---- the page ------------------------------------------------------------------------------------


@dataclass
class _Page:
    """A figure with a grid of square-celled panels, colour bars beside them and a key below."""

    figure: Figure
    count: int
    columns: int
    width: float
    height: float
    bottom: float
    plane: tuple[float, float]
    cell: tuple[float, float]
    gap: float
    shared: bool
    noted: Sequence[bool]
    dark: bool

    left, right, top = 0.52, 0.10, 0.08
    axis_height, key_row, key_column = 0.52, 0.165, 1.95
    bar_gap, bar_width, bar_texts = 0.07, 0.10, 0.50

    @classmethod
    def of(
        cls,
        count: int,
        columns: int | None,
        extent: tuple[float, ...],
        shared: bool,
        notes: Sequence[str],
        keys: int,
        dark: bool,
    ) -> _Page:
        columns = min(count, _columns(count) if columns is None else columns)
        if columns < 1:
            raise ValueError(f"contours: columns must be at least 1; got {columns}")
        rows = math.ceil(count / columns)
        wide = _PLANE_WIDTH.get(columns, 1.5)
        tall = wide * (extent[3] - extent[2]) / (extent[1] - extent[0])
        gap = 0.30 if shared else 0.16
        side = 0.0 if shared else cls.bar_gap + cls.bar_width + cls.bar_texts
        caption = 0.42 if any(notes) else 0.25
        cell = wide + side + gap, tall + caption + 0.16
        beside = cls.bar_gap + cls.bar_width + cls.bar_texts + 0.1 if shared else 0.0
        width = cls.left + columns * cell[0] - gap + beside + cls.right
        bottom = cls.axis_height + cls.key_row * math.ceil(keys / cls._key_columns(width, keys))
        height = cls.top + rows * cell[1] - 0.16 + bottom
        theme = palette.theme(dark)
        figure = PrintFigure(figsize=(width, height), dpi=DPI, facecolor=theme.background)
        FigureCanvasAgg(figure)
        noted = [any(notes[row * columns : (row + 1) * columns]) for row in range(rows)]
        return cls(
            figure, count, columns, width, height, bottom, (wide, tall), cell, gap, shared, noted, dark
        )

    @classmethod
    def _key_columns(cls, width: float, keys: int) -> int:
        return max(1, min(keys, int((width - cls.left) / cls.key_column)))

    def _corner(self, i: int) -> tuple[float, float]:
        """The lower left corner of a panel's plane."""
        row, column = divmod(i, self.columns)
        from_top = self.top + (row + 1) * self.cell[1] - 0.16
        return self.left + column * self.cell[0], self.height - from_top

    def _axes(self, x: float, y: float, wide: float, tall: float, **options: Any) -> Axes:
        box = (x / self.width, y / self.height, wide / self.width, tall / self.height)
        return self.figure.add_axes(box, **options)

    def panel(self, i: int, extent: tuple[float, ...], title: str, note: str) -> Axes:
        """The axes of panel `i` with its texts; the outer panels carry the numbers."""
        theme = palette.theme(self.dark)
        x, y = self._corner(i)
        axes = self._axes(x, y, *self.plane, label="panel")
        axes.set_facecolor(theme.secondary_background)
        axes.patch.set(hatch="////", edgecolor=theme.border, linewidth=0)  # seen where the loss is not finite
        axes.set(xlim=extent[:2], ylim=extent[2:], aspect="equal", anchor="SW")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10], integer=extent[1] - extent[0] > 4))
        outer_left, outer_below = i % self.columns == 0, i + self.columns >= self.count
        axes.tick_params(
            length=2.5,
            width=0.6,
            pad=2,
            color=theme.muted,
            labelcolor=theme.muted,
            labelsize=TICK,
            labelfontfamily=FONT,
            labelleft=outer_left,
            labelbottom=outer_below,
        )
        for spine in axes.spines.values():
            spine.set(linewidth=0.6, color=theme.muted)
        style: dict[str, Any] = {"fontsize": NOTE, "color": theme.text, "family": FONT}
        if outer_below:
            axes.set_xlabel("z₁", labelpad=1, **style)
        if outer_left:
            axes.set_ylabel("z₂", labelpad=1, rotation=0, va="center", **style)
        above = y + self.plane[1] + 0.06
        limit = self.plane[0] + (
            self.gap - 0.08 if self.shared else self.bar_gap + self.bar_width + self.bar_texts
        )
        if note:
            self._text(x, above, note, NOTE, theme.muted, "normal", limit)
        if self.noted[i // self.columns]:
            above += 0.16  # titles of a row on one line, with a note or without
        self._text(x, above, title, TITLE, theme.text, "bold", limit)
        return axes

    def _text(
        self, x: float, y: float, text: str, size: float, color: str, weight: str, limit: float
    ) -> Text:
        """A line of text, set smaller where it would be wider than `limit`; never below 5.5 points."""
        drawn = self.figure.text(
            x / self.width, y / self.height, text, size=size, color=color, weight=weight, family=FONT
        )
        wide = drawn.get_window_extent().width / self.figure.dpi
        if wide > limit:
            drawn.set_fontsize(max(5.5, size * limit / wide))
        return drawn

    def bar(
        self, i: int, edges: Array, colors: Sequence[str], ticks: Sequence[tuple[float, str]], label: str
    ) -> None:
        """A colour bar of equally high bands, beside panel `i` or, if shared, beside all of them."""
        theme = palette.theme(self.dark)
        column = self.columns - 1 if self.shared else i % self.columns
        x = self.left + column * self.cell[0] + self.plane[0] + self.bar_gap
        y, tall = self._corner(i)[1], self.plane[1]
        if self.shared:
            x += 0.1
            whole = self._corner(0)[1] + self.plane[1] - self._corner(self.count - 1)[1]
            tall = min(whole, 3.4)
            y = self._corner(self.count - 1)[1] + (whole - tall) / 2
        axes = self._axes(x, y, self.bar_width, tall, label="bar")
        n = len(colors)
        for k, color in enumerate(colors):
            axes.add_patch(Rectangle((0, k / n), 1, 1 / n, facecolor=color, edgecolor=color, linewidth=0.2))
        axes.set(xlim=(0, 1), ylim=(0, 1), xticks=[])
        axes.yaxis.tick_right()
        axes.set_yticks(levels.position([value for value, _ in ticks], edges), [text for _, text in ticks])
        axes.tick_params(
            length=2,
            width=0.6,
            pad=1.5,
            color=theme.muted,
            labelcolor=theme.muted,
            labelsize=TICK - 0.5,
            labelfontfamily=FONT,
        )
        for spine in axes.spines.values():
            spine.set(linewidth=0.5, color=theme.muted)
        # Level with z₁ where the plane beside it has numbers.
        below = 11.0 if not self.shared and i + self.columns >= self.count else 2.5
        axes.set_xlabel(label, loc="left", fontsize=TICK, color=theme.muted, family=FONT, labelpad=below)

    def key(self, entries: Sequence[tuple[Any, str]]) -> None:
        """What the marks mean, in one row, or more on a narrow figure, under the panels."""
        theme = palette.theme(self.dark)
        legend = self.figure.legend(
            [handle for handle, _ in entries],
            [text for _, text in entries],
            loc="lower left",
            bbox_to_anchor=((self.left - 0.05) / self.width, 0.07 / self.height),
            ncols=self._key_columns(self.width, len(entries)),
            frameon=False,
            prop={"family": FONT, "size": TICK},
            labelcolor=theme.muted,
            handlelength=2.0,
            handletextpad=0.5,
            columnspacing=1.4,
            labelspacing=0.35,
            borderpad=0,
            borderaxespad=0,
            handler_map={FancyArrowPatch: HandlerPatch(patch_func=_arrow_handle)},
        )
        legend.set_label("key")


def _columns(count: int) -> int:
    """Columns for a number of panels that fit a page."""
    if count <= 3:
        return count
    if count == 4:
        return 2
    return 3 if count in (5, 6, 9) else 4 if count <= 16 else 5


# ---- what is drawn in a panel ----------------------------------------------------------------------


def _fill(
    axes: Axes, x: Array, y: Array, z_yx: Array, edges: Array, colors: Sequence[str], dark: bool
) -> None:
    """Filled bands with thin lines between them."""
    heights = np.ma.masked_invalid(np.asarray(z_yx, dtype=np.float64))
    heights = np.ma.clip(heights, edges[0], edges[-1])
    bands = axes.contourf(x, y, heights, levels=edges, colors=list(colors), zorder=1)
    bands.set_label("bands")
    if heights.count() and float(np.ma.ptp(heights)) > 0:
        lines = axes.contour(
            x, y, heights, levels=edges[1:-1], colors="#10141c", linewidths=0.35, alpha=0.38, zorder=2
        )
        lines.set(linestyle="solid", label="isolines")
    axes.plot([0], [0], marker="+", markersize=5, markeredgewidth=0.7, color=palette.other(dark), zorder=3)


def _boundaries(axes: Axes, boundaries: Sequence[Array], dotted: bool = False) -> None:
    """Grey dashes on a light line, which stand out on blue and on yellow."""
    if not boundaries:
        return
    axes.add_collection(LineCollection(boundaries, colors="#ffffff", linewidths=1.5, alpha=0.75, zorder=4))
    lines = LineCollection(
        boundaries,
        colors=palette.BOUNDARY,
        linewidths=1.2,
        linestyles=[_DOTS if dotted else _DASHES],
        zorder=4.1,
    )
    lines.set_label("boundaries")
    axes.add_collection(lines)


def _slopes(axes: Axes, points: Array, vectors: Array, dark: bool) -> None:
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
        color=palette.other(dark),
        path_effects=[withStroke(linewidth=0.9, foreground=palette.casing(dark), alpha=0.6)],
        zorder=4.5,
    )
    field.set_label("slopes")


def _weights(axes: Axes, field: Field, dark: bool) -> None:
    """The weight vectors as arrows from the origin with their names; the own one last, on top."""
    weights = field.state.weights.detach().cpu().numpy()
    for k in sorted(range(len(weights)), key=lambda k: k == field.label):
        own = k == field.label
        _weight(axes, weights[k], name("W", k), palette.OWN if own else palette.other(dark), own, dark)


def _weight(axes: Axes, tip: Array, text: str, color: str, own: bool, dark: bool) -> None:
    width = 1.7 if own else 1.15
    case = [withStroke(linewidth=width + 1.3, foreground=palette.casing(dark and not own))]
    length = float(np.linalg.norm(tip))
    share = share_inside(tip, (*axes.get_xlim(), *axes.get_ylim()))
    if length > 0:
        arrow = FancyArrowPatch(
            (0.0, 0.0),
            tuple(tip * min(share, 1.0)),
            arrowstyle="-|>" if share >= 1 else "-",
            mutation_scale=8.5 if own else 7.0,
            shrinkA=0,
            shrinkB=0,
            linewidth=width,
            color=color,
            path_effects=case,
            zorder=6 if own else 5,
            clip_on=True,
        )
        arrow.set_label(text)
        axes.add_patch(arrow)
    away = tip / length if length > 0 else np.array([0.0, -1.0])
    if share < 1:
        text = f"{text}, ‖{text}‖ = {levels.number_text(length, 2)}"
    _label(axes, tip * min(share, 1.0), away if share >= 1 else -away, text, color, own, dark and not own)


def _label(
    axes: Axes, at: Array, towards: Array, text: str, color: str, bold: bool, dark: bool, points: float = 8.5
) -> None:
    """A name beside a mark, moved into the panel where it would leave it."""
    options: dict[str, Any] = {
        "textcoords": "offset points",
        "ha": "center",
        "va": "center",
        "fontsize": NOTE,
        "family": FONT,
        "weight": "bold" if bold else "normal",
        "annotation_clip": False,
        "zorder": 7,
    }
    place = float(at[0]), float(at[1])
    beside = float(towards[0]) * points, float(towards[1]) * points
    drawn = axes.annotate(text, place, xytext=beside, color=color, label="name", **options)
    box, panel = drawn.get_window_extent(), axes.get_window_extent()
    scale = 72 / DPI
    right = max(0.0, panel.x0 + 2 - box.x0) - max(0.0, box.x1 - panel.x1 + 2)
    up = max(0.0, panel.y0 + 2 - box.y0) - max(0.0, box.y1 - panel.y1 + 2)
    inside = beside[0] + right * scale, beside[1] + up * scale
    drawn.set_position(inside)
    # The casing is a second text below: an svg turns text with a path effect into outlines.
    case = [withStroke(linewidth=2.0, foreground=palette.casing(dark))]
    below = axes.annotate(
        text, place, xytext=inside, color=color, label="casing", path_effects=case, **options
    )
    below.set_zorder(6.9)


def _centers(axes: Axes, field: Field, dark: bool) -> None:
    """The class centres as crosses with their names."""
    assert field.state.centers is not None
    centers = field.state.centers.detach().cpu().numpy()
    for k, center in enumerate(centers):
        own = k == field.label
        color = palette.OWN if own else palette.other(dark)
        length = float(np.linalg.norm(center))
        outward = 1.15 * center / length if length > 0 else np.array([1.1, 0.6])
        axes.plot(
            [center[0]],
            [center[1]],
            marker="x",
            markersize=5.5,
            markeredgewidth=1.6 if own else 1.3,
            color=color,
            path_effects=[withStroke(linewidth=3.0, foreground=palette.casing(dark and not own))],
            zorder=5.5,
            label=name("C", k),
        )
        _label(axes, center, outward, name("C", k), color, own, dark and not own)


def _path(axes: Axes, path: Array, dark: bool) -> None:
    """A path of gradient descent: a ring where it starts, a dot where it ends."""
    path = np.asarray(path, dtype=np.float64)
    color = palette.other(dark)
    case = [withStroke(linewidth=2.6, foreground=palette.casing(dark))]
    axes.plot(path[:, 0], path[:, 1], color=color, linewidth=1.1, path_effects=case, zorder=6.5, label="path")
    dots: dict[str, Any] = {"linestyle": "none", "marker": "o", "zorder": 6.6}
    light = palette.casing(dark)
    axes.plot(*path[0], markersize=4.5, mfc=light, mec=color, mew=1.1, label="path start", **dots)
    axes.plot(*path[-1], markersize=5.0, mfc=color, mec=light, mew=0.8, label="path end", **dots)


def _several(paths: Strokes) -> list[Array]:
    """One path or several as a list."""
    if paths is None:
        return []
    if isinstance(paths, np.ndarray) and paths.ndim == 2:
        return [paths]
    return [np.asarray(path) for path in paths]


def _key(
    fields: Sequence[Field],
    dark: bool,
    centers: bool,
    arrows: Sequence[Any] | None,
    paths: Sequence[Any] | None,
) -> list[tuple[Any, str]]:
    """The marks that these fields show, each with its meaning."""
    black = palette.other(dark)

    def arrow(color: str, width: float) -> FancyArrowPatch:
        return FancyArrowPatch((0, 0), (1, 0), color=color, linewidth=width)

    labels = sorted({field.label for field in fields})
    own = f"own weight vector, y = {labels[0]}" if len(labels) == 1 else "own weight vector"
    entries: list[tuple[Any, str]] = [(arrow(palette.OWN, 1.7), own), (arrow(black, 1.15), "other classes")]
    if any(field.boundaries for field in fields):
        entries.append((_boundary_handle(), "decision boundary"))
    if centers and any(field.state.centers is not None for field in fields):
        entries.append((Line2D([], [], linestyle="none", marker="x", color=black), "class centres"))
    if arrows is not None and any(entry is not None for entry in arrows):
        entries.append((arrow(black, 0.6), "downhill direction"))
    if paths is not None and any(len(_several(entry)) for entry in paths):
        line = Line2D([], [], color=black, linewidth=1.1, marker="o", markersize=3.8, markevery=[1])
        entries.append((line, "gradient descent"))
    return entries


def _boundary_handle(dotted: bool = False) -> Line2D:
    return Line2D([], [], color=palette.BOUNDARY, linewidth=1.2, linestyle=_DOTS if dotted else _DASHES)


def _arrow_handle(
    legend: Any,
    orig_handle: Any,
    xdescent: float,
    ydescent: float,
    width: float,
    height: float,
    fontsize: float,
) -> FancyArrowPatch:
    """An arrow as wide as a handle of the key."""
    middle = height / 2 - ydescent
    return FancyArrowPatch(
        (-xdescent, middle),
        (width - xdescent, middle),
        arrowstyle="-|>",
        mutation_scale=7,
        shrinkA=0,
        shrinkB=0,
    )
